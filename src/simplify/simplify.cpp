// SPDX-License-Identifier: MIT
#include "simplify/simplify.hpp"

#include <algorithm>

#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "rules/match.hpp"
#include "simplify/expand.hpp"
#include "simplify/gather.hpp"

namespace matgrad {
namespace {

// A form longer than so many times the other is not factored anew.
constexpr double longest_expansion = 1.5;
constexpr int deepest_rewrite = 60;  // a result of a rewrite is simplified in turn; this bounds the chain

// What an operator needs of its argument has to be seen in the simplified argument as well.
bool is_accepted(const Store& store, NodeId id, NodeId argument) {
  const Properties needs = entry_of(store[id].op).needs;
  return (store.type(argument).properties & needs) == needs;
}

}  // namespace

NodeId Simplifier::known(NodeId id) const {
  return index_of(id) < memo_.size() ? memo_[index_of(id)] : no_node;
}

void Simplifier::remember(NodeId id, NodeId result) {
  if (memo_.size() <= index_of(id)) memo_.resize(build_.store().size() * 2, no_node);
  memo_[index_of(id)] = result;
}

// What has no normal form yet, children before parents: results of rewrites are mostly made of what has.
Simplifier::Order Simplifier::unknown_below(NodeId root) {
  const Store& store = build_.store();
  if (visits_.size() < store.size()) visits_.resize(store.size() * 2, 0);
  ++walks_;
  Order order;
  Order pending{root};
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    if (visits_[index_of(id)] == walks_ || known(id) != no_node) continue;
    visits_[index_of(id)] = walks_;
    order.push_back(id);
    for (NodeId child : store.children(id)) pending.push_back(child);
  }
  std::sort(order.begin(), order.end());
  return order;
}

// One node whose children are in normal form: the first rewrite that applies, or the factored sum.
NodeId Simplifier::rewritten(NodeId id) {
  const OpId op = build_.store()[id].op;
  Subject subject(build_, id);
  for (const KeyedRewrite& keyed : Rulebook::get().rewrites(op)) {
    if (--budget_ <= 0) return id;
    if (!subject.has_what_is_needed(keyed)) continue;
    const auto result = subject.rewritten(*keyed.rewrite);
    if (!result) continue;
    if (used_ != nullptr) used_->push_back(keyed.rewrite->source);
    return *result;
  }
  if (op == op::sum_over) return gathered(build_, id).value_or(id);
  if (Rulebook::get().is_linear(op)) return shorter_apart(id);
  return op == op::add && sums_ == Sums::factored ? factorizer_(id) : id;
}

// tr(A) + tr(B) for tr(A + B), where that is shorter: one of them may have vanished.
NodeId Simplifier::shorter_apart(NodeId id) {
  Store& store = build_.store();
  const OpId op = store[id].op;
  const NodeId sum = store.child(id, 0);
  if (sums_ == Sums::open || store[sum].op != op::add) return id;
  NodeList parts;
  for (NodeId term : NodeList(store.children(sum).begin(), store.children(sum).end())) {
    parts.push_back(simplified(build_.call(op, NodeList{term})));
  }
  const NodeId apart = build_.add(parts);
  return store[apart].weight < store[id].weight ? apart : id;
}

NodeId Simplifier::simplified(NodeId root) {
  if (const NodeId done = known(root); done != no_node) return done;
  if (depth_ > deepest_rewrite || budget_ <= 0) return root;
  ++depth_;
  Store& store = build_.store();
  for (NodeId id : unknown_below(root)) {
    if (known(id) != no_node) continue;
    NodeList children;
    bool changed = false;
    for (std::size_t i = 0; i < store[id].count; ++i) {
      children.push_back(known(store.child(id, i)));
      const bool fits = children.back() != no_node && is_accepted(store, id, children.back());
      if (!fits) children.back() = store.child(id, i);
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

// Multiplied out and factored anew while that is better: what came out shorter may be so again.
NodeId Simplifier::operator()(NodeId root) {
  NodeId result = simplified(root);
  if (sums_ == Sums::open) return result;
  const Store& store = build_.store();
  if (open_ == nullptr) open_ = std::make_unique<Simplifier>(build_, Sums::open);
  for (;;) {
    const NodeId expanded = multiplied_out(build_, result);
    if (expanded == result) return result;
    open_->budget_ = full_budget;
    const NodeId open = (*open_)(expanded);
    if (store[open].weight > longest_expansion * static_cast<double>(store[result].weight)) return result;
    const NodeId other = simplified(open);
    // An identity left behind reads worse: A - A*B is not written A*(I - B) to save one operator.
    const auto is_identity = [](OpId, OpId op) { return op == op::identity; };
    const std::uint32_t handicap = count(other, is_identity) > 0 && count(result, is_identity) == 0 ? 1 : 0;
    const std::uint32_t weight = store[other].weight + handicap;
    // m*x - A'*ones(m) for (x*ones(1,m) - A')*ones(m), but p.*(1 - p) as it is.
    const auto is_factor = [](OpId parent, OpId op) { return parent == op::multiply && op == op::ones; };
    const bool is_better = weight != store[result].weight ? weight < store[result].weight
                                                          : count(other, is_factor) < count(result, is_factor);
    if (!is_better) return result;
    result = other;
  }
}

// How many children there are in all of which this holds, given the operators of the node and the child.
template <class Condition>
std::size_t Simplifier::count(NodeId root, Condition holds) const {
  const Store& store = build_.store();
  std::size_t found = 0;
  for (const NodeId id : topological(store, root)) {
    for (const NodeId child : store.children(id)) found += holds(store[id].op, store[child].op) ? 1 : 0;
  }
  return found;
}

}  // namespace matgrad
