// SPDX-License-Identifier: MIT
// The independent check: does a printed derivative agree with differences of the *input*? Nothing here uses the
// differentiation code: the input is evaluated, by complex step where every kernel on the way is analytic, by
// Richardson-extrapolated central differences otherwise, and the arrays are compared entry by entry.
#pragma once

#include <string>

#include "expr/arrangement.hpp"
#include "numeric/sample.hpp"

namespace matgrad {

struct Check {
  NodeId input = no_node;            // Y
  NodeId variable = no_node;         // X, a symbol
  NodeId second = no_node;           // of a mixed Hessian: its columns are by vec of this; no_node: X
  NodeId direction = no_node;        // the symbol dX, for Arrangement::differential; no_node where the result has none
  NodeId first_direction = no_node;  // of a second differential: the change of X, where `direction` is that of `second`
  NodeId result = no_node;           // what is to be shown
  Arrangement arrangement = Arrangement::gradient;
  Properties independent = 0;  // for the arrangements over independent entries: the structure they are of
  bool transposed = false;     // what is shown is the transpose of the arrangement
  bool free_entries = false;   // of a symmetric variable: the gradient by its independent entries, 2G - G∘I
  // For a structured variable (symmetric, diagonal, triangular, skew): the derivative is the projected one, so
  // differences are taken along the projections of the unit matrices. Read from the variable's properties.
};

struct Verification {
  bool passed = false;
  int points = 0;  // how many points were compared
  double largest_relative_error = 0;
  std::string reason;  // where it did not pass: which seed, sizes, entry, both values; or why no point
};

// Compares at `points` random points, sizes and values different at each.
Verification verify(const Store& store, const Check& check, std::span<const SizeCondition> conditions, int points = 3,
                    std::uint64_t seed = 1);

}  // namespace matgrad
