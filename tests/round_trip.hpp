// SPDX-License-Identifier: MIT
// What is printed of a derivation means what was derived.
#pragma once

#include <string>

#include "engine/derive.hpp"

namespace matgrad {

// Why the printed result is not read back as the node that it is; empty where it is. The scope learns the names dX.
std::string broken_round_trip(Derivation& derivation);

}  // namespace matgrad
