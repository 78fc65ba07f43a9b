// SPDX-License-Identifier: MIT
// The errors found while one text is read, with the edits that would mend them. At most `max_errors` are kept: the
// reader then stops. A suggestion is made only where every error has an edit and the mended text is accepted.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"

namespace matgrad {

struct Edit {
  Span span;  // empty: an insertion
  std::string replacement;
};

class Problems {
 public:
  static constexpr std::size_t max_errors = 20;

  void report(Message message, Span span, std::vector<std::string> arguments = {}, std::optional<Edit> edit = {});
  // An edit that belongs to an error reported already: the second half of a pair, say.
  void also(Edit edit) { edits_.push_back(std::move(edit)); }
  bool empty() const { return errors_.empty(); }
  bool full() const { return errors_.size() >= max_errors; }

  // In the order of the text, each with the mended text as its fix where `accepts` says that it is one.
  Diagnostics finish(std::string_view source, const std::function<bool(std::string_view)>& accepts);

 private:
  Diagnostics errors_;
  std::vector<Edit> edits_;
  bool mendable_ = true;
};

// The text with the edits made; nothing where two of them overlap.
std::optional<std::string> mend(std::string_view source, std::vector<Edit> edits);

}  // namespace matgrad
