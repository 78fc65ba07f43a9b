// SPDX-License-Identifier: MIT
// What must hold for every expression, and the report of one for which something does not.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "expr/walk.hpp"
#include "random_expr.hpp"
#include "random_pairs.hpp"
#include "syntax/elaborate.hpp"

namespace matgrad {

struct PropertyFailure {
  std::string property;
  std::string detail;
};

// How much larger than its input a result is: one ratio an expression, and the expression of the largest.
struct Growth {
  std::vector<float> ratios;
  float largest = 0;
  std::uint64_t seed = 0;

  void count(double ratio, std::uint64_t of);
  void add(const Growth& other);
};

// What a run has seen; added up over threads.
struct PropertyCounts {
  std::size_t expressions = 0;
  std::size_t without_point = 0;  // no sample point: only the exact properties were checked
  std::size_t derivatives = 0;    // verified by the engine
  std::size_t hessians = 0;
  std::size_t refused = 0;  // an operator without a derivative, or no point to verify at
  // Refused: the formula has no finite value where it was tried, such as det at a singular matrix.
  std::size_t outside = 0;
  std::map<std::string, std::size_t> questions;  // "order 2, vec, mixed" …
  std::map<std::string, double> seconds;         // by property
  Growth nodes[2];                               // by order: nodes of a derivative for one of its input
  Growth operators[2];                           // the same written out, where what is shared counts each time
  PairCoverage pairs;

  void add(const PropertyCounts& other);
};

struct CheckOptions {
  bool thorough = false;  // every variable and every form rather than a random choice
  std::string only;       // this property alone, where not empty
};

// The first property that does not hold; nothing where all do.
std::optional<PropertyFailure> check_expression(const RandomExpression& expression, const CheckOptions& options,
                                                PropertyCounts& counts);

// The smallest expression found that fails in the same way.
RandomExpression shrunk(const RandomExpression& expression, const PropertyFailure& failure);

// The failure as it is shown: shrunk, with its seed and the command that reproduces it.
std::string failure_text(const RandomExpression& expression, const PropertyFailure& failure);

// The same expression with operands of commutative operators in another order.
SketchPtr permuted(const SketchPtr& sketch, std::mt19937_64& random);

// The tree with variables renamed.
SketchPtr renamed(const SketchPtr& sketch, const std::map<std::string, std::string>& names);

}  // namespace matgrad
