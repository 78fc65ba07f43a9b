// SPDX-License-Identifier: MIT
// A place in the user's text. Offsets are bytes into the UTF-8 input, `begin` inclusive, `end` exclusive.
#pragma once

#include <cstddef>
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

// The code point that starts at byte `at` < utf8.size(). What is not UTF-8 (overlong, surrogate, cut short) reads as
// U+FFFD, one byte long and not valid, so a loop over any bytes goes forward.
struct CodePoint {
  char32_t value = 0xFFFD;
  std::uint32_t length = 1;
  bool valid = false;
};
CodePoint long_code_point_at(std::string_view utf8, std::size_t at);  // of those beyond ASCII
inline CodePoint code_point_at(std::string_view utf8, std::size_t at) {
  const auto first = static_cast<unsigned char>(utf8[at]);
  return first < 0x80 ? CodePoint{first, 1, true} : long_code_point_at(utf8, at);
}

// How many characters the text has; a byte that is not UTF-8 counts as one.
std::size_t code_point_count(std::string_view utf8);

// How many columns a terminal needs for UTF-8 text (one a code point, two for East Asian wide ones).
std::size_t display_width(std::string_view utf8);

// The text, cut to that many columns with "…" at the end where it is longer.
std::string shorten(std::string_view utf8, std::size_t columns);

// The text as it may be shown on one line of a terminal: no control, no bidirectional override, no broken UTF-8.
std::string printable(std::string_view utf8);

}  // namespace matgrad
