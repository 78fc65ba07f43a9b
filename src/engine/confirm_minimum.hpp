// SPDX-License-Identifier: MIT
// Whether a point is stationary, by differences of the objective alone along what bounds and constraints leave open.
#pragma once

#include <functional>

#include "optimise/optimise.hpp"

namespace matgrad {

struct Steepness {
  // How much the objective changes along a step as long as the point is far from the origin (at least 1), relative to
  // how large it is and how far the search has brought it down.
  double relative = 0;
  int directions = 0;  // none where everything is at a bound or bound by constraints
};

Steepness steepness_at(const SmoothProblem& problem, const Optimum& point,
                       const std::function<double(const double*)>& objective);

}  // namespace matgrad
