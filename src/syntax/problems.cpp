// SPDX-License-Identifier: MIT
#include "syntax/problems.hpp"

#include <algorithm>

namespace matgrad {

void Problems::report(Message message, Span span, std::vector<std::string> arguments, std::optional<Edit> edit) {
  if (full()) return;
  Diagnostic error;
  error.message = message;
  error.span = span;
  error.arguments = std::move(arguments);
  errors_.push_back(std::move(error));
  if (edit) {
    edits_.push_back(std::move(*edit));
  } else {
    mendable_ = false;
  }
}

Diagnostics Problems::finish(std::string_view source, const std::function<bool(std::string_view)>& accepts) {
  std::stable_sort(errors_.begin(), errors_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return a.span.begin < b.span.begin; });
  if (mendable_ && !full()) {
    const std::optional<std::string> fix = mend(source, edits_);
    if (fix && accepts(*fix)) {
      for (Diagnostic& error : errors_) error.fix = *fix;
    }
  }
  return std::move(errors_);
}

std::optional<std::string> mend(std::string_view source, std::vector<Edit> edits) {
  std::stable_sort(edits.begin(), edits.end(),
                   [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });
  std::string result;
  std::size_t done = 0;
  for (const Edit& edit : edits) {
    if (edit.span.begin < done) return std::nullopt;
    result.append(source.substr(done, edit.span.begin - done)).append(edit.replacement);
    done = edit.span.end;
  }
  result.append(source.substr(done));
  const std::size_t first = result.find_first_not_of(' ');
  if (first == std::string::npos) return std::nullopt;
  return result.substr(first, result.find_last_not_of(' ') + 1 - first);
}

}  // namespace matgrad
