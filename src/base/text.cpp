// SPDX-License-Identifier: MIT
#include "base/text.hpp"

#include <algorithm>
#include <iterator>

namespace matgrad {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode's East_Asian_Width W and F, in the coarse blocks that terminals agree on.
constexpr Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0x33FF},  {0x3400, 0x4DBF},
                          {0x4E00, 0x9FFF},   {0xA000, 0xA4CF},   {0xAC00, 0xD7A3},  {0xF900, 0xFAFF},
                          {0xFE30, 0xFE4F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},  {0x1F300, 0x1F64F},
                          {0x1F680, 0x1F6FF}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};
constexpr Range no_width[] = {{0x0300, 0x036F}, {0x200B, 0x200D}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};
// Controls, and the marks that reorder or split the text around them.
constexpr Range unprintable[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}};

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t value) {
  return std::any_of(std::begin(ranges), std::end(ranges),
                     [value](Range range) { return value >= range.first && value <= range.last; });
}

std::size_t width_of(char32_t value) {
  if (value < 0x300) return 1;
  if (within(no_width, value)) return 0;
  return within(wide, value) ? 2 : 1;
}

}  // namespace

CodePoint long_code_point_at(std::string_view utf8, std::size_t at) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(utf8[index]); };
  const unsigned first = byte(at);
  const std::uint32_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > utf8.size()) return {};
  char32_t value = first & (0x7FU >> length);
  for (std::uint32_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return {};
    value = value << 6 | (byte(at + i) & 0x3FU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, length, true};
}

std::size_t code_point_count(std::string_view utf8) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < utf8.size(); at += code_point_at(utf8, at).length) ++count;
  return count;
}

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    width += width_of(point.value);
    at += point.length;
  }
  return width;
}

std::string shorten(std::string_view utf8, std::size_t columns) {
  std::size_t width = 0;
  std::size_t cut = 0;  // the longest prefix that leaves a column for the ellipsis
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    width += width_of(point.value);
    if (width > columns) return std::string(utf8.substr(0, cut)).append("…");
    at += point.length;
    if (width < columns) cut = at;
  }
  return std::string(utf8);
}

std::string printable(std::string_view utf8) {
  std::string result;
  for (std::size_t at = 0; at < utf8.size();) {
    const CodePoint point = code_point_at(utf8, at);
    if (point.value == '\t' || point.value == '\r') {
      result += ' ';
    } else if (!point.valid || within(unprintable, point.value)) {
      result += "\uFFFD";
    } else {
      result += utf8.substr(at, point.length);
    }
    at += point.length;
  }
  return result;
}

}  // namespace matgrad
