// SPDX-License-Identifier: MIT
// The type of an expression: rows × columns and what is known of its structure. A scalar is 1×1 by literal ones; a
// column has one literal column, a row one literal row. A dimension's *name* is never taken to be 1.
#pragma once

#include <cstdint>

#include "expr/dim.hpp"

namespace matgrad {

// What is known to hold. Bits, so that what an operator keeps is a mask. Every bit is a promise, never a guess.
enum Property : std::uint16_t {
  symmetric = 1 << 0,
  positive_definite = 1 << 1,
  positive_semidefinite = 1 << 2,
  skew = 1 << 3,
  diagonal = 1 << 4,
  lower = 1 << 5,
  upper = 1 << 6,
  orthogonal = 1 << 7,
  positive = 1 << 8,  // every entry > 0
};
using Properties = std::uint16_t;

struct Type {
  Dim rows = dim_one;
  Dim cols = dim_one;
  Properties properties = 0;

  bool is_scalar() const { return rows == dim_one && cols == dim_one; }
  bool is_column() const { return cols == dim_one && rows != dim_one; }
  bool is_row() const { return rows == dim_one && cols != dim_one; }
  bool is_vector() const { return is_column() || is_row(); }
  bool is_matrix() const { return rows != dim_one && cols != dim_one; }
  bool has(Properties wanted) const { return (properties & wanted) == wanted; }
  bool same_shape(const Type& other) const { return rows == other.rows && cols == other.cols; }
};

// The properties with all that follows from them: definite is semidefinite and symmetric, diagonal is lower and upper.
constexpr Properties closed(Properties p) {
  if (p & positive_definite) p |= positive_semidefinite;
  if (p & positive_semidefinite) p |= symmetric;
  if ((p & lower) && (p & upper)) p |= diagonal;
  if (p & diagonal) p |= symmetric | lower | upper;
  return p;
}

// What A' is known to be when A is `p`.
constexpr Properties transposed(Properties p) {
  Properties swapped = p & ~(lower | upper);
  if (p & lower) swapped |= upper;
  if (p & upper) swapped |= lower;
  return swapped;
}

}  // namespace matgrad
