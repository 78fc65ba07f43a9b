// SPDX-License-Identifier: MIT
// What lint found, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "engine/lint.hpp"

namespace matgrad {

enum class LintFormat { text, json, sarif, github };

std::string write_findings(const std::vector<LintResult>& results, LintFormat format, Language language);
// Whether any claim is false, or true only under a condition.
bool has_faults(const std::vector<LintResult>& results);

}  // namespace matgrad
