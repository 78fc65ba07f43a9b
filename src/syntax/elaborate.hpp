// SPDX-License-Identifier: MIT
// From syntax to typed expressions: which kind every name has, which dimension every shape has, and then the node.
//
// Shapes are solved by unification over the whole tree before anything is built; an error says both shapes and where
// each came from. Names that were not declared get a kind from their use, and where use leaves it open, from the
// convention (a-g scalars, h-z vectors, A-Z matrices, Greek letters scalars); each such choice is recorded.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "ops/build.hpp"
#include "syntax/parser.hpp"

namespace matgrad {

// The kinds that a declaration can name.
enum class Kind : std::uint8_t {
  scalar,
  vector,
  matrix,
  symmetric_matrix,
  spd_matrix,
  skew_matrix,
  diagonal_matrix,
  lower_matrix,
  upper_matrix,
  orthogonal_matrix,
};

struct Variable {
  std::string name;
  Kind kind = Kind::matrix;
  bool positive = false;
  bool declared = false;     // by the user; otherwise inferred
  std::uint32_t symbol = 0;  // payload in the store; set once `node` is
  NodeId node = no_node;     // no_node while its dimensions are open: "X: matrix", not yet used
  Dim rows = dim_one;
  Dim cols = dim_one;
  std::string declaration;  // the --var text as written, where declared
};

// The names of one derivation: declared variables, then those that expressions brought in.
class Scope {
 public:
  explicit Scope(Store& store) : store_(store) {}
  Store& store() const { return store_; }
  // Adds "X: matrix(m,n)". Errors: unknown kind, bad dimension, the same name twice.
  Result<void> declare(std::string_view declaration);
  // Adds a name that is not the user's to declare, such as the differential dX: of the shape of its symbol.
  void add(std::string name, std::uint32_t symbol);
  const std::vector<Variable>& variables() const { return variables_; }
  std::set<std::string> names() const;
  // From now on the variable is read as this symbol, which has its shape.
  void read_as(std::string_view name, NodeId symbol);
  // The pointer holds until the next declaration or elaboration.
  const Variable* find(std::string_view name) const;
  // The same, made up by the convention where no expression or declaration has it: what --wrt may name.
  const Variable& find_or_infer(std::string_view name);
  // "vector(n)", "matrix(m, n) positive": the kind as a user would write it, dimensions solved.
  std::string kind_text(const Variable& variable) const;
  // n*q = r*s: what the shapes still demand of the sizes when every unknown has its name.
  const std::vector<SizeCondition>& conditions() const { return conditions_; }

 private:
  friend class Elaborator;
  Store& store_;
  std::vector<Variable> variables_;
  std::unordered_map<std::string, std::size_t> by_name_;
  std::vector<SizeCondition> conditions_;
};

struct Elaborated {
  NodeId root = no_node;
  Diagnostics notes;  // what was inferred: kinds and dimensions of names that were not declared
};

// The expression of a syntax tree, in a scope that grows by the names it finds.
Result<Elaborated> elaborate(Scope& scope, const SyntaxTree& tree);

struct ElaboratedTogether {
  std::vector<NodeId> roots;
  Diagnostics notes;
};

// The two sides of an equation, by their numbers in a list of expressions.
using Sides = std::pair<std::size_t, std::size_t>;
inline constexpr Sides two_sides[] = {{0, 1}};  // of a list of two

// Several expressions whose names mean the same, solved as one. The sides of an equation must have one shape, and a
// bare I or a name that was not declared takes it.
Result<ElaboratedTogether> elaborate_together(Scope& scope, std::span<const SyntaxTree* const> trees,
                                              std::span<const Sides> equations = {});

}  // namespace matgrad
