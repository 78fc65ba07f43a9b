// SPDX-License-Identifier: MIT
// Errors of the engine as the public interfaces return them.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "matgrad/matgrad.hpp"

namespace matgrad {

inline Language language_of(const Options& options) {
  return options.chinese ? Language::chinese : Language::english;
}

// `code` is the exit code of the command line: 2 for a wrong input, 3 for a failed check, 4 for a bug.
Error error_of(const Diagnostics& errors, std::string_view source, Language language);
Error error_of(Message message, const std::vector<std::string>& arguments, Language language);
Error error_of(const std::exception& bug, Language language);

}  // namespace matgrad
