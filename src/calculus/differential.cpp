// SPDX-License-Identifier: MIT
#include "calculus/differential.hpp"

#include "calculus/slots.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"

namespace matgrad {
Result<NodeId> differential_share(Build& build, NodeId node, std::size_t argument, NodeId inner) {
  const Store& store = build.store();
  const CompiledSlot& slot = slot_at(store, node, argument);
  switch (slot.kind) {
    case Slot::Kind::linear: {
      // Sums and block matrices are linear in all their parts together; the others in one argument with the rest held.
      if (store[node].op == op::add) return inner;
      NodeList children(store.children(node).begin(), store.children(node).end());
      if (store[node].op == op::blocks) {
        for (std::size_t i = 1; i < children.size(); ++i) {
          children[i] = build.zeros(store.type(children[i]).rows, store.type(children[i]).cols);
        }
      }
      children[argument] = inner;
      return build.rebuild(node, children);
    }
    case Slot::Kind::smooth: {
      Bindings bindings = bindings_at(build, node, argument);
      bindings.nodes[differential_slot(argument)] = inner;
      const auto result = instantiate(build, slot.rule, bindings);
      MATGRAD_ASSERT(result.has_value());
      return *result;
    }
    case Slot::Kind::constant: return build.zeros(store.type(node).rows, store.type(node).cols);
    case Slot::Kind::refused:
    case Slot::Kind::unset: break;
  }
  return failure(refusal(store, node, argument));
}

Result<NodeId> differential(Build& build, NodeId y, NodeId x, NodeId hole) {
  const Store& store = build.store();
  const std::vector<NodeId> affected = varying(store, y, x);
  if (affected.empty()) return build.zeros(store.type(y).rows, store.type(y).cols);
  std::vector<NodeId> differentials(index_of(y) + 1, no_node);
  for (NodeId id : affected) {
    if (id == x) {
      differentials[index_of(id)] = hole;
      continue;
    }
    NodeList shares;
    for (std::size_t i = 0; i < store[id].count; ++i) {
      const NodeId inner = differentials[index_of(store.child(id, i))];
      if (inner == no_node || build.is_zero(inner)) continue;
      auto result = differential_share(build, id, i, inner);
      if (!result) return result;
      shares.push_back(*result);
    }
    const Type type = store.type(id);
    differentials[index_of(id)] = shares.empty() ? build.zeros(type.rows, type.cols) : build.add(shares);
  }
  return differentials[index_of(y)];
}

NodeId substitute(Build& build, NodeId y, NodeId symbol, NodeId value) {
  const Store& store = build.store();
  const std::vector<NodeId> order = topological(store, y);
  const std::vector<NodeId> affected = dependents(store, order, symbol);
  if (affected.empty()) return y;
  std::vector<NodeId> replaced(index_of(y) + 1, no_node);
  for (NodeId id : affected) {
    if (id == symbol) {
      replaced[index_of(id)] = value;
      continue;
    }
    NodeList children;
    for (std::size_t i = 0; i < store[id].count; ++i) {
      const NodeId child = store.child(id, i);
      const NodeId other = replaced[index_of(child)];
      children.push_back(other == no_node ? child : other);
    }
    replaced[index_of(id)] = build.rebuild(id, children);
  }
  return replaced[index_of(y)];
}

}  // namespace matgrad
