// SPDX-License-Identifier: MIT
// A sequence that grows at its end and whose elements never move: a reference or a span into it stays good for as long
// as the sequence lives, whatever is appended meanwhile.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace matgrad {

template <class T>
class Pages {
 public:
  const T& operator[](std::uint32_t at) const { return pages_[at / page_size][at % page_size]; }
  T& operator[](std::uint32_t at) { return pages_[at / page_size][at % page_size]; }

  // Appends the elements side by side and returns the index of the first; `run` gives them back. What does not fit into
  // the last page opens a new one, of its own size where it is longer than a page.
  std::uint32_t append(std::span<const T> elements) {
    if (pages_.empty() || pages_.back().size() + elements.size() > page_size) {
      pages_.emplace_back().reserve(std::max(page_size, elements.size()));
    }
    std::vector<T>& last = pages_.back();
    const std::size_t at = (pages_.size() - 1) * page_size + last.size();
    for (const T& element : elements) last.push_back(element);  // which may well be elements of these pages
    return static_cast<std::uint32_t>(at);
  }
  std::span<const T> run(std::uint32_t first, std::size_t count) const {
    return count == 0 ? std::span<const T>() : std::span<const T>(&(*this)[first], count);
  }

  std::uint32_t push_back(const T& element) { return append({&element, 1}); }

 private:
  static constexpr std::size_t page_size = 1024;
  std::vector<std::vector<T>> pages_;  // each within what it reserved
};

}  // namespace matgrad
