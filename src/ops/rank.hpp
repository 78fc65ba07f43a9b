// SPDX-License-Identifier: MIT
// The rank by singular values, where they leave no doubt: what is nearly singular has no derivative that arithmetic
// with doubles could tell.
#pragma once

#include "ops/kernel.hpp"

namespace matgrad {

struct NumericRank {
  Eigen::Index rank = 0;
  bool known = true;
};

// Of singular values from the largest down.
inline NumericRank numeric_rank(const Array<double>& values) {
  constexpr double negligible = 1e-12;  // of the largest: rounding errors, also of what is slightly disturbed
  constexpr double present = 1e-5;
  NumericRank result;
  for (Eigen::Index i = 0; i < values.size() && values(i) > negligible * values(0); ++i) {
    ++result.rank;
    result.known = result.known && values(i) > present * values(0);
  }
  return result;
}

}  // namespace matgrad
