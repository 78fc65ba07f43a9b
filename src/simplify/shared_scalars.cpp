// SPDX-License-Identifier: MIT
#include "simplify/shared_scalars.hpp"

#include <algorithm>

#include "ops/structural.hpp"
#include "simplify/grouped.hpp"

namespace matgrad {
namespace {

// A factor as a power with a number as its exponent; one with another exponent is the first power of itself.
ScalarPower as_power(Build& build, NodeId factor) {
  const auto [base, exponent] = build.split_power(factor);
  const auto value = build.number_value(exponent);
  return value ? ScalarPower{base, *value} : ScalarPower{factor, Rational(1)};
}

struct PowerInTerm {
  std::size_t term;
  ScalarPower power;
};

// One power a term.
void keep_first_of_each_term(std::vector<PowerInTerm>& powers) {
  const auto same_term = [](const PowerInTerm& a, const PowerInTerm& b) { return a.term == b.term; };
  powers.erase(std::unique(powers.begin(), powers.end(), same_term), powers.end());
}

ScalarPower nearest_to_zero(const std::vector<PowerInTerm>& powers) {
  const auto nearest = std::min_element(powers.begin(), powers.end(), [](const PowerInTerm& a, const PowerInTerm& b) {
    const Rational& x = a.power.exponent;
    const Rational& y = b.power.exponent;
    return x.is_negative() ? y < x : x < y;
  });
  return nearest->power;
}

// What is left of a factor when a shared power of its base is taken out; no node where it is another factor.
NodeId quotient(Build& build, NodeId factor, const ScalarPower& taken) {
  const ScalarPower whole = as_power(build, factor);
  if (whole.base != taken.base || whole.exponent.is_negative() != taken.exponent.is_negative()) return no_node;
  return build.power(whole.base, build.number(whole.exponent - taken.exponent));
}

void take_out(Build& build, Term& term, const ScalarPower& shared) {
  for (NodeId& factor : term.scalars) {
    const NodeId left = quotient(build, factor, shared);
    if (left == no_node) continue;
    factor = left;
    return;
  }
  term.scalars.push_back(quotient(build, term.body, shared));
  term.body = no_node;
}

// Adds the sets of terms that share a power of one base, all exponents being of one sign.
void add_groups(const Store& store, std::vector<std::pair<NodeId, PowerInTerm>>& powers,
                std::vector<SharedScalars>& result) {
  for (auto& [base, group] : grouped(store, powers)) {
    keep_first_of_each_term(group);
    if (group.size() < 2) continue;
    std::vector<std::size_t> members;
    for (const PowerInTerm& power : group) members.push_back(power.term);
    auto at = std::find_if(result.begin(), result.end(), [&](const auto& known) { return known.terms == members; });
    if (at == result.end()) at = result.insert(at, {std::move(members), {}});
    at->powers.push_back(nearest_to_zero(group));
  }
}

}  // namespace

std::vector<SharedScalars> shared_scalars(Build& build, const std::vector<Term>& terms) {
  std::vector<std::pair<NodeId, PowerInTerm>> over;
  std::vector<std::pair<NodeId, PowerInTerm>> under;
  auto note = [&](std::size_t term, NodeId factor) {
    const ScalarPower power = as_power(build, factor);
    (power.exponent.is_negative() ? under : over).push_back({power.base, {term, power}});
  };
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term& term = terms[i];
    for (NodeId factor : term.scalars) note(i, factor);
    if (term.body != no_node && build.type(term.body).is_scalar()) note(i, term.body);
  }
  std::vector<SharedScalars> result;
  add_groups(build.store(), over, result);
  add_groups(build.store(), under, result);
  return result;
}

NodeId product_of(Build& build, const SharedScalars& shared) {
  NodeList factors;
  for (const ScalarPower& power : shared.powers)
    factors.push_back(build.power(power.base, build.number(power.exponent)));
  return build.times(factors);
}

NodeId sum_without(Build& build, const std::vector<Term>& terms, const SharedScalars& shared, const Type& shape) {
  NodeList rests;
  for (std::size_t i : shared.terms) {
    Term rest = terms[i];
    for (const ScalarPower& power : shared.powers) take_out(build, rest, power);
    const bool is_scalars = rest.body == no_node;
    rests.push_back(is_scalars ? scalars_of(build, rest)
                               : product_of(build, rest, rest.factors, shape.rows, shape.cols));
  }
  return build.add(rests);
}

NodeId scalars_of(Build& build, const Term& term) {
  return build.scaled(term.coefficient, term.scalars.empty() ? build.number(1) : build.times(term.scalars));
}

}  // namespace matgrad
