// SPDX-License-Identifier: MIT
// Results hold operators that readers do not know (unvec, the Fréchet derivative of expm). In what is shown they are
// replaced by what they stand for in the users' language, the `written_out` of their entries.
#pragma once

#include "ops/build.hpp"

namespace matgrad {

NodeId written_out(Build& build, NodeId root);

}  // namespace matgrad
