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
};
using Groups = std::map<NodeId, std::vector<std::size_t>, InOrder>;

// A term as coefficient * scalars * (ordered factors | Hadamard factors).
struct Term {
  Rational coefficient = 1;
  NodeList scalars;       // sorted by handle
  NodeId body = no_node;  // what the scalars multiply; none where they are all
  NodeList factors;       // of the matrix product, or the one body
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
  term.body = body;
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
      readings_.push_back(readings(terms_.back()));
    }
  }

  // The shortest of all sums with one group of terms put together; the sum itself where none is shorter.
  NodeId best() {
    best_ = sum_;
    try_ends(false);
    if (!store_.type(sum_).is_scalar()) try_ends(true);  // the end of a 1×1 product is the front of its transpose
    try_scalars();
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

  // A term as scalars and a product of these factors. A 1×1 term can be read in many ways: from either end, with any of
  // its 1×1 products as the product, and x'*(y.*z) with any of its vectors in front.
  struct Reading {
    NodeList factors;
    NodeList scalars;
  };
  struct View {
    std::size_t term;
    const Reading* reading;
  };
  using Views = std::vector<View>;

  std::vector<Reading> readings(const Term& term) {
    std::vector<Reading> result;
    if (term.factors.empty() || term.entrywise) return result;
    result.push_back({term.factors, term.scalars});
    if (!store_.type(sum_).is_scalar()) return result;
    add_other_readings(term.factors, term.scalars, result);
    for (std::size_t i = 0; i < term.scalars.size(); ++i) {
      const NodeId product = term.scalars[i];
      if (store_[product].op != op::multiply) continue;
      NodeList others = term.scalars;
      others[i] = term.body;
      const NodeList factors(store_.children(product).begin(), store_.children(product).end());
      result.push_back({factors, others});
      add_other_readings(factors, others, result);
    }
    return result;
  }

  void add_other_readings(const NodeList& factors, const NodeList& scalars, std::vector<Reading>& result) {
    NodeList reversed;
    for (std::size_t i = factors.size(); i-- > 0;) reversed.push_back(build_.transpose(factors[i]));
    const bool has_sign =  // of a skew factor
        std::any_of(reversed.begin(), reversed.end(), [&](NodeId factor) { return store_[factor].op == op::scale; });
    if (!has_sign) result.push_back({reversed, scalars});
    if (factors.size() != 2 || store_[factors[1]].op != op::hadamard) return;
    const NodeList vectors(store_.children(factors[1]).begin(), store_.children(factors[1]).end());
    for (std::size_t front = 0; front < vectors.size(); ++front) {
      NodeList rest{reversed[1]};
      for (std::size_t i = 0; i < vectors.size(); ++i) {
        if (i != front) rest.push_back(vectors[i]);
      }
      result.push_back({NodeList{build_.transpose(vectors[front]), build_.hadamard(rest)}, scalars});
    }
  }

  std::uint64_t weight_of(const NodeList& factors) const {
    std::uint64_t weight = 0;
    for (NodeId factor : factors) weight += store_[factor].weight;
    return weight;
  }

  // Terms that begin (or end) with the same factor, with as many more as all of them share.
  void try_ends(bool at_end) {
    std::map<NodeId, Views, InOrder> by_factor{InOrder{&store_}};
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      for (const Reading& reading : readings_[i]) {
        Views& views = by_factor[at_end ? reading.factors.back() : reading.factors.front()];
        if (views.empty() || views.back().term != i) {
          views.push_back({i, &reading});
        } else if (weight_of(reading.factors) < weight_of(views.back().reading->factors)) {
          views.back().reading = &reading;
        }
      }
    }
    for (const auto& [factor, views] : by_factor) {
      if (views.size() < 2 || !is_worth_sharing(factor)) continue;
      std::size_t shared = 1;
      while (all_share(views, shared, at_end)) ++shared;
      Group group;
      std::size_t identities = 0;
      for (const View& view : views) {
        group.push_back(view.term);
        identities += view.reading->factors.size() == shared ? 1 : 0;
      }
      if (identities == views.size()) continue;  // multiples of one product: see try_same_body
      // A - A*B is A*(I - B) only where that saves more than it obscures.
      consider(group, share_end(views, shared, at_end), identities > 0 ? 1 : 0);
    }
  }

  // The identity would be taken out of what it is left in, for ever; a unit vector is written as an index.
  bool is_worth_sharing(NodeId factor) const {
    const NodeId bare = store_[factor].op == op::transpose ? store_.child(factor, 0) : factor;
    return store_[bare].op != op::identity && store_[bare].op != op::unit;
  }

  static NodeId factor_at(const View& view, std::size_t at, bool at_end) {
    return at_end ? view.reading->factors[view.reading->factors.size() - 1 - at] : view.reading->factors[at];
  }

  static bool all_share(const Views& views, std::size_t at, bool at_end) {
    return std::all_of(views.begin(), views.end(), [&](const View& view) {
      return view.reading->factors.size() > at && factor_at(view, at, at_end) == factor_at(views[0], at, at_end);
    });
  }

  NodeId share_end(const Views& views, std::size_t shared, bool at_end) {
    NodeList common;
    for (std::size_t i = 0; i < shared; ++i) common.push_back(factor_at(views[0], i, at_end));
    if (at_end) std::reverse(common.begin(), common.end());
    const Dim inner = at_end ? store_.type(common.front()).rows : store_.type(common.back()).cols;
    const Type& whole = store_.type(sum_);
    const Dim rows = at_end ? whole.rows : inner;
    const Dim cols = at_end ? inner : whole.cols;
    NodeList rests;
    for (const View& view : views) {
      const NodeList& factors = view.reading->factors;
      const auto cut = static_cast<std::ptrdiff_t>(shared);
      const NodeList rest =
          at_end ? NodeList(factors.begin(), factors.end() - cut) : NodeList(factors.begin() + cut, factors.end());
      if (rest.empty() && rows != cols) return no_node;
      Term left = terms_[view.term];
      left.scalars = view.reading->scalars;
      const NodeId part = product_of(build_, left, rest, rows, cols);
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

  // A scalar factor of several terms: s*A + s*B is s*(A + B). Of 1×1 terms every factor is a scalar.
  void try_scalars() {
    Groups by_factor{InOrder{&store_}};
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      const Term& term = terms_[i];
      NodeId last = no_node;
      for (NodeId factor : term.scalars) {
        if (factor != last) by_factor[factor].push_back(i);
        last = factor;
      }
      if (term.body != no_node && store_.type(term.body).is_scalar()) by_factor[term.body].push_back(i);
    }
    for (const auto& [factor, group] : by_factor) {
      if (group.size() >= 2) consider(group, share_scalar(group, factor));
    }
  }

  NodeId share_scalar(const Group& group, NodeId common) {
    NodeList rests;
    for (std::size_t i : group) {
      Term rest = terms_[i];
      if (rest.body == common) {
        rests.push_back(
            build_.scaled(rest.coefficient, rest.scalars.empty() ? build_.number(1) : build_.times(rest.scalars)));
        continue;
      }
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
    Groups by_body{InOrder{&store_}};
    for (std::size_t i = 0; i < terms_.size(); ++i) {
      if (terms_[i].body != no_node) by_body[terms_[i].body].push_back(i);
    }
    for (const auto& [body_node, group] : by_body) {
      if (group.size() < 2) continue;
      NodeList scalars;
      for (std::size_t i : group) {
        const NodeId scalar = terms_[i].scalars.empty() ? build_.number(1) : build_.times(terms_[i].scalars);
        scalars.push_back(build_.scaled(terms_[i].coefficient, scalar));
      }
      consider(group, build_.scale(again(build_.add(scalars)), body_node));
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
  std::vector<std::vector<Reading>> readings_;
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
