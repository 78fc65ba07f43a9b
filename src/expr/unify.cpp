// SPDX-License-Identifier: MIT
#include "expr/unify.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

namespace matgrad {
namespace {

constexpr std::size_t most_terms = 64;
constexpr std::size_t highest_degree = 32;
constexpr std::int64_t largest_coefficient = std::int64_t{1} << 62;
constexpr std::int64_t largest_denominator = std::int64_t{1} << 20;

// The sum of the coefficients' absolute values: no product of two polynomials has a larger coefficient than theirs.
std::optional<std::int64_t> size_of(const Polynomial& polynomial) {
  std::int64_t total = 0;
  for (const DimTerm& term : polynomial) {
    const std::int64_t magnitude = term.coefficient < 0 ? -term.coefficient : term.coefficient;
    if (__builtin_add_overflow(total, magnitude, &total) || total > largest_coefficient) return std::nullopt;
  }
  return total;
}

std::size_t degree_of(const Polynomial& polynomial) {
  std::size_t degree = 0;
  for (const DimTerm& term : polynomial) degree = std::max(degree, term.atoms.size());
  return degree;
}

// Dimensions are positive, so what all terms share may be divided out: m*p - m*q is p - q.
Polynomial without_common_factor(Polynomial terms) {
  std::vector<Atom> common = terms[0].atoms;
  std::int64_t divisor = 0;
  for (const DimTerm& term : terms) {
    std::vector<Atom> both;
    std::set_intersection(common.begin(), common.end(), term.atoms.begin(), term.atoms.end(), std::back_inserter(both));
    common.swap(both);
    divisor = std::gcd(divisor, term.coefficient);
  }
  for (DimTerm& term : terms) {
    std::vector<Atom> rest;
    std::set_difference(term.atoms.begin(), term.atoms.end(), common.begin(), common.end(), std::back_inserter(rest));
    term.atoms.swap(rest);
    term.coefficient /= divisor;
  }
  std::sort(terms.begin(), terms.end(), [](const DimTerm& a, const DimTerm& b) { return a.atoms < b.atoms; });
  return terms;
}

bool of_one_sign(const Polynomial& terms) {
  return std::all_of(terms.begin(), terms.end(), [](const DimTerm& term) { return term.coefficient > 0; }) ||
         std::all_of(terms.begin(), terms.end(), [](const DimTerm& term) { return term.coefficient < 0; });
}

// c*monomial = d with whole sizes: nothing fits where c does not divide d.
bool indivisible(const Polynomial& terms) {
  return terms.size() == 2 && terms[0].atoms.empty() && terms[0].coefficient % terms[1].coefficient != 0;
}

// x for x*x; nothing for what is no square of a monomial.
std::optional<Polynomial> square_root(const Polynomial& terms) {
  if (terms.size() != 1 || terms[0].coefficient != 1 || terms[0].atoms.empty()) return std::nullopt;
  DimTerm root{{}, 1};
  for (std::size_t i = 0; i < terms[0].atoms.size(); i += 2) {
    if (i + 1 == terms[0].atoms.size() || terms[0].atoms[i] != terms[0].atoms[i + 1]) return std::nullopt;
    root.atoms.push_back(terms[0].atoms[i]);
  }
  return Polynomial{root};
}

// Whether the polynomials are one and the same of one name each, growing with it.
bool grow_alike(const Polynomial& a, const Polynomial& b) {
  auto grows = [](const Polynomial& terms) {
    return std::all_of(terms.begin(), terms.end(), [&](const DimTerm& term) {
      return term.atoms.empty() || (term.coefficient > 0 && term.atoms.front() == terms.back().atoms.front() &&
                                    term.atoms.back() == terms.back().atoms.front());
    });
  };
  if (a.size() != b.size() || a.back().atoms.empty() || b.back().atoms.empty() || !grows(a) || !grows(b)) return false;
  return std::equal(a.begin(), a.end(), b.begin(), [](const DimTerm& x, const DimTerm& y) {
    return x.coefficient == y.coefficient && x.atoms.size() == y.atoms.size();
  });
}

// -(all terms but one)/(the coefficient of that one), where that is whole: what the term's name stands for.
std::optional<Dim> rest_of(Dims& dims, const Polynomial& terms, std::size_t at) {
  const std::int64_t sign = terms[at].coefficient < 0 ? -1 : 1;
  Polynomial rest;
  for (std::size_t k = 0; k < terms.size(); ++k) {
    if (k == at) continue;
    rest.push_back(terms[k]);
    rest.back().coefficient *= -sign;
  }
  return dims.divide(dims.intern(std::move(rest)), sign * terms[at].coefficient);
}

// Whether one side of the equation is a bare name or a number.
bool has_simple_side(Dims& dims, const Polynomial& terms) {
  for (const int sign : {1, -1}) {
    std::size_t only = 0;
    int count = 0;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if ((terms[i].coefficient > 0) != (sign > 0)) continue;
      only = i;
      ++count;
    }
    if (count != 1) continue;
    if (terms[only].atoms.empty() || (terms[only].atoms.size() == 1 && rest_of(dims, terms, only))) return true;
  }
  return false;
}

}  // namespace

std::optional<Dim> bounded_multiply(Dims& dims, Dim a, Dim b) {
  const Polynomial& left = dims.polynomial(a);
  const Polynomial& right = dims.polynomial(b);
  const auto left_size = size_of(left);
  const auto right_size = size_of(right);
  std::int64_t size = 0;
  if (!left_size || !right_size || __builtin_mul_overflow(*left_size, *right_size, &size)) return std::nullopt;
  if (size > largest_coefficient || degree_of(left) + degree_of(right) > highest_degree) return std::nullopt;
  if (left.size() * right.size() > most_terms) return std::nullopt;
  if (dims.denominator(a) > largest_denominator / dims.denominator(b)) return std::nullopt;
  return dims.multiply(a, b);
}

std::optional<Dim> bounded_add(Dims& dims, Dim a, Dim b) {
  auto left = size_of(dims.polynomial(a));
  auto right = size_of(dims.polynomial(b));
  if (dims.denominator(a) != dims.denominator(b)) {
    const std::int64_t common = std::lcm(dims.denominator(a), dims.denominator(b));
    if (common > largest_denominator || !left || !right) return std::nullopt;
    if (__builtin_mul_overflow(*left, common / dims.denominator(a), &*left)) return std::nullopt;
    if (__builtin_mul_overflow(*right, common / dims.denominator(b), &*right)) return std::nullopt;
  }
  if (!left || !right || *left > largest_coefficient - *right) return std::nullopt;
  if (dims.polynomial(a).size() + dims.polynomial(b).size() > most_terms) return std::nullopt;
  return dims.add(a, b);
}

std::optional<Dim> bounded_power(Dims& dims, Dim a, std::int64_t k) {
  std::optional<Dim> result = dim_one;
  if (k < 0 || k > static_cast<std::int64_t>(highest_degree)) return std::nullopt;
  for (; k > 0 && result; --k) result = bounded_multiply(dims, *result, a);
  return result;
}

std::optional<Dim> bounded_quotient(Dims& dims, Dim a, std::int64_t c) {
  if (dims.denominator(a) > largest_denominator / c) return std::nullopt;
  return dims.quotient(a, c);
}

Unifier::Unknown& Unifier::unknown(Atom atom) {
  if (atom >= unknowns_.size()) unknowns_.resize(std::max<std::size_t>(atom + 1, dims_->atom_count()));
  return unknowns_[atom];
}

bool Unifier::is_open(Atom atom) const {
  return dims_->is_unknown(atom) && (atom >= unknowns_.size() || !unknowns_[atom].value);
}

bool Unifier::has_open_atom(const Polynomial& polynomial) const {
  return std::any_of(polynomial.begin(), polynomial.end(), [this](const DimTerm& term) {
    return std::any_of(term.atoms.begin(), term.atoms.end(), [this](Atom atom) { return is_open(atom); });
  });
}

std::optional<std::uint32_t> Unifier::reason(Atom atom) const {
  if (atom >= unknowns_.size() || !unknowns_[atom].value) return std::nullopt;
  return unknowns_[atom].reason;
}

void Unifier::forbid_one(Dim dim) {
  if (const auto atom = dims_->as_atom(resolve(dim)); atom && is_open(*atom)) unknown(*atom).never_one = true;
}

Dim Unifier::resolve(Dim dim) {
  const auto atom = dims_->as_atom(dim);
  if (!atom) return substitute(dim);
  if (*atom >= unknowns_.size() || !unknowns_[*atom].value) return dim;
  // The chain of bare unknowns is walked, not recursed into, and shortened for the next time.
  std::vector<Atom> chain;
  Dim end = dim;
  for (auto next = atom; next && *next < unknowns_.size() && unknowns_[*next].value; next = dims_->as_atom(end)) {
    chain.push_back(*next);
    end = *unknowns_[*next].value;
  }
  if (!dims_->as_atom(end)) end = substitute(end);
  for (Atom passed : chain) unknowns_[passed].value = end;
  return end;
}

Dim Unifier::substitute(Dim dim) {
  const Polynomial& terms = dims_->polynomial(dim);
  const std::int64_t denominator = dims_->denominator(dim);
  const bool closed = std::none_of(terms.begin(), terms.end(), [this](const DimTerm& term) {
    return std::any_of(term.atoms.begin(), term.atoms.end(),
                       [this](Atom atom) { return dims_->is_unknown(atom) && !is_open(atom); });
  });
  if (closed) return dim;
  Dim total = dim_zero;
  for (const DimTerm& term : terms) {
    Dim product = dims_->constant(term.coefficient);
    for (Atom atom : term.atoms) {
      const Dim factor = resolve(dims_->intern({DimTerm{{atom}, 1}}));
      const auto next = bounded_multiply(*dims_, product, factor);
      if (!next) {
        overflowed_ = true;
        return dim_one;
      }
      product = *next;
    }
    const auto next = bounded_add(*dims_, total, product);
    if (!next) {
      overflowed_ = true;
      return dim_one;
    }
    total = *next;
  }
  const auto whole = bounded_quotient(*dims_, total, denominator);
  overflowed_ = overflowed_ || !whole;
  return whole.value_or(dim_one);
}

Unifier::Outcome Unifier::unify(Dim a, Dim b, std::uint32_t reason) {
  const Outcome outcome = decide(a, b, reason);
  if (outcome == Outcome::solved) retry();
  return outcome;
}

Unifier::Outcome Unifier::decide(Dim a, Dim b, std::uint32_t reason) {
  a = resolve(a);
  b = resolve(b);
  if (a == b) return Outcome::equal;
  const auto left = dims_->as_atom(a);
  const auto right = dims_->as_atom(b);
  if (left && right && is_open(*left) && is_open(*right)) {
    // The older unknown stays, so that chains stay short.
    return *left < *right ? assign(*right, a, reason) : assign(*left, b, reason);
  }
  // Sizes are positive: k*k = n*n says k = n.
  const auto left_root = square_root(dims_->polynomial(a));
  const auto right_root = square_root(dims_->polynomial(b));
  if (left_root && right_root) return decide(dims_->intern(*left_root), dims_->intern(*right_root), reason);
  // And n*(n + 1)/2 grows with n: where it is k*(k + 1)/2, k = n.
  if (!left && dims_->denominator(a) == dims_->denominator(b) &&
      grow_alike(dims_->polynomial(a), dims_->polynomial(b))) {
    const Atom k = dims_->polynomial(a).back().atoms[0];
    const Atom n = dims_->polynomial(b).back().atoms[0];
    return decide(dims_->intern({DimTerm{{k}, 1}}), dims_->intern({DimTerm{{n}, 1}}), reason);
  }
  const auto sum = bounded_add(*dims_, a, b);  // as large as the difference can be
  if (!sum) {
    overflowed_ = true;
    return Outcome::deferred;
  }
  const Polynomial difference = without_common_factor(dims_->polynomial(dims_->subtract(a, b)));
  if (of_one_sign(difference) || indivisible(difference)) return Outcome::mismatch;
  if (const auto outcome = solve(difference, reason, false)) return *outcome;
  if (!has_open_atom(difference) && has_simple_side(*dims_, difference)) return Outcome::mismatch;
  defer({a, b, reason});
  return Outcome::deferred;
}

// A term that is a bare unknown which no other term mentions, where the rest is a dimension.
std::optional<Unifier::Outcome> Unifier::solve(const Polynomial& difference, std::uint32_t reason, bool any_sign) {
  for (std::size_t i = difference.size(); i-- > 0;) {
    const DimTerm& term = difference[i];
    if (term.atoms.size() != 1 || !is_open(term.atoms[0])) continue;
    bool fits = true;
    for (std::size_t k = 0; k < difference.size() && fits; ++k) {
      if (k == i) continue;
      const bool positive = (difference[k].coefficient > 0) != (term.coefficient > 0);
      fits = (any_sign || positive) &&
             !std::binary_search(difference[k].atoms.begin(), difference[k].atoms.end(), term.atoms[0]);
    }
    if (!fits) continue;
    if (const auto value = rest_of(*dims_, difference, i)) return assign(term.atoms[0], *value, reason);
  }
  return std::nullopt;
}

Unifier::Outcome Unifier::assign(Atom atom, Dim value, std::uint32_t reason) {
  Unknown& solved = unknown(atom);
  if (solved.never_one) {
    if (value == dim_one) return Outcome::mismatch;
    forbid_one(value);
  }
  Unknown& entry = unknown(atom);
  entry.value = value;
  entry.reason = reason;
  agenda_.insert(agenda_.end(), entry.watched_by.begin(), entry.watched_by.end());
  entry.watched_by.clear();
  return Outcome::solved;
}

void Unifier::defer(Equation equation) {
  const auto index = static_cast<std::uint32_t>(deferred_.size());
  for (const Dim side : {equation.left, equation.right}) {
    for (const DimTerm& term : dims_->polynomial(side)) {
      for (Atom atom : term.atoms) {
        if (!is_open(atom)) continue;
        auto& watchers = unknown(atom).watched_by;
        if (watchers.empty() || watchers.back() != index) watchers.push_back(index);
      }
    }
  }
  deferred_.push_back({equation, false});
}

void Unifier::retry() {
  while (!agenda_.empty()) {
    const std::uint32_t index = agenda_.back();
    agenda_.pop_back();
    if (deferred_[index].done) continue;
    deferred_[index].done = true;
    const Equation equation = deferred_[index].equation;
    if (decide(equation.left, equation.right, equation.reason) == Outcome::mismatch) failures_.push_back(equation);
  }
}

bool Unifier::choose(const Equation& equation, bool reversed) {
  const Dim a = resolve(equation.left);
  const Dim b = resolve(equation.right);
  if (a == b) return true;
  const Polynomial difference = without_common_factor(dims_->polynomial(dims_->subtract(a, b)));
  const bool chosen = solve(difference, equation.reason, true) == Outcome::solved ||
                      choose_factors(difference, reversed, equation.reason);
  if (chosen) retry();
  return chosen;
}

// Factor by factor, in order; the last of the open factors takes what is left.
bool Unifier::choose_factors(const Polynomial& difference, bool reversed, std::uint32_t reason) {
  if (difference.size() != 2 || difference[0].coefficient * difference[1].coefficient != -1) return false;
  // Younger unknowns in terms of older ones, which more equations wait for.
  const std::size_t first = difference[0].atoms < difference[1].atoms ? 1 : 0;
  for (const std::size_t side : {first, 1 - first}) {
    const std::vector<Atom>& open = difference[side].atoms;
    std::vector<Atom> given = difference[1 - side].atoms;
    const bool all_open = std::all_of(open.begin(), open.end(), [this](Atom atom) { return is_open(atom); });
    const bool distinct = std::adjacent_find(open.begin(), open.end()) == open.end();
    if (open.empty() || !all_open || !distinct || given.size() < open.size()) continue;
    if (reversed) std::reverse(given.begin(), given.end());
    for (std::size_t i = 0; i < open.size(); ++i) {
      std::vector<Atom> factor(given.begin() + static_cast<std::ptrdiff_t>(i),
                               i + 1 < open.size() ? given.begin() + static_cast<std::ptrdiff_t>(i + 1) : given.end());
      std::sort(factor.begin(), factor.end());
      assign(open[i], dims_->intern({DimTerm{std::move(factor), 1}}), reason);
    }
    return true;
  }
  return false;
}

std::vector<Unifier::Equation> Unifier::waiting() {
  std::vector<Equation> result;
  for (const Deferred& deferred : deferred_) {
    if (deferred.done) continue;
    Equation equation = deferred.equation;
    equation.left = resolve(equation.left);
    equation.right = resolve(equation.right);
    if (equation.left != equation.right) result.push_back(equation);
  }
  return result;
}

std::vector<Unifier::Equation> Unifier::take_failures() {
  return std::exchange(failures_, {});
}

}  // namespace matgrad
