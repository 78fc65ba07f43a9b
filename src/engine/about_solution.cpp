// SPDX-License-Identifier: MIT
// What is said of a solution besides itself: under which conditions it holds, and what kind of point it is.
#include <optional>

#include "base/remark.hpp"
#include "engine/solve.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

Diagnostic condition_of(Build& build, NodeId matrix) {
  if (build.type(matrix).is_scalar()) return remark(Message::solution_needs_nonzero, {to_text(build.store(), matrix)});
  const NodeId gram = gram_factor(build, matrix);
  if (gram == no_node) return remark(Message::solution_needs_inverse, {to_text(build.store(), matrix)});
  const bool is_turned = build.store()[gram].op == op::transpose;
  const NodeId shown = is_turned ? build.transpose(gram) : gram;
  const Message message = is_turned ? Message::solution_needs_rows : Message::solution_needs_columns;
  return remark(message, {to_text(build.store(), shown)});
}

std::optional<Message> name_of(Curvature curvature) {
  switch (curvature) {
    case Curvature::unknown: return std::nullopt;
    case Curvature::minimum: return Message::solution_is_minimum;
    case Curvature::flat_minimum: return Message::solution_is_flat_minimum;
    case Curvature::maximum: return Message::solution_is_maximum;
    case Curvature::flat_maximum: return Message::solution_is_flat_maximum;
    case Curvature::saddle: return Message::solution_is_saddle;
    case Curvature::varies: return Message::solution_varies;
  }
  return std::nullopt;
}

}  // namespace

Diagnostics about(const Solved& solved) {
  Diagnostics notes;
  Build build(solved.store());
  for (const SolvedUnknown& unknown : solved.unknowns) {
    if (unknown.point.is_minimum_norm) notes.push_back(remark(Message::solution_is_shortest, {unknown.name}));
    for (NodeId matrix : unknown.point.inverted) {
      const Type& type = solved.store().type(matrix);
      if (type.has(positive_definite) || (type.is_scalar() && type.has(positive))) continue;
      if (build.number_value(matrix) || solved.store()[matrix].op == op::dimension) continue;
      notes.push_back(condition_of(build, matrix));
    }
  }
  if (const auto message = name_of(solved.check.curvature)) notes.push_back(remark(*message));
  return notes;
}

}  // namespace matgrad
