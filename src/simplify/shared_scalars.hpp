// SPDX-License-Identifier: MIT
// Scalars that terms of a sum share: s*t*A + s^2*B is s*(t*A + s*B). Of powers of one sign the one nearest to 0 is
// shared; of 1×1 terms every factor is a scalar.
#pragma once

#include <vector>

#include "simplify/term.hpp"

namespace matgrad {

struct ScalarPower {
  NodeId base;
  Rational exponent;
};

struct SharedScalars {
  std::vector<std::size_t> terms;   // ascending
  std::vector<ScalarPower> powers;  // what all of them have
};

// Every set of terms that share something, once, with all that it shares.
std::vector<SharedScalars> shared_scalars(Build& build, const std::vector<Term>& terms);

NodeId product_of(Build& build, const SharedScalars& shared);

// The sum of these terms, with `shape`, without what they share.
NodeId sum_without(Build& build, const std::vector<Term>& terms, const SharedScalars& shared, const Type& shape);

// The scalars of a term alone, with its coefficient.
NodeId scalars_of(Build& build, const Term& term);

}  // namespace matgrad
