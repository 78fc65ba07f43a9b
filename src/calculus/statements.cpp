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
  Statements(Recorder& recorder, NodeId root) : r_(recorder), store_(recorder.store) {
    for (NodeId leaf : r_.leaves_of(root)) {
      for (NodeId id : dependents(store_, topological(store_, root), leaf)) varies_.insert(id);
      leaves_.insert(leaf);
    }
  }

  Result<NodeId> run(NodeId left, NodeId root) {
    const auto whole = r_.differential_by_leaves(root);
    if (!whole) return whole;
    std::set<NodeId> waiting{root};  // ascending handles: parents after children
    while (!waiting.empty()) {
      const NodeId id = *waiting.rbegin();
      waiting.erase(id);
      const auto stated = statement(id, waiting);
      if (!stated) return stated;
      const bool constant_factor = is_numeric_factor(id);
      const bool whole_statement = id == root && *stated == *whole;
      r_.equation(constant_factor ? words(Message::step_constant_factor) : rule_name(store_, id),
                  rule_source(store_, id), id == root ? left : r_.differential_of(id), *stated, whole_statement);
    }
    r_.equation(words(Message::step_collect), citation("definition | 定义"), left, *whole);
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

  // What stands for the differential of an argument: a transpose, a sum or a multiple of letters is written out.
  Result<NodeId> inner(NodeId id, std::set<NodeId>& waiting) {
    if (is_leaf(id)) return r_.differential_of(id);
    const OpId op = store_[id].op;
    const bool plain = op == op::transpose || is_numeric_factor(id);
    if (plain) return statement(id, waiting);
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
      const auto change = inner(child, waiting);
      if (!change) return change;
      const auto share = differential_share(r_.build, id, i, *change);
      if (!share) return share;
      shares.push_back(*share);
    }
    return r_.build.add(shares);
  }

  Recorder& r_;
  Store& store_;
  std::set<NodeId> varies_;
  std::set<NodeId> leaves_;
};

}  // namespace

Result<NodeId> differentiate(Recorder& recorder, NodeId left, NodeId root) {
  return Statements(recorder, root).run(left, root);
}

}  // namespace matgrad
