// SPDX-License-Identifier: MIT
// All operators, as one table: the structural ones first, then the families. Built once, read-only.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ops/operator.hpp"
#include "ops/signature.hpp"

namespace matgrad {

class OperatorTable {
 public:
  static const OperatorTable& get();

  const Operator& operator[](OpId op) const { return *entries_[static_cast<std::uint16_t>(op)]; }
  const Signature& signature(OpId op) const { return signatures_[static_cast<std::uint16_t>(op)]; }
  std::size_t size() const { return entries_.size(); }
  // Every operator with this surface name, in table order; empty when there is none.
  std::span<const OpId> named(std::string_view name) const;
  // All surface names that a user may call, sorted.
  const std::vector<std::string_view>& names() const { return sorted_names_; }

 private:
  OperatorTable();
  std::vector<const Operator*> entries_;
  std::vector<Signature> signatures_;
  struct Named {
    std::string_view name;
    std::vector<OpId> operators;
  };
  std::vector<Named> names_;
  std::vector<std::string_view> sorted_names_;
};

// The operator that plans compute in this way, where there is only one.
OpId operator_computed_as(Computed kind);

inline const Operator& entry_of(OpId op) {
  return OperatorTable::get()[op];
}

}  // namespace matgrad
