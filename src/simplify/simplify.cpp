// SPDX-License-Identifier: MIT
#include "simplify/simplify.hpp"

#include <algorithm>

#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "rules/match.hpp"
#include "simplify/expand.hpp"
#include "simplify/gather.hpp"

namespace matgrad {
namespace {

constexpr int deepest_rewrite = 60;  // a result of a rewrite is simplified in turn; this bounds the chain

}  // namespace

NodeId Simplifier::known(NodeId id) const {
  return index_of(id) < memo_.size() ? memo_[index_of(id)] : no_node;
}

void Simplifier::remember(NodeId id, NodeId result) {
  if (memo_.size() <= index_of(id)) memo_.resize(build_.store().size() * 2, no_node);
  memo_[index_of(id)] = result;
}

// One node whose children are in normal form: the first rewrite that applies, or the factored sum.
NodeId Simplifier::rewritten(NodeId id) {
  const OpId op = build_.store()[id].op;
  for (const CompiledRewrite* rewrite : Rulebook::get().rewrites(op)) {
    if (--budget_ <= 0) return id;
    const auto result = apply(build_, *rewrite, id);
    if (!result) continue;
    if (used_ != nullptr) used_->push_back(rewrite->source);
    return *result;
  }
  if (op == op::sum_over) return gathered(build_, id).value_or(id);
  return op == op::add && sums_ == Sums::factored ? factorizer_(id) : id;
}

NodeId Simplifier::simplified(NodeId root) {
  if (const NodeId done = known(root); done != no_node) return done;
  if (depth_ > deepest_rewrite || budget_ <= 0) return root;
  ++depth_;
  Store& store = build_.store();
  for (NodeId id : topological(store, root)) {
    if (known(id) != no_node) continue;
    NodeList children;
    bool changed = false;
    for (std::size_t i = 0; i < store[id].count; ++i) {
      children.push_back(known(store.child(id, i)));
      if (children.back() == no_node) children.back() = store.child(id, i);
      changed = changed || children.back() != store.child(id, i);
    }
    NodeId result = changed ? build_.rebuild(id, children) : id;
    if (result != id) {
      result = simplified(result);
    } else {
      const NodeId next = rewritten(id);
      if (next != id) result = simplified(next);
    }
    remember(id, result);
    remember(result, result);
  }
  --depth_;
  return known(root);
}

NodeId Simplifier::operator()(NodeId root) {
  const NodeId result = simplified(root);
  if (sums_ == Sums::open) return result;
  const NodeId expanded = multiplied_out(build_, result);
  if (expanded == result) return result;
  const NodeId other = simplified(Simplifier(build_, Sums::open)(expanded));
  // An identity left behind reads worse: A - A*B is not written A*(I - B) to save one operator.
  const std::uint32_t handicap = has_identity(other) && !has_identity(result) ? 1 : 0;
  return build_.store()[other].weight + handicap < build_.store()[result].weight ? other : result;
}

bool Simplifier::has_identity(NodeId id) const {
  const Store& store = build_.store();
  const std::vector<NodeId> nodes = topological(store, id);
  return std::any_of(nodes.begin(), nodes.end(), [&](NodeId node) { return store[node].op == op::identity; });
}

}  // namespace matgrad
