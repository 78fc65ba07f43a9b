// SPDX-License-Identifier: MIT
// What an explanation says besides its steps.
#pragma once

#include "engine/derive.hpp"
#include "print/explain.hpp"

namespace matgrad {

// Explanation::kinds of all names.
std::vector<std::pair<std::string, std::string>> kinds_of(const Scope& scope);

Explanation explanation_of(const Derivation& derivation);

}  // namespace matgrad
