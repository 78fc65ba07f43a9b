// SPDX-License-Identifier: MIT
// Decimal numbers in text, the same in every locale.
#pragma once

#include <fast_float/fast_float.h>

#include <cmath>
#include <string_view>

namespace matgrad {

struct ReadNumber {
  const char* end = nullptr;  // behind the number; nullptr where none begins here
  bool too_large = false;     // for a double
};

// The longest number at the beginning of [begin, end): 1, +1.5, .5, -2e-3, nan, inf. Blanks are not skipped.
inline ReadNumber read_number(const char* begin, const char* end, double& value) {
  if (begin != end && *begin == '+' && end - begin > 1 && begin[1] != '-') ++begin;
  const auto read = fast_float::from_chars(begin, end, value);
  // Whether a number out of range is an error of from_chars depends on the version of the library.
  if (read.ec != std::errc() && read.ec != std::errc::result_out_of_range) return {};
  if (!std::isinf(value)) return {read.ptr, false};
  const char* const first = begin != end && *begin == '-' ? begin + 1 : begin;
  return {read.ptr, *first != 'i' && *first != 'I'};
}

// Whether all of the text is a number.
inline bool is_number(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const ReadNumber read = read_number(text.data(), end, value);
  return read.end == end && !text.empty();
}

}  // namespace matgrad
