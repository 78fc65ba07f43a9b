// SPDX-License-Identifier: MIT
// A place in the user's text. Offsets are bytes into the UTF-8 input, `begin` inclusive, `end` exclusive.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace matgrad {

struct Span {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  friend bool operator==(const Span&, const Span&) = default;
};

// The smallest span that holds both.
inline Span join(Span a, Span b) {
  return {a.begin < b.begin ? a.begin : b.begin, a.end > b.end ? a.end : b.end};
}

// The text under a span; empty where the span lies outside the text.
inline std::string_view under(std::string_view text, Span span) {
  if (span.begin > text.size() || span.end < span.begin) return {};
  return text.substr(span.begin, span.end - span.begin);
}

// How many columns a terminal needs for UTF-8 text (one a code point, two for East Asian wide ones).
std::size_t display_width(std::string_view utf8);

}  // namespace matgrad
