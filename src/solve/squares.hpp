// SPDX-License-Identifier: MIT
// The normal equations M*X = C undone: the sums of squares that they come from, so that numbers can be found without
// squaring the condition number of the data.
#pragma once

#include <optional>
#include <vector>

#include "solve/linear.hpp"

namespace matgrad {

// weight*(F*x - b)'*W*(F*x - b), of which the equation holds weight*F'*W*F*x = weight*F'*rest.
struct Squares {
  NodeId weight = no_node;  // a scalar
  NodeId factor = no_node;  // F
  NodeId middle = no_node;  // W; no_node: the identity
  NodeId rest = no_node;    // W*b; no_node: 0
};

// Of a vector. Nothing where the equation does not have this form.
std::optional<std::vector<Squares>> as_squares(Build& build, const LinearEquation& equation, const Unknown& unknown);

// norm2(F*X*G' - T)^2 of a matrix X: F'*F*X*G'*G = F'*T*G. F or G may be no_node, an identity.
struct TwoSidedSquares {
  NodeId left = no_node;    // F
  NodeId right = no_node;   // G
  NodeId target = no_node;  // T
};
std::optional<TwoSidedSquares> as_two_sided_squares(Build& build, const LinearEquation& equation,
                                                    const Unknown& unknown);

}  // namespace matgrad
