// SPDX-License-Identifier: MIT
// Reverse mode over the DAG: every node's upstream gradient is complete before it is passed on, so shared nodes are
// visited once. A smooth slot's adjoint is not stated anywhere: it is the adjoint of its differential.
#include "calculus/differential.hpp"
#include "calculus/slots.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

// A symbol that stands for dA while a smooth rule is transposed; one for each shape suffices, as it never escapes.
NodeId transient_hole(Build& build, const Type& type) {
  Store& store = build.store();
  const Type shape{type.rows, type.cols, 0};
  for (std::uint32_t i = 0; i < store.symbol_count(); ++i) {
    const Symbol& symbol = store.symbol_at(i);
    if (symbol.name.empty() && symbol.type.same_shape(shape)) return build.symbol(i);
  }
  return build.symbol(store.add_symbol({"", shape, Symbol::Role::differential}));
}

}  // namespace

Result<NodeId> adjoint_share(Build& build, NodeId node, std::size_t argument, NodeId upstream) {
  const Store& store = build.store();
  const CompiledSlot& slot = slot_at(store, node, argument);
  const Type shape = store.type(store.child(node, argument));
  switch (slot.kind) {
    case Slot::Kind::linear: {
      Bindings bindings = bindings_at(build, node, argument);
      bindings.set('G', upstream);
      const auto result = instantiate(build, slot.rule, bindings);
      MATGRAD_ASSERT(result.has_value());
      return *result;
    }
    case Slot::Kind::smooth: {
      const NodeId hole = transient_hole(build, shape);
      Bindings bindings = bindings_at(build, node, argument);
      bindings.nodes[differential_slot(argument)] = hole;
      const auto statement = instantiate(build, slot.rule, bindings);
      MATGRAD_ASSERT(statement.has_value());
      return adjoint(build, *statement, hole, upstream);
    }
    case Slot::Kind::constant: return build.zeros(shape.rows, shape.cols);
    case Slot::Kind::refused:
    case Slot::Kind::unset: break;
  }
  return failure(refusal(store, node, argument));
}

Result<NodeId> adjoint(Build& build, NodeId y, NodeId x, NodeId upstream) {
  const Store& store = build.store();
  const Type shape = store.type(x);
  const std::vector<NodeId> affected = varying(store, y, x);
  if (affected.empty() || build.is_zero(upstream)) return build.zeros(shape.rows, shape.cols);
  // Of the affected nodes, which are few beside those of the store where a statement is turned around.
  std::vector<NodeList> incoming(affected.size());
  const auto place = [&](NodeId id) {
    return static_cast<std::size_t>(std::lower_bound(affected.begin(), affected.end(), id) - affected.begin());
  };
  const auto is_affected = [&](NodeId id) { return std::binary_search(affected.begin(), affected.end(), id); };
  incoming.back().push_back(upstream);
  for (std::size_t position = affected.size(); position-- > 0;) {
    const NodeId id = affected[position];
    if (id == x || incoming[position].empty()) continue;
    const NodeId total = build.add(incoming[position]);
    if (build.is_zero(total)) continue;
    if (store[id].op == op::sum_over) {
      // The body varies with the index, so its gradient is summed and not its inside.
      const NodeId body = store.child(id, 3);
      auto inner = adjoint(build, body, x, total);
      if (!inner) return inner;
      const NodeList c(store.children(id).begin(), store.children(id).end());
      incoming[place(x)].push_back(build.sum_over(c[0], c[1], c[2], *inner));
      continue;
    }
    for (std::size_t i = 0; i < store[id].count; ++i) {
      const NodeId child = store.child(id, i);
      if (!is_affected(child)) continue;
      auto result = adjoint_share(build, id, i, total);
      if (!result) return result;
      if (!build.is_zero(*result)) incoming[place(child)].push_back(*result);
    }
  }
  const NodeList& arrived = incoming[place(x)];
  return arrived.empty() ? build.zeros(shape.rows, shape.cols) : build.add(arrived);
}

}  // namespace matgrad
