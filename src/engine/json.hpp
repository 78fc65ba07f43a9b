// SPDX-License-Identifier: MIT
// Answers as JSON objects (docs/json.md).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/derive.hpp"
#include "print/explain.hpp"

namespace matgrad {

// With the steps, where they were asked for.
std::string to_json(const Derivation& derivation, Language language, Detail detail = Detail::full);
std::string to_json(const Simplified& simplified, Language language);

// {"text": …, "unicode": …, "latex": …, "shape": [rows, columns]}
nlohmann::ordered_json expression_json(const Store& store, NodeId id);

// The parts that answers share: the kinds of the names, the steps, the notes.
nlohmann::ordered_json variables_json(const Scope& scope);
nlohmann::ordered_json steps_json(const Store& store, const Trace& trace, Language language, Detail detail);
nlohmann::ordered_json notes_json(const Diagnostics& notes, Language language);

// {"error": {"code": 2, "message": "…"}}; the codes are those that the program exits with.
std::string error_json(int code, const std::string& message);

}  // namespace matgrad
