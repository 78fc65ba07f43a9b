// SPDX-License-Identifier: MIT
#include "ops/table.hpp"

#include <algorithm>

#include "ops/families.hpp"

namespace matgrad {

const OperatorTable& OperatorTable::get() {
  static const OperatorTable table;
  return table;
}

OperatorTable::OperatorTable() {
  for (const std::span<const Operator> family :
       {structural_family(), elementwise_family(), reductions_family(), inverses_family(), structure_family(),
        products_family(), matrix_functions_family(), spectral_family()}) {
    for (const Operator& entry : family) {
      const OpId op{static_cast<std::uint16_t>(entries_.size())};
      entries_.push_back(&entry);
      signatures_.push_back(entry.type[0] == '\0' ? Signature{} : Signature::parse(entry.type));
      auto add_name = [&](std::string_view name) {
        auto at = std::lower_bound(names_.begin(), names_.end(), name,
                                   [](const Named& a, std::string_view b) { return a.name < b; });
        if (at == names_.end() || at->name != name) at = names_.insert(at, Named{name, {}});
        at->operators.push_back(op);
      };
      add_name(entry.name);
      for (std::string_view name : entry.also) {
        if (!name.empty()) add_name(name);
      }
    }
  }
  for (const Named& named : names_) sorted_names_.push_back(named.name);
}

std::span<const OpId> OperatorTable::named(std::string_view name) const {
  auto at = std::lower_bound(names_.begin(), names_.end(), name,
                             [](const Named& a, std::string_view b) { return a.name < b; });
  if (at == names_.end() || at->name != name) return {};
  return at->operators;
}

OpId operator_computed_as(Computed kind) {
  const OperatorTable& table = OperatorTable::get();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const OpId op{static_cast<std::uint16_t>(i)};
    if (table[op].computed == kind) return op;
  }
  MATGRAD_ASSERT(false);
  return OpId{};
}

}  // namespace matgrad
