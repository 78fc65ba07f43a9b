// SPDX-License-Identifier: MIT
// Structured variables: a symmetric, skew, diagonal or triangular X varies in a linear space only, so its derivative is
// projected onto that space.
#pragma once

#include <optional>

#include "base/diagnostic.hpp"
#include "matgrad/options.hpp"
#include "ops/build.hpp"

namespace matgrad {

// The orthogonal projection of a gradient onto the space in which X varies.
NodeId projected_gradient(Build& build, NodeId gradient, Properties structure, SymmetricGradient convention);
// J*P, where P is the matrix of that projection over vec.
NodeId projected_jacobian(Build& build, NodeId jacobian, Dim n, Properties structure);
// M with vec(dX) = M*vech(dX): the independent entries of a symmetric or lower triangular X are those of vech(X), of an
// upper triangular one those of vech(X'). Nothing where X has none or others.
std::optional<NodeId> over_independent_entries(Build& build, Dim n, Properties structure);
// The gradient on the manifold in which X varies, and the note that names its metric; nothing where X is free. With G
// the ordinary gradient, <grad, T> = tr(G'*T) for every T that is tangent at X.
struct Riemannian {
  NodeId gradient = no_node;
  Message metric{};
};
std::optional<Riemannian> riemannian_gradient(Build& build, NodeId gradient, NodeId variable);
// The properties of X that confine dX.
Properties linear_structure(Properties properties);

}  // namespace matgrad
