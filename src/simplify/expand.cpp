// SPDX-License-Identifier: MIT
#include "simplify/expand.hpp"

#include <algorithm>
#include <unordered_map>

#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "rules/rulebook.hpp"

namespace matgrad {
namespace {

constexpr std::size_t most_terms = 32;
constexpr std::uint32_t heaviest = 400;

class Expansion {
 public:
  explicit Expansion(Build& build) : build_(build), store_(build.store()) {}

  // Empty where there are too many.
  NodeList terms(NodeId id) {
    const Node node = store_[id];
    const NodeList children(store_.children(id).begin(), store_.children(id).end());
    if (node.op == op::add) return terms_of_all(children);
    if (node.op == op::transpose && store_[children[0]].op == op::add) {
      NodeList turned;
      for (NodeId term : terms(children[0])) turned.push_back(build_.transpose(term));
      return turned;
    }
    const bool product =
        node.op == op::times || node.op == op::scale || node.op == op::multiply || node.op == op::hadamard;
    if (product) return products(id, children);
    if (Rulebook::get().is_linear(node.op)) {
      NodeList values;
      for (NodeId term : terms(children[0])) values.push_back(build_.call(node.op, NodeList{term}));
      return values;
    }
    return NodeList{id};
  }

 private:
  NodeList terms_of_all(const NodeList& children) {
    NodeList all;
    for (NodeId child : children) {
      const NodeList own = terms(child);
      if (own.empty() || all.size() + own.size() > most_terms) return {};
      all.insert(all.end(), own.begin(), own.end());
    }
    return all;
  }

  NodeList products(NodeId id, const NodeList& children) {
    std::vector<NodeList> partial{NodeList{}};
    bool is_expanded = false;
    for (NodeId child : children) {
      const NodeList own = terms(child);
      is_expanded = is_expanded || own.size() != 1 || own[0] != child;
      if (own.empty() || partial.size() * own.size() > most_terms) return {};
      std::vector<NodeList> longer;
      for (const NodeList& factors : partial) {
        for (NodeId term : own) {
          longer.push_back(factors);
          longer.back().push_back(term);
        }
      }
      partial = std::move(longer);
    }
    if (!is_expanded) return NodeList{id};
    NodeList all;
    for (const NodeList& factors : partial) all.push_back(build_.rebuild(id, factors));
    return all;
  }

  Build& build_;
  Store& store_;
};

NodeId reflected(Build& build, NodeId root) {
  Store& store = build.store();
  const std::vector<NodeId> order = topological(store, root);
  std::unordered_map<NodeId, NodeId> now;
  for (NodeId id : order) {
    NodeList children;
    bool changed = false;
    for (NodeId child : NodeList(store.children(id).begin(), store.children(id).end())) {
      const auto other = now.find(child);
      children.push_back(other == now.end() ? child : other->second);
      changed = changed || children.back() != child;
    }
    NodeId result = changed ? build.rebuild(id, children) : id;
    const Template* rule = Rulebook::get().reflection(store[id].op);
    if (rule != nullptr && build.split_coefficient(store.child(id, 0)).first.is_negative()) {
      const NodeId opposite = build.call(store[id].op, NodeList{build.negate(store.child(id, 0))});
      if (std::binary_search(order.begin(), order.end(), opposite)) {
        Bindings bindings;
        bindings.set('Y', opposite);
        result = instantiate(build, *rule, bindings).value_or(result);
      }
    }
    if (result != id) now.emplace(id, result);
  }
  const auto result = now.find(root);
  return result == now.end() ? root : result->second;
}

}  // namespace

NodeId multiplied_out(Build& build, NodeId id) {
  if (build.store()[id].weight > heaviest) return id;
  const NodeList terms = Expansion(build).terms(reflected(build, id));
  return terms.size() < 2 ? id : build.add(terms);
}

}  // namespace matgrad
