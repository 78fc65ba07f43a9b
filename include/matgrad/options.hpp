// SPDX-License-Identifier: MIT
// What can be asked of a derivative.
#pragma once

#include <cstdint>

namespace matgrad {

// How a derivative is written (LANGUAGE: four ways). `denominator`: a scalar by X has the shape of X, a vector of
// length m by a vector of length n is n×m. `numerator`: the transposes of these.
enum class Layout : std::uint8_t { denominator, numerator };

enum class Form : std::uint8_t {
  matrix,        // an array in the chosen layout where the derivative has two indices; else as `vec`
  differential,  // dY as an expression in dX
  vec,           // the Jacobian of vec(Y) by vec(X), column-major
  vech,          // that by the independent entries of a symmetric or triangular X
  block,         // the super-matrix: entry y_ij replaced by the block dy_ij/dX
};

// The gradient by a symmetric matrix: the symmetric G with df = tr(G dX), or the 2G - G∘I of independent entries.
enum class SymmetricGradient : std::uint8_t { projected, free_entries };

}  // namespace matgrad
