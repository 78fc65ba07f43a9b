// SPDX-License-Identifier: MIT
// What an explanation says besides its steps.
#pragma once

#include "engine/derive.hpp"
#include "print/explain.hpp"

namespace matgrad {

Explanation explanation_of(const Derivation& derivation);

}  // namespace matgrad
