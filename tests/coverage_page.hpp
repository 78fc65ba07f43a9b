// SPDX-License-Identifier: MIT
// docs/coverage.md: every identity of the two reference collections with what the program answers, in both layouts, and
// what of them cannot be written in the language.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.hpp"

namespace matgrad {

// The lines of the page.
std::vector<std::string> coverage_page(Language language);

}  // namespace matgrad
