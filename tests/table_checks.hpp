// SPDX-License-Identifier: MIT
// What must hold of a rule, whichever operator states it, checked on numbers: kernels and differences of kernels on one
// side, the rule on the other. The arguments are as unstructured as the signature and the domain allow: matrices that
// are not square with every dimension another, no symmetry, and, beside these, every letter of the signature as a
// literal 1. table_test.cpp asks it of the table; mutation_test.cpp asks it of rules with a mistake in them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "numeric/sample.hpp"
#include "rules/match.hpp"
#include "scene.hpp"
#include "table_claims.hpp"

namespace matgrad {

// What a slot says of one argument.
enum class RulePart { differential, adjoint, matrix };
const char* name_of(RulePart part);
// The parts that a slot of this kind has.
std::vector<RulePart> parts_of(Slot::Kind kind);
const Template& rule_of(const CompiledSlot& slot, RulePart part);

// One operator at symbols of certain shapes, by one of its arguments, with points.
class SlotScene : Scene {
 public:
  // Every scene of that slot, the most general shapes first. Empty where the constructor never leaves this operator.
  static std::vector<std::unique_ptr<SlotScene>> all(OpId op, std::size_t argument);

  Finding check(RulePart part, const Template& rule);
  // <L dA, G> = <dA, L*G>, with the adjoint that the calculus makes of the slot.
  Finding check_transposition();
  // For a constant slot: the value does not change; for a linear one: it is linear.
  Finding check_kind(Slot::Kind kind);
  std::string shapes() const;  // "inv(A: n×n)"

 private:
  SlotScene() = default;
  bool find_points();
  Finding compare(RulePart part, NodeId rule);

  struct Sampled {
    Point<double> point;
    Array<double> change;  // L dA, by differences of kernels
  };
  NodeId node_ = no_node;
  NodeId argument_ = no_node;
  NodeId hole_ = no_node;
  NodeId upstream_ = no_node;
  std::size_t position_ = 0;  // of the argument among the children
  std::size_t slot_ = 0;      // the name dA, dB … of its differential
  std::vector<NodeId> symbols_;
  std::vector<Sampled> points_;
  friend class SlotScenes;
};

// All rewrites of the table, each once.
std::vector<const CompiledRewrite*> all_rewrites();

// Whether the rewrite holds wherever it applies, over all kinds of operands (matrices, columns, rows, scalars) and the
// most different dimensions with which it applies. Ill-typed: it never applies. Same: wherever it applies, `other`
// gives the same node.
Finding check_rewrite(const CompiledRewrite& rewrite, const CompiledRewrite* other = nullptr);

}  // namespace matgrad
