// SPDX-License-Identifier: MIT
#include "engine/public_errors.hpp"

namespace matgrad {
namespace {

int exit_code(const Diagnostics& errors) {
  if (is_failed_check(errors)) return 3;
  for (const Diagnostic& error : errors) {
    if (error.message == Message::internal_error) return 4;
  }
  return 2;
}

}  // namespace

Error error_of(const Diagnostics& errors, std::string_view source, Language language) {
  return Error{exit_code(errors), render(errors, source, language)};
}

Error error_of(Message message, const std::vector<std::string>& arguments, Language language) {
  Diagnostic diagnostic;
  diagnostic.message = message;
  diagnostic.arguments = arguments;
  return Error{2, render(diagnostic, {}, language)};
}

Error error_of(const std::exception& bug, Language language) {
  return Error{4, sentence(Message::internal_error, {bug.what()}, language)};
}

}  // namespace matgrad
