// SPDX-License-Identifier: MIT
// Equations that are linear in an unknown X, vector or matrix: L(X) = C, with L an expression linear in a hole dX.
#pragma once

#include <optional>
#include <vector>

#include "calculus/trace.hpp"
#include "ops/build.hpp"

namespace matgrad {

struct Unknown {
  NodeId symbol = no_node;  // X
  NodeId hole = no_node;    // dX
};

struct LinearEquation {
  NodeId map = no_node;    // L(dX)
  NodeId left = no_node;   // L(X)
  NodeId right = no_node;  // C
};

// E = 0 as L(X) = C; common factors that cannot vanish are left out, those below zero only where the sign of E does not
// matter. Nothing where E is not linear in X, or where it does not depend on it.
enum class Sign : std::uint8_t { free, kept };
std::optional<LinearEquation> as_linear(Build& build, NodeId expression, const Unknown& unknown,
                                        Sign sign = Sign::free);

// One term of L(dX): left*dX*right.
struct Sided {
  NodeId left = no_node;
  NodeId right = no_node;
};

// L(dX) as such terms, those that share a side put together; nothing where dX stands otherwise in it.
std::optional<std::vector<Sided>> sided_terms(Build& build, const LinearEquation& equation, const Unknown& unknown);

// A, B, C of A*B*C; the node itself where it is no product.
NodeList factors_of(const Store& store, NodeId product);
// vec(A) of a matrix; a column or a number as it is.
NodeId stacked(Build& build, NodeId id);

// F where a matrix is F'*F, or F'*W*F with W positive definite: invertible where the columns of F are independent.
// no_node elsewhere.
NodeId gram_factor(Build& build, NodeId matrix);

struct LinearSolution {
  NodeId value = no_node;        // X
  std::vector<Step> steps;       // from L(X) = C to X = …, each an equation that holds there
  std::vector<NodeId> inverted;  // the matrices that have to be invertible
};

// By name where the equation has one, over vec otherwise.
std::optional<LinearSolution> solve_linear(Build& build, const LinearEquation& equation, const Unknown& unknown);

}  // namespace matgrad
