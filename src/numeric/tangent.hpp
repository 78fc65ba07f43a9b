// SPDX-License-Identifier: MIT
// Directions on the manifold of a structured variable, and what a Riemannian gradient is along them. With E(k) the k-th
// unit matrix, R is the gradient of f exactly where, for all k,
//
//   tangent_coordinates(R) at k  =  d/dt f(X + t*tangent(E(k))).
#pragma once

#include "numeric/evaluate.hpp"

namespace matgrad {

// For an orthogonal X, X*W with the skew part W of `unit`; otherwise the part of `unit` that has the structure.
Array<double> tangent(Properties structure, const Array<double>& x, const Array<double>& unit);

// For an orthogonal X, X'*R, which is skew for a tangent R; for a definite S, inv(S)*R*inv(S), by which the
// affine-invariant metric takes R to <R, T> = tr(inv(S)*R*inv(S)*T); otherwise R.
Array<double> tangent_coordinates(Properties structure, const Array<double>& x, const Array<double>& gradient);

}  // namespace matgrad
