// SPDX-License-Identifier: MIT
// From syntax to typed expressions: which kind every name has, which dimension every shape has, and then the node.
//
// Shapes are solved by unification over the whole tree before anything is built; an error says both shapes and where
// each came from. Names that were not declared get a kind from their use, and where use leaves it open, from the
// convention (a-g scalars, h-z vectors, A-Z matrices, Greek letters scalars); each such choice is recorded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ops/build.hpp"
#include "syntax/parser.hpp"

namespace matgrad {

// The kinds that a declaration can name.
enum class Kind : std::uint8_t {
  scalar, vector, matrix, symmetric_matrix, spd_matrix, skew_matrix, diagonal_matrix, lower_matrix, upper_matrix,
  orthogonal_matrix,
};

struct Variable {
  std::string name;
  Kind kind = Kind::matrix;
  bool positive = false;
  bool declared = false;        // by the user; otherwise inferred
  std::uint32_t symbol = 0;     // payload in the store
  NodeId node = no_node;
  std::string declaration;      // the --var text as written, where declared
};

// n*q = r*s: what the shapes still demand of the sizes when every unknown has its name.
struct DimensionCondition {
  Dim left;
  Dim right;
};

// The names of one derivation: declared variables, then those that expressions brought in.
class Scope {
 public:
  explicit Scope(Store& store) : store_(store) {}
  Store& store() const { return store_; }
  // Adds "X: matrix(m,n)". Errors: unknown kind, bad dimension, the same name twice.
  Result<void> declare(std::string_view declaration);
  const std::vector<Variable>& variables() const { return variables_; }
  const Variable* find(std::string_view name) const;
  // "vector(n)", "matrix(m, n) positive": the kind as a user would write it, dimensions solved.
  std::string kind_text(const Variable& variable) const;
  const std::vector<DimensionCondition>& conditions() const { return conditions_; }

 private:
  friend class Elaborator;
  Store& store_;
  std::vector<Variable> variables_;
  std::vector<DimensionCondition> conditions_;
};

struct Elaborated {
  NodeId root = no_node;
  Diagnostics notes;  // what was inferred: kinds and dimensions of names that were not declared
};

// The expression of a syntax tree, in a scope that grows by the names it finds. `wrt`, where given, is a variable that
// the caller will differentiate by (so that it exists even when the expression does not mention it).
Result<Elaborated> elaborate(Scope& scope, const SyntaxTree& tree);

}  // namespace matgrad
