// SPDX-License-Identifier: MIT
#include "simplify/factor.hpp"

#include <algorithm>
#include <map>

#include "ops/order.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

// Groups are visited in the structural order, never in that of handles: among equally short results the first one
// wins, and it has to be the same in every history.
struct InOrder {
  const Store* store;
  bool operator()(NodeId a, NodeId b) const { return compare(*store, a, b) < 0; }
  bool operator()(const std::vector<NodeId>& a, const std::vector<NodeId>& b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), *this);
  }
};
using Groups = std::map<NodeId, std::vector<std::size_t>, InOrder>;

// A term as coefficient * scalars * (ordered factors | Hadamard factors).
struct Term {
  Rational coefficient = 1;
  NodeList scalars;  // sorted by handle
  NodeList factors;  // of the matrix product, or the one body
  bool entrywise = false;
  NodeId whole = no_node;
};

Term take_apart(Build& build, NodeId id) {
  Store& store = build.store();
  Term term;
  term.whole = id;
  auto [c, rest] = build.split_coefficient(id);
  term.coefficient = c;
  NodeId body = rest;
  NodeId scalar = no_node;
  if (store[rest].op == op::scale) {
    scalar = store.child(rest, 0);
    body = store.child(rest, 1);
  } else if (store.type(rest).is_scalar() && store[rest].op == op::times) {
    // The last 1×1 product of a scalar term is its body: a'*x*s + b'*x*s has factors to share.
    NodeList others;
    body = no_node;
    for (NodeId factor : store.children(rest)) {
      if (body == no_node && store[factor].op == op::multiply) {
        body = factor;
      } else {
        others.push_back(factor);
      }
    }
    term.scalars = others;
  }
  if (scalar != no_node) {
    if (store[scalar].op == op::times) {
      term.scalars.assign(store.children(scalar).begin(), store.children(scalar).end());
    } else {
      term.scalars.push_back(scalar);
    }
  }
  std::sort(term.scalars.begin(), term.scalars.end());
  if (body == no_node) return term;
  const Node node = store[body];
  if (node.type.is_scalar() && node.op != op::multiply) {
    if (!build.is_number(body, 1)) term.scalars.push_back(body);
    return term;
  }
  term.entrywise = node.op == op::hadamard;
  if (node.op == op::multiply || node.op == op::hadamard) {
    term.factors.assign(store.children(body).begin(), store.children(body).end());
  } else {
    term.factors.push_back(body);
  }
  return term;
}

NodeId product_of(Build& build, const Term& term, const NodeList& factors, Dim rows, Dim cols) {
  NodeId body = no_node;
  if (factors.empty()) {
    body = term.entrywise || rows != cols ? build.ones(rows, cols) : build.identity(rows);
  } else {
    body = term.entrywise ? build.hadamard(factors) : build.multiply(factors);
  }
  const NodeId scalar = term.scalars.empty() ? build.number(1) : build.times(term.scalars);
  return build.scaled(term.coefficient, build.scale(scalar, body));
}

class Factoring {
 public:
  Factoring(Build& build, NodeId sum) : build_(build), store_(build.store()), sum_(sum) {
    for (NodeId id : NodeList(store_.children(sum).begin(), store_.children(sum).end())) {
      terms_.push_back(take_apart(build_, id));
    }
  }

  // The shortest of all sums with one group of terms put together; the sum itself where none is shorter.
  NodeId best() {
    best_ = sum_;
    try_ends(false);
    try_ends(true);
    try_common(&Term::scalars, [this](const auto& group, NodeId common) { return share_scalar(group, common); });
    try_same_body();
    try_entrywise();
    return best_;
  }

 private:
  using Group = std::vector<std::size_t>;

  // `handicap`: operators that a result has to save beyond one, where it reads worse than what it replaces.
  void consider(const Group& group, NodeId together, std::uint32_t handicap = 0) {
    if (together == no_node) return;
    NodeList parts;
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      if (std::find(group.begin(), group.end(), i) == group.end()) parts.push_back(terms_[i].whole);
    }
    parts.push_back(together);
    const NodeId candidate = build_.add(parts);
    if (store_[candidate].weight + handicap < store_[best_].weight) best_ = candidate;
  }

  // Terms that begin (or end) with the same factor, with as many more as all of them share.
  void try_ends(bool at_end) {
    Groups by_factor{InOrder{&store_}};
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const Term& term = terms_[i];
      if (term.factors.empty() || term.entrywise) continue;
      by_factor[at_end ? term.factors.back() : term.factors.front()].push_back(i);
    }
    for (const auto& [factor, group] : by_factor) {
      // The identity is no factor to share: it would be taken out of what it is left in, for ever.
      if (group.size() < 2 || store_[factor].op == op::identity) continue;
      std::size_t shared = 1;
      while (all_share(group, shared, at_end)) ++shared;
      // A - A*B is A*(I - B) only where that saves more than it obscures.
      const bool leaves_identity =
          std::any_of(group.begin(), group.end(), [&](std::size_t i) { return terms_[i].factors.size() == shared; });
      consider(group, share_end(group, shared, at_end), leaves_identity ? 1 : 0);
    }
  }

  NodeId factor_at(const Term& term, std::size_t at, bool at_end) const {
    return at_end ? term.factors[term.factors.size() - 1 - at] : term.factors[at];
  }

  bool all_share(const Group& group, std::size_t at, bool at_end) const {
    for (std::size_t i : group) {
      if (terms_[i].factors.size() <= at) return false;
      if (factor_at(terms_[i], at, at_end) != factor_at(terms_[group[0]], at, at_end)) return false;
    }
    return true;
  }

  NodeId share_end(const Group& group, std::size_t shared, bool at_end) {
    const Term& first = terms_[group[0]];
    NodeList common;
    for (std::size_t i = 0; i < shared; ++i) common.push_back(factor_at(first, i, at_end));
    if (at_end) std::reverse(common.begin(), common.end());
    const Dim inner = at_end ? store_.type(common.front()).rows : store_.type(common.back()).cols;
    const Type& whole = store_.type(sum_);
    const Dim rows = at_end ? whole.rows : inner;
    const Dim cols = at_end ? inner : whole.cols;
    NodeList rests;
    for (std::size_t i : group) {
      const NodeList& factors = terms_[i].factors;
      const auto cut = static_cast<std::ptrdiff_t>(shared);
      const NodeList rest =
          at_end ? NodeList(factors.begin(), factors.end() - cut) : NodeList(factors.begin() + cut, factors.end());
      if (rest.empty() && rows != cols) return no_node;
      const NodeId part = product_of(build_, terms_[i], rest, rows, cols);
      if (!store_.type(part).same_shape({rows, cols, 0})) return no_node;
      rests.push_back(part);
    }
    const NodeId rest = again(build_.add(rests));
    common.insert(at_end ? common.begin() : common.end(), rest);
    return build_.multiply(common);
  }

  // What is left in the brackets may have factors in common itself. What is not shorter than the whole is of no use,
  // and could be the whole again.
  NodeId again(NodeId id) {
    return store_[id].op == op::add && store_[id].weight < store_[sum_].weight ? factored(build_, id) : id;
  }

  template <class Share>
  void try_common(NodeList Term::*list, Share share) {
    Groups by_factor{InOrder{&store_}};
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      NodeId last = no_node;
      for (NodeId factor : terms_[i].*list) {
        if (factor != last) by_factor[factor].push_back(i);
        last = factor;
      }
    }
    for (const auto& [factor, group] : by_factor) {
      if (group.size() >= 2) consider(group, share(group, factor));
    }
  }

  NodeId share_scalar(const Group& group, NodeId common) {
    NodeList rests;
    for (std::size_t i : group) {
      Term rest = terms_[i];
      rest.scalars.erase(std::find(rest.scalars.begin(), rest.scalars.end(), common));
      rests.push_back(rebuilt(rest));
    }
    return build_.scale(common, again(build_.add(rests)));
  }

  NodeId rebuilt(const Term& term) {
    const Type& shape = store_.type(sum_);
    return product_of(build_, term, term.factors, shape.rows, shape.cols);
  }

  // a*X + b*X is (a + b)*X.
  void try_same_body() {
    std::map<std::vector<NodeId>, Group, InOrder> by_body{InOrder{&store_}};
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      std::vector<NodeId> key(terms_[i].factors.begin(), terms_[i].factors.end());
      if (!key.empty()) by_body[key].push_back(i);
    }
    for (const auto& [key, group] : by_body) {
      if (group.size() < 2) continue;
      NodeList scalars;
      for (std::size_t i : group) {
        const NodeId scalar = terms_[i].scalars.empty() ? build_.number(1) : build_.times(terms_[i].scalars);
        scalars.push_back(build_.scaled(terms_[i].coefficient, scalar));
      }
      Term body = terms_[group[0]];
      body.coefficient = 1;
      body.scalars.clear();
      consider(group, build_.scale(again(build_.add(scalars)), rebuilt(body)));
    }
  }

  // h.*A + h.*B is h.*(A + B).
  void try_entrywise() {
    Groups by_factor{InOrder{&store_}};
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const Term& term = terms_[i];
      if (!term.entrywise && term.factors.size() != 1) continue;
      for (NodeId factor : term.factors) by_factor[factor].push_back(i);
    }
    const Type shape = store_.type(sum_);
    for (const auto& [factor, group] : by_factor) {
      if (group.size() < 2 || store_[factor].op == op::ones) continue;
      NodeList rests;
      for (std::size_t i : group) {
        Term rest = terms_[i];
        rest.entrywise = true;
        rest.factors.erase(std::find(rest.factors.begin(), rest.factors.end(), factor));
        rests.push_back(product_of(build_, rest, rest.factors, shape.rows, shape.cols));
      }
      consider(group, build_.entrywise_product(factor, again(build_.add(rests))));
    }
  }

  Build& build_;
  Store& store_;
  NodeId sum_;
  std::vector<Term> terms_;
  NodeId best_ = no_node;
};

}  // namespace

NodeId factored(Build& build, NodeId sum) {
  // Each round is shorter than the last, so there are at most as many as the sum has operators.
  for (;;) {
    if (build.store()[sum].op != op::add) return sum;
    const NodeId next = Factoring(build, sum).best();
    if (next == sum) return sum;
    sum = next;
  }
}

}  // namespace matgrad
