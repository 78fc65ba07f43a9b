// SPDX-License-Identifier: MIT
// Powers, elementwise and of matrices. Only what holds without assumptions is simplified: (x^a)^k for an integer k,
// sqrt(x)^2, but sqrt(x^2) only where x is declared positive.
#include <cmath>

#include "ops/build.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

// The exact square root of a non-negative integer that fits 64 bits and is a square.
std::optional<std::int64_t> exact_root(std::int64_t value) {
  if (value < 0) return std::nullopt;
  const auto root = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(value))));
  if (root < 3'000'000'000 && root * root == value) return root;
  return std::nullopt;
}

std::optional<Rational> square_root(const Rational& value) {
  // 64-bit parts only: larger squares stay under the root, which is never wrong.
  if (value.is_negative() || value.bits() > 62) return std::nullopt;
  const auto numerator = exact_root(std::stoll(value.numerator_text()));
  const auto denominator = exact_root(std::stoll(value.denominator_text()));
  if (!numerator || !denominator) return std::nullopt;
  return Rational(*numerator, *denominator);
}

}  // namespace

std::optional<NodeId> Build::number_power(const Rational& base, const Rational& exponent) {
  if (const auto k = exponent.as_int64()) {
    if (const auto value = base.power(*k)) return number(*value);
    return std::nullopt;
  }
  const auto twice = (exponent * Rational(2)).as_int64();
  if (!twice) return std::nullopt;
  const auto root = square_root(base);
  if (!root) return std::nullopt;
  if (const auto value = root->power(*twice)) return number(*value);
  return std::nullopt;
}

// The forms a power takes that are not a power node; nothing where it is one.
std::optional<NodeId> Build::power_shortcut(NodeId base, NodeId exponent) {
  const Node node = store_[base];
  const auto value = number_value(exponent);
  const bool whole = value && value->is_integer();
  if (is_zero(exponent)) return ones(node.type.rows, node.type.cols);
  if (value && value->is_one()) return base;
  if (node.op == op::ones) return base;
  if (node.op == op::number && value) {
    if (auto result = number_power(store_.number_at(node.first), *value)) return result;
  }
  const bool is_zero_or_one = node.op == op::zeros || node.op == op::identity;  // every entry
  if (is_zero_or_one && value && !value->is_negative()) return base;
  if (node.op == op::power) {
    const NodeId inner_base = store_.child(base, 0);
    const NodeId inner = store_.child(base, 1);
    if ((whole || type(inner_base).has(positive)) && type(inner).is_scalar() && type(exponent).is_scalar()) {
      return power(inner_base, times(NodeList{inner, exponent}));
    }
  }
  if (node.op == op::transpose && type(exponent).is_scalar() && !type(base).is_column()) {  // rows turn into columns
    return transpose(power(store_.child(base, 0), exponent));
  }
  if (whole && (node.op == op::times || node.op == op::hadamard || node.op == op::scale)) {
    NodeList factors;
    for (std::size_t i = 0; i < node.count; ++i) factors.push_back(power(store_.child(base, i), exponent));
    if (node.op == op::times) return times(factors);
    if (node.op == op::scale) return scale(factors[0], factors[1]);
    return hadamard(factors);
  }
  if (value && (node.op == op::times || node.op == op::scale)) {
    // sqrt(4*a) is 2*sqrt(a).
    const auto [c, rest] = split_coefficient(base);
    if (!c.is_one() && !c.is_negative()) {
      if (auto root = number_power(c, *value)) return scale(*root, power(rest, exponent));
    }
  }
  return std::nullopt;
}

NodeId Build::power(NodeId base, NodeId exponent) {
  if (type(base).is_scalar() && !type(exponent).is_scalar()) {
    base = scale(base, ones(type(exponent).rows, type(exponent).cols));
  }
  if (store_[exponent].op == op::ones) exponent = number(1);
  if (store_[exponent].op == op::scale && store_[store_.child(exponent, 1)].op == op::ones) {
    exponent = store_.child(exponent, 0);
  }
  if (auto shortcut = power_shortcut(base, exponent)) return *shortcut;
  const Type shape = type(base);
  if (shape.is_row() && type(exponent).is_row()) return transpose(power(transpose(base), transpose(exponent)));
  const bool turnable = !shape.is_scalar() && !shape.is_column() && type(exponent).is_scalar();
  if (turnable) {
    const NodeId turned = transpose(base);
    const std::uint32_t turned_weight = store_[split_coefficient(turned).second].weight;
    if (shape.is_row() || turned_weight < store_[split_coefficient(base).second].weight) {
      return transpose(power(turned, exponent));
    }
  }
  Properties kept = shape.properties & (positive | (shape.is_matrix() ? symmetric : 0));
  const auto value = number_value(exponent);
  if (shape.is_matrix() && value && !value->is_negative()) {  // where there is a zero, it stays
    kept |= shape.properties & (diagonal | lower | upper);
  }
  if (!type(exponent).is_scalar()) kept &= type(exponent).properties | positive;  // positive to any power
  return raw(op::power, shape.rows, shape.cols, kept, NodeList{base, exponent});
}

NodeId Build::matrix_power(NodeId base, NodeId exponent) {
  const Type shape = type(base);
  MATGRAD_ASSERT(shape.rows == shape.cols);
  if (shape.is_scalar()) return power(base, exponent);
  const Node node = store_[base];
  if (node.op == op::identity || is_zero(exponent)) return identity(shape.rows);
  if (is_number(exponent, 1)) return base;
  const auto value = number_value(exponent);
  if (value && value->is_negative()) return matrix_power(call("^-1", {base}), scaled(Rational(-1), exponent));
  if (node.op == op::ones && value) {  // (1*1')^k = n^(k-1)*1*1'
    return scale(power(dimension(shape.rows), number(*value - Rational(1))), base);
  }
  if (node.op == op::scale) {
    const NodeId scalar = store_.child(base, 0);
    const NodeId body = store_.child(base, 1);
    return scale(power(scalar, exponent), matrix_power(body, exponent));
  }
  if (node.op == op::matrix_power) {
    const NodeId inner = store_.child(base, 1);
    return matrix_power(store_.child(base, 0), times(NodeList{inner, exponent}));
  }
  constexpr std::int64_t longest_expansion = 4;
  if (node.op == op::multiply && value && value->as_int64().value_or(100) <= longest_expansion) {
    const NodeList copies(static_cast<std::size_t>(*value->as_int64()), base);
    return multiply(copies);
  }
  Properties kept = shape.properties & (symmetric | positive_definite | positive_semidefinite | diagonal | lower |
                                        upper | orthogonal | positive);
  return raw(op::matrix_power, shape.rows, shape.cols, kept, NodeList{base, exponent});
}

}  // namespace matgrad
