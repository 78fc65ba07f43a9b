// SPDX-License-Identifier: MIT
#include "simplify/term.hpp"

#include <algorithm>

#include "ops/structural.hpp"

namespace matgrad {

namespace {

bool has_sign(const Store& store, const NodeList& factors) {  // of a skew factor
  return std::any_of(factors.begin(), factors.end(), [&](NodeId factor) { return store[factor].op == op::scale; });
}

// A' and B of (A.*B')', which is how A'.*B may stand in a sum.
NodeList turned_entrywise_factors(Build& build, NodeId body) {
  const Store& store = build.store();
  if (store[body].op != op::transpose || store[store.child(body, 0)].op != op::hadamard) return {};
  const NodeList inner(store.children(store.child(body, 0)).begin(), store.children(store.child(body, 0)).end());
  NodeList turned;
  for (NodeId factor : inner) turned.push_back(build.transpose(factor));
  return has_sign(store, turned) ? NodeList{} : turned;
}

}  // namespace

Term take_apart(Build& build, NodeId id) {
  Store& store = build.store();
  Term term;
  term.whole = id;
  auto [c, rest] = build.split_coefficient(id);
  term.coefficient = c;
  NodeId body = rest;
  NodeId scalar = no_node;
  if (store[rest].op == op::scale) {
    scalar = store.child(rest, 0);
    body = store.child(rest, 1);
  } else if (store.type(rest).is_scalar() && store[rest].op == op::times) {
    // The last 1×1 product of a scalar term is its body: a'*x*s + b'*x*s has factors to share.
    NodeList others;
    body = no_node;
    for (NodeId factor : store.children(rest)) {
      if (body == no_node && store[factor].op == op::multiply) {
        body = factor;
      } else {
        others.push_back(factor);
      }
    }
    term.scalars = others;
  }
  if (scalar != no_node) {
    if (store[scalar].op == op::times) {
      term.scalars.assign(store.children(scalar).begin(), store.children(scalar).end());
    } else {
      term.scalars.push_back(scalar);
    }
  }
  if (body == no_node) return term;
  const Node node = store[body];
  if (node.type.is_scalar() && node.op != op::multiply) {
    if (!build.is_number(body, 1)) term.scalars.push_back(body);
    return term;
  }
  term.body = body;
  term.entrywise = node.op == op::hadamard;
  if (node.op == op::multiply || node.op == op::hadamard) {
    term.factors.assign(store.children(body).begin(), store.children(body).end());
  } else if (const NodeList turned = turned_entrywise_factors(build, body); !turned.empty()) {
    term.entrywise = true;
    term.factors = turned;
  } else {
    term.factors.push_back(body);
  }
  return term;
}

NodeId product_of(Build& build, const Term& term, const NodeList& factors, Dim rows, Dim cols) {
  NodeId body = no_node;
  if (factors.empty()) {
    body = term.entrywise || rows != cols ? build.ones(rows, cols) : build.identity(rows);
  } else {
    body = term.entrywise ? build.hadamard(factors) : build.multiply(factors);
  }
  const NodeId scalar = term.scalars.empty() ? build.number(1) : build.times(term.scalars);
  return build.scaled(term.coefficient, build.scale(scalar, body));
}

namespace {

// x[i] is e(i)'*x, and is one factor to a reader.
bool is_entry(const Store& store, NodeId product) {
  const auto factors = store.children(product);
  return std::any_of(factors.begin(), factors.end(), [&](NodeId factor) {
    return store[store[factor].op == op::transpose ? store.child(factor, 0) : factor].op == op::unit;
  });
}

// A column times a 1×1 product: (b'*x)*a is a*b'*x and a*x'*b.
void add_outer_readings(Build& build, const Term& term, std::vector<TermReading>& result) {
  Store& store = build.store();
  for (std::size_t i = 0; i < term.scalars.size(); ++i) {
    const NodeId product = term.scalars[i];
    if (store[product].op != op::multiply || is_entry(store, product)) continue;
    NodeList others = term.scalars;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    NodeList forward = term.entrywise ? NodeList{term.body} : term.factors;
    NodeList backward = forward;
    for (std::size_t at = store[product].count; at-- > 0;) {
      backward.push_back(build.transpose(store.child(product, at)));
    }
    for (NodeId factor : NodeList(store.children(product).begin(), store.children(product).end())) {
      forward.push_back(factor);
    }
    result.push_back({forward, others});
    if (!has_sign(store, backward)) result.push_back({backward, others});
  }
}

void add_other_readings(Build& build, const NodeList& factors, const NodeList& scalars,
                        std::vector<TermReading>& result) {
  Store& store = build.store();
  NodeList reversed;
  for (std::size_t i = factors.size(); i-- > 0;) reversed.push_back(build.transpose(factors[i]));
  if (!has_sign(store, reversed)) result.push_back({reversed, scalars});
  if (factors.size() != 2 || store[factors[1]].op != op::hadamard) return;
  const NodeList vectors(store.children(factors[1]).begin(), store.children(factors[1]).end());
  for (std::size_t front = 0; front < vectors.size(); ++front) {
    NodeList rest{reversed[1]};
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      if (i != front) rest.push_back(vectors[i]);
    }
    result.push_back({NodeList{build.transpose(vectors[front]), build.hadamard(rest)}, scalars});
  }
}

}  // namespace

std::vector<TermReading> readings(Build& build, const Term& term, const Type& shape) {
  Store& store = build.store();
  std::vector<TermReading> result;
  if (shape.is_column() && term.body != no_node) add_outer_readings(build, term, result);
  if (term.factors.empty() || term.entrywise) return result;
  result.push_back({term.factors, term.scalars});
  if (!shape.is_scalar()) return result;
  add_other_readings(build, term.factors, term.scalars, result);
  for (std::size_t i = 0; i < term.scalars.size(); ++i) {
    const NodeId product = term.scalars[i];
    if (store[product].op != op::multiply) continue;
    NodeList others = term.scalars;
    others[i] = term.body;
    const NodeList factors(store.children(product).begin(), store.children(product).end());
    result.push_back({factors, others});
    add_other_readings(build, factors, others, result);
  }
  return result;
}

}  // namespace matgrad
