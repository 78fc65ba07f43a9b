// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace matgrad {

// A diagnostic of its own that is no error: what a reader of the result should know.
inline Diagnostic remark(Message message, std::vector<std::string> arguments = {}) {
  Diagnostic result;
  result.severity = Severity::note;
  result.message = message;
  result.arguments = std::move(arguments);
  return result;
}

// An error without a place of its own.
inline auto failure(Message message, std::vector<std::string> arguments = {}) {
  Diagnostic result;
  result.message = message;
  result.arguments = std::move(arguments);
  return failure(std::move(result));
}

}  // namespace matgrad
