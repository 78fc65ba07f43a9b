// SPDX-License-Identifier: MIT
#include "calculus/recorder.hpp"

#include <algorithm>

#include "calculus/differential.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "ops/written.hpp"
#include "rules/template.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

// The operator that a rule of one call names.
OpId operator_in(const Template& rule) {
  return rule[rule.root].operators.front();
}

OpId trace_operator() {
  static const OpId op = operator_in(Template::compile("tr(A)"));
  return op;
}

void append_factors(const Store& store, NodeId id, NodeList& out) {
  if (store[id].op == op::identity) return;
  if (store[id].op != op::multiply) return out.push_back(id);
  for (NodeId factor : store.children(id)) out.push_back(factor);
}

}  // namespace

Bilingual words(Message message, std::initializer_list<Bilingual> arguments) {
  std::vector<std::string> english;
  std::vector<std::string> chinese;
  for (const Bilingual& argument : arguments) {
    english.push_back(argument.english);
    chinese.push_back(argument.chinese);
  }
  return {sentence(message, english, Language::english), sentence(message, chinese, Language::chinese)};
}

Bilingual words(const Title& title) {
  return {title.english, title.chinese};
}

Bilingual citation(const char* source) {
  const std::string text = source;
  const std::size_t bar = text.find(" | ");
  if (bar == std::string::npos) return {text, text};
  return {text.substr(0, bar), text.substr(bar + 3)};
}

Bilingual then(const Bilingual& first, const Bilingual& second) {
  const Bilingual between = words(Message::list_semicolon);
  return {first.english + between.english + second.english, first.chinese + between.chinese + second.chinese};
}

Bilingual name_of(const Store& store, NodeId node) {
  const OpId op = store[node].op;
  const std::string name(entry_of(op).structural ? entry_of(op).written : surface_name(op));
  return {name, name};
}

Bilingual rule_name(const Store& store, NodeId node) {
  return words(entry_of(store[node].op).step);
}

Bilingual rule_source(const Store& store, NodeId node) {
  return citation(entry_of(store[node].op).source);
}

void Recorder::equation(Bilingual rule, Bilingual source, NodeId left, NodeId right, bool main) {
  // Said already, perhaps in several steps: a = b, b = c.
  NodeId reached = left;
  for (Step& step : trace.steps) {
    if (step.left == reached) reached = step.right;
    if (step.left == left && step.right != left) reached = step.right;
    if (reached == right && step.right == right) {
      step.main = step.main || main;
      return;
    }
  }
  if (left == right) return;
  trace.steps.push_back({std::move(rule), std::move(source), left, right, main, false});
}

void Recorder::define(NodeId letter, NodeId value) {
  trace.steps.push_back({words(Message::step_letter), citation(sources::definition), letter, value, true, true});
}

std::string Recorder::free_name(const char* letters) const {
  const auto is_taken = [&](const std::string& name) {
    for (std::uint32_t i = 0; i < store.symbol_count(); ++i) {
      if (store.symbol_at(i).name == name) return true;
    }
    return store.dims.find(name).has_value();
  };
  for (int round = 0;; ++round) {
    for (const char* letter = letters; *letter != '\0'; ++letter) {
      std::string name(1, *letter);
      if (round > 0) name += std::to_string(round);
      if (!is_taken(name)) return name;
    }
  }
}

NodeId Recorder::add_letter(const char* letters, NodeId value) {
  Type type = store.type(value);
  type.properties &= positive;  // structure would confine its derivative
  const NodeId symbol = build.symbol(store.add_symbol({free_name(letters), type}));
  trace.letters.push_back({symbol, value});
  return symbol;
}

NodeId Recorder::differential_of(NodeId id) {
  if (id == variable) return hole;
  for (const DifferentialSymbol& known : trace.differentials) {
    if (known.of == id && known.variable == variable) return known.symbol;
  }
  const NodeId made = mark("d#", trace.differentials.size(), id, id, no_node);
  trace.differentials.push_back({made, id, variable, hole});
  return made;
}

// A symbol that stands for a differential or a derivative, of the shape of `shape`.
NodeId Recorder::mark(const char* prefix, std::size_t number, NodeId shape, NodeId of, NodeId by) {
  Symbol symbol;
  symbol.name = prefix + std::to_string(number);
  symbol.type = store.type(shape);
  symbol.type.properties = 0;
  symbol.role = Symbol::Role::differential;
  symbol.of = of;
  symbol.by = by;
  return build.symbol(store.add_symbol(std::move(symbol)));
}

NodeId Recorder::derivative_by(NodeId function, NodeId of, NodeId letter, Arrangement arrangement) {
  DerivativeSymbol made;
  made.symbol = mark("D#", trace.derivatives.size(), letter, function, letter);
  made.of = of;
  made.variable = letter;
  made.arrangement = arrangement;
  trace.derivatives.push_back(made);
  return made.symbol;
}

DerivativeSymbol* Recorder::derivative(NodeId symbol) {
  for (DerivativeSymbol& one : trace.derivatives) {
    if (one.symbol == symbol) return &one;
  }
  return nullptr;
}

bool Recorder::has_differential(NodeId id) const {
  for (NodeId node : topological(store, id)) {
    if (node == hole) return true;
    if (store[node].op != op::symbol) continue;
    const Symbol& symbol = store.symbol_at(store[node].first);
    if (symbol.role == Symbol::Role::differential && symbol.by == no_node) return true;
  }
  return false;
}

NodeId Recorder::oriented(NodeId id) {
  if (!has_differential(id)) return id;
  const NodeList children(store.children(id).begin(), store.children(id).end());
  const OpId op = store[id].op;
  const Type type = store.type(id);
  if (op == op::add || op == op::times || op == op::hadamard || op == op::scale) {
    NodeList parts;
    for (NodeId child : children) parts.push_back(oriented(child));
    if (op == op::times || op == op::hadamard) {
      std::stable_partition(parts.begin(), parts.end(), [&](NodeId part) { return !has_differential(part); });
    }
    return parts == children ? id : build.raw(op, type.rows, type.cols, 0, parts);
  }
  if (op == op::multiply || (!entry_of(op).structural && children.size() == 1)) {
    NodeList parts;
    for (NodeId child : children) parts.push_back(oriented(child));
    if (parts != children) {
      return turned_around(op == op::multiply ? multiplied(type.rows, type.cols, parts) : build.raw_call(op, parts));
    }
  }
  return turned_around(id);
}

// A scalar product or the trace of one, from the other side where the differential stands first.
NodeId Recorder::turned_around(NodeId id) {
  if (!store.type(id).is_scalar()) return id;
  const NodeList children(store.children(id).begin(), store.children(id).end());
  const OpId op = store[id].op;
  if (op == op::multiply && has_differential(children.front()) && !has_differential(children.back())) {
    NodeList factors;
    for (std::size_t at = children.size(); at-- > 0;) factors.push_back(turned(children[at]));
    return multiplied(dim_one, dim_one, factors);
  }
  if (op != trace_operator() || store[children[0]].op != op::multiply) return id;
  NodeList factors(store.children(children[0]).begin(), store.children(children[0]).end());
  if (store[factors.front()].op != op::symbol || !has_differential(factors.front())) return id;
  std::rotate(factors.begin(), factors.begin() + 1, factors.end());
  const Dim n = store.type(factors.back()).cols;
  return build.raw_call(op, NodeList{multiplied(n, n, factors)});
}

// The factors' transposes, with which the product may be written, must be older than it.
NodeId Recorder::multiplied(Dim rows, Dim cols, const NodeList& factors) {
  for (NodeId factor : factors) build.transpose(factor);
  return build.raw(op::multiply, rows, cols, 0, factors);
}

// A transpose as it reads best in front of a differential: r'*A, (u.*v)', (r - s)'.
NodeId Recorder::turned(NodeId a) {
  const auto transposes = [&](NodeId root) {
    const std::vector<NodeId> nodes = topological(store, root);
    return std::count_if(nodes.begin(), nodes.end(), [&](NodeId id) { return store[id].op == op::transpose; });
  };
  const Type type = store.type(a);
  const OpId op = store[a].op;
  const bool inside = op == op::multiply || op == op::symbol || op == op::transpose || op == op::identity ||
                      op == op::unit || op == op::ones || op == op::zeros || type.has(symmetric);
  const NodeId canonical = build.transpose(a);  // what may be written in the plain node's place must be older
  if (inside || transposes(canonical) < transposes(a)) return canonical;
  return build.raw(op::transpose, type.cols, type.rows, transposed(type.properties), NodeList{a});
}

NodeId Recorder::inner(NodeId u, NodeId z) {
  if (store.type(z).is_scalar()) return build.times(NodeList{u, z});
  const auto [scalar_u, body_u] = build.split_scale(u);
  const auto [scalar_z, body_z] = build.split_scale(z);
  const NodeId first = turned(body_u);
  NodeList factors;
  const bool is_row = store.type(z).is_row();
  append_factors(store, is_row ? body_z : first, factors);
  append_factors(store, is_row ? first : body_z, factors);
  const bool is_vector = store.type(z).is_vector();
  const Dim rows = is_vector ? dim_one : store.type(z).cols;
  NodeId product = factors.empty() ? build.identity(rows) : factors[0];
  if (factors.size() > 1) product = multiplied(rows, rows, factors);
  if (!is_vector) product = build.raw_call(trace_operator(), NodeList{product});
  return build.times(NodeList{scalar_u, scalar_z, product});
}

// Plain nodes: what is equal stays as often as it occurs, to be collected in a step of its own.
NodeList Recorder::spread(NodeId id) {
  if (!has_differential(id)) return {id};
  const NodeList children(store.children(id).begin(), store.children(id).end());
  const OpId op = store[id].op;
  NodeList terms;
  if (op == op::add) {
    for (NodeId child : children) {
      for (NodeId term : spread(child)) terms.push_back(term);
    }
    return terms;
  }
  const auto varies = [&](NodeId child) { return has_differential(child); };
  const auto place = std::find_if(children.begin(), children.end(), varies);
  if (place == children.end() || std::count_if(children.begin(), children.end(), varies) > 1) return {id};
  const NodeList parts = spread(*place);
  if (parts.size() < 2) return {id};
  const Type type = store.type(id);
  for (NodeId part : parts) {
    NodeList replaced = children;
    replaced[static_cast<std::size_t>(place - children.begin())] = part;
    if (op == op::multiply && store[part].op != op::scale) {
      NodeList factors;
      for (NodeId child : replaced) append_factors(store, child, factors);
      terms.push_back(multiplied(type.rows, type.cols, factors));
    } else if (op == trace_operator()) {
      terms.push_back(build.raw_call(op, replaced));
    } else {
      terms.push_back(build.rebuild(id, replaced));
    }
  }
  return terms;
}

bool Recorder::is_trace(NodeId id) const {
  return store[id].op == trace_operator();
}

NodeId Recorder::vec(NodeId a) {
  static const OpId vec_operator = operator_in(Template::compile("vec(A)"));
  if (store.type(a).is_column() || store.type(a).is_scalar()) return a;
  return build.raw_call(vec_operator, NodeList{a});
}

NodeId Recorder::plain_product(NodeId a, NodeId b) {
  if (store.type(a).is_scalar() || store.type(b).is_scalar()) return build.product(a, b);
  const auto [scalar, body] = build.split_scale(a);
  NodeList factors;
  append_factors(store, body, factors);
  append_factors(store, b, factors);
  if (factors.size() == 1) return build.product(scalar, factors[0]);
  const Dim rows = store.type(a).rows;
  const Dim cols = store.type(b).cols;
  const NodeId product = multiplied(rows, cols, factors);
  if (build.is_number(scalar, 1)) return product;
  if (store.type(product).is_scalar()) return build.times(NodeList{scalar, product});
  return build.raw(op::scale, rows, cols, 0, NodeList{scalar, product});
}

std::vector<NodeId> Recorder::leaves_of(NodeId id) const {
  std::vector<NodeId> result;
  const auto varies = [&](NodeId symbol) {
    for (NodeId node : topological(store, id)) {
      if (node == symbol) return true;
    }
    return false;
  };
  for (const Letter& letter : trace.letters) {
    if (varies(letter.symbol) && !leaves_of(letter.value).empty()) result.push_back(letter.symbol);
  }
  if (varies(variable)) result.push_back(variable);
  return result;
}

Result<NodeId> Recorder::differential_by_leaves(NodeId id) {
  NodeList parts{build.zeros(store.type(id).rows, store.type(id).cols)};
  for (NodeId leaf : leaves_of(id)) {
    auto part = differential(build, id, leaf, differential_of(leaf));
    if (!part) return part;
    parts.push_back(Simplifier(build, Sums::open)(*part));
  }
  return with_open_norms(*this, build.add(parts));
}

}  // namespace matgrad
