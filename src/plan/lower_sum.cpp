// SPDX-License-Identifier: MIT
// Sums that are put together in place: products are added by the multiplication itself, diagonal matrices to the
// diagonal only. What is left of the sum is one map.
#include <algorithm>

#include "plan/lowering.hpp"

namespace matgrad {

Lowering::Term Lowering::term_of(NodeId node) {
  Term term;
  term.node = node;
  auto [c, rest] = build_.split_coefficient(node);
  const auto [scalar, body] = build_.split_scale(rest);
  term.alpha = c.as_double();
  if (!build_.is_number(scalar, 1)) term.scalar = scalar;
  term.body = body;
  const OpId o = store_[body].op;
  if (o == op::identity) {
    term.kind = Term::Kind::diagonal;
    term.body = no_node;
  } else if (kind(body) == Computed::diagonal_matrix && !has(body)) {
    term.kind = Term::Kind::diagonal;
    term.body = store_.child(body, 0);
  } else if (kind(body) == Computed::kronecker && !has(body) && uses(body) <= 1) {
    term.kind = Term::Kind::kronecker;
  } else if (o == op::multiply && !has(body) && uses(body) <= 1 && !chains_.is_shared(body) && is_plain_product(body)) {
    term.kind = Term::Kind::product;
  }
  return term;
}

// The sum in 2*(A + B), where nobody else wants it; no node otherwise.
NodeId Lowering::scaled_sum(NodeId id) {
  const auto [c, body] = build_.split_coefficient(id);
  const bool is_one = c.is_one() || store_[body].op != op::add || has(body) || uses(body) > 1;
  return is_one ? no_node : body;
}

// Two products or more, or a diagonal matrix: with one product alone a map of it and the rest is as good.
bool Lowering::is_assembled(NodeId id) {
  if (const NodeId sum = scaled_sum(id); sum != no_node) return is_assembled(sum);
  if (store_[id].op != op::add || !store_.type(id).is_matrix()) return false;
  std::size_t products = 0;
  std::size_t diagonals = 0;
  const NodeList terms(store_.children(id).begin(), store_.children(id).end());
  for (NodeId node : terms) {
    const Term term = term_of(node);
    products += term.kind == Term::Kind::product || term.kind == Term::Kind::kronecker ? 1 : 0;
    diagonals += term.kind == Term::Kind::diagonal ? 1 : 0;
  }
  // Where all terms are diagonal, their sum is: it is formed as one array all the same.
  return products > 1 || diagonals > 0;
}

// 2*A*B, which the multiplication scales by itself; an inner product is no product of this kind.
bool Lowering::is_scaled_product(NodeId id) {
  if (store_[id].op != op::scale || store_.type(id).is_scalar()) return false;
  const Term::Kind kind = term_of(id).kind;
  return kind == Term::Kind::product || kind == Term::Kind::kronecker;
}

// Not one of the products that lower_pair knows better ways for.
bool Lowering::is_plain_product(NodeId id) {
  const auto [left, right] = halves(id);
  return way_of(left, right) == Way::plain;
}

bool Lowering::add_term(const Term& term, BufferId out, bool adds, NodeId sum) {
  PlanStep step;
  if (term.kind == Term::Kind::product) {
    double flops = 0;
    auto product = product_step(term.body, flops);
    if (!product) return false;
    step = std::move(*product);
    step.flops = flops;
    step.symmetric = step.symmetric && store_.type(sum).has(symmetric);
  } else if (term.kind == Term::Kind::kronecker) {
    step.routine = Routine::kronecker;
    step.op = store_[term.body].op;
    step.operands = {*known(store_.child(term.body, 0)), *known(store_.child(term.body, 1))};
    step.flops = entries(sum);
  } else {
    step.routine = Routine::add_diagonal;
    step.flops = extent(store_.type(sum).rows);
    if (term.body != no_node) step.operands = {*known(term.body)};
  }
  step.alpha *= term.alpha;
  if (term.scalar != no_node) step.alpha_operand = *known(term.scalar);
  step.adds = adds;
  step.out = out;
  emit(std::move(step), sum);
  return true;
}

bool Lowering::lower_assembled(NodeId id) {
  const Type type = store_.type(id);
  NodeList children(store_.children(id).begin(), store_.children(id).end());
  const NodeId inner = scaled_sum(id);
  const Rational factor = inner == no_node ? Rational(1) : build_.split_coefficient(id).first;
  if (inner != no_node) {
    children.assign(store_.children(inner).begin(), store_.children(inner).end());
    for (NodeId& child : children) child = build_.scaled(factor, child);
  } else if (store_[id].op == op::scale) {
    children = NodeList{id};
  }
  std::vector<Term> in_place;
  NodeList rest;
  bool ready = true;
  for (NodeId node : children) {
    const Term term = term_of(node);
    if (term.kind == Term::Kind::entrywise) {
      rest.push_back(node);
      continue;
    }
    in_place.push_back(term);
    if (term.scalar != no_node) ready = need(term.scalar).has_value() && ready;
    if (term.kind == Term::Kind::diagonal && term.body != no_node) ready = need(term.body).has_value() && ready;
    if (term.kind == Term::Kind::kronecker) {
      ready = need(store_.child(term.body, 0)).has_value() && ready;
      ready = need(store_.child(term.body, 1)).has_value() && ready;
    }
    double flops = 0;
    if (term.kind == Term::Kind::product) ready = product_step(term.body, flops).has_value() && ready;
  }
  Draft draft;
  draft.program.rows = type.rows;
  draft.program.cols = type.cols;
  draft.depth = 1;
  // A product can begin the sum; diagonals need something to be added to.
  const auto product = std::find_if(in_place.begin(), in_place.end(),
                                    [](const Term& term) { return term.kind != Term::Kind::diagonal; });
  const bool begins_with_map = !rest.empty() || product == in_place.end();
  Register result = 0;
  if (begins_with_map) result = rest.empty() ? constant(draft, 0) : collect_add(draft, rest);
  if (!ready || !draft.complete) return false;
  if (begins_with_map) {
    finish_map(draft, id, Collect::store, result, type);
  } else {
    const BufferId out = new_buffer(type, id);
    computed(id, whole(out));
    std::rotate(in_place.begin(), product, product + 1);
  }
  const BufferId out = known(id)->buffer;
  bool adds = begins_with_map;
  for (const Term& term : in_place) {
    add_term(term, out, adds, id);
    adds = true;
  }
  return true;
}

}  // namespace matgrad
