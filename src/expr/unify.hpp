// SPDX-License-Identifier: MIT
// Solving equations between dimensions. Unknowns are solved, rigid names never: m = k is refused where both are
// declared. What cannot be decided yet (n*q = r*s) waits and is tried again whenever one of its unknowns is solved;
// what waits at the end is a condition on the sizes. Every solution keeps the reason it was found for.
//
//   unify(u*m, 3*m)  solves u = 3        unify(m, k)  is a mismatch        unify(u*v, m*n)  waits
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "expr/dim.hpp"

namespace matgrad {

// a*b, a+b, a^k and a/c, which has to be whole; nothing where the result would be too large to be worked with
// (coefficients, terms, degree).
std::optional<Dim> bounded_multiply(Dims& dims, Dim a, Dim b);
std::optional<Dim> bounded_add(Dims& dims, Dim a, Dim b);
std::optional<Dim> bounded_power(Dims& dims, Dim a, std::int64_t k);
std::optional<Dim> bounded_quotient(Dims& dims, Dim a, std::int64_t c);

class Unifier {
 public:
  explicit Unifier(Dims& dims) : dims_(&dims) {}

  enum class Outcome : std::uint8_t { equal, solved, deferred, mismatch };
  struct Equation {
    Dim left = dim_one;
    Dim right = dim_one;
    std::uint32_t reason = 0;
  };

  // a = b, for a reason that the caller can make sense of.
  Outcome unify(Dim a, Dim b, std::uint32_t reason);
  // The dimension with all that is known put in.
  Dim resolve(Dim dim);
  // A length that is never the literal 1 (that of a vector): 1 = n is a mistake to report, not a solution.
  void forbid_one(Dim unknown);

  // Why the unknown has its value.
  std::optional<std::uint32_t> reason(Atom unknown) const;
  // One solution among several for an equation that waits: u + k = n gives u = n - k, u*v = m*n gives u = m and v = n
  // (where `reversed`, u = n and v = m). False where the equation leaves no such choice.
  bool choose(const Equation& equation, bool reversed);
  // Equations that still wait, resolved.
  std::vector<Equation> waiting();
  // Equations that had waited and turned out to be false, since the last call.
  std::vector<Equation> take_failures();
  // A value outgrew the bounds: some resolved dimension is not to be trusted.
  bool overflowed() const { return overflowed_; }

 private:
  struct Unknown {
    std::optional<Dim> value;
    std::uint32_t reason = 0;
    bool never_one = false;
    std::vector<std::uint32_t> watched_by;  // equations that wait for it
  };
  struct Deferred {
    Equation equation;
    bool done = false;
  };

  Unknown& unknown(Atom atom);
  bool is_open(Atom atom) const;
  bool has_open_atom(const Polynomial& polynomial) const;
  Outcome decide(Dim a, Dim b, std::uint32_t reason);
  std::optional<Outcome> solve(const Polynomial& difference, std::uint32_t reason, bool any_sign);
  bool choose_factors(const Polynomial& difference, bool reversed, std::uint32_t reason);
  Outcome assign(Atom atom, Dim value, std::uint32_t reason);
  void defer(Equation equation);
  void retry();
  Dim substitute(Dim dim);

  Dims* dims_;
  std::vector<Unknown> unknowns_;  // by atom
  std::vector<Deferred> deferred_;
  std::vector<std::uint32_t> agenda_;  // deferred equations to try again
  std::vector<Equation> failures_;
  bool overflowed_ = false;
};

}  // namespace matgrad
