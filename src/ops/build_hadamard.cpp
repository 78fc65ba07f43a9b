// SPDX-License-Identifier: MIT
// Elementwise products: flat, powers collected, factors sorted, and the shorter of the product and its transpose kept.
#include <algorithm>

#include "ops/build.hpp"
#include "ops/order.hpp"
#include "ops/structural.hpp"

namespace matgrad {

NodeId Build::entrywise_product(NodeId a, NodeId b) {
  if (type(a).is_scalar()) return scale(a, b);
  if (type(b).is_scalar()) return scale(b, a);
  return hadamard(NodeList{a, b});
}

// A or A', whichever reads shorter: beside a diagonal factor they are the same. What stands before A', a minus of
// (X - Y')', say, joins the scalars.
NodeId Build::shorter_side(NodeId a, NodeList& scalars) {
  const auto [scalar, turned] = split_scale(transpose(a));
  const std::uint32_t weight = store_[a].weight;
  const std::uint32_t other = store_[turned].weight;
  if (other > weight || (other == weight && compare(store_, turned, a) >= 0)) return a;
  if (!is_number(scalar, 1)) scalars.push_back(scalar);
  return turned;
}

// Of a diagonal product every factor may be turned, as long as something keeps it diagonal: where no factor does alone,
// as in L.*U, that is the identity, I.*L.*U. It stands there once, and not beside a diagonal factor.
void Build::choose_sides(NodeList& factors, NodeList& scalars) {
  Properties any = 0;
  for (NodeId factor : factors) any |= type(factor).properties;
  if ((closed(any) & diagonal) == 0) return;
  const Dim size = type(factors[0]).rows;
  const auto is_identity = [&](NodeId factor) { return store_[factor].op == op::identity; };
  factors.erase(std::remove_if(factors.begin(), factors.end(), is_identity), factors.end());
  for (NodeId& factor : factors) factor = shorter_side(factor, scalars);
  const bool has_diagonal =
      std::any_of(factors.begin(), factors.end(), [&](NodeId factor) { return type(factor).has(diagonal); });
  if (!has_diagonal) factors.push_back(identity(size));
}

NodeId Build::hadamard(std::span<const NodeId> list) {
  const Type shape = type(list[0]);
  if (shape.is_row()) {
    NodeList columns;
    for (NodeId row : list) columns.push_back(transpose(row));
    return transpose(hadamard(columns));
  }
  NodeList scalars;
  NodeList pending(list.begin(), list.end());
  NodeList leaves;
  while (!pending.empty()) {
    const NodeId factor = pending.back();
    pending.pop_back();
    const Node node = store_[factor];
    MATGRAD_ASSERT(node.type.same_shape(shape));
    if (node.op == op::zeros) return factor;
    if (node.op == op::ones) continue;
    if (node.op == op::scale) {
      scalars.push_back(store_.child(factor, 0));
      pending.push_back(store_.child(factor, 1));
    } else if (node.op == op::hadamard) {
      for (std::size_t i = 0; i < node.count; ++i) pending.push_back(store_.child(factor, i));
    } else if (node.op == op::transpose && store_[store_.child(factor, 0)].op == op::hadamard) {
      const NodeId inside = store_.child(factor, 0);
      for (std::size_t i = 0; i < store_[inside].count; ++i) pending.push_back(transpose(store_.child(inside, i)));
    } else {
      leaves.push_back(factor);
    }
  }
  choose_sides(leaves, scalars);
  Parts parts;
  for (NodeId leaf : leaves) parts.powers.push_back(split_power(leaf));
  if (shape.is_scalar()) return times(NodeList(list.begin(), list.end()));
  collect_powers(parts);
  auto is_product = [&](NodeId id) {
    return store_[store_[id].op == op::transpose ? store_.child(id, 0) : id].op == op::hadamard;
  };
  NodeList factors;
  // As in collect_powers: the 1/X in (2*X).^(-1) may meet another X.
  bool again = false;
  for (const auto& [base, exponent] : parts.powers) {
    const auto [scalar, factor] = split_scale(power(base, exponent));
    again = again || is_product(factor) || !is_number(scalar, 1);
    if (!is_number(scalar, 1)) scalars.push_back(scalar);
    if (store_[factor].op != op::ones) factors.push_back(factor);
  }
  NodeId body = no_node;
  if (factors.empty()) {
    body = ones(shape.rows, shape.cols);
  } else if (factors.size() == 1) {
    body = factors[0];
  } else {
    body = again ? hadamard(factors) : hadamard_of(factors, shape.rows, shape.cols);
  }
  return scalars.empty() ? body : scale(times(scalars), body);
}

NodeId Build::hadamard_of(const NodeList& factors, Dim rows, Dim cols) {
  NodeList turned;
  Rational sign = 1;
  std::uint64_t turned_weight = 0;
  std::uint64_t plain_weight = 0;
  for (NodeId factor : factors) {
    plain_weight += store_[factor].weight;
    if (cols == dim_one) continue;
    auto [c, body] = split_coefficient(transpose(factor));
    sign = sign * c;
    turned.push_back(body);
    turned_weight += store_[body].weight;
  }
  if (cols != dim_one && (rows == dim_one || turns(turned_weight, plain_weight))) {
    return scaled(sign, plain_transpose(primitive_hadamard(turned, cols, rows)));
  }
  const NodeId plain = primitive_hadamard(factors, rows, cols);
  if (rows != cols || cols == dim_one) return plain;
  const NodeId other = primitive_hadamard(turned, cols, rows);
  if (other == plain) {
    store_.add_properties(plain, sign.is_negative() ? skew : symmetric);
    return plain;
  }
  // What is diagonal, lower.*upper say, is its own transpose: the one that reads better stands for both.
  const auto by_weight =
      static_cast<std::int64_t>(store_[other].weight) - static_cast<std::int64_t>(store_[plain].weight);
  const bool is_other = by_weight < 0 || (by_weight == 0 && compare(store_, other, plain) < 0);
  return type(plain).has(diagonal) && is_other ? scaled(sign, other) : plain;
}

NodeId Build::primitive_hadamard(NodeList factors, Dim rows, Dim cols) {
  std::sort(factors.begin(), factors.end(), [&](NodeId a, NodeId b) { return compare(store_, a, b) < 0; });
  Properties kept = symmetric | positive;
  Properties any = 0;
  for (NodeId factor : factors) {
    kept &= type(factor).properties;
    any |= type(factor).properties;
  }
  kept |= any & (diagonal | lower | upper);  // a zero in one factor is a zero of the product
  return raw(op::hadamard, rows, cols, kept, factors);
}

}  // namespace matgrad
