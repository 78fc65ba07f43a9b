// SPDX-License-Identifier: MIT
// Expressions as a plan computes them: operators that an entry's `computed_as` explains are replaced by it, so that
// what they have in common with other parts is shared (a norm and its gradient share the sum of squares).
#pragma once

#include <span>
#include <vector>

#include "ops/build.hpp"

namespace matgrad {

std::vector<NodeId> prepared(Build& build, std::span<const NodeId> roots);

}  // namespace matgrad
