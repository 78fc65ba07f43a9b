// SPDX-License-Identifier: MIT
#include "print/writer.hpp"

namespace matgrad {

void Writer::put(PieceId id, bool parenthesised) {
  if (parenthesised) put(open());
  put_piece(id);
  if (parenthesised) put(close());
}

void Writer::put_list(std::span<const PieceId> parts, std::string_view separator, Level least) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) put(separator);
    put(parts[i], least);
  }
}

std::string Writer::write() {
  std::string out;
  std::vector<Item> stack;
  stack.push_back({{}, pieces_.root});
  while (!stack.empty()) {
    const Item item = std::move(stack.back());
    stack.pop_back();
    if (item.piece == colon_piece) {
      out += item.text;
      if (out.size() > maximum_written) return out.append("…");
      continue;
    }
    pending_.clear();
    expand(item.piece);
    while (!pending_.empty()) {
      stack.push_back(std::move(pending_.back()));
      pending_.pop_back();
    }
  }
  return out;
}

std::size_t Writer::size() {
  constexpr std::size_t longest = SIZE_MAX / 2;
  std::vector<std::size_t> sizes(pieces_.size(), 0);
  for (PieceId id = colon_piece + 1; id <= pieces_.root; ++id) {
    pending_.clear();
    expand(id);
    for (const Item& item : pending_) {
      sizes[id] += item.piece == colon_piece ? item.text.size() : sizes[item.piece];
      if (sizes[id] > longest) sizes[id] = longest;
    }
  }
  return sizes[pieces_.root];
}

}  // namespace matgrad
