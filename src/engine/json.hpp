// SPDX-License-Identifier: MIT
// Answers as JSON objects (docs/json.md).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/derive.hpp"

namespace matgrad {

std::string to_json(const Derivation& derivation, Language language);
std::string to_json(const Simplified& simplified, Language language);

// {"text": …, "unicode": …, "latex": …, "shape": [rows, columns]}
nlohmann::ordered_json expression_json(const Store& store, NodeId id);

// {"error": {"code": 2, "message": "…"}}; the codes are those that the program exits with.
std::string error_json(int code, const std::string& message);

}  // namespace matgrad
