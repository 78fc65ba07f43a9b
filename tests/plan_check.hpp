// SPDX-License-Identifier: MIT
// A plan computes what the expressions say.
#pragma once

#include <span>
#include <string>

#include "numeric/evaluate.hpp"
#include "ops/build.hpp"

namespace matgrad {

// Plans the roots together and compares them with their values. Empty where they agree, or where
// the expressions have no finite value at the point.
std::string plan_fault(Build& build, std::span<const NodeId> roots, const Point<double>& point);

}  // namespace matgrad
