// SPDX-License-Identifier: MIT
#include "expr/dim.hpp"

#include <algorithm>

namespace matgrad {
namespace {

constexpr Dim empty_bucket{0xffffffffu};

std::uint64_t hash_of(const Polynomial& polynomial) {
  std::uint64_t hash = 0x9e3779b97f4a7c15ull;
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

}  // namespace

Dims::Dims() {
  buckets_.assign(64, empty_bucket);
  constant(0);
  constant(1);
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

Dim Dims::intern(Polynomial polynomial) {
  const std::uint64_t hash = hash_of(polynomial);
  std::size_t at = hash & (buckets_.size() - 1);
  while (buckets_[at] != empty_bucket) {
    const auto index = static_cast<std::uint32_t>(buckets_[at]);
    if (hashes_[index] == hash && polynomials_[index] == polynomial) return buckets_[at];
    at = (at + 1) & (buckets_.size() - 1);
  }
  const Dim fresh{static_cast<std::uint32_t>(polynomials_.size())};
  polynomials_.push_back(std::move(polynomial));
  hashes_.push_back(hash);
  buckets_[at] = fresh;
  if (polynomials_.size() * 2 > buckets_.size()) grow();
  return fresh;
}

Dim Dims::constant(std::int64_t value) {
  if (value == 0) return intern({});
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

Dim Dims::add(Dim a, Dim b) {
  if (a == dim_zero) return b;
  if (b == dim_zero) return a;
  Polynomial terms = polynomial(a);
  terms.insert(terms.end(), polynomial(b).begin(), polynomial(b).end());
  return intern(collected(std::move(terms)));
}

Dim Dims::subtract(Dim a, Dim b) {
  if (a == b) return dim_zero;
  Polynomial terms = polynomial(a);
  for (DimTerm term : polynomial(b)) {
    term.coefficient = -term.coefficient;
    terms.push_back(std::move(term));
  }
  return intern(collected(std::move(terms)));
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
  return intern(collected(std::move(terms)));
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

std::string Dims::text(Dim dim, bool tight) const {
  const Polynomial& terms = polynomial(dim);
  if (terms.empty()) return "0";
  std::string out;
  // Constants last, as one writes n + 1.
  auto write = [&](const DimTerm& term) {
    std::int64_t c = term.coefficient;
    if (!out.empty()) {
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
  };
  for (const DimTerm& term : terms) {
    if (!term.atoms.empty()) write(term);
  }
  for (const DimTerm& term : terms) {
    if (term.atoms.empty()) write(term);
  }
  if (tight && (terms.size() > 1 || out[0] == '-')) return std::string("(").append(out).append(")");
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
  return total;
}

int Dims::compare(Dim a, Dim b) const {
  if (a == b) return 0;
  const std::string left = text(a);
  const std::string right = text(b);
  if (left.size() != right.size()) return left.size() < right.size() ? -1 : 1;
  return left < right ? -1 : 1;
}

}  // namespace matgrad
