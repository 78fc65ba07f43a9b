// SPDX-License-Identifier: MIT
// A generated expression before it is an expression: a tree of shapes and forms that can be written as text in the
// input language, built through the constructors, and cut smaller. That the two ways meet in one node is a test.
#pragma once

#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "ops/build.hpp"

namespace matgrad {

enum class SketchForm : std::uint8_t {
  variable,
  number,
  dimension,
  zeros,
  ones,
  identity,
  unit,
  selection,  // K(m,n), D(n), L(n)
  index,
  entry,
  row,
  column,  // leaves
  transpose,
  negate,
  add,
  subtract,
  product,
  divide,
  hadamard,
  hadamard_divide,
  power,
  hadamard_power,
  call,
  sum,
};

struct Sketch;
using SketchPtr = std::shared_ptr<const Sketch>;

struct Sketch {
  SketchForm form = SketchForm::number;
  Dim rows = dim_one;
  Dim cols = dim_one;
  std::vector<SketchPtr> parts;  // entry, row, column: the variable and its indices; sum: the body
  std::string name;              // of a variable, index or operator; a number as written
  Rational value;                // of a number
  Dim size = dim_one;            // dimension: its value; sum: the upper bound; unit: none
  OpId op{0};                    // call

  bool is_scalar() const { return rows == dim_one && cols == dim_one; }
  bool has_shape(Dim r, Dim c) const { return rows == r && cols == c; }
};

struct SketchVariable {
  std::string name;
  std::string kind;  // "matrix", "spd" …
  Dim rows = dim_one;
  Dim cols = dim_one;
  bool positive = false;
};

// An expression with the variables that it may mention. Dimensions are those of `dims`.
struct RandomExpression {
  std::uint64_t seed = 0;
  std::shared_ptr<Dims> dims;
  std::vector<SketchVariable> variables;
  SketchPtr root;

  // Declarations of the variables that occur; all variables where `all` is set.
  std::vector<std::string> declarations() const;
  std::vector<SketchVariable> occurring() const;
};

// The text in the input language. With a source of randomness the spelling varies: redundant parentheses, blanks,
// `.T`, Unicode signs.
std::string to_text(const RandomExpression& expression, std::mt19937_64* spelling = nullptr);

// The node, through the constructors. The names must be those of symbols.
NodeId build_sketch(Build& build, const RandomExpression& expression, const std::map<std::string, NodeId>& symbols);

std::size_t size_of(const Sketch& sketch);

// The same dimension among other dimensions.
Dim carried(const Dims& from, Dim dim, Dims& to);

}  // namespace matgrad
