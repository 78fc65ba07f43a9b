// SPDX-License-Identifier: MIT
// Answers as JSON objects (docs/json.md).
#pragma once

#include <string>

#include "engine/derive.hpp"

namespace matgrad {

std::string to_json(const Derivation& derivation, Language language);
std::string to_json(const Simplified& simplified, Language language);

// {"error": {"code": 2, "message": "…"}}; the codes are those that the program exits with.
std::string error_json(int code, const std::string& message);

}  // namespace matgrad
