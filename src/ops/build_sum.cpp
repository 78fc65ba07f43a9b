// SPDX-License-Identifier: MIT
// Sums: flat, like terms collected, terms sorted, coefficients coprime with the leading one positive (2*A - 4*B is
// 2*(A - 2*B), and B - A is -(A - B)), and the shorter of the sum and its transpose kept.
#include <algorithm>

#include "ops/build.hpp"
#include "ops/order.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

constexpr Properties kept_by_sums = symmetric | skew | diagonal | lower | upper;

}  // namespace

// What is left of a product without its number, asked for once.
template <class Make>
NodeId Build::remembered_body(NodeId id, Make make) {
  if (index_of(id) < store_.bodies.size() && store_.bodies[index_of(id)] != no_node) return store_.bodies[index_of(id)];
  const NodeId body = make();
  if (store_.bodies.size() <= index_of(id)) store_.bodies.resize(store_.size() * 2, no_node);
  store_.bodies[index_of(id)] = body;
  return body;
}

std::pair<Rational, NodeId> Build::split_coefficient(NodeId id) {
  const Node node = store_[id];
  if (node.op == op::number) {
    const Rational& c = store_.number_at(node.first);
    return {c, number(1)};
  }
  if (node.op == op::times) {
    const NodeId first = store_.child(id, 0);
    if (store_[first].op != op::number) return {1, id};
    const Rational c = store_.number_at(store_[first].first);
    const std::span<const NodeId> rest = store_.children(id).subspan(1);
    if (rest.size() == 1) return {c, rest[0]};
    return {c, remembered_body(id, [&] {
              Properties kept = positive;
              for (NodeId factor : rest) kept &= type(factor).properties;
              return raw(op::times, dim_one, dim_one, kept, rest);
            })};
  }
  if (node.op == op::scale) {
    const auto [c, rest] = split_coefficient(store_.child(id, 0));
    if (c.is_one()) return {1, id};
    const NodeId scalar = rest;
    return {c, remembered_body(id, [&] { return scale(scalar, store_.child(id, 1)); })};
  }
  return {1, id};
}

void Build::flatten_terms(NodeId term, const Rational& factor, Terms& out) {
  auto [c, rest] = split_coefficient(term);
  c = c * factor;
  const Node node = store_[rest];
  if (node.op == op::add) {
    const NodeList terms(store_.children(rest).begin(), store_.children(rest).end());
    for (NodeId inner : terms) flatten_terms(inner, c, out);
    return;
  }
  if (node.op == op::transpose && store_[store_.child(rest, 0)].op == op::add) {
    const std::span<const NodeId> inside = store_.children(store_.child(rest, 0));
    const NodeList terms(inside.begin(), inside.end());
    for (NodeId inner : terms) flatten_terms(transpose(inner), c, out);
    return;
  }
  if (node.op == op::scale && store_[store_.child(rest, 1)].op == op::ones &&
      store_[store_.child(rest, 0)].op == op::add) {
    // x + (a + b) is x + a + b: scalars that are spread over a shape are terms of their own.
    const NodeId ones = store_.child(rest, 1);
    const std::span<const NodeId> inside = store_.children(store_.child(rest, 0));
    const NodeList scalars(inside.begin(), inside.end());
    for (NodeId scalar : scalars) flatten_terms(scale(scalar, ones), c, out);
    return;
  }
  if (c.is_zero() || node.op == op::zeros) return;
  out.emplace_back(rest, std::move(c));
}

NodeId Build::add(std::span<const NodeId> terms) {
  MATGRAD_ASSERT(!terms.empty());
  const Type shape = type(terms[0]);
  Terms parts;
  parts.reserve(terms.size() + 2);
  for (NodeId term : terms) {
    MATGRAD_ASSERT(type(term).same_shape(shape));
    flatten_terms(term, Rational(1), parts);
  }
  // Like terms are equal handles: bring them together, then forget the order of handles.
  std::sort(parts.begin(), parts.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (kept > 0 && parts[kept - 1].first == parts[i].first) {
      parts[kept - 1].second = parts[kept - 1].second + parts[i].second;
    } else {
      if (kept != i) parts[kept] = std::move(parts[i]);
      ++kept;
    }
  }
  parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(kept), parts.end());
  const auto is_nothing = [](const auto& part) { return part.second.is_zero(); };
  parts.erase(std::remove_if(parts.begin(), parts.end(), is_nothing), parts.end());
  if (parts.empty()) return zeros(shape.rows, shape.cols);
  if (merge_blocks(parts)) {
    NodeList merged;
    for (const auto& [rest, coefficient] : parts) merged.push_back(scaled(coefficient, rest));
    return add(merged);
  }
  return sum_of(parts);
}

namespace {

std::uint64_t weight_of(const Store& store, const Terms& terms) {
  std::uint64_t weight = 0;
  for (const auto& part : terms) weight += store[part.first].weight;
  return weight;
}

}  // namespace

// The sum of terms that are distinct, neither zero nor sums themselves. The content is drawn out with the sign of the
// leading term, so that a sum and its negative are multiples of one node.
NodeId Build::sum_of(Terms& terms) {
  const Type shape = type(terms[0].first);
  if (terms.size() == 1) return scaled(terms[0].second, terms[0].first);
  if (shape.is_row()) {
    Terms column = transposed_terms(terms);
    return transpose(sum_of(column));
  }
  const Rational content = make_primitive(terms);
  const NodeId plain = primitive_sum(terms, shape.rows, shape.cols);
  if (shape.is_column() || shape.is_scalar()) return scaled(content, plain);
  Terms turned = transposed_terms(terms);
  const bool turn = turns(weight_of(store_, turned), weight_of(store_, terms));
  if (!turn && shape.rows != shape.cols) return scaled(content, plain);
  const Rational sign = make_primitive(turned);
  if (turned == terms) {
    store_.add_properties(plain, sign.is_negative() ? skew : symmetric);
    return scaled(content, plain);
  }
  if (!turn) return scaled(content, plain);
  return scaled(content * sign, plain_transpose(primitive_sum(turned, shape.cols, shape.rows)));
}

// Sorts the terms and divides them by their content, which is returned.
Rational Build::make_primitive(Terms& terms) {
  std::sort(terms.begin(), terms.end(),
            [&](const auto& a, const auto& b) { return compare_terms(store_, a.first, b.first) < 0; });
  Rational content = terms[0].second;
  for (const auto& term : terms) content = gcd(content, term.second);
  if (content.is_negative() != terms[0].second.is_negative()) content = -content;
  if (content.is_one()) return content;
  for (auto& term : terms) term.second = term.second / content;
  return content;
}

NodeId Build::primitive_sum(const Terms& terms, Dim rows, Dim cols) {
  NodeList parts;
  Properties kept = kept_by_sums | positive;
  bool semidefinite = true;
  bool definite = false;
  for (const auto& [rest, coefficient] : terms) {
    const NodeId part = scaled(coefficient, rest);
    const Properties own = type(part).properties;
    kept &= own;
    semidefinite = semidefinite && (own & positive_semidefinite);
    definite = definite || (own & positive_definite) || store_[part].op == op::identity;
    parts.push_back(part);
  }
  if (semidefinite) kept |= positive_semidefinite;
  if (semidefinite && definite) kept |= positive_definite;
  return raw(op::add, rows, cols, kept, parts);
}

Terms Build::transposed_terms(const Terms& terms) {
  Terms turned;
  turned.reserve(terms.size());
  for (const auto& [rest, coefficient] : terms) {
    // What is skew turns into its negative.
    auto [sign, body] = split_coefficient(transpose(rest));
    turned.emplace_back(body, coefficient * sign);
  }
  return turned;
}

// Whether a sum or Hadamard product is written as the transpose of what its transposed parts make: (A*X + B)' for
// X'*A' + B', but A' + B' as it is.
bool Build::turns(std::uint64_t turned_weight, std::uint64_t plain_weight) {
  return turned_weight + 1 < plain_weight;
}

NodeId Build::plus(NodeId a, NodeId b) {
  const bool a_is_scalar = type(a).is_scalar();
  const bool b_is_scalar = type(b).is_scalar();
  if (a_is_scalar && !b_is_scalar) a = scale(a, ones(type(b).rows, type(b).cols));
  if (b_is_scalar && !a_is_scalar) b = scale(b, ones(type(a).rows, type(a).cols));
  return add(NodeList{a, b});
}

NodeId Build::scaled(const Rational& c, NodeId a) {
  const Node node = store_[a];
  if (c.is_one()) return a;
  if (c.is_zero()) return zeros(node.type.rows, node.type.cols);
  if (node.op == op::number) return number(store_.number_at(node.first) * c);
  if (node.type.is_scalar()) return times(NodeList{number(c), a});
  return scale(number(c), a);
}

}  // namespace matgrad
