// SPDX-License-Identifier: MIT
// Products with matrices that are made of parts, most of which cost little: block matrices with zeros in them, a sum of
// diagonals, the identity and an outer product. The parts are multiplied one by one where that is less work.
#include "plan/lowering.hpp"

namespace matgrad {
namespace {

constexpr int deepest_structure = 8;
// Below this share of the work the parts are multiplied apart: every part is a call of its own.
constexpr double worthwhile_share = 0.8;

}  // namespace

// The work of multiplying a matrix of so many columns by this one from the left, its parts taken apart.
double Lowering::flops_apart(NodeId matrix, double columns, int depth) {
  const NodeId body = build_.split_scale(build_.split_coefficient(matrix).second).second;
  const NodeId plain = store_[body].op == op::transpose ? store_.child(body, 0) : body;
  const Type type = store_.type(body);
  const double rows = extent(type.rows);
  const double cols = extent(type.cols);
  if (store_[plain].op == op::zeros) return 0;
  if (store_[plain].op == op::identity || kind(plain) == Computed::diagonal_matrix) return rows * columns;
  const bool is_sum = store_[body].op == op::add;
  if ((is_sum || store_[body].op == op::blocks) && !has(body) && depth < deepest_structure) {
    const NodeList children(store_.children(body).begin(), store_.children(body).end());
    double flops = 0;
    for (std::size_t i = is_sum ? 0 : 1; i < children.size(); ++i) {  // the first of blocks is their number
      const double part = flops_apart(children[i], columns, depth + 1);
      flops += part + (part > 0 ? extent(store_.type(children[i]).rows) * columns : 0);
    }
    return flops;
  }
  double work = 2 * rows * cols * columns;
  if (store_[body].op != op::multiply || has(body)) return work;
  for (NodeId factor : store_.children(body)) {  // cut where it is narrowest
    const double inner = extent(store_.type(factor).cols);
    work = std::min(work, 2 * inner * (rows + cols) * columns);
  }
  return work;
}

bool Lowering::is_better_apart(NodeId matrix, double columns) {
  if ((store_[matrix].op != op::add && store_[matrix].op != op::blocks) || has(matrix)) return false;
  const double whole = 2 * entries(matrix) * columns + (uses(matrix) > 1 ? 0 : entries(matrix));
  return flops_apart(matrix, columns) < worthwhile_share * whole;
}

// [0, I, 0]*A
bool Lowering::lower_selected_rows(NodeId id, NodeId selection, NodeId matrix) {
  const auto array = need(matrix);
  if (!array) return false;
  PlanStep step;
  step.routine = Routine::pick_rows;
  step.operands = {*array};
  for (std::size_t i = 1; build_.is_zero(store_.child(selection, i)); ++i) {
    step.skipped = store_.dims.add(step.skipped, store_.type(store_.child(selection, i)).cols);
  }
  finish(std::move(step), id, store_.type(id));
  return true;
}

// [A, B; 0, C]*X = [A*X1 + B*X2; C*X2], X1 and X2 being the rows of X that meet A and B.
bool Lowering::lower_by_blocks(NodeId id, NodeId grid, NodeId right) {
  const std::size_t columns = build_.block_columns(grid);
  const NodeList parts(store_.children(grid).begin() + 1, store_.children(grid).end());
  const Dim width = store_.type(right).cols;
  NodeList rows;
  for (std::size_t start = 0; start < parts.size(); start += columns) {
    NodeList terms{build_.zeros(store_.type(parts[start]).rows, width)};
    for (std::size_t j = 0; j < columns; ++j) {
      if (build_.is_zero(parts[start + j])) continue;
      const NodeId selection = build_.selections(grid, j).second;  // of the columns of block j
      terms.push_back(build_.product(parts[start + j], build_.product(build_.transpose(selection), right)));
    }
    rows.push_back(build_.add(terms));
  }
  const auto result = need(build_.blocks(1, rows));
  if (result) computed(id, *result);
  return result.has_value();
}

}  // namespace matgrad
