// SPDX-License-Identifier: MIT
#include "engine/claim_scene.hpp"

#include <algorithm>
#include <cmath>

#include "base/remark.hpp"
#include "calculus/differential.hpp"
#include "calculus/structured.hpp"
#include "engine/claim_variable.hpp"
#include "engine/loosen.hpp"
#include "expr/walk.hpp"
#include "numeric/verify.hpp"
#include "rules/written_out.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

constexpr int spare_points = 8;
constexpr double tolerance = 1e-8;

tl::unexpected<Diagnostics> stop(Message message, std::vector<std::string> arguments, const SyntaxTree* at = nullptr) {
  Diagnostic diagnostic;
  if (at != nullptr) diagnostic.span = (*at)[at->root].span;
  diagnostic.message = message;
  diagnostic.arguments = std::move(arguments);
  return failure(std::move(diagnostic));
}

// A tree that is only this name.
SyntaxTree name_tree(std::string name) {
  SyntaxTree tree;
  SyntaxNode node;
  node.kind = Syntax::name;
  node.text = std::move(name);
  tree.nodes.push_back(std::move(node));
  return tree;
}

bool is_zero(const SyntaxTree& tree) {
  return tree[tree.root].kind == Syntax::number && tree[tree.root].value.is_zero();
}

bool mentions(const SyntaxTree& tree, std::string_view name) {
  return std::any_of(tree.nodes.begin(), tree.nodes.end(),
                     [&](const SyntaxNode& node) { return node.kind == Syntax::name && node.text == name; });
}

}  // namespace

bool are_about_shapes(const Diagnostics& errors) {
  return std::all_of(errors.begin(), errors.end(), [](const Diagnostic& error) {
    switch (error.message) {
      case Message::shapes_differ:
      case Message::inner_sizes_differ:
      case Message::divisor_not_scalar:
      case Message::exponent_not_scalar:
      case Message::power_of_not_square:
      case Message::needs_square:
      case Message::needs_column:
      case Message::needs_row:
      case Message::needs_scalar:
      case Message::needs_shape:
      case Message::arguments_differ:
      case Message::no_form_fits:
      case Message::unvec_length:
      case Message::block_heights_differ:
      case Message::block_widths_differ:
      case Message::index_of_scalar:
      case Message::index_needs_two:
      case Message::sizes_differ:
      case Message::sizes_not_known: return true;
      default: return false;
    }
  });
}

Result<std::unique_ptr<ClaimScene>> ClaimScene::set(const Claim& claim, const std::vector<std::string>& declarations) {
  std::unique_ptr<ClaimScene> scene(new ClaimScene(claim));
  Diagnostics errors;
  for (const std::string& declaration : declarations) {
    if (auto result = scene->scope.declare(declaration); !result) {
      errors.insert(errors.end(), result.error().begin(), result.error().end());
    }
  }
  if (!errors.empty()) return tl::make_unexpected(std::move(errors));
  Result<void> step;
  switch (claim.kind) {
    case Claim::Kind::identity: step = scene->elaborate_sides(); break;
    case Claim::Kind::differential:
      step = scene->elaborate_left();
      if (step) step = scene->find_changes();
      if (step) step = scene->derive_differential();
      break;
    case Claim::Kind::derivative:
      step = scene->elaborate_left();
      if (step) step = scene->find_variable();
      if (step) scene->add_readings();
      if (step) step = scene->derive_readings();
      break;
  }
  if (!step) return tl::make_unexpected(std::move(step.error()));
  return scene;
}

Result<void> ClaimScene::elaborate_left() {
  auto elaborated = elaborate(scope, claim.left);
  if (!elaborated) return tl::make_unexpected(std::move(elaborated.error()));
  left = elaborated->root;
  if (notes.empty()) notes = std::move(elaborated->notes);  // of the first time, which infers kinds
  return {};
}

// Both sides at once, so that names take their shape from either; the left one alone where they do not fit.
Result<void> ClaimScene::elaborate_sides() {
  const SyntaxTree* sides[] = {&claim.left, &claim.right};
  const bool compares_with_zero = is_zero(claim.right) != is_zero(claim.left);
  if (compares_with_zero && is_zero(claim.left)) std::swap(sides[0], sides[1]);
  auto together = compares_with_zero ? elaborate_together(scope, std::span(sides).first(1))
                                     : elaborate_together(scope, sides, two_sides);
  if (together) {
    left = together->roots[0];
    notes = std::move(together->notes);
  } else {
    if (!are_about_shapes(together.error())) return tl::make_unexpected(std::move(together.error()));
    if (auto alone = elaborate_left(); !alone) return tl::make_unexpected(std::move(together.error()));
  }
  ClaimReading reading;
  reading.name = "identity";  // not an operator: the claim's form
  reading.form = Form::differential;
  reading.arrangement = Arrangement::differential;
  reading.rows = store.type(left).rows;
  reading.cols = store.type(left).cols;
  reading.correct = left;
  readings.push_back(reading);
  return {};
}

NodeId ClaimScene::make_hole(NodeId variable, const std::string& name) {
  Type type = store.type(variable);
  type.properties = linear_structure(type.properties);
  return Build(store).symbol(store.add_symbol({name, type, Symbol::Role::differential}));
}

Result<void> ClaimScene::find_variable() {
  std::string name = claim.variable;
  if (name.empty()) {
    std::vector<std::string> candidates;
    for (const Variable& variable : scope.variables()) {
      if (mentions(claim.left, variable.name)) candidates.push_back(variable.name);
    }
    const auto found = variable_of_nabla(candidates);
    if (!found) return stop(Message::claim_variable_open, {}, &claim.left);
    name = *found;
  }
  variable_ = scope.find_or_infer(name).node;
  const NodeId loose = claim.order == 2 ? loosen(scope, name) : no_node;
  if (loose != no_node) {
    structured_ = variable_;
    left_structured_ = left;
    variable_ = loose;
    if (auto anew = elaborate_left(); !anew) return anew;
  }
  if (claim.by_row && !claim.over_vec && !store.type(variable_).is_column()) {
    if (!store.type(variable_).is_scalar()) return stop(Message::wrt_transposed_needs_vector, {name});
  }
  if (claim.order == 2 && !store.type(left).is_scalar()) {
    const Type& y = store.type(left);
    return stop(Message::second_order_needs_scalar,
                {store.dims.text(y.rows, true).append("×").append(store.dims.text(y.cols, true))}, &claim.left);
  }
  return {};
}

// Which variables change: those N on the left whose dN stands on the right.
Result<void> ClaimScene::find_changes() {
  std::vector<Variable> on_left;
  for (const Variable& variable : scope.variables()) {
    if (variable.node != no_node && mentions(claim.left, variable.name)) on_left.push_back(variable);
  }
  std::vector<Variable> changing;
  for (const Variable& variable : on_left) {
    if (mentions(claim.right, "d" + variable.name)) changing.push_back(variable);
  }
  if (changing.empty() && on_left.size() == 1) changing = on_left;
  if (changing.empty()) return stop(Message::claim_nothing_changes, {}, &claim.right);
  if (changing.size() > 1 && claim.order == 2) return stop(Message::claim_second_of_several, {}, &claim.right);
  for (const Variable& variable : changing) {
    const std::string name = "d" + variable.name;
    const NodeId hole = make_hole(variable.node, name);
    scope.add(name, store[hole].first);
    changes_.emplace_back(variable.node, hole);
  }
  return {};
}

Result<void> ClaimScene::derive_differential() {
  ClaimReading reading;
  reading.name = "differential";
  reading.form = Form::differential;
  reading.arrangement = claim.order == 2 ? Arrangement::second_differential : Arrangement::differential;
  reading.rows = store.type(left).rows;
  reading.cols = store.type(left).cols;
  Build build(store);
  NodeId total = no_node;
  for (const auto& [variable, hole] : changes_) {
    Question q;
    q.expression = Simplifier(build, Sums::open)(left);
    q.variable = variable;
    q.hole = q.first_hole = hole;
    q.order = claim.order;
    q.form = Form::differential;
    const auto presented = present(build, q);
    if (!presented) return tl::make_unexpected(presented.error());
    variable_ = variable;
    bool decided = true;
    if (!is_verified(reading, presented->result, 3, decided)) {
      return stop(decided ? Message::verification_failed : Message::claim_undecided, {obstacle_});
    }
    total = total == no_node ? presented->result : build.add(NodeList{total, presented->result});
  }
  reading.correct = written_out(build, Simplifier(build)(total));
  readings.push_back(reading);
  return {};
}

void ClaimScene::add_reading(const char* name, Layout layout, Form form, Arrangement arrangement, bool is_transposed) {
  const Type& y = store.type(left);
  const Type& x = store.type(variable_);
  Dims& dims = store.dims;
  ClaimReading reading{name, layout, form, arrangement, is_transposed, x.rows, x.cols, no_node};
  switch (arrangement) {
    case Arrangement::by_scalar: reading.rows = y.rows, reading.cols = y.cols; break;
    case Arrangement::jacobian:
      reading.rows = dims.multiply(y.rows, y.cols);
      reading.cols = dims.multiply(x.rows, x.cols);
      break;
    case Arrangement::block:
      reading.rows = dims.multiply(y.rows, x.rows);
      reading.cols = dims.multiply(y.cols, x.cols);
      break;
    case Arrangement::hessian: reading.rows = reading.cols = dims.multiply(x.rows, x.cols); break;
    default: break;
  }
  if (is_transposed) std::swap(reading.rows, reading.cols);
  readings.push_back(reading);
}

void ClaimScene::add_readings() {
  const Type y = store.type(left);
  const Type x = store.type(variable_);
  const auto both = [&](Form form, Arrangement arrangement, bool denominator, bool numerator) {
    add_reading("denominator", Layout::denominator, form, arrangement, denominator);
    add_reading("numerator", Layout::numerator, form, arrangement, numerator);
  };
  if (claim.order == 2) return both(Form::matrix, Arrangement::hessian, false, false);
  const bool row = claim.by_row && !claim.over_vec;
  if (claim.over_vec) return both(Form::vec, Arrangement::jacobian, true, false);
  if (y.is_scalar()) return both(Form::matrix, Arrangement::gradient, row, !row);
  if (x.is_scalar()) return both(Form::matrix, Arrangement::by_scalar, true, false);
  both(Form::matrix, Arrangement::jacobian, !row, row);
  const bool is_plain_pair = y.is_vector() && x.is_column();
  const bool is_free = linear_structure(x.properties) == 0;
  if (!is_plain_pair && is_free) add_reading("block", Layout::denominator, Form::block, Arrangement::block, false);
}

Question ClaimScene::question(const ClaimReading& reading) const {
  Question q;
  q.variable = variable_;
  q.by_row = claim.by_row && !claim.over_vec;
  q.order = claim.order;
  q.layout = reading.layout;
  q.form = reading.form;
  return q;
}

Result<void> ClaimScene::derive_readings() {
  Build build(store);
  const std::string& name = store.symbol_at(store[variable_].first).name;
  const NodeId hole = make_hole(variable_, "d" + name);
  const NodeId expression = Simplifier(build, Sums::open)(left);
  for (ClaimReading& reading : readings) {
    Question q = question(reading);
    q.expression = expression;
    q.hole = q.first_hole = hole;
    const auto presented = present(build, q);
    if (!presented) {
      if (reading.form == Form::block) continue;
      return tl::make_unexpected(presented.error());
    }
    bool decided = true;
    if (is_verified(reading, presented->result, 3, decided)) {
      reading.correct = presented->result;
    } else {
      return stop(decided ? Message::verification_failed : Message::claim_undecided, {obstacle_});
    }
  }
  tighten();
  return {};
}

// A Hessian over all entries of a structured variable is compared where the variable has its structure.
void ClaimScene::tighten() {
  if (structured_ == no_node) return;
  Build build(store);
  for (ClaimReading& reading : readings) {
    reading.correct = Simplifier(build)(substitute(build, reading.correct, variable_, structured_));
  }
  const std::string& name = store.symbol_at(store[structured_].first).name;
  scope.read_as(name, structured_);
  variable_ = structured_;
  left = left_structured_;
  notes.push_back(remark(Message::hessian_of_all_entries, {name}));
}

// Against differences of the left side.
bool ClaimScene::is_verified(const ClaimReading& reading, NodeId result, int points, bool& decided) const {
  Check check;
  check.input = left;
  check.variable = variable_;
  for (const auto& [variable, hole] : changes_) {
    if (variable == variable_) check.direction = check.first_direction = hole;
  }
  check.result = result;
  check.arrangement = reading.arrangement;
  check.transposed = reading.transposed;
  const Verification verification = verify(store, check, scope.conditions(), points);
  decided = verification.points > 0;
  obstacle_ = verification.reason;
  return verification.passed;
}

Outcome ClaimScene::judge(const ClaimReading& reading, NodeId right, int points) const {
  const Type& type = store.type(right);
  if (type.rows != reading.rows || type.cols != reading.cols) return Outcome::fails;
  if (claim.kind != Claim::Kind::derivative || structured_ != no_node) {
    return right == reading.correct ? Outcome::holds : agree(reading.correct, right, points);
  }
  bool decided = true;
  if (is_verified(reading, right, points, decided)) return Outcome::holds;
  if (decided) return Outcome::fails;
  if (right == reading.correct) return Outcome::holds;
  return reading.correct == no_node ? Outcome::undecided : agree(reading.correct, right, points);
}

Outcome ClaimScene::agree(NodeId a, NodeId b, int points) const {
  const NodeId roots[] = {a, b};
  int compared = 0;
  for (std::uint64_t seed = 1; compared < points && static_cast<int>(seed) <= points + spare_points; ++seed) {
    const auto point = sample(store, roots, scope.conditions(), seed);
    if (!point) continue;
    const auto x = evaluate(store, a, *point);
    const auto y = evaluate(store, b, *point);
    if (!x || !y || !x->allFinite() || !y->allFinite()) continue;
    ++compared;
    if (x->rows() != y->rows() || x->cols() != y->cols()) return Outcome::fails;
    if (x->size() == 0) continue;
    const double scale = std::max({1.0, x->cwiseAbs().maxCoeff(), y->cwiseAbs().maxCoeff()});
    if ((*x - *y).cwiseAbs().maxCoeff() > tolerance * scale) return Outcome::fails;
  }
  return compared > 0 ? Outcome::holds : Outcome::undecided;
}

Result<NodeId> ClaimScene::elaborate_as(const SyntaxTree& right, Dim rows, Dim cols) {
  if (is_zero(right)) return Build(store).zeros(rows, cols);
  // A name that nobody can write, of the shape wanted.
  const std::string name = "the other side";
  Scope tried = scope;
  tried.add(name, store.add_symbol({name, Type{rows, cols}, Symbol::Role::variable}));
  const SyntaxTree witness = name_tree(name);
  const SyntaxTree* trees[] = {&witness, &right};
  auto together = elaborate_together(tried, trees, two_sides);
  if (!together) return tl::make_unexpected(std::move(together.error()));
  return together->roots[1];
}

Result<NodeId> ClaimScene::right_in(const ClaimReading& reading, const SyntaxTree& right) {
  const bool is_swapped = claim.kind == Claim::Kind::identity && is_zero(claim.left) && &right == &claim.right;
  return elaborate_as(is_swapped ? claim.left : right, reading.rows, reading.cols);
}

Result<NodeId> ClaimScene::right_alone(const SyntaxTree& right) const {
  Scope tried = scope;
  auto alone = elaborate(tried, right);
  if (!alone) return tl::make_unexpected(std::move(alone.error()));
  return alone->root;
}

std::vector<std::string> ClaimScene::declarations() const {
  std::vector<std::string> result;
  for (const Variable& variable : scope.variables()) {
    if (variable.node == no_node) continue;
    if (store.symbol_at(variable.symbol).role != Symbol::Role::variable) continue;
    result.push_back(variable.name + ": " + scope.kind_text(variable));
  }
  return result;
}

}  // namespace matgrad
