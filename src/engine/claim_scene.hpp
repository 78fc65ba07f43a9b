// SPDX-License-Identifier: MIT
// A claim with everything that it can mean: its left side elaborated, the variable found, and for each reading (a
// layout or form) the shape that the right side must have and the right answer. Whether a right side holds is decided
// by numbers: a derivative against differences of the left side, anything else at random points.
//
//   d(A*x)/dx = A   has the readings denominator (n×m, A') and numerator (m×n, A); the right side holds in the latter
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "calculus/layout.hpp"
#include "numeric/sample.hpp"
#include "syntax/claim.hpp"
#include "syntax/elaborate.hpp"

namespace matgrad {

struct ClaimReading {
  const char* name = "";
  Layout layout = Layout::denominator;
  Form form = Form::matrix;
  Arrangement arrangement = Arrangement::gradient;
  bool transposed = false;
  Dim rows = dim_one;
  Dim cols = dim_one;
  NodeId correct = no_node;  // agrees with differences of the input; no_node where it is not known
};

enum class Outcome : std::uint8_t { holds, fails, undecided };

class ClaimScene {
 public:
  // Errors: the declarations', the left side's, a variable that is not found, a left side that cannot be
  // differentiated.
  static Result<std::unique_ptr<ClaimScene>> set(const Claim& claim, const std::vector<std::string>& declarations);

  const Claim& claim;
  Store store;
  Scope scope{store};
  NodeId left = no_node;  // of a differential or derivative, what is differentiated
  std::vector<ClaimReading> readings;
  Diagnostics notes;

  // A right side, read as what this reading asks for. Errors: shapes that do not fit, unknown functions.
  Result<NodeId> right_in(const ClaimReading& reading, const SyntaxTree& right);
  // A right side on its own; its shape says why it fits no reading.
  Result<NodeId> right_alone(const SyntaxTree& right) const;
  Outcome judge(const ClaimReading& reading, NodeId right, int points = 3) const;
  // Whether two expressions have the same values.
  Outcome agree(NodeId a, NodeId b, int points = 3) const;
  // What may be said of the claim's names: "A: matrix(m, n)".
  std::vector<std::string> declarations() const;
  // Why a judgement was not possible.
  const std::string& obstacle() const { return obstacle_; }

 private:
  explicit ClaimScene(const Claim& claim_) : claim(claim_) {}
  Result<void> elaborate_left();
  Result<void> elaborate_sides();
  Result<void> find_variable();
  Result<void> find_changes();
  void add_readings();
  void add_reading(const char* name, Layout layout, Form form, Arrangement arrangement, bool transposed);
  Result<void> derive_differential();
  Result<void> derive_readings();
  void tighten();
  Question question(const ClaimReading& reading) const;
  bool is_verified(const ClaimReading& reading, NodeId result, int points, bool& decided) const;
  NodeId make_hole(NodeId variable, const std::string& name);
  Result<NodeId> elaborate_as(const SyntaxTree& right, Dim rows, Dim cols);

  NodeId variable_ = no_node;
  // Of a Hessian by a structured variable, which is derived over all entries: what is declared, and the left side in
  // it.
  NodeId structured_ = no_node;
  NodeId left_structured_ = no_node;
  std::vector<std::pair<NodeId, NodeId>> changes_;  // of a differential: variables and their holes
  mutable std::string obstacle_;
};

// Whether these errors say that shapes do not go together, and nothing else.
bool are_about_shapes(const Diagnostics& errors);

}  // namespace matgrad
