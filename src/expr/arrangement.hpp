// SPDX-License-Identifier: MIT
// What an array of derivatives is, independent of how it was found: how a check has to arrange its differences.
#pragma once

#include <cstdint>

namespace matgrad {

enum class Arrangement : std::uint8_t {
  gradient,             // scalar by X: the shape of X
  by_scalar,            // Y by a scalar: dY/dt in the shape of Y
  jacobian,             // vec(Y) by vec(X): mn × pq
  vech_jacobian,        // vec(Y) by the independent entries of X: mn × n(n+1)/2
  block,                // entry y_ij replaced by the block dy_ij/dX: (m*p) × (n*q)
  differential,         // dY, an expression with the symbol dX
  hessian,              // of a scalar, over vec(X) twice
  vech_hessian,         // of a scalar, over the independent entries of X twice
  riemannian_gradient,  // scalar by X on the manifold of its kind: the shape of X
  second_differential,  // d²f, an expression with the symbol dX, or dX and dZ
};

}  // namespace matgrad
