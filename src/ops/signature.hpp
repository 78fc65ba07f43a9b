// SPDX-License-Identifier: MIT
// Shapes as one-line signatures: `kron: (m,n),(p,q) -> (m*p,n*q)`. Letters are bound by the arguments; `()` is a
// scalar; a literal must be met literally. What is over a number, `(n,n) -> (n*(n+1)/2,1)`, has to be whole.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "expr/store.hpp"

namespace matgrad {

// A dimension of a signature: sum of coefficient * letters, over a divisor.
struct SignatureDim {
  struct Term {
    std::int64_t coefficient = 1;
    std::vector<char> letters;
  };
  std::vector<Term> terms;
  std::int64_t divisor = 1;
  // The letter where it is a bare one, 0 otherwise.
  char letter() const {
    const bool bare = terms.size() == 1 && terms[0].coefficient == 1 && terms[0].letters.size() == 1 && divisor == 1;
    return bare ? terms[0].letters[0] : '\0';
  }
};
SignatureDim operator+(SignatureDim a, const SignatureDim& b);  // of whole ones
SignatureDim operator*(const SignatureDim& a, const SignatureDim& b);

struct SignatureShape {
  SignatureDim rows;
  SignatureDim cols;
};

// Which dimension a letter stands for.
class Letters {
 public:
  bool bound(char letter) const { return set_[slot(letter)]; }
  Dim operator[](char letter) const { return dims_[slot(letter)]; }
  void bind(char letter, Dim dim) {
    dims_[slot(letter)] = dim;
    set_[slot(letter)] = true;
  }

 private:
  static std::size_t slot(char letter) { return static_cast<std::size_t>(letter - 'a'); }
  Dim dims_[26] = {};
  bool set_[26] = {};
};

struct Signature {
  std::vector<SignatureShape> arguments;
  SignatureShape result;

  static Signature parse(std::string_view text);
  // Binds the letters to the arguments' dimensions; nothing where they do not fit.
  std::optional<Letters> bind(const Store& store, std::span<const NodeId> arguments) const;
};

Dim evaluate(Dims& dims, const SignatureDim& dim, const Letters& letters);
Type result_shape(Dims& dims, const Signature& signature, const Letters& letters);

}  // namespace matgrad
