// SPDX-License-Identifier: MIT
// The store of pieces; present.cpp fills it.
#include "print/present.hpp"

namespace matgrad {

PieceId Presentation::add(Form form, std::span<const PieceId> parts, std::uint32_t payload) {
  const auto first = static_cast<std::uint32_t>(parts_.size());
  pieces_.push_back({form, first, static_cast<std::uint32_t>(parts.size()), payload});
  parts_.insert(parts_.end(), parts.begin(), parts.end());
  return static_cast<PieceId>(pieces_.size() - 1);
}

PieceId Presentation::add_integer(std::string digits) {
  digits_.push_back(std::move(digits));
  return add(Form::integer, {}, static_cast<std::uint32_t>(digits_.size() - 1));
}

bool names_a_variable(const Store& store, std::string_view name) {
  for (std::uint32_t i = 0; i < store.symbol_count(); ++i) {
    if (store.symbol_at(i).name == name) return true;
  }
  return false;
}

}  // namespace matgrad
