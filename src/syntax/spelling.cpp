// SPDX-License-Identifier: MIT
#include "syntax/spelling.hpp"

#include <algorithm>

namespace matgrad {
namespace {

constexpr std::size_t longest = 40;

char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Insertions, deletions, changes and exchanges of neighbours that turn one into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t differs = lowered(a[i - 1]) == lowered(b[j - 1]) ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + differs});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::string nearest_name(std::string_view written, const std::vector<std::string_view>& names) {
  if (written.size() > longest) return {};
  std::size_t least = written.size() <= 3 ? 2 : written.size() / 3 + 2;  // one more than may differ
  std::string_view nearest;
  for (std::string_view name : names) {
    const bool callable = !name.empty() && ((name[0] | 0x20) >= 'a') && ((name[0] | 0x20) <= 'z');
    if (!callable) continue;
    const std::size_t distance = edit_distance(written, name);
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return std::string(nearest);
}

}  // namespace matgrad
