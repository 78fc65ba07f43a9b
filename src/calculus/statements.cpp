// SPDX-License-Identifier: MIT
// The differential of an expression, one operator's statement at a time from the outside in.
#include <algorithm>
#include <set>

#include "calculus/differential.hpp"
#include "calculus/recorder.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

class Statements {
 public:
  Statements(Recorder& recorder, NodeId root) : r_(recorder), store_(recorder.store), root_(root) {
    for (NodeId leaf : r_.leaves_of(root)) {
      for (NodeId id : dependents(store_, topological(store_, root), leaf)) varies_.insert(id);
      leaves_.insert(leaf);
    }
  }

  Result<NodeId> run(NodeId left, NodeId root, NodeId name) {
    auto whole = r_.differential_by_leaves(root);
    if (!whole) return whole;
    const auto written = [&](NodeId id) {
      return r_.oriented(name == no_node ? id : substitute(r_.build, id, root, name));
    };
    whole = written(*whole);
    std::set<NodeId> waiting{root};  // ascending handles: parents after children
    while (!waiting.empty()) {
      const NodeId id = *waiting.rbegin();
      waiting.erase(id);
      auto stated = statement(id, waiting);
      if (!stated) return stated;
      const NodeId ruled = past_constants(id);
      const NodeId right = written(*stated);
      r_.equation(rule_name(store_, ruled), rule_source(store_, ruled), id == root ? left : r_.differential_of(id),
                  right, right == *whole);
    }
    r_.equation(words(Message::step_collect), citation(sources::above), left, *whole);
    return whole;
  }

 private:
  bool varies(NodeId id) const { return varies_.count(id) > 0; }
  bool is_leaf(NodeId id) const { return leaves_.count(id) > 0; }

  // 2*A, -A.
  bool is_numeric_factor(NodeId id) const {
    const OpId op = store_[id].op;
    const bool product = op == op::scale || op == op::times;
    return product && store_[store_.child(id, 0)].op == op::number && store_[id].count == 2;
  }

  // The one term of a sum that varies.
  NodeId only_term(NodeId id) const {
    if (store_[id].op != op::add) return no_node;
    NodeId found = no_node;
    for (NodeId term : store_.children(id)) {
      if (!varies(term)) continue;
      if (found != no_node) return no_node;
      found = term;
    }
    return found;
  }

  bool is_plain(NodeId id) const {
    return store_[id].op == op::transpose || is_numeric_factor(id) || only_term(id) != no_node;
  }

  // The node whose rule a statement shows: constants, in sums and as factors, need none.
  NodeId past_constants(NodeId id) const {
    for (;;) {
      const NodeId inside = is_numeric_factor(id) ? store_.child(id, 1) : only_term(id);
      if (inside == no_node || is_leaf(inside)) return id;
      id = inside;
    }
  }

  // What stands for the differential of an argument: a transpose, a sum or a multiple of letters is written out.
  Result<NodeId> inner(NodeId id, std::set<NodeId>& waiting) {
    if (is_leaf(id)) return r_.differential_of(id);
    if (is_plain(id)) return statement(id, waiting);
    waiting.insert(id);
    return r_.differential_of(id);
  }

  Result<NodeId> statement(NodeId id, std::set<NodeId>& waiting) {
    if (is_leaf(id)) return r_.differential_of(id);
    if (store_[id].op == op::sum_over) return r_.differential_by_leaves(id);  // its body varies with the index
    NodeList shares;
    for (std::size_t i = 0; i < store_[id].count; ++i) {
      const NodeId child = store_.child(id, i);
      if (!varies(child)) continue;
      // A constant factor or term goes with the sum under it, and at the outside with whatever is under it.
      const bool constant = is_numeric_factor(id) || only_term(id) != no_node;
      const bool with_parent = constant && (id == root_ || store_[child].op == op::add);
      auto change = with_parent ? statement(child, waiting) : inner(child, waiting);
      if (!change) return change;
      auto share = differential_share(r_.build, id, i, *change);
      if (!share) return share;
      shares.push_back(*share);
    }
    return r_.build.add(shares);
  }

  Recorder& r_;
  Store& store_;
  NodeId root_;
  std::set<NodeId> varies_;
  std::set<NodeId> leaves_;
};

}  // namespace

Result<NodeId> differentiate(Recorder& recorder, NodeId left, NodeId root, NodeId name) {
  return Statements(recorder, root).run(left, root, name);
}

}  // namespace matgrad
