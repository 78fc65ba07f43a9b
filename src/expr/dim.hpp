// SPDX-License-Identifier: MIT
// Dimensions: polynomials over names that are whole for all whole values of the names, `m`, `m*p`, `n + 1`,
// `n*(n + 1)/2`, interned, so that equal dimensions are equal handles. A name is rigid (declared: never merged in
// silence) or unknown (to be solved for). Such a polynomial is kept as one with integer coefficients over a common
// denominator, in lowest terms; sums and products of whole ones are whole, so only a division has to be checked.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace matgrad {

enum class Dim : std::uint32_t {};
inline constexpr Dim dim_zero{0};
inline constexpr Dim dim_one{1};

using Atom = std::uint32_t;

struct DimTerm {
  std::vector<Atom> atoms;  // sorted, with repeats: m*m is {m, m}
  std::int64_t coefficient = 0;
  friend bool operator==(const DimTerm& a, const DimTerm& b) {
    return a.atoms == b.atoms && a.coefficient == b.coefficient;
  }
};
using Polynomial = std::vector<DimTerm>;  // sorted by atoms, no zero coefficient

// A dimension as one writes it: whole + factor*rest/denominator, the rest without a factor that its terms share.
struct WrittenDim {
  Polynomial whole;
  DimTerm factor;
  Polynomial rest;  // empty where the denominator is 1; two terms or more otherwise
  std::int64_t denominator = 1;
};

class Dims {
 public:
  Dims();
  Dim constant(std::int64_t value);
  Dim name(std::string_view name);                                 // the rigid dimension of that name
  Dim unknown();                                                   // a fresh one, to be solved for
  Dim intern(Polynomial numerator, std::int64_t denominator = 1);  // in lowest terms

  Dim add(Dim a, Dim b);
  Dim subtract(Dim a, Dim b);
  Dim multiply(Dim a, Dim b);
  // a/divisor where that is whole whatever the names stand for: n*(n + 1)/2, but not n/2. Nothing as well where there
  // are too many values to try.
  std::optional<Dim> divide(Dim a, std::int64_t divisor);
  Dim quotient(Dim a, std::int64_t divisor);  // of what is known to be whole

  // The numerator: the dimension itself where the denominator is 1.
  const Polynomial& polynomial(Dim dim) const { return polynomials_[static_cast<std::uint32_t>(dim)]; }
  std::int64_t denominator(Dim dim) const { return denominators_[static_cast<std::uint32_t>(dim)]; }
  WrittenDim written(Dim dim) const;
  std::optional<std::int64_t> as_constant(Dim dim) const;
  std::optional<Atom> as_atom(Dim dim) const;  // where the dimension is a bare name or unknown
  bool is_unknown(Atom atom) const { return atoms_[atom].empty(); }
  const std::string& atom_name(Atom atom) const { return atoms_[atom]; }
  void give_name(Atom unknown, std::string name);  // an unknown that stayed open becomes rigid
  std::size_t atom_count() const { return atoms_.size(); }
  std::optional<Atom> find(std::string_view name) const;

  // `m*n`, `n*(n + 1)/2`; parenthesised where it is a sum and `tight` is set.
  std::string text(Dim dim, bool tight = false) const;
  // The number, given a number for every atom. Nothing on overflow.
  std::optional<std::int64_t> evaluate(Dim dim, const std::vector<std::int64_t>& sizes) const;
  // A total order that does not depend on handles: by names.
  int compare(Dim a, Dim b) const;

 private:
  // Deques, whose elements do not move: a reference to one may be held while others are added.
  std::deque<std::string> atoms_;  // empty: unknown
  std::deque<Polynomial> polynomials_;
  std::vector<std::int64_t> denominators_;
  std::vector<Dim> buckets_;  // open addressing by hash of the polynomial
  std::vector<std::uint64_t> hashes_;
  void grow();
  Dim combine(Dim a, Dim b, std::int64_t sign);
  Dim lowest(Polynomial numerator, std::int64_t denominator);
  void write(const Polynomial& terms, std::string& out) const;
  void write(const DimTerm& term, std::string& out) const;
};

struct SizeCondition {  // left = right must hold for the sizes
  Dim left;
  Dim right;
};

}  // namespace matgrad
