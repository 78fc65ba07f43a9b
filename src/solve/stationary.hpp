// SPDX-License-Identifier: MIT
// From a gradient to where it vanishes, in closed form: linear equations, equations that become linear when they are
// multiplied by the unknown or written in its inverse, linear constraints by multipliers, and X'*X = I.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "solve/linear.hpp"

namespace matgrad {

// A point that is a candidate until numbers have confirmed it.
struct Stationary {
  NodeId value = no_node;
  std::vector<Letter> letters;   // used in the steps: a multiplier, an inverse
  std::vector<Step> steps;       // from the gradient on; each equation holds at the point
  std::vector<NodeId> inverted;  // what has to be invertible for it
  NodeId system = no_node;       // M of M*x = C
  Unknown unknown;
  std::optional<LinearEquation> equation;  // of the unknown itself, where it is linear
  bool is_minimum_norm = false;            // by a pseudo-inverse: the shortest of many
};

// Of an objective with this gradient. In the order in which they are to be tried: the later ones hold where the ones
// before need an inverse that there is not. Empty where no closed form is known.
std::vector<Stationary> stationary_points(Build& build, NodeId gradient, const Unknown& unknown);

// Likewise, where these residuals vanish, each linear in the unknown.
std::vector<Stationary> constrained_points(Build& build, NodeId gradient, std::span<const NodeId> residuals,
                                           const Unknown& unknown);

// X'*X = I, or X'*B*X = I with a positive definite B; of a vector, norm2(x) = 1.
struct Orthogonality {
  NodeId metric = no_node;  // B; no_node: the identity
};
// Nothing where residual = 0 is no such constraint.
std::optional<Orthogonality> as_orthogonality(Build& build, NodeId residual, NodeId x);

// Likewise, subject to it; the smallest value, for objectives that are linear there or tr(X'*A*X) but for a constant.
std::vector<Stationary> orthogonal_points(Build& build, NodeId gradient, const Orthogonality& of,
                                          const Unknown& unknown);

// Likewise, of an objective that does not change with the length of a vector, such as x'*A*x/(x'*x).
std::vector<Stationary> scale_free_points(Build& build, NodeId gradient, const Unknown& unknown);

}  // namespace matgrad
