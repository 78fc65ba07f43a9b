// SPDX-License-Identifier: MIT
#include "ops/sign.hpp"

#include <algorithm>

#include "ops/structural.hpp"
#include "ops/written.hpp"

namespace matgrad {
namespace {

bool has_negative_term(const Store& store, NodeId sum) {
  for (NodeId term : store.children(sum)) {
    if (is_negative(store, term)) return true;
  }
  return false;
}

// 1 - A is rather left as it is, and another factor turned.
bool has_constant_term(const Store& store, NodeId sum) {
  const auto terms = store.children(sum);
  return std::any_of(terms.begin(), terms.end(), [&](NodeId term) {
    const NodeId body = store[term].op == op::scale ? store.child(term, 1) : term;
    const OpId op = store[body].op;
    return op == op::number || op == op::ones || op == op::identity;
  });
}

// `id` where it is such a sum, its transpose or its inverse.
NodeId turnable_sum(const Store& store, NodeId id, bool with_constants) {
  if (store[id].op == op::power) {
    const Node& exponent = store[store.child(id, 1)];
    const bool inverse = exponent.op == op::number && store.number_at(exponent.first) == Rational(-1);
    if (!inverse) return no_node;
    id = store.child(id, 0);
  } else if (store[id].op == op::transpose) {
    id = store.child(id, 0);
  }
  if (store[id].op != op::add || !has_negative_term(store, id)) return no_node;
  return with_constants || !has_constant_term(store, id) ? id : no_node;
}

NodeId absorber_among(const Store& store, std::span<const NodeId> factors, bool with_constants);

// In a product that is itself a factor.
NodeId absorber_in(const Store& store, NodeId product, bool with_constants) {
  constexpr NodeId none{0};
  auto& known = store.absorbers[with_constants ? 1 : 0];
  if (index_of(product) >= known.size()) known.resize(2 * store.size(), no_node);
  NodeId memo = known[index_of(product)];
  if (memo == no_node) {
    // In (A*(B - C))^2 the sum is written once and stands twice.
    const bool is_square =
        store[product].op == op::multiply && written_product(store, store.children(product)).power % 2 == 0;
    const NodeId sum = is_square ? no_node : absorber_among(store, store.children(product), with_constants);
    memo = sum == no_node ? none : sum;
    known[index_of(product)] = memo;
  }
  return memo == none ? no_node : memo;
}

NodeId absorber_among(const Store& store, std::span<const NodeId> factors, bool with_constants) {
  for (NodeId factor : factors) {
    const NodeId bare = store[factor].op == op::transpose ? store.child(factor, 0) : factor;
    const OpId op = store[bare].op;
    const bool nested = op == op::multiply || op == op::hadamard || op == op::times;
    const NodeId sum = nested ? absorber_in(store, bare, with_constants) : turnable_sum(store, factor, with_constants);
    if (sum != no_node) return sum;
  }
  return no_node;
}

}  // namespace

bool is_negative(const Store& store, NodeId id) {
  const Node& node = store[id];
  if (node.op == op::number) return store.number_at(node.first).is_negative();
  return (node.op == op::times || node.op == op::scale) && is_negative(store, store.child(id, 0));
}

NodeId sign_absorber(const Store& store, OpId op, std::span<const NodeId> children) {
  if ((op != op::times && op != op::scale) || !is_negative(store, children[0])) return no_node;
  const NodeId sum = absorber_among(store, children, false);
  return sum != no_node ? sum : absorber_among(store, children, true);
}

NodeId sign_absorber(const Store& store, NodeId product) {
  return sign_absorber(store, store[product].op, store.children(product));
}

}  // namespace matgrad
