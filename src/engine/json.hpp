// SPDX-License-Identifier: MIT
// Answers as JSON objects (docs/json.md).
#pragma once

#include <string>

#include "engine/derive.hpp"

namespace matgrad {

std::string to_json(const Derivation& derivation, Language language);
std::string to_json(const Simplified& simplified, Language language);

const char* name_of(Layout layout);
const char* name_of(Form form);

}  // namespace matgrad
