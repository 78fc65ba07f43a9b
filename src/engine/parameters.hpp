// SPDX-License-Identifier: MIT
// Matrices of a kind as numbers that may take any value, which is what solvers look for: the entries below the diagonal
// of a symmetric matrix, the logarithms of positive numbers, L with X = L*L' of a positive definite X.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expr/type.hpp"

namespace matgrad {

class Parameters {
 public:
  struct Unknown {
    std::string name;
    Properties properties = 0;
    std::int64_t rows = 1;
    std::int64_t cols = 1;
    std::size_t first = 0;  // of its numbers among those of all
    std::size_t count = 0;
    std::size_t array = 0;  // of its entries among those of all
    std::size_t size() const { return static_cast<std::size_t>(rows * cols); }
    bool is_factored() const { return (properties & positive_definite) == positive_definite; }
    bool is_logarithmic() const { return (properties & positive) == positive; }
  };

  // Whether matrices of these properties can be told by free numbers; orthogonal ones cannot.
  static bool are_known(Properties properties);
  void add(std::string name, Properties properties, std::int64_t rows, std::int64_t cols);

  const std::vector<Unknown>& unknowns() const { return unknowns_; }
  std::size_t count() const { return count_; }
  // Entry by entry, column by column, of the arrays one behind the other.
  std::size_t array_size() const { return array_size_; }

  void to_arrays(const double* numbers, double* arrays) const;
  // The inverse; of a positive definite matrix by Cholesky's factor.
  void to_numbers(const double* arrays, double* numbers) const;
  // The gradient by the numbers from the gradients by the arrays, G with df = tr(G'*dX).
  void gradient(const double* numbers, const double* gradients, double* by_numbers) const;
  // By entry, column by column: which number stands for it alone, so that a bound of the entry is one of the number;
  // npos where none does.
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  static std::vector<std::size_t> numbers_by_entry(const Unknown& unknown);

 private:
  std::vector<Unknown> unknowns_;
  std::size_t count_ = 0;
  std::size_t array_size_ = 0;
};

}  // namespace matgrad
