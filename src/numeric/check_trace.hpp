// SPDX-License-Identifier: MIT
// Every step of an explanation by numbers alone: both sides at random points, with a random change of the variable.
// Differentials are differences of values along that change; where the left side is a derivative, the right side is
// verified as a result is.
#pragma once

#include <optional>
#include <string>

#include "calculus/trace.hpp"
#include "numeric/sizes.hpp"

namespace matgrad {

struct StepFault {
  std::size_t step = 0;
  std::string reason;  // both values; empty where no point could tell
};

// The first step that does not hold; nothing where all do.
std::optional<StepFault> check_trace(Build& build, const Trace& trace, std::span<const SizeCondition> conditions);

}  // namespace matgrad
