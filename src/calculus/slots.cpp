// SPDX-License-Identifier: MIT
#include "calculus/slots.hpp"

#include <algorithm>

#include "expr/walk.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

bool is_variadic(OpId op) {
  return op == op::add || op == op::times || op == op::multiply || op == op::hadamard || op == op::blocks;
}

void bind_neighbours(Build& build, NodeId node, std::size_t argument, Bindings& bindings) {
  const Store& store = build.store();
  const NodeList factors(store.children(node).begin(), store.children(node).end());
  const auto at = static_cast<std::ptrdiff_t>(argument);
  const NodeList before(factors.begin(), factors.begin() + at);
  const NodeList behind(factors.begin() + at + 1, factors.end());
  const Type own = store.type(factors[argument]);
  bindings.set('A', before.empty() ? build.identity(own.rows) : build.multiply(before));
  bindings.set('B', behind.empty() ? build.identity(own.cols) : build.multiply(behind));
}

void bind_others(Build& build, NodeId node, std::size_t argument, Bindings& bindings) {
  const Store& store = build.store();
  NodeList others;
  for (std::size_t i = 0; i < store[node].count; ++i) {
    if (i != argument) others.push_back(store.child(node, i));
  }
  bindings.set('W', build.rebuild(node, others));
}

}  // namespace

const CompiledSlot& slot_at(const Store& store, NodeId node, std::size_t argument) {
  const OpId op = store[node].op;
  return Rulebook::get().slot(op, is_variadic(op) ? 0 : argument);
}

std::vector<NodeId> varying(const Store& store, NodeId root, NodeId leaf) {
  auto is_constant = [&](NodeId id, std::size_t argument) {
    return slot_at(store, id, argument).kind == Slot::Kind::constant;
  };
  NodeSet reached(root);
  NodeSet varies(root);
  std::vector<NodeId> result;
  const std::vector<NodeId> order = topological(store, root);
  reached.insert(root);
  for (std::size_t at = order.size(); at-- > 0;) {
    const NodeId id = order[at];
    for (std::size_t i = 0; i < store[id].count && reached.contains(id); ++i) {
      if (!is_constant(id, i)) reached.insert(store.child(id, i));
    }
  }
  for (NodeId id : order) {
    bool here = id == leaf;
    for (std::size_t i = 0; i < store[id].count && !here; ++i) {
      here = varies.contains(store.child(id, i)) && !is_constant(id, i);
    }
    if (!here || !reached.contains(id)) continue;
    varies.insert(id);
    result.push_back(id);
  }
  return result;
}

Bindings bindings_at(Build& build, NodeId node, std::size_t argument) {
  const Store& store = build.store();
  const OpId op = store[node].op;
  Bindings bindings;
  if (op == op::multiply) {
    bind_neighbours(build, node, argument, bindings);
  } else if (op == op::times || op == op::hadamard) {
    bind_others(build, node, argument, bindings);
  } else if (op == op::blocks) {
    const auto [left, right] = build.selections(node, argument - 1);
    bindings.set('A', left);
    bindings.set('B', right);
  } else if (op != op::add) {
    for (std::size_t i = 0; i < store[node].count; ++i) bindings.nodes[i] = store.child(node, i);
    bindings.set('Y', node);
  }
  if (entry_of(op).structural) {
    const Type& type = store.type(store.child(node, argument));
    bindings.dims.bind('m', type.rows);
    bindings.dims.bind('n', type.cols);
  } else {
    const auto letters = OperatorTable::get().signature(op).bind(store, store.children(node));
    MATGRAD_ASSERT(letters.has_value());
    bindings.dims = *letters;
  }
  return bindings;
}

Diagnostic refusal(const Store& store, NodeId node, std::size_t argument) {
  const Operator& entry = entry_of(store[node].op);
  const Slot& slot = entry.slots[is_variadic(store[node].op) ? 0 : argument];
  Diagnostic result;
  result.message = Message::no_derivative;
  std::string name(entry.name);
  std::replace(name.begin(), name.end(), '_', ' ');
  result.arguments = {name, slot.rule, slot.matrix};
  return result;
}

}  // namespace matgrad
