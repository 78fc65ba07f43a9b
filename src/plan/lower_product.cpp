// SPDX-License-Identifier: MIT
// Products: in the cheapest order, and each by the routine that its factors allow.
#include <algorithm>
#include <array>

#include "plan/lowering.hpp"

namespace matgrad {
namespace {

// Of a product of matrices, one triangular factor.
Triangle triangle_of(const Type& left, const Type& right) {
  if (left.rows == dim_one || right.cols == dim_one) return Triangle::none;
  if (left.has(lower)) return Triangle::left_lower;
  if (left.has(upper)) return Triangle::left_upper;
  if (right.has(lower)) return Triangle::right_lower;
  return right.has(upper) ? Triangle::right_upper : Triangle::none;
}

}  // namespace

Chains::Surroundings Lowering::surroundings() {
  const Scope& scope = scopes_.back();
  return {[this](NodeId id) { return has(id); },
          [this, index = scope.index](NodeId factor) { return index != no_node && depends(factor, index); },
          scope.times};
}

std::pair<NodeId, NodeId> Lowering::halves(NodeId product) {
  return chains_.split(product, surroundings());
}

bool Lowering::lower_multiply(NodeId id) {
  const auto [left, right] = halves(id);
  return lower_pair(id, left, right);
}

// What an inverse inverts, where the node is one that has not been formed.
std::optional<NodeId> Lowering::inverted(NodeId id, bool& transposed) {
  transposed = store_[id].op == op::transpose;
  const NodeId inner = transposed ? store_.child(id, 0) : id;
  if (kind(inner) != Computed::inverse || has(inner)) return std::nullopt;
  return store_.child(inner, 0);
}

// How a product of two is computed. What an expert sees in the factors is looked for from the cheapest way on.
Lowering::Way Lowering::way_of(NodeId left, NodeId right) {
  const bool is_row = store_.type(left).rows == dim_one;
  const bool is_column = store_.type(right).cols == dim_one;
  bool transposed = false;
  auto is_inverse = [&](NodeId factor) {
    return kind(store_[factor].op == op::transpose ? store_.child(factor, 0) : factor) == Computed::inverse;
  };
  if (is_row && is_column) return Way::inner;
  if (store_.type(left).cols == dim_one) return Way::outer;
  if (kind(left) == Computed::diagonal_matrix) return Way::scaled_rows;
  if (kind(right) == Computed::diagonal_matrix) return Way::scaled_columns;
  if (is_inverse(right) && is_identity_and_outer_products(left)) return Way::left_distributed;
  if (is_inverse(left) && is_identity_and_outer_products(right)) return Way::right_distributed;
  if (inverted(left, transposed) || inverted(right, transposed)) return Way::solve;
  if (store_.type(left).has(diagonal)) return Way::scaled_rows;
  if (store_.type(right).has(diagonal)) return Way::scaled_columns;
  if (is_column && can_distribute(left)) return Way::left_distributed;
  if (is_row && can_distribute(right)) return Way::right_distributed;
  if (store_[left].op == op::commutation && !has(left)) return Way::commuted;
  if (store_[left].op == op::ones || store_[right].op == op::ones) return Way::with_ones;
  if (store_[build_.transpose(left)].op == op::unit) return Way::picked_row;
  if (store_[right].op == op::unit) return Way::picked_column;
  if (kind(left) == Computed::kronecker && !has(left) && is_column) return Way::kronecker_times_vector;
  if (kind(right) == Computed::kronecker && !has(right) && is_row) return Way::turned;
  if (selects_rows(build_, left)) return Way::selected_rows;
  if (selects_rows(build_, build_.transpose(right))) return Way::turned;
  if (is_better_apart(left, extent(store_.type(right).cols))) {
    return store_[left].op == op::add ? Way::left_distributed : Way::by_blocks;
  }
  if (is_better_apart(build_.transpose(right), extent(store_.type(left).rows))) {
    return store_[right].op == op::add ? Way::right_distributed : Way::turned;
  }
  return Way::plain;
}

bool Lowering::lower_pair(NodeId id, NodeId left, NodeId right) {
  switch (way_of(left, right)) {
    case Way::inner: {
      const std::array factors{build_.transpose(left), right};
      return lower_total(id, factors);
    }
    case Way::outer: return lower_entrywise_product(id, left, right);
    case Way::scaled_rows: return lower_entrywise_product(id, diagonal_of(left), right);
    case Way::scaled_columns: return lower_entrywise_product(id, left, build_.transpose(diagonal_of(right)));
    case Way::left_distributed: return lower_distributed(id, left, right, true);
    case Way::right_distributed: return lower_distributed(id, right, left, false);
    case Way::solve: return lower_solve(id, left, right);
    case Way::commuted: return lower_commuted(id, left, right);
    case Way::with_ones: return lower_with_ones(id, left, right);
    case Way::picked_row: return lower_pick(id, right, build_.transpose(left), true);
    case Way::picked_column: return lower_pick(id, left, right, false);
    case Way::kronecker_times_vector: return lower_kronecker_times_vector(id, left, right);
    case Way::selected_rows: return lower_selected_rows(id, left, right);
    case Way::by_blocks: return lower_by_blocks(id, left, right);
    case Way::turned: return lower_turned(id, left, right);
    case Way::plain: break;
  }
  // What is wanted the other way round is computed so: it would have to be copied.
  if (is_wanted(build_.transpose(id)) && !is_wanted(id)) return lower_turned(id, left, right);
  double flops = 0;
  auto step = product_step(id, flops);
  if (!step) return false;
  step->flops = flops;
  finish(std::move(*step), id, store_.type(id));
  return true;
}

// The vector on the diagonal of a diagonal matrix.
NodeId Lowering::diagonal_of(NodeId matrix) {
  if (kind(matrix) == Computed::diagonal_matrix) return store_.child(matrix, 0);
  return build_.call(operator_computed_as(Computed::diagonal_part), NodeList{matrix});
}

// A*B as the transpose of B'*A'.
bool Lowering::lower_turned(NodeId id, NodeId left, NodeId right) {
  const NodeId turned = build_.multiply(NodeList{build_.transpose(right), build_.transpose(left)});
  const auto operand = need(turned);
  if (operand) computed(id, matgrad::turned(plan_, *operand));
  return operand.has_value();
}

// A column times a row, or the rows or columns of a matrix scaled.
bool Lowering::lower_entrywise_product(NodeId id, NodeId left, NodeId right) {
  const Type& type = store_.type(id);
  Draft draft;
  draft.program.rows = type.rows;
  draft.program.cols = type.cols;
  draft.depth = 1;
  const std::array factors{left, right};
  const Register result = collect_product(draft, factors);
  if (!draft.complete) return false;
  finish_map(draft, id, Collect::store, result, type);
  return true;
}

// The multiplication itself, where both factors are there. Also of what lower_pair has better ways for.
std::optional<PlanStep> Lowering::product_step(NodeId id, double& flops) {
  const auto [left, right] = halves(id);
  const auto a = need(left);
  const auto b = need(right);
  if (!a || !b) return std::nullopt;
  PlanStep step;
  step.routine = Routine::product;
  step.operands = {*a, *b};
  step.symmetric = store_.type(id).has(symmetric);
  if (!step.symmetric) step.triangle = triangle_of(store_.type(left), store_.type(right));
  const bool is_half = step.symmetric || step.triangle != Triangle::none;
  flops = 2 * extent(a->rows) * extent(a->cols) * extent(b->cols) * (is_half ? 0.5 : 1);
  return step;
}

// (A + A')*x as A*x + A'*x: the sum of matrices is not formed for a vector.
bool Lowering::can_distribute(NodeId sum) {
  if (store_[sum].op != op::add || has(sum) || uses(sum) > 1) return false;
  const NodeList terms(store_.children(sum).begin(), store_.children(sum).end());
  return std::all_of(terms.begin(), terms.end(), [&](NodeId term) {
    const NodeId body = build_.split_scale(build_.split_coefficient(term).second).second;
    const NodeId plain = store_[body].op == op::transpose ? store_.child(body, 0) : body;
    const OpId o = store_[plain].op;
    return o == op::symbol || chains_.is_product(plain) || o == op::identity ||
           kind(plain) == Computed::diagonal_matrix || kind(plain) == Computed::kronecker ||
           kind(plain) == Computed::inverse;
  });
}

// A product that is a column times a row.
bool Lowering::is_outer_product(NodeId id) const {
  if (store_[id].op != op::multiply) return false;
  const auto factors = store_.children(id);
  return std::any_of(factors.begin(), factors.end() - 1,
                     [&](NodeId factor) { return store_.type(factor).cols == dim_one; });
}

// (I - x*y')*inv(F) is inv(F) less x times a row: the inverse is formed with a third of the work of a solve.
bool Lowering::is_identity_and_outer_products(NodeId sum) {
  if (store_[sum].op != op::add || has(sum)) return false;
  bool has_identity = false;
  const NodeList terms(store_.children(sum).begin(), store_.children(sum).end());
  for (NodeId term : terms) {
    const NodeId body = build_.split_scale(build_.split_coefficient(term).second).second;
    has_identity = has_identity || store_[body].op == op::identity;
    if (store_[body].op != op::identity && !is_outer_product(body)) return false;
  }
  return has_identity;
}

bool Lowering::lower_distributed(NodeId id, NodeId sum, NodeId vector, bool sum_first) {
  NodeList products;
  const NodeList terms(store_.children(sum).begin(), store_.children(sum).end());
  for (NodeId term : terms) {
    products.push_back(sum_first ? build_.product(term, vector) : build_.product(vector, term));
  }
  const auto result = need(build_.add(products));
  if (result) computed(id, *result);
  return result.has_value();
}

// K(m,n)*A only reorders rows (Magnus & Neudecker (2019), 3.7).
bool Lowering::lower_commuted(NodeId id, NodeId commutation, NodeId matrix) {
  const auto array = need(matrix);
  const auto m = need(store_.child(commutation, 0));
  const auto n = need(store_.child(commutation, 1));
  if (!array || !m || !n) return false;
  PlanStep step;
  step.routine = Routine::commute;
  step.operands = {*array, *m, *n};
  step.flops = entries(id);
  finish(std::move(step), id, store_.type(id));
  return true;
}

bool Lowering::lower_solve(NodeId id, NodeId left, NodeId right) {
  bool transposed = false;
  auto matrix = inverted(left, transposed);
  const bool from_right = !matrix;
  if (from_right) matrix = inverted(right, transposed);
  const NodeId other = from_right ? left : right;
  const auto factor = factorised(*matrix);
  const auto operand = need(other);
  if (!factor || !operand) return false;
  PlanStep step;
  step.routine = Routine::solve;
  step.operands = {transposed ? factor->turned() : *factor, *operand};
  step.from_right = from_right;
  const double n = extent(factor->rows);
  step.flops = 2 * n * entries(id);
  finish(std::move(step), id, store_.type(id));
  return true;
}

// kron(A,B)*x = vec(B*X*A') with x = vec(X) (Magnus & Neudecker (2019), 2.4).
bool Lowering::lower_kronecker_times_vector(NodeId id, NodeId left, NodeId right) {
  const NodeId a = store_.child(left, 0);
  const NodeId b = store_.child(left, 1);
  const NodeId x = build_.unvec(right, store_.type(b).cols, store_.type(a).cols);
  const auto product = need(build_.multiply(NodeList{b, x, build_.transpose(a)}));
  if (!product) return false;
  const Operand plain = stored(*product, build_.multiply(NodeList{b, x, build_.transpose(a)}));
  computed(id, {plain.buffer, store_.type(id).rows, dim_one, false});
  return true;
}

bool Lowering::lower_pick(NodeId id, NodeId matrix, NodeId unit, bool row) {
  const auto index = need(store_.child(unit, 0));
  const auto array = need(matrix);
  if (!index || !array) return false;
  PlanStep step;
  step.routine = Routine::pick;
  step.operands = {*array, *index};
  step.picks_row = row;
  finish(std::move(step), id, store_.type(id));
  return true;
}

// A product with ones adds up rows or columns.
bool Lowering::lower_with_ones(NodeId id, NodeId left, NodeId right) {
  const bool columns = store_[left].op == op::ones;
  const NodeId body = columns ? right : left;
  const Type& ones = store_.type(columns ? left : right);
  if (columns ? ones.rows == dim_one : ones.cols == dim_one) {
    return lower_map(id, columns ? Collect::column_totals : Collect::row_totals, body);
  }
  double flops = 0;
  auto step = product_step(id, flops);
  if (!step) return false;
  step->flops = flops;
  finish(std::move(*step), id, store_.type(id));
  return true;
}

}  // namespace matgrad
