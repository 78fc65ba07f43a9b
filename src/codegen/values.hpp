// SPDX-License-Identifier: MIT
// A plan as values that are never written twice, which is how one reads code and what JAX wants: a step that adds to a
// buffer makes a new value of it, a map becomes its instructions, and a buffer that is read as an array of another
// shape is reshaped. Values stand in an order in which they can be computed, each in the scope of its loop.
//
//   f = norm2(X*w - y)^2:   X, w, y       argument
//                           X*w           product
//                           X*w - y       subtract
//                           its square    inner
#pragma once

#include <cstdint>
#include <vector>

#include "plan/plan.hpp"

namespace matgrad {

using ValueId = std::uint32_t;

enum class ValueForm : std::uint8_t {
  argument,
  index,      // of a loop
  constant,   // number
  dimension,  // dim, as a number
  // Entry by entry; a scalar, a column or a row is spread over the shape of the other.
  add,
  subtract,
  multiply,
  divide,
  power,
  negate,
  square,
  reciprocal,
  root,
  call,    // op, entrywise
  spread,  // what is smaller, over rows and columns
  transpose,
  reshape,  // column by column
  product,
  inner,  // of two vectors of one shape
  total,
  row_totals,
  column_totals,
  identity,
  diagonal,   // the matrix with a vector on its diagonal
  factorise,  // factorisation
  solve,      // transposed, from_right; the factorisation, then the other
  inverse,    // transposed
  determinant,
  log_determinant,
  pick_entry,   // of the first, by the number that is the second
  pick_row,     //
  pick_rows,    // as many as the result has, behind the first `dim`
  pick_column,  //
  apply,        // op
  repeat,       // scope; first, last, and what is added up
};

struct CodeValue {
  ValueForm form = ValueForm::argument;
  Dim rows = dim_one;
  Dim cols = dim_one;
  std::vector<ValueId> arguments;
  double number = 0;
  Dim dim = dim_one;
  OpId op{};
  Factorisation factorisation{};
  bool transposed = false;
  bool from_right = false;
  bool is_direct =
      false;  // of what follows a factorisation: that has no other reader, and the first is the matrix itself
  std::uint32_t scope = 0;  // the loop that it is computed in; 0: none
  std::uint32_t loop = 0;   // repeat: the scope of what it repeats
  NodeId node = no_node;
  // How often it is written where nothing is kept in a variable, and whether one has to be kept: an inner loop reads
  // it.
  std::uint32_t uses = 0;
  bool crosses = false;
  bool is_literal = false;  // made of numbers and dimensions only
  bool is_indexed = false;  // an entry, a row or a column is picked from it
  bool is_integer = false;  // an index, an exponent of a matrix, a bound of a sum, or what one is made of

  bool is_scalar() const { return rows == dim_one && cols == dim_one; }
  bool is_column() const { return cols == dim_one && rows != dim_one; }
  bool is_row() const { return rows == dim_one && cols != dim_one; }
  bool is_vector() const { return is_column() || is_row(); }
  bool is_matrix() const { return rows != dim_one && cols != dim_one; }
  bool same_shape(const CodeValue& other) const { return rows == other.rows && cols == other.cols; }
};

struct CodeLoop {
  ValueId index = 0;
  ValueId repeat = 0;
};

struct Values {
  std::vector<CodeValue> all;
  std::vector<ValueId> arguments;  // in the order of the plan's inputs
  std::vector<ValueId> outputs;    // in the order of the plan's outputs
  std::vector<CodeLoop> loops;     // by scope, from 1 on
  const CodeValue& operator[](ValueId id) const { return all[id]; }
};

// The dimensions of the store may grow: sums over what is spread are products.
Values values_of(Store& store, const Plan& plan);

// Whether it is written out wherever it is used: names, numbers, and the same array looked at otherwise.
bool is_always_inline(ValueForm form);

}  // namespace matgrad
