// SPDX-License-Identifier: MIT
#include "simplify/term.hpp"

#include <algorithm>
#include <utility>

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

NodeList reversed(Build& build, const NodeList& factors) {
  NodeList result;
  for (std::size_t i = factors.size(); i-- > 0;) result.push_back(build.transpose(factors[i]));
  return result;
}

// x'*(y.*z) with each of its vectors in front: which one stands there in the normal form is a matter of their order.
std::vector<NodeList> other_fronts(Build& build, const NodeList& factors) {
  Store& store = build.store();
  if (factors.size() != 2 || store[factors[1]].op != op::hadamard) return {};
  const NodeList vectors(store.children(factors[1]).begin(), store.children(factors[1]).end());
  std::vector<NodeList> result;
  for (std::size_t front = 0; front < vectors.size(); ++front) {
    NodeList rest{build.transpose(factors[0])};
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      if (i != front) rest.push_back(vectors[i]);
    }
    result.push_back({build.transpose(vectors[front]), build.hadamard(rest)});
  }
  return result;
}

NodeList joined(NodeList first, const NodeList& second) {
  for (NodeId factor : second) first.push_back(factor);
  return first;
}

// A column times a 1×1 product: (b'*x)*a is a*b'*x and a*x'*b.
void add_outer_readings(Build& build, const Term& term, std::vector<TermReading>& result) {
  Store& store = build.store();
  const NodeList column = term.entrywise ? NodeList{term.body} : term.factors;
  for (std::size_t i = 0; i < term.scalars.size(); ++i) {
    const NodeId product = term.scalars[i];
    if (store[product].op != op::multiply || is_entry(store, product)) continue;
    NodeList others = term.scalars;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const NodeList factors(store.children(product).begin(), store.children(product).end());
    std::vector<NodeList> ways{factors};
    for (NodeList& way : other_fronts(build, factors)) ways.push_back(std::move(way));
    for (const NodeList& way : ways) {
      result.push_back({joined(column, way), others});
      const NodeList backward = reversed(build, way);
      if (!has_sign(store, backward)) result.push_back({joined(column, backward), others});
    }
  }
}

void add_other_readings(Build& build, const NodeList& factors, const NodeList& scalars,
                        std::vector<TermReading>& result) {
  const NodeList backward = reversed(build, factors);
  if (!has_sign(build.store(), backward)) result.push_back({backward, scalars});
  for (NodeList& way : other_fronts(build, factors)) result.push_back({std::move(way), scalars});
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
