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

// "3 random points", where something was compared.
inline std::string random_points(int count, Language language) {
  return sentence(count == 1 ? Message::random_point : Message::random_points, {std::to_string(count)}, language);
}

}  // namespace matgrad
