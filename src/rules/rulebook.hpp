// SPDX-License-Identifier: MIT
// The rules of all entries, compiled once per process and indexed by operator: what the calculus and the simplifier
// look up while they walk the DAG.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "rules/template.hpp"

namespace matgrad {

struct CompiledSlot {
  Slot::Kind kind = Slot::Kind::unset;
  Template rule;    // adjoint or differential
  Template matrix;  // of a linear slot
};

struct Condition {
  enum class Kind : std::uint8_t { has, vector, scalar, square, matrix, not_symmetric, shape };
  Kind kind = Kind::has;
  Properties properties = 0;
  char rows = 0;  // of a shape: the letters of the dimensions
  char cols = 0;
  SlotName slot = 0;
};

// Operators, some of which share a bit: what is not in it is not there.
using OperatorSet = std::uint64_t;
constexpr OperatorSet set_of(OpId op) {
  return OperatorSet{1} << (static_cast<std::uint16_t>(op) % 64);
}

struct CompiledRewrite {
  Template left;
  Template right;
  std::vector<Condition> conditions;
  const Rewrite* source = nullptr;
};

// A rewrite, and for two parts of the sum or product on its left side the operators that may stand there. A node
// without one of them among its children, or among what they transpose, need not be tried.
struct KeyedRewrite {
  std::array<OperatorSet, 2> needed;
  const CompiledRewrite* rewrite;
};

class Rulebook {
 public:
  static const Rulebook& get();
  const CompiledSlot& slot(OpId op, std::size_t argument) const { return slots_[index(op)][argument]; }
  // What the operator is of every column of A; nullptr where its entry does not say.
  const Template* columns(OpId op) const { return columns_[index(op)].terms.empty() ? nullptr : &columns_[index(op)]; }
  // f(-A) in terms of Y = f(A); nullptr where the entry does not say.
  const Template* reflection(OpId op) const {
    return reflections_[index(op)].terms.empty() ? nullptr : &reflections_[index(op)];
  }
  // What plans compute instead of the operator, of its arguments A, B, C; nullptr where the entry does not say.
  const Template* computed_as(OpId op) const {
    return computed_as_[index(op)].terms.empty() ? nullptr : &computed_as_[index(op)];
  }
  // Whether the operator is a function of one argument and linear in it: a trace, a sum, vec.
  bool is_linear(OpId op) const;
  // The rewrites whose left side has this operator at its root.
  const std::vector<KeyedRewrite>& rewrites(OpId op) const { return by_root_[index(op)]; }
  // Rewrites read backwards, by the operator that is then at the root, where that leaves linear operators only: a norm
  // becomes an inner product or a trace, which is easier to differentiate by hand.
  const std::vector<const CompiledRewrite*>& backwards(OpId op) const { return backwards_[index(op)]; }

 private:
  Rulebook();
  static std::size_t index(OpId op) { return static_cast<std::uint16_t>(op); }
  void add_rewrite(const Rewrite& rewrite);
  void add_backwards(const CompiledRewrite& rewrite);
  std::vector<std::vector<CompiledSlot>> slots_;
  std::vector<Template> columns_;
  std::vector<Template> reflections_;
  std::vector<Template> computed_as_;
  std::vector<std::unique_ptr<CompiledRewrite>> rewrites_;
  std::vector<std::vector<KeyedRewrite>> by_root_;
  std::vector<std::vector<const CompiledRewrite*>> backwards_;
};

}  // namespace matgrad
