// SPDX-License-Identifier: MIT
// Indexed sums as array expressions: the sum over i of (A[i,:]*x - y[i])^2 is norm2(A*x - y)^2. What depends on the
// index i is gathered for all i at once: numbers s(i) into the vector of them, columns c(i) into the matrix that has
// them side by side, both starting from e(i,n), which gathered is I(n).
#pragma once

#include <optional>

#include "ops/build.hpp"

namespace matgrad {

// The node `sum_over` without its index, or its one term; nothing where the index runs over part of the entries or is
// used as a number.
std::optional<NodeId> gathered(Build& build, NodeId sum_over);

}  // namespace matgrad
