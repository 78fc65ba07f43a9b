// SPDX-License-Identifier: MIT
// Products: of scalars (sorted, powers collected), of matrices (flat, scalars and 1×1 segments drawn to the front,
// neighbouring powers collected).
#include <algorithm>

#include "ops/build.hpp"
#include "ops/order.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {

std::pair<NodeId, NodeId> Build::split_power(NodeId id) {
  const Node node = store_[id];
  if (node.op == op::power) return {store_.child(id, 0), store_.child(id, 1)};
  if (node.op == op::transpose && store_[store_.child(id, 0)].op == op::power) {
    const NodeId inside = store_.child(id, 0);
    const NodeId exponent = store_.child(inside, 1);
    const auto [sign, base] = split_coefficient(transpose(store_.child(inside, 0)));  // of what is skew, -1
    const auto value = number_value(exponent);
    const bool is_even = value && (*value / Rational(2)).is_integer();
    if (sign.is_one() || is_even) return {base, transpose(exponent)};
  }
  return {id, number(1)};
}

std::pair<NodeId, NodeId> Build::split_matrix_power(NodeId id) {
  if (store_[id].op == op::matrix_power) return {store_.child(id, 0), store_.child(id, 1)};
  return {id, number(1)};
}

std::pair<NodeId, NodeId> Build::split_scale(NodeId id) {
  if (store_[id].op == op::scale) return {store_.child(id, 0), store_.child(id, 1)};
  return {number(1), id};
}

// ---------------------------------------------------------------- scalars

void Build::flatten_scalars(NodeId factor, Parts& parts) {
  const Node node = store_[factor];
  MATGRAD_ASSERT(node.type.is_scalar());
  if (node.op == op::number) {
    parts.coefficient = parts.coefficient * store_.number_at(node.first);
  } else if (node.op == op::times) {
    const NodeList inner(store_.children(factor).begin(), store_.children(factor).end());
    for (NodeId child : inner) flatten_scalars(child, parts);
  } else {
    parts.powers.push_back(split_power(factor));
  }
}

// Equal bases into one power each. What a power turns into (a number, a product) is put in its place.
void Build::collect_powers(Parts& parts) {
  std::sort(parts.powers.begin(), parts.powers.end());
  Parts::Powers merged;
  bool again = false;  // sqrt(a*b)*sqrt(a*b) has become a*b, sqrt(1/a)*sqrt(1/a) 1/a, and a may stand there already
  for (std::size_t i = 0; i < parts.powers.size();) {
    std::size_t end = i + 1;
    while (end < parts.powers.size() && parts.powers[end].first == parts.powers[i].first) ++end;
    const NodeId base = parts.powers[i].first;
    NodeId exponent = parts.powers[i].second;
    for (std::size_t k = i + 1; k < end; ++k) exponent = plus(exponent, parts.powers[k].second);
    if (end == i + 1) {
      merged.push_back(parts.powers[i]);
    } else {
      const NodeId factor = power(base, exponent);
      const Node node = store_[factor];
      if (node.op == op::number) {
        parts.coefficient = parts.coefficient * store_.number_at(node.first);
      } else if (node.op == op::times) {
        Parts inner;
        flatten_scalars(factor, inner);
        parts.coefficient = parts.coefficient * inner.coefficient;
        merged.insert(merged.end(), inner.powers.begin(), inner.powers.end());
        again = true;
      } else if (node.op != op::ones) {
        merged.push_back(split_power(factor));
        again = again || merged.back().first != base;
      }
    }
    i = end;
  }
  parts.powers.swap(merged);
  if (again) collect_powers(parts);
}

NodeId Build::times(std::span<const NodeId> scalars) {
  Parts parts;
  for (NodeId scalar : scalars) flatten_scalars(scalar, parts);
  if (parts.coefficient.is_zero()) return number(0);
  collect_powers(parts);
  NodeList factors;
  for (const auto& [base, exponent] : parts.powers) factors.push_back(power(base, exponent));
  if (factors.empty()) return number(parts.coefficient);
  std::sort(factors.begin(), factors.end(), [&](NodeId a, NodeId b) { return compare(store_, a, b) < 0; });
  if (factors.size() == 1 && parts.coefficient.is_one()) return factors[0];
  Properties kept = parts.coefficient.is_negative() ? Properties(0) : Properties(positive);
  for (NodeId factor : factors) kept &= type(factor).properties;
  if (!parts.coefficient.is_one()) factors.insert(factors.begin(), number(parts.coefficient));
  return raw(op::times, dim_one, dim_one, kept, factors);
}

NodeId Build::scale(NodeId scalar, NodeId body) {
  MATGRAD_ASSERT(type(scalar).is_scalar());
  const Node node = store_[body];
  if (node.type.is_scalar()) return times(NodeList{scalar, body});
  if (is_number(scalar, 1)) return body;
  if (is_zero(scalar) || node.op == op::zeros) return zeros(node.type.rows, node.type.cols);
  if (node.op == op::scale) {
    const NodeId inner = store_.child(body, 0);
    const NodeId core = store_.child(body, 1);
    return scale(times(NodeList{scalar, inner}), core);
  }
  Properties kept = node.type.properties & (symmetric | skew | diagonal | lower | upper);
  if (type(scalar).has(positive)) {
    kept |= node.type.properties & (positive_definite | positive_semidefinite | positive);
  }
  return raw(op::scale, node.type.rows, node.type.cols, kept, NodeList{scalar, body});
}

NodeId Build::product(NodeId a, NodeId b) {
  if (type(a).is_scalar()) return scale(a, b);
  if (type(b).is_scalar()) return scale(b, a);
  return multiply(NodeList{a, b});
}

NodeId Build::divide(NodeId a, NodeId scalar) {
  return scale(power(scalar, number(-1)), a);
}

// ---------------------------------------------------------------- matrix products

void Build::flatten_factors(NodeId factor, NodeList& scalars, NodeList& factors, bool& zero) {
  const Node node = store_[factor];
  if (node.type.is_scalar()) {
    scalars.push_back(factor);
  } else if (node.op == op::zeros) {
    zero = true;
  } else if (node.op == op::scale) {
    scalars.push_back(store_.child(factor, 0));
    flatten_factors(store_.child(factor, 1), scalars, factors, zero);
  } else if (node.op == op::multiply) {
    for (std::size_t i = 0; i < node.count; ++i) factors.push_back(store_.child(factor, i));
  } else if (node.op != op::identity) {
    factors.push_back(factor);
  }
}

// Between two literal ones a product is a scalar: a*(b'*x)*c' is (b'*x)*a*c'.
void Build::extract_inner_products(NodeList& scalars, NodeList& factors) {
  for (;;) {
    std::size_t begin = factors.size() + 1;
    bool found = false;
    for (std::size_t boundary = 0; boundary <= factors.size(); ++boundary) {
      const Dim dim = boundary == 0 ? type(factors[0]).rows : type(factors[boundary - 1]).cols;
      if (dim != dim_one) continue;
      if (begin <= factors.size() && boundary - begin < factors.size()) {
        const NodeList segment(factors.begin() + static_cast<std::ptrdiff_t>(begin),
                               factors.begin() + static_cast<std::ptrdiff_t>(boundary));
        scalars.push_back(matrix_product(segment));
        factors.erase(factors.begin() + static_cast<std::ptrdiff_t>(begin),
                      factors.begin() + static_cast<std::ptrdiff_t>(boundary));
        found = true;
        break;
      }
      begin = boundary;
    }
    if (!found || factors.empty()) return;
  }
}

// ones(m,n) as ones(m)*ones(1,n): either half may be part of an inner product.
void Build::split_ones(NodeList& factors) {
  const auto is_split = [&](NodeId id) { return store_[id].op == op::ones && type(id).is_matrix(); };
  if (std::none_of(factors.begin(), factors.end(), is_split)) return;
  NodeList halves;
  for (NodeId factor : factors) {
    const Type shape = type(factor);
    if (is_split(factor)) {
      halves.push_back(ones(shape.rows, dim_one));
      halves.push_back(ones(dim_one, shape.cols));
    } else {
      halves.push_back(factor);
    }
  }
  factors.swap(halves);
}

void Build::join_ones(NodeList& factors) {
  const auto is_ones = [&](NodeId id) { return store_[id].op == op::ones; };
  if (std::count_if(factors.begin(), factors.end(), is_ones) < 2) return;
  NodeList joined;
  for (NodeId factor : factors) {
    const bool joins = !joined.empty() && is_ones(joined.back()) && is_ones(factor);
    if (joins && type(factor).rows == dim_one) {
      joined.back() = ones(type(joined.back()).rows, type(factor).cols);
    } else {
      joined.push_back(factor);
    }
  }
  factors.swap(joined);
}

NodeId Build::matrix_base(NodeId id) const {
  return store_[id].op == op::matrix_power ? store_.child(id, 0) : id;
}

// A of inv(A), A' of inv(A)'; no_node of anything else.
NodeId Build::inverted(NodeId id) {
  static const OpId inverse = operator_computed_as(Computed::inverse);
  const bool is_turned = store_[id].op == op::transpose;
  const NodeId call = is_turned ? store_.child(id, 0) : id;
  if (store_[call].op != inverse) return no_node;
  return is_turned ? transpose(store_.child(call, 0)) : store_.child(call, 0);
}

// A^a*inv(A)^b, or the other way around, as one power. A*inv(A) itself is left to the rule that has a name.
std::optional<NodeId> Build::power_of_inverse(NodeId left, NodeId right) {
  if (store_[left].op != op::matrix_power && store_[right].op != op::matrix_power) return std::nullopt;
  const auto [a, m] = split_matrix_power(left);
  const auto [b, n] = split_matrix_power(right);
  const bool is_left = inverted(a) == b;
  const bool is_right = inverted(b) == a;
  if ((!is_left && !is_right) || !number_value(m) || !number_value(n)) return std::nullopt;
  return is_left ? matrix_power(b, minus(n, m)) : matrix_power(a, minus(m, n));
}

// Whether two neighbours may become one: asked of every product, and mostly not so.
bool Build::may_merge(NodeId left, NodeId right) const {
  const bool is_power = store_[left].op == op::matrix_power || store_[right].op == op::matrix_power;
  return left == right || is_power || type(left).has(orthogonal);
}

// Equal neighbours into powers; an orthogonal matrix cancels its transpose.
void Build::merge_adjacent(NodeList& factors) {
  const auto merges = [&](NodeId left, NodeId right) { return may_merge(left, right); };
  if (std::adjacent_find(factors.begin(), factors.end(), merges) == factors.end()) return;
  NodeList merged;
  for (NodeId factor : factors) {
    for (;;) {
      if (merged.empty()) {
        merged.push_back(factor);
        break;
      }
      const NodeId last = merged.back();
      if (type(last).has(orthogonal) && transpose(last) == factor) {
        merged.pop_back();
        break;
      }
      if (const auto rest = power_of_inverse(last, factor)) {
        merged.pop_back();
        factor = *rest;
        if (store_[factor].op == op::identity) break;
        continue;
      }
      if (matrix_base(last) != matrix_base(factor)) {
        merged.push_back(factor);
        break;
      }
      const auto [base, exponent] = split_matrix_power(last);
      merged.pop_back();
      factor = matrix_power(base, plus(exponent, split_matrix_power(factor).second));
      if (store_[factor].op == op::identity) break;
    }
  }
  factors.swap(merged);
}

bool Build::reads_shorter(std::span<const NodeId> a, std::span<const NodeId> b) const {
  std::uint64_t weight_a = 0;
  std::uint64_t weight_b = 0;
  for (NodeId id : a) weight_a += store_[id].weight;
  for (NodeId id : b) weight_b += store_[id].weight;
  if (weight_a != weight_b) return weight_a < weight_b;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (const int order = compare(store_, a[i], b[i])) return order < 0;
  }
  return a.size() < b.size();
}

Properties Build::product_properties(std::span<const NodeId> factors) const {
  Properties all = lower | upper | diagonal | orthogonal | positive;
  for (NodeId factor : factors) all &= type(factor).properties;
  return all;
}

// Of a product that is its own transpose.
Properties Build::mirrored_properties(std::span<const NodeId> factors) {
  const std::size_t middle = factors.size() / 2;
  Rational sign = 1;  // of what stands behind the middle, as the transpose of what stands before: Q*A'*A*Q for skew Q
  for (std::size_t i = 0; i < middle; ++i) sign = sign * split_coefficient(transpose(factors[i])).first;
  const bool definite_middle = factors.size() % 2 == 0 || type(factors[middle]).has(positive_semidefinite);
  const bool semidefinite = definite_middle && !sign.is_negative();
  return static_cast<Properties>(semidefinite ? symmetric | positive_semidefinite : int{symmetric});
}

// x'*(y.*z) is symmetric in its three vectors: the first in order stands in front. Nothing for other products.
std::optional<NodeId> Build::sum_of_entrywise(std::span<const NodeId> factors) {
  if (factors.size() != 2 || factors[0] == factors[1]) return std::nullopt;
  const NodeId x = transpose(factors[0]);
  const NodeId y = factors[1];
  if (x == y || (store_[x].op != op::hadamard && store_[y].op != op::hadamard)) return std::nullopt;
  const auto [scalar, all] = split_scale(hadamard(NodeList{x, y}));
  if (store_[all].op != op::hadamard) return times(NodeList{scalar, call("sum", {all})});
  const NodeList sorted(store_.children(all).begin(), store_.children(all).end());
  const NodeId rest = hadamard(std::span<const NodeId>(sorted).subspan(1));
  const NodeList pair{transpose(sorted[0]), rest};
  const OpId front = store_[pair[0]].op;
  const bool flat = front == op::multiply || front == op::scale || store_[rest].op != op::hadamard;
  const NodeId product = flat ? multiply(pair) : raw(op::multiply, dim_one, dim_one, 0, pair);
  return times(NodeList{scalar, product});
}

NodeId Build::matrix_product(NodeList factors) {
  if (factors.size() == 1) return factors[0];
  for (std::size_t i = 1; i < factors.size(); ++i) {
    MATGRAD_ASSERT(type(factors[i - 1]).cols == type(factors[i]).rows);
  }
  const Dim rows = type(factors.front()).rows;
  const Dim cols = type(factors.back()).cols;
  if (rows != cols) {
    for (NodeId factor : factors) transpose(factor);  // for what is written: see written_product
    return raw(op::multiply, rows, cols, product_properties(factors), factors);
  }
  NodeList reversed;
  Rational sign = 1;  // every skew factor turns into its negative
  Rational half = 1;  // the same of the second half: where it mirrors the first, H'*H has this sign
  for (std::size_t i = factors.size(); i-- > 0;) {
    auto [c, body] = split_coefficient(transpose(factors[i]));
    sign = sign * c;
    if (2 * i >= factors.size()) half = half * c;
    reversed.push_back(body);
  }
  const bool is_mirrored = std::equal(factors.begin(), factors.end(), reversed.begin(), reversed.end());
  if (rows == dim_one) {
    if (const auto sum = sum_of_entrywise(factors)) return *sum;
    if (is_mirrored && sign.is_negative()) return number(0);  // x'*S*x for a skew S
    if (is_mirrored && half.is_negative() && factors.size() % 2 == 0) {
      const NodeId column = matrix_product(NodeList(factors.begin() + factors.size() / 2, factors.end()));
      return negate(power(call("norm2", {column}), number(2)));
    }
    const bool swap = reads_shorter(reversed, factors);
    const NodeId result = raw(op::multiply, rows, cols, 0, swap ? reversed : factors);
    return swap ? scaled(sign, result) : result;
  }
  Properties properties = product_properties(factors);
  if (is_mirrored && half.is_negative()) {
    properties |= sign.is_negative() ? skew : symmetric;
  } else if (is_mirrored) {
    properties |= sign.is_negative() ? Properties(skew) : mirrored_properties(factors);
  }
  return raw(op::multiply, rows, cols, properties, factors);
}

NodeId Build::multiply(std::span<const NodeId> list) {
  NodeList scalars;
  NodeList factors;
  bool zero = false;
  Dim rows = dim_one;
  Dim cols = dim_one;
  bool first = true;
  for (NodeId factor : list) {
    const Type& shape = type(factor);
    if (!shape.is_scalar()) {
      MATGRAD_ASSERT(first || cols == shape.rows);
      if (first) rows = shape.rows;
      cols = shape.cols;
      first = false;
    }
    flatten_factors(factor, scalars, factors, zero);
  }
  if (zero) return zeros(rows, cols);
  if (first) return times(scalars);
  if (const auto merged = merge_block_factors(scalars, factors)) return *merged;
  split_ones(factors);
  merge_adjacent(factors);
  if (!factors.empty()) extract_inner_products(scalars, factors);
  join_ones(factors);  // neighbours anew: ones(m)*(x'*x)*ones(1,n)
  merge_adjacent(factors);
  const NodeId body = factors.empty() ? (rows == dim_one ? number(1) : identity(rows)) : matrix_product(factors);
  if (scalars.empty()) return body;
  return scale(times(scalars), body);
}

}  // namespace matgrad
