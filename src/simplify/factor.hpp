// SPDX-License-Identifier: MIT
// A sum with common factors taken out wherever that is shorter: A*x + A'*x is (A + A')*x, 2*X'*X*w - 2*X'*y is
// 2*X'*(X*w - y), s*A + s*B is s*(A + B).
#pragma once

#include "ops/build.hpp"

namespace matgrad {

NodeId factored(Build& build, NodeId sum);

}  // namespace matgrad
