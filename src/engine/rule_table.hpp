// SPDX-License-Identifier: MIT
// The rules of operators written out: for a terminal, as LaTeX, as JSON, and as the document docs/rules.md.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/choices.hpp"
#include "engine/rules.hpp"

namespace matgrad {

enum class RuleFormat : std::uint8_t { text, unicode, latex, json, markdown };

inline constexpr Choice<RuleFormat> rule_formats[] = {{"text", RuleFormat::text},
                                                      {"unicode", RuleFormat::unicode},
                                                      {"latex", RuleFormat::latex},
                                                      {"json", RuleFormat::json},
                                                      {"markdown", RuleFormat::markdown}};

// Ended by a newline.
std::string write_rules(std::span<const OperatorRule> rules, RuleFormat format, Language language);

}  // namespace matgrad
