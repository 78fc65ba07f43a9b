// SPDX-License-Identifier: MIT
#include "engine/hessian_product.hpp"

#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

// <U, H(dX)> = tr(U'*H(dX)), which is d²f for changes U and dX.
NodeId inner_product(Build& build, NodeId u, NodeId applied) {
  const Type& type = build.type(u);
  if (type.is_scalar()) return build.times(NodeList{u, applied});
  const NodeId product = build.product(build.transpose(u), applied);
  return type.is_column() ? product : build.call(operator_computed_as(Computed::trace), NodeList{product});
}

Result<void> check(Derivation& d, Build& build, NodeId applied) {
  Store& store = d.store;
  const Symbol own = store.symbol_at(store[d.question.hole].first);
  const NodeId other = build.symbol(store.add_symbol({"other " + own.name, own.type, Symbol::Role::differential}));
  Check wanted;
  wanted.input = d.input;
  wanted.variable = d.question.variable;
  wanted.direction = d.question.hole;
  wanted.first_direction = other;
  wanted.result = inner_product(build, other, applied);
  wanted.arrangement = Arrangement::second_differential;
  const Verification verification = verify(store, wanted, d.scope.conditions());
  if (verification.passed) return {};
  Diagnostic diagnostic;
  diagnostic.message = verification.points == 0 ? Message::no_point_to_verify : Message::verification_failed;
  diagnostic.arguments = {verification.reason};
  return failure(std::move(diagnostic));
}

}  // namespace

Result<NodeId> hessian_product(Derivation& d) {
  Build build(d.store);
  auto applied = applied_hessian(build, d.question);
  if (!applied) return applied;
  if (d.request.verify) {
    if (auto checked = check(d, build, *applied); !checked) return tl::make_unexpected(checked.error());
  }
  const std::uint32_t direction = d.store[d.question.hole].first;
  d.scope.add(d.store.symbol_at(direction).name, direction);
  const bool turned = (d.request.layout == Layout::numerator) != d.question.by_row;
  return turned ? build.transpose(*applied) : *applied;
}

}  // namespace matgrad
