// SPDX-License-Identifier: MIT
// The Hessian of a scalar function as what it is: kron(V'*V, I), diagonal plus low rank, a product of thin matrices. It
// is applied to directions and solved with in that form; an array of all its entries is made only by `dense`.
//
//   auto hessian = matgrad::compile_hessian("norm2(T - U*V')^2", "U", {{"m", 1000}, {"n", 1000}, {"k", 5}},
//                                           {.variables = {"U: matrix(m,k)", "V: matrix(n,k)"}});
//
//   if (!hessian) …                            // hessian.error().message
//
//   hessian->form();                           // "2*kron(V'*V, I(m))"
//
//   if (auto error = hessian->at(point)) …     // the arguments, each column by column: what the Hessian is made of
//
//   auto change = hessian->apply(direction);   // of the shape of U, until the next call
//
//   auto step = hessian->solve(gradient);      // likewise
//
// The form that is derived is verified as all derivatives are, and so is the product with a direction. A Hessian may
// move, and one thread at a time may use it. Source of the inverse of diagonal plus low rank: Woodbury, 1950.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matgrad/function.hpp"

namespace matgrad {

class Hessian {
 public:
  Hessian(Hessian&&) noexcept;
  Hessian& operator=(Hessian&&) noexcept;
  ~Hessian();

  // The names that the point is made of, and the rows and columns of each.
  const std::vector<std::string>& arguments() const;
  std::pair<std::int64_t, std::int64_t> shape(std::size_t argument) const;
  // The closed form, over vec(X), column by column.
  std::string form() const;
  // Computes what the Hessian is made of. The arguments are read until the next call of `at`.
  std::optional<Error> at(const double* const* arguments);

  // H*vec(D), in the shape of the variable as D is. Needs `at`, as do the next two.
  tl::expected<NumbersView<double>, Error> apply(const double* direction);
  // The D with H*vec(D) = vec(R). Error: what has to be inverted for it is singular.
  tl::expected<NumbersView<double>, Error> solve(const double* right_side);
  // All entries: as many rows and columns as the variable has entries.
  tl::expected<NumbersView<double>, Error> dense();
  // How each of the three is computed, step by step.
  std::string plan() const;

 private:
  struct State;
  explicit Hessian(std::unique_ptr<State> state);
  friend tl::expected<Hessian, Error> compile_hessian(std::string_view, std::string_view,
                                                      const std::map<std::string, std::int64_t>&, const Options&);
  std::unique_ptr<State> state_;
};

// `wrt` is one variable; `sizes` are of the dimensions. Errors: those of derive, and a size that is not given.
tl::expected<Hessian, Error> compile_hessian(std::string_view expression, std::string_view wrt,
                                             const std::map<std::string, std::int64_t>& sizes,
                                             const Options& options = {});

}  // namespace matgrad
