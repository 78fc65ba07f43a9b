// SPDX-License-Identifier: MIT
#include "expr/dim.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace matgrad {
namespace {

constexpr Dim empty_bucket{0xffffffffu};

std::uint64_t hash_of(const Polynomial& polynomial, std::int64_t denominator) {
  std::uint64_t hash = 0x9e3779b97f4a7c15ull ^ static_cast<std::uint64_t>(denominator);
  auto mix = [&hash](std::uint64_t value) {
    hash ^= value + 0x9e3779b97f4a7c15ull + (hash << 6) + (hash >> 2);
    hash *= 0xff51afd7ed558ccdull;
  };
  for (const DimTerm& term : polynomial) {
    mix(static_cast<std::uint64_t>(term.coefficient));
    for (Atom atom : term.atoms) mix(atom + 1);
  }
  return hash;
}

bool before(const DimTerm& a, const DimTerm& b) {
  return a.atoms < b.atoms;
}

Polynomial collected(Polynomial terms) {
  std::sort(terms.begin(), terms.end(), before);
  Polynomial result;
  for (DimTerm& term : terms) {
    if (!result.empty() && result.back().atoms == term.atoms) {
      result.back().coefficient += term.coefficient;
    } else {
      result.push_back(std::move(term));
    }
  }
  std::erase_if(result, [](const DimTerm& term) { return term.coefficient == 0; });
  return result;
}

std::int64_t content(const Polynomial& terms) {
  std::int64_t result = 0;
  for (const DimTerm& term : terms) result = std::gcd(result, term.coefficient);
  return result;
}

// Whether the divisor divides every value. A value modulo the divisor depends on those of the names, which are tried.
bool divides(std::int64_t divisor, const Polynomial& terms) {
  constexpr std::int64_t most_values = 4096;
  if (content(terms) % divisor == 0) return true;
  std::vector<Atom> names;
  for (const DimTerm& term : terms) names.insert(names.end(), term.atoms.begin(), term.atoms.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::int64_t values = 1;
  for (std::size_t i = 0; i < names.size() && values <= most_values; ++i) values *= std::min(divisor, most_values + 1);
  if (names.empty() || values > most_values) return false;
  for (std::int64_t value = 0; value < values; ++value) {
    std::int64_t total = 0;
    for (const DimTerm& term : terms) {
      std::int64_t product = term.coefficient % divisor;
      for (Atom atom : term.atoms) {
        std::int64_t digits = value;
        for (std::size_t i = 0; names[i] != atom; ++i) digits /= divisor;
        product = product * (digits % divisor) % divisor;
      }
      total = (total + product) % divisor;
    }
    if (total != 0) return false;
  }
  return true;
}

}  // namespace

Dims::Dims() {
  buckets_.assign(64, empty_bucket);
  intern({});  // dim_zero, dim_one
  intern({DimTerm{{}, 1}});
}

void Dims::grow() {
  std::vector<Dim> larger(buckets_.size() * 2, empty_bucket);
  for (std::uint32_t i = 0; i < polynomials_.size(); ++i) {
    std::size_t at = hashes_[i] & (larger.size() - 1);
    while (larger[at] != empty_bucket) at = (at + 1) & (larger.size() - 1);
    larger[at] = Dim{i};
  }
  buckets_.swap(larger);
}

Dim Dims::intern(Polynomial polynomial, std::int64_t denominator) {
  const std::uint64_t hash = hash_of(polynomial, denominator);
  std::size_t at = hash & (buckets_.size() - 1);
  while (buckets_[at] != empty_bucket) {
    const auto index = static_cast<std::uint32_t>(buckets_[at]);
    const bool same = hashes_[index] == hash && denominators_[index] == denominator;
    if (same && polynomials_[index] == polynomial) return buckets_[at];
    at = (at + 1) & (buckets_.size() - 1);
  }
  const Dim fresh{static_cast<std::uint32_t>(polynomials_.size())};
  polynomials_.push_back(std::move(polynomial));
  denominators_.push_back(denominator);
  hashes_.push_back(hash);
  buckets_[at] = fresh;
  if (polynomials_.size() * 2 > buckets_.size()) grow();
  return fresh;
}

Dim Dims::constant(std::int64_t value) {
  if (value == 0) return dim_zero;
  if (value == 1) return dim_one;
  return intern({DimTerm{{}, value}});
}

std::optional<Atom> Dims::find(std::string_view name) const {
  for (Atom atom = 0; atom < atoms_.size(); ++atom) {
    if (atoms_[atom] == name) return atom;
  }
  return std::nullopt;
}

Dim Dims::name(std::string_view name) {
  Atom atom = 0;
  if (auto known = find(name)) {
    atom = *known;
  } else {
    atom = static_cast<Atom>(atoms_.size());
    atoms_.emplace_back(name);
  }
  return intern({DimTerm{{atom}, 1}});
}

Dim Dims::unknown() {
  atoms_.emplace_back();
  return intern({DimTerm{{static_cast<Atom>(atoms_.size() - 1)}, 1}});
}

void Dims::give_name(Atom unknown, std::string name) {
  atoms_[unknown] = std::move(name);
}

Dim Dims::lowest(Polynomial numerator, std::int64_t denominator) {
  if (denominator == 1) return intern(std::move(numerator));
  const std::int64_t shared = std::gcd(content(numerator), denominator);
  for (DimTerm& term : numerator) term.coefficient /= shared;
  return intern(std::move(numerator), denominator / shared);
}

Dim Dims::add(Dim a, Dim b) {
  if (a == dim_zero) return b;
  if (b == dim_zero) return a;
  return combine(a, b, 1);
}

Dim Dims::subtract(Dim a, Dim b) {
  if (a == b) return dim_zero;
  return combine(a, b, -1);
}

Dim Dims::combine(Dim a, Dim b, std::int64_t sign) {
  const bool alike = denominator(a) == denominator(b);
  const std::int64_t common = alike ? denominator(a) : std::lcm(denominator(a), denominator(b));
  Polynomial terms = polynomial(a);
  for (DimTerm& term : terms) term.coefficient *= common / denominator(a);
  for (DimTerm term : polynomial(b)) {
    term.coefficient *= sign * (common / denominator(b));
    terms.push_back(std::move(term));
  }
  return lowest(collected(std::move(terms)), common);
}

Dim Dims::multiply(Dim a, Dim b) {
  if (a == dim_one) return b;
  if (b == dim_one) return a;
  Polynomial terms;
  for (const DimTerm& left : polynomial(a)) {
    for (const DimTerm& right : polynomial(b)) {
      DimTerm term{left.atoms, left.coefficient * right.coefficient};
      term.atoms.insert(term.atoms.end(), right.atoms.begin(), right.atoms.end());
      std::sort(term.atoms.begin(), term.atoms.end());
      terms.push_back(std::move(term));
    }
  }
  return lowest(collected(std::move(terms)), denominator(a) * denominator(b));
}

std::optional<Dim> Dims::divide(Dim a, std::int64_t divisor) {
  if (divisor == 1) return a;
  std::int64_t below = 0;
  if (divisor < 1 || __builtin_mul_overflow(denominator(a), divisor, &below)) return std::nullopt;
  if (!divides(below, polynomial(a))) return std::nullopt;
  return lowest(polynomial(a), below);
}

Dim Dims::quotient(Dim a, std::int64_t divisor) {
  if (divisor == 1) return a;
  return lowest(polynomial(a), denominator(a) * divisor);
}

std::optional<std::int64_t> Dims::as_constant(Dim dim) const {
  const Polynomial& terms = polynomial(dim);
  if (terms.empty()) return 0;
  if (terms.size() == 1 && terms[0].atoms.empty()) return terms[0].coefficient;
  return std::nullopt;
}

std::optional<Atom> Dims::as_atom(Dim dim) const {
  const Polynomial& terms = polynomial(dim);
  if (terms.size() == 1 && terms[0].coefficient == 1 && terms[0].atoms.size() == 1) return terms[0].atoms[0];
  return std::nullopt;
}

WrittenDim Dims::written(Dim dim) const {
  WrittenDim result;
  result.denominator = denominator(dim);
  for (const DimTerm& term : polynomial(dim)) {
    const bool whole = term.coefficient % result.denominator == 0;
    (whole ? result.whole : result.rest).push_back(term);
    if (whole) result.whole.back().coefficient /= result.denominator;
  }
  if (result.rest.empty()) return result;
  const bool negative =
      std::all_of(result.rest.begin(), result.rest.end(), [](const DimTerm& term) { return term.coefficient < 0; });
  result.factor = {result.rest[0].atoms, negative ? -content(result.rest) : content(result.rest)};
  for (const DimTerm& term : result.rest) {
    std::vector<Atom> both;
    std::set_intersection(result.factor.atoms.begin(), result.factor.atoms.end(), term.atoms.begin(), term.atoms.end(),
                          std::back_inserter(both));
    result.factor.atoms.swap(both);
  }
  for (DimTerm& term : result.rest) {
    std::vector<Atom> left;
    std::set_difference(term.atoms.begin(), term.atoms.end(), result.factor.atoms.begin(), result.factor.atoms.end(),
                        std::back_inserter(left));
    term.atoms.swap(left);
    term.coefficient /= result.factor.coefficient;
  }
  std::sort(result.rest.begin(), result.rest.end(), before);
  return result;
}

void Dims::write(const DimTerm& term, std::string& out) const {
  std::int64_t c = term.coefficient;
  if (!out.empty() && out.back() != '(') {
    out += c < 0 ? " - " : " + ";
  } else if (c < 0) {
    out += "-";
  }
  c = c < 0 ? -c : c;
  bool first = true;
  if (c != 1 || term.atoms.empty()) {
    out += std::to_string(c);
    first = false;
  }
  for (Atom atom : term.atoms) {
    if (!first) out += "*";
    out += atoms_[atom].empty() ? std::string("?").append(std::to_string(atom)) : atoms_[atom];
    first = false;
  }
}

// Constants last, as one writes n + 1, but what is added before what is taken away: 1 - n, and no size begins with a
// minus.
void Dims::write(const Polynomial& terms, std::string& out) const {
  Polynomial ordered(terms);
  std::stable_partition(ordered.begin(), ordered.end(), [](const DimTerm& term) { return !term.atoms.empty(); });
  const auto added =
      std::find_if(ordered.begin(), ordered.end(), [](const DimTerm& term) { return term.coefficient > 0; });
  if (added != ordered.end()) std::rotate(ordered.begin(), added, added + 1);
  for (const DimTerm& term : ordered) write(term, out);
}

std::string Dims::text(Dim dim, bool tight) const {
  const Polynomial& terms = polynomial(dim);
  if (terms.empty()) return "0";
  std::string out;
  bool is_sum = terms.size() > 1;
  if (denominator(dim) == 1) {
    write(terms, out);
  } else {
    const WrittenDim parts = written(dim);
    is_sum = !parts.whole.empty();
    const bool bare = parts.factor.atoms.empty() && parts.factor.coefficient == 1;
    const std::string opening = bare ? "(" : "*(";
    const bool is_taken_away = parts.factor.coefficient < 0;  // m - n*(n + 1)/2
    if (is_taken_away) write(parts.whole, out);
    if (!bare) write(parts.factor, out);
    out += opening;
    write(parts.rest, out);
    out += ")/" + std::to_string(parts.denominator);
    if (!is_taken_away) write(parts.whole, out);
  }
  if (tight && (is_sum || out[0] == '-')) return std::string("(").append(out).append(")");
  return out;
}

std::optional<std::int64_t> Dims::evaluate(Dim dim, const std::vector<std::int64_t>& sizes) const {
  std::int64_t total = 0;
  for (const DimTerm& term : polynomial(dim)) {
    std::int64_t product = term.coefficient;
    for (Atom atom : term.atoms) {
      if (atom >= sizes.size() || __builtin_mul_overflow(product, sizes[atom], &product)) return std::nullopt;
    }
    if (__builtin_add_overflow(total, product, &total)) return std::nullopt;
  }
  return total / denominator(dim);
}

int Dims::compare(Dim a, Dim b) const {
  if (a == b) return 0;
  const std::string left = text(a);
  const std::string right = text(b);
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  return left < right ? -1 : 1;
}

}  // namespace matgrad
