// SPDX-License-Identifier: MIT
#include "simplify/factoring.hpp"

#include <algorithm>
#include <iterator>

#include "ops/structural.hpp"
#include "simplify/common_call.hpp"
#include "simplify/grouped.hpp"

namespace matgrad {

Factoring::Factoring(Build& build, Factorizer& factorizer, NodeId sum)
    : build_(build), store_(build.store()), factorizer_(factorizer), sum_(sum) {
  for (NodeId id : store_.children(sum)) {
    const ReadTerm& read = factorizer.read(id);
    terms_.push_back(read.term);
    readings_.push_back(&read.readings);
  }
  shared_ = shared_scalars(build_, terms_);
}

NodeId Factoring::best() {
  best_ = sum_;
  try_ends(false);
  if (!store_.type(sum_).is_scalar()) try_ends(true);  // the end of a 1×1 product is the front of its transpose
  try_scalars();
  try_same_body();
  try_entrywise();
  for (const CommonCall& call : common_calls(build_, terms_)) {
    consider(call.terms, build_.call(call.function, NodeList{again(build_.add(call.arguments))}));
  }
  return best_;
}

// `handicap`: operators that a result has to save beyond one, where it reads worse than what it replaces.
void Factoring::consider(const Group& group, NodeId together, std::uint32_t handicap) {
  if (together == no_node) return;
  if (group.size() == terms_.size()) return compare_with_best(together, handicap);
  NodeList parts;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    if (std::find(group.begin(), group.end(), i) == group.end()) parts.push_back(terms_[i].whole);
  }
  parts.push_back(together);
  compare_with_best(build_.add(parts), handicap);
}

void Factoring::compare_with_best(NodeId candidate, std::uint32_t handicap) {
  if (store_[candidate].weight + handicap < store_[best_].weight) best_ = candidate;
}

std::uint64_t Factoring::weight_of(const NodeList& factors) const {
  std::uint64_t weight = 0;
  for (NodeId factor : factors) weight += store_[factor].weight;
  return weight;
}

Factoring::Views Factoring::shortest_of_each_term(const Views& all) const {
  Views views;
  for (const View& view : all) {
    if (views.empty() || views.back().term != view.term) {
      views.push_back(view);
    } else if (weight_of(view.reading->factors) < weight_of(views.back().reading->factors)) {
      views.back() = view;
    }
  }
  return views;
}

// Terms that begin (or end) with the same factor, with as many more as all of them share.
void Factoring::try_ends(bool at_end) {
  std::vector<std::pair<NodeId, View>> by_factor;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    for (const TermReading& reading : *readings_[i]) {
      by_factor.push_back({at_end ? reading.factors.back() : reading.factors.front(), {i, &reading}});
    }
  }
  for (const auto& [factor, all] : grouped(store_, by_factor)) {
    const Views views = shortest_of_each_term(all);
    if (views.size() < 2 || !is_worth_sharing(factor)) continue;
    const std::size_t identities = share(views, at_end);
    if (identities == 0 || identities + 2 > views.size()) continue;
    Views products;  // A*x + B*x - x is (A + B)*x - x as well
    std::copy_if(views.begin(), views.end(), std::back_inserter(products),
                 [](const View& view) { return view.reading->factors.size() > 1; });
    share(products, at_end);
  }
}

// Tries what these terms have in common at one end; returns how many of them are nothing else.
std::size_t Factoring::share(const Views& views, bool at_end) {
  std::size_t shared = 1;
  while (all_share(views, shared, at_end)) ++shared;
  if (leaves_units(views, shared, at_end)) return 0;
  Group group;
  std::size_t identities = 0;
  for (const View& view : views) {
    group.push_back(view.term);
    identities += view.reading->factors.size() == shared ? 1 : 0;
  }
  if (identities == views.size()) return identities;  // multiples of one product: see try_same_body
  // A - A*B is A*(I - B) only where that saves more than it obscures.
  consider(group, share_end(views, shared, at_end), identities > 0 ? 1 : 0);
  try_bracket_again(group, views, shared, at_end);
  return identities;
}

// The identity would be taken out of what it is left in, for ever; a unit vector is written as an index.
bool Factoring::is_worth_sharing(NodeId factor) const {
  const NodeId bare = store_[factor].op == op::transpose ? store_.child(factor, 0) : factor;
  return store_[bare].op != op::identity && store_[bare].op != op::unit;
}

// x[i] - x[j] reads better than x'*(e(i,n) - e(j,n)).
bool Factoring::leaves_units(const Views& views, std::size_t shared, bool at_end) const {
  const NodeId common = factor_at(views[0], 0, at_end);
  const NodeId variable = store_[common].op == op::transpose ? store_.child(common, 0) : common;
  if (shared > 1 || store_[variable].op != op::symbol) return false;
  return std::all_of(views.begin(), views.end(), [&](const View& view) {
    if (view.reading->factors.size() != shared + 1) return false;
    const NodeId left = factor_at(view, shared, at_end);
    return store_[store_[left].op == op::transpose ? store_.child(left, 0) : left].op == op::unit;
  });
}

NodeId Factoring::factor_at(const View& view, std::size_t at, bool at_end) {
  return at_end ? view.reading->factors[view.reading->factors.size() - 1 - at] : view.reading->factors[at];
}

bool Factoring::all_share(const Views& views, std::size_t at, bool at_end) {
  return std::all_of(views.begin(), views.end(), [&](const View& view) {
    return view.reading->factors.size() > at && factor_at(view, at, at_end) == factor_at(views[0], at, at_end);
  });
}

NodeList Factoring::common_factors(const Views& views, std::size_t shared, bool at_end) {
  NodeList common;
  for (std::size_t i = 0; i < shared; ++i) common.push_back(factor_at(views[0], i, at_end));
  if (at_end) std::reverse(common.begin(), common.end());
  return common;
}

NodeId Factoring::share_end(const Views& views, std::size_t shared, bool at_end) {
  NodeList common = common_factors(views, shared, at_end);
  const NodeId rest = bracket(views, common, shared, at_end);
  if (rest == no_node) return no_node;
  common.insert(at_end ? common.begin() : common.end(), again(rest));
  return build_.multiply(common);
}

// A'*(A*X - X) - A*X + X is (A' - I)*(A*X - X): what is left in the bracket is there once more.
void Factoring::try_bracket_again(const Group& group, const Views& views, std::size_t shared, bool at_end) {
  if (terms_.size() < 2 * group.size() || store_.type(sum_).is_scalar()) return;
  const NodeList common = common_factors(views, shared, at_end);
  const NodeId rest = bracket(views, common, shared, at_end);
  if (rest == no_node || !build_.type(rest).same_shape(store_.type(sum_))) return;
  const auto [scale, sum] = build_.split_coefficient(rest);
  Group all = group;
  const auto multiple = taken_again(sum, all);
  if (!multiple) return;
  const NodeId product = build_.scaled(scale, build_.multiply(common));
  const NodeId identity = build_.scaled(*multiple, build_.identity(store_.type(product).rows));
  const NodeId both = build_.add(NodeList{product, identity});
  consider(all, at_end ? build_.multiply(NodeList{sum, both}) : build_.multiply(NodeList{both, sum}), 1);
}

// How often the sum is there once more in the terms that are not taken: they are taken as well.
std::optional<Rational> Factoring::taken_again(NodeId sum, Group& taken) {
  if (store_[sum].op != op::add) return std::nullopt;
  std::optional<Rational> multiple;
  for (NodeId part : NodeList(store_.children(sum).begin(), store_.children(sum).end())) {
    const auto [coefficient, body] = build_.split_coefficient(part);
    const std::size_t at = remaining_term(taken, body);
    if (at == terms_.size()) return std::nullopt;
    const Rational ratio = build_.split_coefficient(terms_[at].whole).first / coefficient;
    if (multiple && *multiple != ratio) return std::nullopt;
    multiple = ratio;
    taken.push_back(at);
  }
  return multiple;
}

std::size_t Factoring::remaining_term(const Group& taken, NodeId body) {
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    const bool is_free = std::find(taken.begin(), taken.end(), i) == taken.end();
    if (is_free && build_.split_coefficient(terms_[i].whole).second == body) return i;
  }
  return terms_.size();
}

// What is left of the terms without the factors that they share.
NodeId Factoring::bracket(const Views& views, const NodeList& common, std::size_t shared, bool at_end) {
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
    left.entrywise = false;  // of what is read as one factor
    const NodeId part = product_of(build_, left, rest, rows, cols);
    if (!store_.type(part).same_shape({rows, cols, 0})) return no_node;
    rests.push_back(part);
  }
  return build_.add(rests);
}

// What is left in the brackets may have factors in common itself. What is not shorter than the whole is of no use,
// and could be the whole again.
NodeId Factoring::again(NodeId id) {
  return store_[id].op == op::add && store_[id].weight < store_[sum_].weight ? factorizer_(id) : id;
}

void Factoring::try_scalars() {
  for (const SharedScalars& shared : shared_) {
    const NodeId left = sum_without(build_, terms_, shared, store_.type(sum_));
    const NodeId scalars = product_of(build_, shared);
    consider(shared.terms, build_.scale(scalars, again(left)));
    // c*(A + B) + A + B is (c + 1)*(A + B): see try_bracket_again.
    if (terms_.size() < 2 * shared.terms.size()) continue;
    const auto [scale, sum] = build_.split_coefficient(left);
    Group all(shared.terms.begin(), shared.terms.end());
    const auto multiple = taken_again(sum, all);
    if (!multiple) continue;
    const NodeId both = build_.add(NodeList{build_.scaled(scale, scalars), build_.number(*multiple)});
    consider(all, build_.scale(both, again(sum)));
  }
}

// a*X + b*X is (a + b)*X.
void Factoring::try_same_body() {
  std::vector<std::pair<NodeId, std::size_t>> by_body;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    if (terms_[i].body != no_node) by_body.emplace_back(terms_[i].body, i);
  }
  for (const auto& [body_node, group] : grouped(store_, by_body)) {
    NodeList scalars;
    for (std::size_t i : group) scalars.push_back(scalars_of(build_, terms_[i]));
    consider(group, build_.scale(again(build_.add(scalars)), body_node));
  }
}

// h.*A + h.*B is h.*(A + B).
void Factoring::try_entrywise() {
  std::vector<std::pair<NodeId, std::size_t>> by_factor;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    const Term& term = terms_[i];
    if (!term.entrywise && term.body != no_node) by_factor.emplace_back(term.body, i);  // A*B as one factor
    if (term.entrywise) {
      for (NodeId factor : term.factors) by_factor.emplace_back(factor, i);
    }
  }
  const Type shape = store_.type(sum_);
  for (const auto& [factor, group] : grouped(store_, by_factor)) {
    if (store_[factor].op == op::ones) continue;
    NodeList rests;
    std::uint32_t identities = 0;
    for (std::size_t i : group) {
      Term rest = terms_[i];
      if (!rest.entrywise) rest.factors = {factor};
      rest.entrywise = true;
      rest.factors.erase(std::find(rest.factors.begin(), rest.factors.end(), factor));
      rests.push_back(product_of(build_, rest, rest.factors, shape.rows, shape.cols));
      identities += store_[build_.split_scale(rests.back()).second].op == op::identity ? 1 : 0;
    }
    // 2*A - I.*A reads better than (2 - I).*A.
    consider(group, build_.entrywise_product(factor, again(build_.add(rests))), 2 * identities);
  }
}

}  // namespace matgrad
