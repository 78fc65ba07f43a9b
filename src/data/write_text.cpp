// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "data/array.hpp"

namespace matgrad {
namespace {

// Not -nan: which sign a NaN has depends on the processor.
double shown(double value) {
  return std::isnan(value) ? std::abs(value) : value;
}

}  // namespace

std::string write_text(const DataView& array) {
  const auto rows = static_cast<std::size_t>(array.rows);
  const auto cols = static_cast<std::size_t>(array.cols);
  std::vector<std::size_t> widths(cols, 0);
  for (std::size_t j = 0; j < cols; ++j) {
    for (std::size_t i = 0; i < rows; ++i) {
      widths[j] = std::max(widths[j], fmt::formatted_size("{}", shown(array.values[j * rows + i])));
    }
  }
  std::string text;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < cols; ++j) {
      if (j > 0) text += "  ";
      fmt::format_to(std::back_inserter(text), "{:>{}}", shown(array.values[j * rows + i]), widths[j]);
    }
    text += '\n';
  }
  return text;
}

}  // namespace matgrad
