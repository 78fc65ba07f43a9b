// SPDX-License-Identifier: MIT
#include "ops/written.hpp"

#include <algorithm>

#include "ops/selections.hpp"
#include "ops/sign.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

// How many operators a number in front of a product adds: -2*x has two, x/2 one, 1*x none.
std::int64_t coefficient_weight(const Rational& c) {
  const Rational size = c.is_negative() ? -c : c;
  const bool has_numerator = size.numerator_text() != "1";
  return (c.is_negative() ? 1 : 0) + (has_numerator ? 1 : 0) + (size.is_integer() ? 0 : 1);
}

bool is_reciprocal(const Store& store, NodeId id) {
  if (store[id].op != op::power) return false;
  const Node& exponent = store[store.child(id, 1)];
  return exponent.op == op::number && store.number_at(exponent.first).is_negative();
}

// A product written as a fraction. A reciprocal has its stroke counted with it, and needs none of its own beside a
// numerator or another reciprocal: a/b is one operator, 1/(b*c) two.
std::int64_t product_weight(const Store& store, std::span<const NodeId> children) {
  std::int64_t weight = -1;
  bool has_numerator = false;
  std::int64_t reciprocals = 0;
  for (NodeId child : children) {
    if (store[child].op == op::number) {
      const Rational& c = store.number_at(store[child].first);
      weight += coefficient_weight(c);
      has_numerator = has_numerator || (c.is_negative() ? -c : c).numerator_text() != "1";
    } else {
      const bool reciprocal = is_reciprocal(store, child);
      ++weight;
      reciprocals += reciprocal ? 1 : 0;
      has_numerator = has_numerator || !reciprocal;
    }
  }
  return weight - reciprocals + (has_numerator ? 0 : 1);
}

// Whether a scalar is 1 over something, so that it adds nothing but its denominator to what it stands before.
bool has_no_numerator(const Store& store, NodeId scalar) {
  if (is_reciprocal(store, scalar)) return true;
  if (store[scalar].op == op::number) {
    const Rational& c = store.number_at(store[scalar].first);
    return !c.is_integer() && (c.is_negative() ? -c : c).numerator_text() == "1";
  }
  if (store[scalar].op != op::times) return false;
  const auto factors = store.children(scalar);
  return std::all_of(factors.begin(), factors.end(), [&](NodeId factor) {
    if (store[factor].op != op::number) return is_reciprocal(store, factor);
    const Rational& c = store.number_at(store[factor].first);
    return (c.is_negative() ? -c : c).numerator_text() == "1";
  });
}

// s*ones(n), written as s in a sum with something else that tells the shape.
bool is_spread(const Store& store, NodeId term) {
  const OpId op = store[term].op;
  return op == op::ones || (op == op::scale && store[store.child(term, 1)].op == op::ones);
}

// Operators of the terms that are not written in a sum: a minus is counted once, as the sign of the term, and a scalar
// is spread over the shape of the others without a product.
std::int64_t saved_in_sum(const Store& store, std::span<const NodeId> terms) {
  const bool shaped = !std::all_of(terms.begin(), terms.end(), [&](NodeId term) { return is_spread(store, term); });
  std::int64_t saved = 0;
  for (NodeId term : terms) {
    if (is_negative(store, term) && sign_absorber(store, term) == no_node) ++saved;
    if (!shaped || store[term].op != op::scale || !is_spread(store, term)) continue;
    const NodeId scalar = store.child(term, 0);
    const bool is_one = store[scalar].op == op::number && store.number_at(store[scalar].first) == Rational(-1);
    if (!is_one && !has_no_numerator(store, scalar)) ++saved;
  }
  return saved;
}

std::int64_t power_weight(const Store& store, std::span<const NodeId> children) {
  const Node& exponent = store[children[1]];
  if (exponent.op != op::number || !store.number_at(exponent.first).is_negative()) return 1;
  return store.number_at(exponent.first) == Rational(-1) ? 1 : 2;
}

std::int64_t weight_of(const Store& store, std::span<const NodeId> nodes) {
  std::int64_t weight = 0;
  for (NodeId id : nodes) weight += store[id].weight;
  return weight;
}

std::int64_t weight_of(const Store& store, const WrittenProduct& product) {
  const auto products = static_cast<std::int64_t>(product.factors.size()) - 1;
  return weight_of(store, product.factors) + products + (product.power > 1 ? 1 : 0) + (product.transposed ? 1 : 0);
}

NodeId known_transpose(const Store& store, NodeId id) {
  if (store.type(id).is_scalar() || store.type(id).has(symmetric)) return id;
  return index_of(id) < store.transposes.size() ? store.transposes[index_of(id)] : no_node;
}

// Empty where one of them is not known, or has a minus in front.
NodeList known_transposes(const Store& store, std::span<const NodeId> nodes) {
  NodeList turned;
  for (NodeId id : nodes) {
    turned.push_back(known_transpose(store, id));
    if (turned.back() == no_node) return {};
  }
  return turned;
}

// The shortest product that is repeated, twice to four times: longer powers are not multiplied out when they are read.
WrittenProduct repeated(const Store& store, NodeList factors) {
  constexpr std::size_t longest_power = 4;
  const std::size_t count = factors.size();
  for (std::size_t length = std::max<std::size_t>(2, count / longest_power); length * 2 <= count; ++length) {
    if (count % length != 0 || count / length > longest_power) continue;
    if (store.type(factors[0]).rows == dim_one || store.type(factors[0]).rows != store.type(factors[length - 1]).cols) {
      continue;
    }
    const auto period = static_cast<std::ptrdiff_t>(length);
    if (!std::equal(factors.begin() + period, factors.end(), factors.begin())) continue;
    return {NodeList(factors.begin(), factors.begin() + period), count / length, false};
  }
  return {std::move(factors), 1, false};
}

std::int64_t transpose_weight(const Store& store, NodeId child);

}  // namespace

WrittenProduct written_product(const Store& store, std::span<const NodeId> factors) {
  WrittenProduct plain = repeated(store, NodeList(factors.begin(), factors.end()));
  NodeList turned = known_transposes(store, factors);
  if (turned.empty()) return plain;
  std::reverse(turned.begin(), turned.end());
  for (NodeId factor : turned) {
    if (store[factor].op == op::scale) return plain;  // of a skew factor
  }
  WrittenProduct other = repeated(store, std::move(turned));
  const bool is_scalar = store.type(factors.front()).rows == dim_one && store.type(factors.back()).cols == dim_one;
  other.transposed = !is_scalar;
  // A'*B' is what one expects to read of matrices, though (B*A)' is shorter by one.
  const int saved = store.type(factors.front()).rows == dim_one && !is_scalar ? 1 : 2;
  if (weight_of(store, other) + saved <= weight_of(store, plain)) return other;
  return plain;
}

namespace {

NodeList shorter_terms(const Store& store, NodeId sum) {
  if (store[sum].op != op::add || !store.type(sum).is_column()) return {};
  NodeList turned = known_transposes(store, store.children(sum));
  if (turned.empty()) return {};
  const std::int64_t weight = weight_of(store, turned) + own_weight(store, op::add, turned);
  if (weight > store[sum].weight) return {};
  return turned;
}

std::int64_t transpose_weight(const Store& store, NodeId child) {
  const NodeList turned = shorter_terms(store, child);
  if (turned.empty()) return 1;
  return weight_of(store, turned) + own_weight(store, op::add, turned) - store[child].weight;
}

}  // namespace

NodeList written_terms(const Store& store, NodeId transposed) {
  return shorter_terms(store, store.child(transposed, 0));
}

std::vector<NodeId> written_nodes(const Store& store, NodeId root) {
  // What stands in a node's place may be younger than the node: it became known later.
  enum class State : std::uint8_t { unseen, open, done };
  std::vector<State> states(store.size(), State::unseen);
  std::vector<NodeId> pending{root};
  std::vector<NodeId> order;
  auto put_all = [&](std::span<const NodeId> nodes) {
    for (NodeId id : nodes) {
      if (states[index_of(id)] == State::unseen) pending.push_back(id);
    }
  };
  while (!pending.empty()) {
    const NodeId id = pending.back();
    State& state = states[index_of(id)];
    if (state != State::unseen) {
      pending.pop_back();
      if (state == State::open) order.push_back(id);
      state = State::done;
      continue;
    }
    state = State::open;
    put_all(store.children(id));
    if (store[id].op == op::multiply) put_all(written_product(store, store.children(id)).factors);
    if (store[id].op == op::transpose) put_all(written_terms(store, id));
  }
  return order;
}

namespace {

// A minus that is not written, because a sum is turned: a*(y - x). What a scalar has absorbed by itself is not counted
// in its weight already.
std::int64_t absorbed_sign(const Store& store, OpId op, std::span<const NodeId> children) {
  if (sign_absorber(store, op, children) == no_node) return 0;
  return op == op::scale && sign_absorber(store, children[0]) != no_node ? 0 : 1;
}

}  // namespace

// How many operators the node itself adds to what is written.
std::int64_t own_weight(const Store& store, OpId op, std::span<const NodeId> children) {
  if (children.empty()) return 0;
  if (op == op::unit || find_selection(op) != nullptr) return 0;  // constants, however they are called
  const auto operators = static_cast<std::int64_t>(children.size() - 1);
  if (op == op::add) return operators - saved_in_sum(store, children);
  if (op == op::transpose) return transpose_weight(store, children[0]);
  if (op == op::multiply) return weight_of(store, written_product(store, children)) - weight_of(store, children);
  const std::int64_t sign = absorbed_sign(store, op, children);
  if (op == op::power) return power_weight(store, children);
  if (op == op::times || op == op::hadamard) return product_weight(store, children) - sign;
  if (op == op::scale) {
    const Node& first = store[children[0]];
    if (first.op == op::number) return coefficient_weight(store.number_at(first.first)) - sign;
    return operators - (has_no_numerator(store, children[0]) ? 1 : 0) - sign;
  }
  return 1;
}

// Several operators that share a surface name are told apart by their arguments, so that name does for each.
std::string_view surface_name(OpId op) {
  for (std::string_view name : entry_of(op).also) {
    if (!name.empty() && OperatorTable::get().named(name).size() > 1) return name;
  }
  return entry_of(op).name;
}

}  // namespace matgrad
