// SPDX-License-Identifier: MIT
// Operators that a plan knows how to compute (Operator::computed), and the kernels of all others.
#include <array>
#include <utility>

#include "plan/lowering.hpp"

namespace matgrad {

bool Lowering::lower_call(NodeId id) {
  switch (kind(id)) {
    case Computed::inverse: return lower_from_factors(id, Routine::inverse);
    case Computed::determinant: return lower_from_factors(id, Routine::determinant);
    case Computed::log_determinant: return lower_from_factors(id, Routine::log_determinant);
    case Computed::trace: return lower_trace(id);
    case Computed::total: return lower_sum_of_entries(id);
    case Computed::diagonal_part: return lower_diagonal_part(id);
    case Computed::column_stack: return lower_vec(id);
    case Computed::kronecker: return lower_kronecker(id);
    default: break;
  }
  if (store_[id].op == op::unvec) return lower_vec(id);
  return lower_apply(id);
}

bool Lowering::lower_apply(NodeId id) {
  const NodeList children(store_.children(id).begin(), store_.children(id).end());
  PlanStep step;
  step.routine = Routine::apply;
  step.op = store_[id].op;
  bool ready = true;
  for (NodeId child : children) {
    const auto operand = need(child);
    ready = ready && operand.has_value();
    if (operand) step.operands.push_back(*operand);
  }
  if (!ready) return false;
  step.flops = entries(id);
  finish(std::move(step), id, store_.type(id));
  return true;
}

bool Lowering::lower_kronecker(NodeId id) {
  const auto a = need(store_.child(id, 0));
  const auto b = need(store_.child(id, 1));
  if (!a || !b) return false;
  PlanStep step;
  step.routine = Routine::kronecker;
  step.op = store_[id].op;
  step.operands = {*a, *b};
  step.flops = entries(id);
  finish(std::move(step), id, store_.type(id));
  return true;
}

// tr(P*Q) is the sum of the entries of P' .* Q; the product may be cut anywhere in its circle.
bool Lowering::lower_trace(NodeId id) {
  const NodeId body = store_.child(id, 0);
  if (store_[body].op == op::add) {
    return lower_sum_of_traces(id, NodeList(store_.children(body).begin(), store_.children(body).end()));
  }
  const NodeList factors = chains_.factors(body);
  if (factors.size() == 1 || has(body)) return lower_diagonal(id, body, Collect::total);
  const auto [p, q] = chains_.split_cycle(factors, surroundings());
  for (const NodeId turned : {build_.product(p, q), build_.product(q, p)}) {  // tr(A*B) where B*A is there anyway
    const bool is_formed = turned != body && (uses(turned) > 0 || uses(build_.transpose(turned)) > 0);
    if (has(turned) || is_formed) return lower_diagonal(id, turned, Collect::total);
  }
  for (const auto& [sum, other] : {std::pair{p, q}, std::pair{q, p}}) {
    if (uses(sum) > 1 || !is_identity_and_outer_products(sum)) continue;
    // tr((I - x*y')*A) is tr(A) - y'*A*x.
    NodeList products(store_.children(sum).begin(), store_.children(sum).end());
    for (NodeId& term : products) term = build_.product(term, other);
    return lower_sum_of_traces(id, products);
  }
  bool transposed = false;
  // With an inverse, a solve is as good as the inverse itself, and more exact.
  if (inverted(p, transposed)) return lower_diagonal(id, build_.multiply(NodeList{p, q}), Collect::total);
  if (inverted(q, transposed)) return lower_diagonal(id, build_.multiply(NodeList{q, p}), Collect::total);
  const std::array halves{build_.transpose(p), q};
  return lower_total(id, halves);
}

bool Lowering::lower_sum_of_traces(NodeId id, const NodeList& matrices) {
  NodeList traces;
  for (NodeId matrix : matrices) traces.push_back(build_.call(store_[id].op, NodeList{matrix}));
  const auto sum = need(build_.add(traces));
  if (sum) computed(id, *sum);
  return sum.has_value();
}

bool Lowering::lower_sum_of_entries(NodeId id) {
  const NodeId body = store_.child(id, 0);
  const Type type = store_.type(body);
  const NodeList inner = chains_.factors(body);
  if (inner.size() > 1 && !has(body) && !outer_factors(body)) {
    // 1'*A*B*1 is cheaper than the product.
    NodeList factors{build_.ones(dim_one, type.rows)};
    factors.insert(factors.end(), inner.begin(), inner.end());
    factors.push_back(build_.ones(type.cols, dim_one));
    const auto [left, right] = chains_.split(factors, surroundings());
    const std::array halves{build_.transpose(left), right};
    return lower_total(id, halves);
  }
  return lower_map(id, Collect::total, body);
}

// diagpart(A*B) holds the row sums of A .* B'.
bool Lowering::lower_diagonal_part(NodeId id) {
  const NodeId body = store_.child(id, 0);
  if (has(body) || !chains_.is_product(body)) return lower_diagonal(id, body, Collect::store);
  const auto [left, right] = halves(body);
  Draft draft;
  draft.program.rows = store_.type(left).rows;
  draft.program.cols = store_.type(left).cols;
  draft.depth = 1;
  const std::array factors{left, build_.transpose(right)};
  const Register result = collect_product(draft, factors);
  if (!draft.complete) return false;
  finish_map(draft, id, Collect::row_totals, result, store_.type(id));
  return true;
}

// The same numbers in another shape.
bool Lowering::lower_vec(NodeId id) {
  const NodeId body = store_.child(id, 0);
  const auto operand = need(body);
  if (!operand) return false;
  const Type& type = store_.type(id);
  computed(id, {stored(*operand, body).buffer, type.rows, type.cols, false});
  return true;
}

// A factorisation of a matrix, the same for all who ask. Of its transpose it is used the other way around.
std::optional<Operand> Lowering::factorised(NodeId matrix) {
  if (const auto found = factors_.find(index_of(matrix)); found != factors_.end()) return found->second;
  const NodeId turned = build_.transpose(matrix);
  if (const auto found = factors_.find(index_of(turned)); found != factors_.end()) return found->second.turned();
  const auto operand = need(matrix);
  if (!operand) return std::nullopt;
  const Type type = store_.type(matrix);
  PlanStep step;
  step.routine = Routine::factorise;
  step.operands = {*operand};
  step.factorisation = type.has(positive_definite) ? Factorisation::cholesky
                       : type.has(lower)           ? Factorisation::lower_triangular
                       : type.has(upper)           ? Factorisation::upper_triangular
                       : type.has(symmetric)       ? Factorisation::symmetric
                                                   : Factorisation::lu;
  const double n = extent(type.rows);
  const bool by_cholesky =
      step.factorisation == Factorisation::cholesky || step.factorisation == Factorisation::symmetric;
  if (by_cholesky) step.flops = n * n * n / 3;
  if (step.factorisation == Factorisation::lu) step.flops = 2 * n * n * n / 3;
  step.out = new_buffer(type, matrix, Buffer::Role::factorisation);
  const Operand out = whole(step.out);
  emit(std::move(step), matrix);
  factors_.emplace(index_of(matrix), out);
  return out;
}

bool Lowering::lower_from_factors(NodeId id, Routine routine) {
  const auto factor = factorised(store_.child(id, 0));
  if (!factor) return false;
  PlanStep step;
  step.routine = routine;
  step.operands = {*factor};
  const double n = extent(factor->rows);
  const bool is_cholesky = store_.type(store_.child(id, 0)).has(positive_definite);
  step.flops = routine != Routine::inverse ? n : (is_cholesky ? 2.0 : 4.0) / 3.0 * n * n * n;
  finish(std::move(step), id, store_.type(id));
  return true;
}

// By repeated squaring.
bool Lowering::lower_matrix_power(NodeId id) {
  const NodeId base = store_.child(id, 0);
  const auto exponent = build_.number_value(store_.child(id, 1));
  const bool is_plain = exponent && exponent->is_integer() && *exponent == Rational(2);
  if (!is_plain) return lower_apply(id);
  const auto a = need(base);
  if (!a) return false;
  PlanStep step;
  step.routine = Routine::product;
  step.operands = {*a, *a};
  step.symmetric = store_.type(id).has(symmetric);
  step.flops = 2 * extent(a->rows) * extent(a->rows) * extent(a->rows) * (step.symmetric ? 0.5 : 1);
  finish(std::move(step), id, store_.type(id));
  return true;
}

// Values that depend on an index that is about to mean something else; they are handed back in the end.
std::vector<std::pair<std::uint32_t, Operand>> Lowering::hidden_by(NodeId index,
                                                                   std::unordered_map<std::uint32_t, Operand>& from) {
  std::vector<std::pair<std::uint32_t, Operand>> hidden;
  for (const auto& [node, operand] : from) {
    if (depends(NodeId{node}, index)) hidden.emplace_back(node, operand);
  }
  for (const auto& [node, operand] : hidden) from.erase(node);
  return hidden;
}

// A sum over an index. The steps that its body needs are collected until the body is there; then the scope is closed.
bool Lowering::lower_repeat(NodeId id) {
  const NodeId index = store_.child(id, 0);
  const NodeId body = store_.child(id, 3);
  const auto first = need(store_.child(id, 1));
  const auto last = need(store_.child(id, 2));
  if (!first || !last) return false;
  Scope scope;
  scope.index = index;
  scope.times = nominal_size;
  PlanBlock block;
  block.index = new_buffer(store_.type(index), index);
  scopes_.push_back(std::move(scope));
  const auto hidden = hidden_by(index, done_);
  const auto hidden_factors = hidden_by(index, factors_);
  done_.emplace(index_of(index), whole(block.index));
  block.first = *first;
  block.last = *last;
  block.result = stored(value_of(body), body);
  hidden_by(index, done_);  // what the block has computed is not to be used outside
  hidden_by(index, factors_);
  done_.insert(hidden.begin(), hidden.end());
  factors_.insert(hidden_factors.begin(), hidden_factors.end());
  block.steps = std::move(scopes_.back().steps);
  scopes_.pop_back();
  PlanStep step;
  step.routine = Routine::repeat;
  step.block = static_cast<std::uint32_t>(plan_.blocks.size());
  step.operands = {block.first, block.last};
  for (const PlanStep& inner : block.steps) step.flops += inner.flops * nominal_size;
  plan_.blocks.push_back(std::move(block));
  finish(std::move(step), id, store_.type(id));
  return true;
}

}  // namespace matgrad
