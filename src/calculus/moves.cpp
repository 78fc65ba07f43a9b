// SPDX-License-Identifier: MIT
// The differential moved to the end of a term: past each linear operator by its adjoint (the trace method), or by its
// matrix over vec.
#include "calculus/differential.hpp"
#include "calculus/recorder.hpp"
#include "calculus/slots.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

constexpr const char* hadamards = "Magnus & Neudecker (2019), 3.6";
constexpr const char* vec_products = "Magnus & Neudecker (2019), 2.4; Matrix Cookbook (520)";
constexpr const char* vec_multiples = "Magnus & Neudecker (2019), 2.4; Matrix Cookbook (523)";
constexpr const char* commutations = "Magnus & Neudecker (2019), 3.7";

struct Rule {
  Bilingual name;
  Bilingual source;
  bool is_plain = false;  // not worth a line
  bool waits = false;     // may show only with the next: (a'*dx)*b is b*a'*dx
};

Rule rule_of_adjoint(const Store& store, NodeId id, bool in_trace) {
  const OpId op = store[id].op;
  if (op == op::scale || op == op::times || op == op::add) return {{}, {}, true};
  if (op == op::multiply) {
    return {words(in_trace ? Message::step_cyclic : Message::step_scalar_trace), citation(sources::traces)};
  }
  if (op == op::transpose) return {words(Message::step_transpose_in_trace), citation(sources::trace_transposes)};
  if (op == op::hadamard) return {words(Message::step_hadamard_in_trace), citation(hadamards)};
  return {words(Message::step_adjoint, {name_of(store, id)}), rule_source(store, id)};
}

Rule rule_of_matrix(const Store& store, NodeId id, std::optional<std::size_t> argument) {
  const OpId op = store[id].op;
  if (op == op::scale && argument == std::size_t{0})
    return {words(Message::step_vec_scalar), citation(vec_multiples), false, true};
  if (op == op::scale || op == op::times || op == op::add)
    return {words(Message::step_vec_linear), citation(vec_multiples), true};
  if (op == op::multiply) return {words(Message::step_vec_product), citation(vec_products)};
  if (op == op::transpose) return {words(Message::step_vec_transpose), citation(commutations)};
  if (op == op::hadamard) return {words(Message::step_vec_hadamard), citation(hadamards)};
  return {words(Message::step_vec_operator, {name_of(store, id)}), rule_source(store, id)};
}

// The one argument that holds the change; nothing where there are several, or where it varies with an index.
std::optional<std::size_t> only_argument(const Store& store, NodeId id, NodeId change) {
  if (store[id].op == op::sum_over) return std::nullopt;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < store[id].count; ++i) {
    if (!depends_on(store, store.child(id, i), change)) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

}  // namespace

NodeList terms_with(Build& build, NodeId id, NodeId change) {
  const Store& store = build.store();
  const NodeList children(store.children(id).begin(), store.children(id).end());
  NodeList terms;
  if (store[id].op == op::add) {
    for (NodeId child : children) {
      if (!depends_on(store, child, change)) continue;
      for (NodeId term : terms_with(build, child, change)) terms.push_back(term);
    }
    return terms;
  }
  const auto argument = only_argument(store, id, change);
  if (!argument) return NodeList{id};
  for (NodeId part : terms_with(build, children[*argument], change)) {
    NodeList replaced = children;
    replaced[*argument] = part;
    terms.push_back(part == children[*argument] ? id : build.rebuild(id, replaced));
  }
  return terms;
}

Result<NodeId> move_to_end(Recorder& r, NodeId shown, NodeId upstream, NodeId term, NodeId change) {
  NodeId id = term;
  NodeId factor = upstream;
  const auto show = [&](const Rule& rule, bool main) {
    const NodeId now = r.inner(factor, id);
    r.equation(rule.name, rule.source, shown, now, main);
    shown = now;
  };
  while (id != change) {
    const Rule rule = rule_of_adjoint(r.store, id, r.store.type(id).is_matrix());
    const auto argument = only_argument(r.store, id, change);
    if (!argument) {
      auto whole = adjoint(r.build, id, change, factor);
      if (!whole) return whole;
      id = change;
      factor = *whole;
      show(rule.is_plain ? Rule{words(Message::step_inner_product), citation(sources::traces)} : rule, true);
      return factor;
    }
    auto next = adjoint_share(r.build, id, *argument, factor);
    if (!next) return next;
    factor = *next;
    id = r.store.child(id, *argument);
    if (!rule.is_plain) show(rule, id == change);
  }
  show({words(Message::step_inner_product), citation(sources::traces)}, true);
  return factor;
}

Result<NodeId> matrix_of(Recorder& r, NodeId term, NodeId change) {
  NodeId id = term;
  NodeId matrix = no_node;
  NodeId shown = r.vec(term);
  std::optional<Rule> unseen;
  const auto show = [&](const Rule& rule) {
    const NodeId now = matrix == no_node ? r.vec(id) : r.plain_product(matrix, r.vec(id));
    const Rule& shows = unseen ? *unseen : rule;
    if (now == shown) {
      if (rule.waits) unseen = rule;
      return;
    }
    r.equation(shows.name, shows.source, shown, now, id == change);
    unseen.reset();
    shown = now;
  };
  while (id != change) {
    const auto argument = only_argument(r.store, id, change);
    const Rule rule = rule_of_matrix(r.store, id, argument);
    Result<NodeId> part = no_node;
    if (argument) {
      Bindings bindings = bindings_at(r.build, id, *argument);
      part = *instantiate(r.build, slot_at(r.store, id, *argument).matrix, bindings);
    } else {
      part = matrix_over_vec(r.build, id, change);
      if (!part) return part;
    }
    matrix = Simplifier(r.build, Sums::open)(matrix == no_node ? *part : r.build.product(matrix, *part));
    id = argument ? r.store.child(id, *argument) : change;
    if (!rule.is_plain || id == change) show(rule);
  }
  if (matrix == no_node) return r.build.identity(r.store.dims.multiply(r.store.type(id).rows, r.store.type(id).cols));
  return matrix;
}

}  // namespace matgrad
