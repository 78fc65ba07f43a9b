// SPDX-License-Identifier: MIT
// Whether an objective is stationary where it is said to be, by differences of the objective alone: at random data, no
// direction that the constraints leave open may change it in first order. The second order tells what the point is.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "numeric/sizes.hpp"

namespace matgrad {

struct StationaryClaim {
  NodeId objective = no_node;       // no_node: of an equation, only the constraints are asked
  std::vector<NodeId> variables;    // symbols
  std::vector<NodeId> values;       // of each: where the objective is stationary
  std::vector<NodeId> constraints;  // expressions that vanish there
  std::vector<NodeId> needed;       // data where one of these is not finite and well-conditioned tell nothing
};

enum class Curvature : std::uint8_t {
  unknown,
  minimum,       // every direction goes up
  flat_minimum,  // none goes down, some do not go up either: there are other such points nearby
  maximum,
  flat_maximum,
  saddle,
  varies,  // with the data
};

struct StationaryCheck {
  bool passed = false;
  int points = 0;
  double largest_relative_slope = 0;  // of that at a random point
  Curvature curvature = Curvature::unknown;
  std::string reason;  // where it did not pass
};

StationaryCheck check_stationary(const Store& store, const StationaryClaim& claim,
                                 std::span<const SizeCondition> conditions, int points = 3, std::uint64_t seed = 1);

}  // namespace matgrad
