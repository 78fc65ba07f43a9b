// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/diagnostic.hpp"

namespace matgrad {

// A diagnostic of its own that is no error: what a reader of the result should know.
inline Diagnostic remark(Message message, std::vector<std::string> arguments = {}) {
  Diagnostic result;
  result.severity = Severity::note;
  result.message = message;
  result.arguments = std::move(arguments);
  return result;
}

}  // namespace matgrad
