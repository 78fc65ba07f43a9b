// SPDX-License-Identifier: MIT
// The differential of an expression, one operator's statement at a time from the outside in.
#include <algorithm>
#include <optional>
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
    std::set<NodeId> seen{root};
    NodeList waiting{root};  // the next at the end: an equation is followed by those for the differentials in it
    while (!waiting.empty()) {
      const NodeId id = waiting.back();
      waiting.pop_back();
      NodeList inside;
      auto stated = statement(id, inside);
      if (!stated) return stated;
      for (std::size_t at = inside.size(); at-- > 0;) {
        if (seen.insert(inside[at]).second) waiting.push_back(inside[at]);
      }
      const NodeId reached = id == root ? left : r_.differential_of(id);
      const NodeId right = written(*stated);
      if (const auto literal = product_rule(id); literal && *literal != right) {
        r_.equation(rule(id), source(id), reached, *literal, right == *whole);
        r_.equation(words(Message::step_scalar_transpose), citation(sources::transposes), *literal, right,
                    right == *whole);
      } else {
        r_.equation(rule(id), source(id), reached, right, right == *whole);
      }
    }
    auto uncollected = trace_as_it_reads(root);
    if (!uncollected) return uncollected;
    const NodeId inserted = *uncollected == no_node ? *whole : *uncollected;
    r_.equation(words(Message::step_collect), citation(sources::above), left, inserted);
    r_.equation(words(Message::step_alike), citation(sources::traces), inserted, *whole);
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

  Bilingual rule(NodeId id) const {
    if (!varies(id)) return words(Message::step_no_dependence);
    const NodeId ruled = past_constants(id);
    Bilingual dropped = words(Message::step_constant_term);
    const bool drops = drops_terms(id) && store_[ruled].op != op::add;
    if (varying_parts(ruled) == 1 && is_product(ruled)) {
      const Bilingual kept = words(Message::step_constant_factor);
      return drops ? then(dropped, kept) : kept;
    }
    if (store_[ruled].op == op::add && only_term(ruled) != no_node) return dropped;
    return drops ? then(dropped, rule_name(store_, ruled)) : rule_name(store_, ruled);
  }
  Bilingual source(NodeId id) const {
    return varies(id) ? rule_source(store_, past_constants(id)) : citation(sources::above);
  }

  bool is_product(NodeId id) const {
    const OpId op = store_[id].op;
    return op == op::multiply || op == op::times || op == op::scale || op == op::hadamard;
  }

  std::size_t varying_parts(NodeId id) const {
    const auto parts = store_.children(id);
    return static_cast<std::size_t>(
        std::count_if(parts.begin(), parts.end(), [&](NodeId part) { return varies(part); }));
  }

  // On the way to the node whose rule is shown, there are constant terms.
  bool drops_terms(NodeId id) const {
    for (const NodeId end = past_constants(id); id != end;) {
      if (only_term(id) != no_node) return true;
      id = store_.child(id, 1);
    }
    return false;
  }

  // The product rule for a scalar as it reads, dx'*A*x + x'*A*dx, before its terms are turned around.
  std::optional<NodeId> product_rule(NodeId id) {
    if (is_numeric_factor(id)) {
      const auto inside = product_rule(store_.child(id, 1));
      if (!inside) return std::nullopt;
      return r_.build.raw(store_[id].op, dim_one, dim_one, 0, NodeList{store_.child(id, 0), *inside});
    }
    if (store_[id].op != op::multiply || !store_.type(id).is_scalar() || varying_parts(id) < 2) return std::nullopt;
    const NodeList factors(store_.children(id).begin(), store_.children(id).end());
    NodeList terms;
    for (std::size_t i = 0; i < factors.size(); ++i) {
      if (!varies(factors[i])) continue;
      NodeList inside;
      const auto change = inner(factors[i], inside);
      if (!change) return std::nullopt;
      NodeList replaced = factors;
      replaced[i] = *change;
      terms.push_back(r_.multiplied(dim_one, dim_one, replaced));
    }
    return r_.build.raw(op::add, dim_one, dim_one, 0, terms);
  }

  // -tr(inv(X)*dX*inv(X)) for what the constructors write as -tr(inv(X)^2*dX).
  Result<NodeId> trace_as_it_reads(NodeId id) {
    NodeList numbers;
    for (; is_numeric_factor(id); id = store_.child(id, 1)) numbers.push_back(store_.child(id, 0));
    if (!r_.is_trace(id) || is_leaf(store_.child(id, 0))) return no_node;
    auto inside = r_.differential_by_leaves(store_.child(id, 0));
    if (!inside) return inside;
    const auto [scalar, body] = r_.build.split_scale(*inside);
    numbers.push_back(scalar);
    numbers.push_back(r_.build.raw_call(store_[id].op, NodeList{body}));
    return r_.oriented(r_.build.times(numbers));
  }

  // What stands for the differential of an argument: a transpose, a sum or a multiple of letters is written out.
  Result<NodeId> inner(NodeId id, NodeList& waiting) {
    if (is_leaf(id)) return r_.differential_of(id);
    if (is_plain(id)) return statement(id, waiting);
    waiting.push_back(id);
    return r_.differential_of(id);
  }

  Result<NodeId> statement(NodeId id, NodeList& waiting) {
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
    if (shares.empty()) return r_.build.zeros(store_.type(id).rows, store_.type(id).cols);
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
