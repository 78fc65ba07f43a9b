// SPDX-License-Identifier: MIT
#include "ops/order.hpp"

#include "ops/structural.hpp"

namespace matgrad {
namespace {

int sign(long long difference) {
  return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

// Constants first, then names, then everything else.
int rank(OpId op) {
  if (op == op::number) return 0;
  if (op == op::dimension) return 1;
  if (op == op::ones || op == op::zeros || op == op::identity) return 2;
  if (op == op::symbol) return 3;
  return 4;
}

NodeId without_transpose(const Store& store, NodeId id) {
  return store[id].op == op::transpose ? store.child(id, 0) : id;
}

int compare_leaves(const Store& store, const Node& a, const Node& b) {
  if (a.op == op::number) {
    const Rational& x = store.number_at(a.first);
    const Rational& y = store.number_at(b.first);
    return x == y ? 0 : x < y ? -1 : 1;
  }
  if (a.op == op::symbol) {
    const int by_name = sign(store.symbol_at(a.first).name.compare(store.symbol_at(b.first).name));
    return by_name != 0 ? by_name : sign(static_cast<long long>(a.first) - static_cast<long long>(b.first));
  }
  if (a.op == op::dimension) return store.dims.compare(Dim{a.first}, Dim{b.first});
  return 0;
}

int compare_shapes(const Store& store, const Type& a, const Type& b) {
  const int by_rows = store.dims.compare(a.rows, b.rows);
  return by_rows != 0 ? by_rows : store.dims.compare(a.cols, b.cols);
}

}  // namespace

int compare(const Store& store, NodeId a, NodeId b) {
  // Descends along the first child that differs: equal children are equal handles, so the walk is one path.
  int outer = 0;
  while (a != b) {
    const NodeId bare_a = without_transpose(store, a);
    const NodeId bare_b = without_transpose(store, b);
    if (outer == 0) outer = static_cast<int>(bare_a != a) - static_cast<int>(bare_b != b);
    a = bare_a;
    b = bare_b;
    if (a == b) return outer;
    const Node& x = store[a];
    const Node& y = store[b];
    if (const int by_rank = rank(x.op) - rank(y.op)) return by_rank;
    if (x.op == op::power || y.op == op::power) {
      // x and x^2 stand together, in the order of their exponents.
      const NodeId base_x = x.op == op::power ? store.child(a, 0) : a;
      const NodeId base_y = y.op == op::power ? store.child(b, 0) : b;
      if (base_x != base_y) {
        a = base_x;
        b = base_y;
        continue;
      }
      if (x.op != y.op) return x.op == op::power ? 1 : -1;
    }
    if (x.op != y.op) return sign(static_cast<int>(x.op) - static_cast<int>(y.op));
    if (x.count != y.count) return x.count < y.count ? -1 : 1;
    if (x.count == 0) {
      const int by_leaf = compare_leaves(store, x, y);
      return by_leaf != 0 ? by_leaf : compare_shapes(store, x.type, y.type);
    }
    std::size_t at = 0;
    while (at < x.count && store.child(a, at) == store.child(b, at)) ++at;
    if (at == x.count) return compare_shapes(store, x.type, y.type);
    const NodeId next_a = store.child(a, at);
    b = store.child(b, at);
    a = next_a;
  }
  return outer;
}

namespace {

std::uint32_t degree(const Store& store, NodeId id) {
  const Node& node = store[id];
  if (node.op == op::multiply) return node.count;
  if (node.op == op::hadamard) return node.count - (store[store.child(id, 0)].op == op::identity ? 1 : 0);
  if (node.op == op::times) return node.count - (store[store.child(id, 0)].op == op::number ? 1 : 0);
  return 1;
}

}  // namespace

int compare_terms(const Store& store, NodeId a, NodeId b) {
  if (a == b) return 0;
  auto body = [&](NodeId id) { return store[id].op == op::scale ? store.child(id, 1) : id; };
  const NodeId x = body(a);
  const NodeId y = body(b);
  if (x == y) return compare(store, a, b);
  const int by_rank = (rank(store[x].op) <= 2 ? 0 : 1) - (rank(store[y].op) <= 2 ? 0 : 1);
  if (by_rank != 0) return by_rank;
  const std::uint32_t degree_x = degree(store, x);
  const std::uint32_t degree_y = degree(store, y);
  if (degree_x != degree_y) return degree_x > degree_y ? -1 : 1;
  const int by_body = compare(store, x, y);
  return by_body != 0 ? by_body : compare(store, a, b);
}

}  // namespace matgrad
