// SPDX-License-Identifier: MIT
// Sums: flat, like terms collected, coefficients coprime (2*A + 4*B is 2*(A + 2*B)), terms sorted, and the shorter of
// the sum and its transpose kept.
#include <algorithm>

#include "ops/build.hpp"
#include "ops/order.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

constexpr Properties kept_by_sums = symmetric | skew | diagonal | lower | upper;

}  // namespace

std::pair<Rational, NodeId> Build::split_coefficient(NodeId id) {
  const Node node = store_[id];
  if (node.op == op::number) {
    const Rational c = store_.number_at(node.first);  // a copy: number(1) may move the numbers
    return {c, number(1)};
  }
  if (node.op == op::times) {
    const NodeId first = store_.child(id, 0);
    if (store_[first].op != op::number) return {1, id};
    const Rational c = store_.number_at(store_[first].first);
    const std::span<const NodeId> rest = store_.children(id).subspan(1);
    if (rest.size() == 1) return {c, rest[0]};
    const NodeList copy(rest.begin(), rest.end());
    return {c, raw(op::times, dim_one, dim_one, node.type.properties, copy)};
  }
  if (node.op == op::scale) {
    const NodeId body = store_.child(id, 1);
    const auto [c, rest] = split_coefficient(store_.child(id, 0));
    if (c.is_one()) return {1, id};
    return {c, scale(rest, body)};
  }
  return {1, id};
}

void Build::flatten_terms(NodeId term, const Rational& factor, std::vector<std::pair<NodeId, Rational>>& out) {
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
  std::vector<std::pair<NodeId, Rational>> parts;
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
  parts.resize(kept);
  std::erase_if(parts, [](const auto& part) { return part.second.is_zero(); });
  if (parts.empty()) return zeros(shape.rows, shape.cols);
  return sum_of(parts);
}

NodeId Build::sum_of(std::vector<std::pair<NodeId, Rational>>& parts) {
  const Type shape = type(parts[0].first);
  if (parts.size() == 1) return scaled(parts[0].second, parts[0].first);
  if (shape.is_row()) {
    // As a column: coefficients are drawn out of that.
    NodeList turned;
    for (const auto& [rest, c] : parts) turned.push_back(transpose(scaled(c, rest)));
    return transpose(add(turned));
  }
  Rational content = parts[0].second;
  bool all_negative = true;
  for (const auto& part : parts) {
    content = gcd(content, part.second);
    all_negative = all_negative && part.second.is_negative();
  }
  if (content.is_negative()) content = -content;
  if (all_negative) content = -content;
  std::sort(parts.begin(), parts.end(),
            [&](const auto& a, const auto& b) { return compare_terms(store_, a.first, b.first) < 0; });
  NodeList terms;
  for (const auto& [rest, c] : parts) terms.push_back(scaled(content.is_one() ? c : c / content, rest));
  const NodeId sum = oriented_sum(std::move(terms), shape.rows, shape.cols);
  return content.is_one() ? sum : scaled(content, sum);
}

template <class Make>
NodeId Build::oriented(const NodeList& parts, Dim rows, Dim cols, Make make) {
  const NodeId plain = make(parts, rows, cols);
  if (cols == dim_one) return plain;  // scalars and columns stand as they are
  NodeList turned;
  std::uint64_t turned_weight = 0;
  std::uint64_t plain_weight = 0;
  for (NodeId part : parts) {
    turned.push_back(transpose(part));
    // What is skew turns into its negative, and a sign does not belong inside.
    if (type(part).has(skew) || split_coefficient(turned.back()).first != split_coefficient(part).first) return plain;
    turned_weight += store_[turned.back()].weight;
    plain_weight += store_[part].weight;
  }
  if (rows != dim_one && rows != cols && turned_weight >= plain_weight + 1) return plain;
  const NodeId other = make(turned, cols, rows);
  if (other == plain) {
    store_.add_properties(plain, symmetric);
    return plain;
  }
  const bool turn = rows == dim_one || turned_weight < plain_weight ||
                    (turned_weight == plain_weight && compare(store_, other, plain) < 0);
  return turn ? transpose(other) : plain;
}

NodeId Build::oriented_sum(NodeList terms, Dim rows, Dim cols) {
  return oriented(terms, rows, cols, [this](NodeList parts, Dim r, Dim c) {
    std::sort(parts.begin(), parts.end(), [&](NodeId a, NodeId b) { return compare_terms(store_, a, b) < 0; });
    Properties kept = kept_by_sums | positive;
    bool semidefinite = true;
    bool definite = false;
    for (NodeId part : parts) {
      const Properties own = type(part).properties;
      kept &= own;
      semidefinite = semidefinite && (own & positive_semidefinite);
      definite = definite || (own & positive_definite) || store_[part].op == op::identity;
    }
    if (semidefinite) kept |= positive_semidefinite;
    if (semidefinite && definite) kept |= positive_definite;
    return raw(op::add, r, c, kept, parts);
  });
}

NodeId Build::oriented_hadamard(NodeList factors, Dim rows, Dim cols) {
  return oriented(factors, rows, cols, [this](NodeList parts, Dim r, Dim c) {
    std::sort(parts.begin(), parts.end(), [&](NodeId a, NodeId b) { return compare(store_, a, b) < 0; });
    Properties kept = symmetric | positive;
    Properties any = 0;
    for (NodeId part : parts) {
      kept &= type(part).properties;
      any |= type(part).properties;
    }
    kept |= any & (diagonal | lower | upper);  // a zero in one factor is a zero of the product
    return raw(op::hadamard, r, c, kept, parts);
  });
}

NodeId Build::plus(NodeId a, NodeId b) {
  const bool a_is_scalar = type(a).is_scalar();
  const bool b_is_scalar = type(b).is_scalar();
  if (a_is_scalar && !b_is_scalar) a = scale(a, ones(type(b).rows, type(b).cols));
  if (b_is_scalar && !a_is_scalar) b = scale(b, ones(type(a).rows, type(a).cols));
  return add(NodeList{a, b});
}

bool Build::has_negative_term(NodeId sum) {
  for (std::size_t i = 0; i < store_[sum].count; ++i) {
    if (split_coefficient(store_.child(sum, i)).first.is_negative()) return true;
  }
  return false;
}

// c*sum with the sign inside where that spares one: -(A - B) is B - A.
NodeId Build::signed_sum(const Rational& c, NodeId sum) {
  NodeList terms;
  const Type shape = type(sum);
  for (std::size_t i = 0; i < store_[sum].count; ++i) terms.push_back(negate(store_.child(sum, i)));
  const NodeId flipped = oriented_sum(std::move(terms), shape.rows, shape.cols);
  return scaled(-c, flipped);
}

NodeId Build::scaled(const Rational& c, NodeId a) {
  const Node node = store_[a];
  if (c.is_one()) return a;
  if (c.is_zero()) return zeros(node.type.rows, node.type.cols);
  if (node.op == op::number) return number(store_.number_at(node.first) * c);
  if (node.type.is_scalar()) {
    if (node.op == op::add && c.is_negative() && has_negative_term(a)) return signed_sum(c, a);
    return times(NodeList{number(c), a});
  }
  if (node.op == op::add && c.is_negative() && has_negative_term(a)) return signed_sum(c, a);
  return scale(number(c), a);
}

}  // namespace matgrad
