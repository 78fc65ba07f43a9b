// SPDX-License-Identifier: MIT
// Products of sums multiplied out, so that terms can cancel which brackets keep apart: Q'*(Q*x - y) is x - Q'*y for an
// orthogonal Q. What comes of it is kept only where it is shorter.
#pragma once

#include "ops/build.hpp"

namespace matgrad {

// The same value as one sum of products; the node itself where that would be too many terms. Functions of -A stand as
// those of A where both occur: sigmoid(-A) is 1 - sigmoid(A).
NodeId multiplied_out(Build& build, NodeId id);

}  // namespace matgrad
