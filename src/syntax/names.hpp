// SPDX-License-Identifier: MIT
// What every name and every call of an expression means, before shapes are known: variable, bound index, constant,
// dimension, operator; and which kind a variable that was not declared must have by the way it is used.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "syntax/elaborate.hpp"
#include "syntax/forest.hpp"

namespace matgrad {

enum class Meaning : std::uint8_t {
  none,           // no name and no call
  variable,       // id: into Names::entries
  count,          // a scalar variable in a bound of a sum, where it is a whole number; id: into Names::entries
  bound_index,    // id: into Names::indices
  identity_bare,  // I, of a size to be found
  constant,       // an operator without arguments: pi; id: the operator
  dimension,      // the size of that name; id: the Dim
  unbound_index,  // a name in A[i,j] that no sum binds
  function_name,  // a function without its arguments
  // calls
  operation,  // of the table
  identity,
  ones,
  zeros,
  unit,
  selection,  // K(m,n), D(n), L(n)
  unvec,
  hadamard_matrix,
  indexed_sum,
  variable_called,  // x(…) for a variable x
  unknown_function,
};

// How an undeclared name is used, as far as the syntax alone tells.
enum Use : std::uint8_t {
  used_transposed = 1 << 0,  // or indexed: not a scalar
  used_as_scalar = 1 << 1,   // divisor, exponent, base of ^
  used_as_column = 1 << 2,   // argument where a column is needed, or indexed by one index
  used_as_matrix = 1 << 3,   // argument where a square matrix is needed, or indexed by two
};

struct NameEntry {
  std::string text;
  std::uint32_t first = 0;          // the node where it stands first
  const Variable* known = nullptr;  // declared, or from an earlier expression
  std::uint8_t uses = 0;
  Kind kind = Kind::scalar;     // of a name not known: a guess that inference may raise
  bool may_rise = false;        // a scalar by convention only
  std::uint32_t raised_by = 0;  // the node whose shape it took
  bool raised = false;
  bool raised_to_row = false;
};

struct Index {
  std::string text;
  std::uint32_t sum = 0;  // the node that binds it
  std::uint32_t symbol = 0;
  Dim length = dim_one;  // its upper bound, where the lower one is a number from 1 on
  bool whole = false;    // whether `length` says so
};

struct Names {
  std::vector<Meaning> meaning;    // by node
  std::vector<std::uint32_t> id;   // by node
  std::vector<bool> in_dimension;  // by node: part of a dimension, of a bound or of an index
  std::vector<NameEntry> entries;
  std::vector<Index> indices;
};

// What a call of that name with so many arguments is, where it is no operator of the table; `none` otherwise.
Meaning special_call(std::string_view name, std::size_t count);

Names resolve_names(const Scope& scope, const Forest& forest);

// The convention: a-g scalars, h-z vectors, A-Z matrices, Greek letters scalars (capital ones: matrices).
Kind kind_by_convention(std::string_view name);

}  // namespace matgrad
