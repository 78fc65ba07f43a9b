// SPDX-License-Identifier: MIT
// The derivative of Y at X is a linear map. Here it is an expression, linear in a hole dX: each operator's statement,
// composed along the DAG. Everything else is a view of it.
#pragma once

#include "base/result.hpp"
#include "ops/build.hpp"

namespace matgrad {

// dY as an expression in `hole`, a symbol of X's shape. Zero where Y does not depend on X.
// Errors: an operator on the way has no derivative by that argument (its reason).
Result<NodeId> differential(Build& build, NodeId y, NodeId x, NodeId hole);

// L*(G) for the map that `y` is of `x`: the transpose of the differential, run backwards. With y scalar and G = 1 this
// is the gradient, df = tr(L*(1)' dX). `x` may also be the hole of an expression linear in it.
Result<NodeId> adjoint(Build& build, NodeId y, NodeId x, NodeId upstream);

// One argument's part in the two passes, as explanations show it: its share of dY for the argument's differential, and
// what it is given of the upstream gradient.
Result<NodeId> differential_share(Build& build, NodeId node, std::size_t argument, NodeId inner);
Result<NodeId> adjoint_share(Build& build, NodeId node, std::size_t argument, NodeId upstream);

// The matrix M with vec(y) = M*vec(hole), for y linear in `hole`.
Result<NodeId> matrix_over_vec(Build& build, NodeId y, NodeId hole);

// The super-matrix of y, linear in `hole`: entry y_ij replaced by the block dy_ij/dX in the shape of X.
Result<NodeId> block_matrix(Build& build, NodeId y, NodeId hole);

// y with every occurrence of a symbol replaced.
NodeId substitute(Build& build, NodeId y, NodeId symbol, NodeId value);

}  // namespace matgrad
