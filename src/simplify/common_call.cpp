// SPDX-License-Identifier: MIT
#include "simplify/common_call.hpp"

#include <algorithm>

#include "ops/structural.hpp"
#include "rules/rulebook.hpp"

namespace matgrad {
namespace {

bool linear(const Store& store, NodeId id) {
  return Rulebook::get().is_linear(store[id].op);
}

// The one linear function among the factors of a scalar term.
NodeId only_linear(const Store& store, const NodeList& scalars) {
  NodeId found = no_node;
  for (NodeId scalar : scalars) {
    if (!linear(store, scalar)) continue;
    if (found != no_node) return no_node;
    found = scalar;
  }
  return found;
}

bool meet(Build& build, NodeId a, NodeId b) {
  const Store& store = build.store();
  a = build.split_scale(a).second;
  b = build.split_scale(b).second;
  if (store[a].op != op::multiply || store[b].op != op::multiply) return a == b;
  return store.children(a).front() == store.children(b).front() || store.children(a).back() == store.children(b).back();
}

// A' where it, and not A, begins or ends as the other product does.
NodeId turned_to_meet(Build& build, NodeId other, NodeId argument) {
  const NodeId turned = build.transpose(argument);
  const bool turns = !meet(build, other, argument) && build.type(turned).same_shape(build.type(argument));
  return turns && meet(build, other, turned) ? turned : argument;
}

// What the function is called with in this term: s*A of s*tr(A).
NodeId argument_of(Build& build, const Term& term, NodeId call) {
  NodeList scalars = term.scalars;
  if (call != term.body) scalars.erase(std::find(scalars.begin(), scalars.end(), call));
  scalars.push_back(build.number(term.coefficient));
  return build.scale(build.times(scalars), build.store().child(call, 0));
}

}  // namespace

std::vector<CommonCall> common_calls(Build& build, const std::vector<Term>& terms) {
  const Store& store = build.store();
  std::vector<CommonCall> found;  // in the order of the terms
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Term& term = terms[i];
    if (term.body != no_node && !linear(store, term.body)) continue;
    const NodeId call = term.body != no_node ? term.body : only_linear(store, term.scalars);
    if (call == no_node) continue;
    const OpId function = store[call].op;
    const NodeId argument = argument_of(build, term, call);
    const auto at = std::find_if(found.begin(), found.end(), [&](const CommonCall& known) {
      return known.function == function && build.type(known.arguments[0]).same_shape(build.type(argument));
    });
    if (at == found.end()) {
      found.push_back({function, {i}, {argument}});
    } else {
      at->terms.push_back(i);
      at->arguments.push_back(argument);
    }
  }
  std::vector<CommonCall> result;
  for (CommonCall& call : found) {
    if (call.terms.size() < 2) continue;
    result.push_back(call);
    if (entry_of(call.function).transposing != Transposing::invariant) continue;
    for (NodeId& argument : call.arguments) argument = turned_to_meet(build, call.arguments[0], argument);
    result.push_back(std::move(call));
  }
  return result;
}

}  // namespace matgrad
