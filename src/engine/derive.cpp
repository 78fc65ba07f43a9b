// SPDX-License-Identifier: MIT
#include "engine/derive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/remark.hpp"
#include "calculus/differential.hpp"
#include "calculus/structured.hpp"
#include "engine/loosen.hpp"
#include "engine/read_back.hpp"
#include "expr/walk.hpp"
#include "numeric/check_trace.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "print/text.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

tl::unexpected<Diagnostics> stop(Message message, std::vector<std::string> arguments, Span span = {},
                                 std::string source = {}) {
  Diagnostic diagnostic;
  diagnostic.message = message;
  diagnostic.arguments = std::move(arguments);
  diagnostic.span = span;
  diagnostic.source = std::move(source);
  return failure(std::move(diagnostic));
}

Result<void> declare_all(Scope& scope, const std::vector<std::string>& variables) {
  Diagnostics errors;
  for (const std::string& declaration : variables) {
    if (auto result = scope.declare(declaration); !result) {
      errors.insert(errors.end(), result.error().begin(), result.error().end());
    }
  }
  if (!errors.empty()) return tl::make_unexpected(std::move(errors));
  return {};
}

// "X", "x'", "x,y": which symbols to differentiate by.
struct Target {
  std::string name;
  bool by_row = false;
  Span span;
};

Result<std::vector<Target>> parse_targets(const std::string& wrt) {
  std::vector<Target> targets;
  std::size_t begin = 0;
  while (begin <= wrt.size()) {
    const std::size_t comma = std::min(wrt.find(',', begin), wrt.size());
    const auto tree = parse(wrt.substr(begin, comma - begin));
    if (!tree) return stop(Message::wrt_is_no_variable, {wrt}, {}, wrt);
    const SyntaxNode* node = &(*tree)[tree->root];
    Target target;
    if (node->kind == Syntax::transpose) {
      target.by_row = true;
      node = &(*tree)[node->children[0]];
    }
    if (node->kind != Syntax::name) return stop(Message::wrt_is_no_variable, {wrt}, {}, wrt);
    target.name = node->text;
    targets.push_back(target);
    begin = comma + 1;
  }
  return targets;
}

Result<NodeId> find_variable(const Scope& scope, const std::string& name) {
  if (const Variable* variable = scope.find(name)) {
    if (variable->node == no_node) return stop(Message::wrt_without_sizes, {name});
    return variable->node;
  }
  std::string known;
  for (const Variable& variable : scope.variables()) {
    if (!known.empty()) known += ", ";
    known += variable.name;
  }
  return stop(Message::wrt_not_found, {name, known});
}

// The symbol dX: of X's shape and of the linear structure in which X varies.
NodeId make_hole(Build& build, const Scope& scope, NodeId variable) {
  Store& store = build.store();
  const std::string& name = store.symbol_at(store[variable].first).name;
  std::string hole = std::string("d").append(name);
  while (scope.find(hole) != nullptr) hole.insert(1, "_");
  Type type = store.type(variable);
  type.properties = linear_structure(type.properties);
  return build.symbol(store.add_symbol({hole, type, Symbol::Role::differential}));
}

Result<void> choose_variables(Derivation& d, Build& build) {
  const auto targets = parse_targets(d.request.wrt);
  if (!targets) return tl::make_unexpected(targets.error());
  if (targets->size() > 2 || (targets->size() == 2 && d.request.order != 2)) {
    return stop(Message::too_many_variables, {d.request.wrt});
  }
  const auto first = find_variable(d.scope, (*targets)[0].name);
  if (!first) return tl::make_unexpected(first.error());
  d.question.variable = *first;
  d.question.structure = linear_structure(build.type(*first).properties);
  d.question.by_row = (*targets)[0].by_row;
  if (d.question.by_row && !build.type(*first).is_column()) {
    return stop(Message::wrt_transposed_needs_vector, {(*targets)[0].name});
  }
  if (targets->size() == 2) {
    const auto second = find_variable(d.scope, (*targets)[1].name);
    if (!second) return tl::make_unexpected(second.error());
    d.question.second = *second;
  }
  const NodeId varies = d.question.second == no_node ? d.question.variable : d.question.second;
  d.question.hole = make_hole(build, d.scope, varies);
  d.question.first_hole =
      varies == d.question.variable ? d.question.hole : make_hole(build, d.scope, d.question.variable);
  return {};
}

// The variables of a second derivative without their structure, and what they stand for.
struct Loosened {
  std::string name;
  NodeId free;
  NodeId structured;
};

// Those of a Hessian. A differential d²f is of the structured changes alone.
std::vector<Loosened> loosen_variables(Derivation& d) {
  std::vector<Loosened> result;
  const auto targets = parse_targets(d.request.wrt);
  if (d.request.order != 2 || d.request.form == Form::differential || !targets) return result;
  for (const Target& target : *targets) {
    const Variable* variable = d.scope.find(target.name);
    const NodeId structured = variable == nullptr ? no_node : variable->node;
    const NodeId free = loosen(d.scope, target.name);
    if (free != no_node) result.push_back({target.name, free, structured});
  }
  return result;
}

// The steps hold for all values of the variable, so for structured ones.
void add_structure_step(Trace& trace, NodeId before, NodeId after) {
  trace.steps.back().right = before;
  if (before == after) return;
  Step step;
  step.rule = {sentence(Message::step_declared_structure, {}, Language::english),
               sentence(Message::step_declared_structure, {}, Language::chinese)};
  step.left = before;
  step.right = after;
  trace.steps.push_back(std::move(step));
}

void tighten(Derivation& d, Build& build, const std::vector<Loosened>& loosened) {
  d.value = d.question.expression;
  for (const Loosened& one : loosened) {
    d.scope.read_as(one.name, one.structured);
    const NodeId before = substitute(build, d.presented.result, one.free, one.structured);
    d.value = substitute(build, d.value, one.free, one.structured);
    for (NodeId* shown : {&d.presented.result, &d.presented.gradient}) {
      if (*shown == no_node) continue;
      *shown = Simplifier(build)(substitute(build, *shown, one.free, one.structured));
    }
    if (d.request.steps) add_structure_step(d.trace, before, d.presented.result);
    if (d.request.form == Form::vech) continue;
    d.notes.push_back(remark(Message::hessian_of_all_entries, {one.name}));
  }
}

// The conditions under which a result holds, as its operators state them.
void add_operator_notes(Derivation& d) {
  std::vector<const char*> seen;
  for (NodeId id : topological(d.store, d.input)) {
    const char* note = entry_of(d.store[id].op).note;
    if (note[0] == '\0' || std::find(seen.begin(), seen.end(), note) != seen.end()) continue;
    seen.push_back(note);
    const std::string text = note;
    const std::size_t bar = text.find(" | ");
    d.notes.push_back(remark(Message::operator_note, {text.substr(0, bar), text.substr(bar + 3)}));
  }
}

void share_parts(Derivation& d, Build& build) {
  std::vector<NodeId> roots{d.presented.result};
  if (d.presented.gradient != no_node) roots.push_back(d.presented.gradient);
  d.shared = d.request.shared ? share(build, roots) : Shared{{}, roots};
}

// How the form that was asked for is to be read.
void add_form_notes(Derivation& d) {
  const std::string& name = d.store.symbol_at(d.store[d.question.variable].first).name;
  if (d.presented.metric) d.notes.push_back(remark(*d.presented.metric, {name}));
  const bool is_upper = (d.question.structure & upper) != 0;
  if (d.request.form == Form::vech && is_upper) d.notes.push_back(remark(Message::vech_of_upper, {name}));
}

// The gradient beside a second derivative. Where no point serves, it is left out.
Result<void> check_gradient(Derivation& d, Check wanted) {
  if (d.presented.gradient == no_node) return {};
  wanted.result = d.presented.gradient;
  wanted.arrangement = Arrangement::gradient;
  wanted.transposed = (d.request.layout == Layout::numerator) != d.question.by_row;
  wanted.second = no_node;
  wanted.direction = wanted.first_direction = no_node;
  const Verification verification = verify(d.store, wanted, d.scope.conditions());
  if (verification.passed) return {};
  if (verification.points > 0) return stop(Message::verification_failed, {verification.reason});
  d.presented.gradient = no_node;
  return {};
}

Result<void> check(Derivation& d) {
  if (!d.request.verify) return {};
  Check wanted;
  wanted.input = d.input;
  wanted.variable = d.question.variable;
  wanted.second = d.question.second;
  wanted.direction = d.question.hole;
  wanted.first_direction = d.question.first_hole;
  wanted.result = d.presented.result;
  wanted.arrangement = d.presented.arrangement;
  wanted.transposed = d.presented.transposed;
  wanted.independent = d.question.structure;
  wanted.free_entries = d.request.symmetric_gradient == SymmetricGradient::free_entries;
  d.verification = verify(d.store, wanted, d.scope.conditions());
  if (!d.verification.passed) {
    const bool no_point = d.verification.points == 0;
    return stop(no_point ? Message::no_point_to_verify : Message::verification_failed, {d.verification.reason});
  }
  if (auto checked = check_gradient(d, wanted); !checked) return checked;
  d.verified = true;
  return {};
}

// The text that is shown, not only the result that it was made from, has to be right.
Result<void> check_text(const Derivation& d, Build& build) {
  if (!d.request.verify) return {};
  const std::array<NodeId, 2> holes{d.question.hole, d.question.first_hole};
  const std::string reason = misread(build, d.scope, holes, d.presented.result, d.scope.conditions());
  if (reason.empty()) return {};
  return stop(Message::printed_wrong, {to_text(d.store, d.presented.result), reason});
}

// The steps, each of them true by numbers or none at all.
Result<void> explain_steps(Derivation& d, Build& build) {
  if (!d.request.steps) return {};
  auto steps = trace(build, d.question, d.presented, d.input);
  if (!steps) return tl::make_unexpected(steps.error());
  d.trace = std::move(*steps);
  const auto fault = check_trace(build, d.trace, d.scope.conditions());
  if (!fault) return {};
  const Step& step = d.trace.steps[fault->step];
  const std::string equation =
      std::string(to_text(d.store, step.left)).append(" = ").append(to_text(d.store, step.right));
  const Message message = fault->reason.empty() ? Message::step_unchecked : Message::step_failed;
  return stop(message, {std::to_string(fault->step + 1), equation, fault->reason});
}

// What was no division by zero as it was written may turn out to be one: 1/(x'*x - dot(x,x)).
bool divides_by_zero(const Build& build, NodeId root) {
  const std::vector<NodeId> all = topological(build.store(), root);
  return std::any_of(all.begin(), all.end(), [&](NodeId id) { return build.divides_by_zero(id); });
}

}  // namespace

Result<std::unique_ptr<Derivation>> derive(const DeriveRequest& request) {
  auto d = std::make_unique<Derivation>();
  d->request = request;
  Build build(d->store);
  Simplifier simplify(build, Sums::open);  // the input keeps the terms that its author wrote
  auto done = [&](const char* pass, NodeId id) {
    if (request.after_pass) request.after_pass(pass, d->store, id);
  };

  if (request.order != 1 && request.order != 2) return stop(Message::order_is_1_or_2, {std::to_string(request.order)});
  if (auto declared = declare_all(d->scope, request.variables); !declared) return tl::make_unexpected(declared.error());
  const auto tree = parse(request.expression, request.notation, d->scope.names());
  if (!tree) return tl::make_unexpected(tree.error());
  auto elaborated = elaborate(d->scope, *tree);
  if (!elaborated) return tl::make_unexpected(elaborated.error());
  d->notes = elaborated->notes;
  const std::vector<Loosened> loosened = loosen_variables(*d);  // after the sizes are known
  if (!loosened.empty()) elaborated = elaborate(d->scope, *tree);
  if (!elaborated) {
    const bool needs_structure = elaborated.error()[0].message == Message::argument_not_symmetric;
    if (needs_structure) return stop(Message::hessian_of_structured_only, {loosened[0].name});
    return tl::make_unexpected(elaborated.error());
  }
  d->input = elaborated->root;
  done("elaborate", d->input);

  if (auto chosen = choose_variables(*d, build); !chosen) return tl::make_unexpected(chosen.error());
  for (const Loosened& one : loosened) {
    if (one.free == d->question.variable)
      d->question.structure = linear_structure(d->store.type(one.structured).properties);
  }
  d->question.expression = simplify(d->input);
  if (divides_by_zero(build, d->question.expression)) return stop(Message::division_by_zero, {});
  d->question.order = request.order;
  d->question.layout = request.layout;
  d->question.form = request.form;
  d->question.symmetric_gradient = request.symmetric_gradient;
  d->question.manifold = request.manifold;
  done("simplify", d->question.expression);

  const auto presented = present(build, d->question);
  if (!presented) return tl::make_unexpected(presented.error());
  d->presented = *presented;
  done("present", d->presented.result);

  if (auto checked = check(*d); !checked) return tl::make_unexpected(checked.error());
  if (auto explained = explain_steps(*d, build); !explained) return tl::make_unexpected(explained.error());
  tighten(*d, build, loosened);
  if (divides_by_zero(build, d->presented.result)) return stop(Message::division_by_zero, {});
  if (auto checked = check_text(*d, build); !checked) return tl::make_unexpected(checked.error());
  share_parts(*d, build);
  add_form_notes(*d);
  add_operator_notes(*d);
  return d;
}

Result<NodeId> gradient_by(Derivation& d, const std::string& wrt) {
  Build build(d.store);
  const Question question = d.question;
  const Presented presented = d.presented;
  const std::string asked = d.request.wrt;
  d.request.wrt = wrt;
  d.question.expression = d.value;
  d.question.second = no_node;
  d.question.order = 1;
  auto found = [&]() -> Result<NodeId> {
    if (auto chosen = choose_variables(d, build); !chosen) return tl::make_unexpected(chosen.error());
    const auto gradient = present(build, d.question);
    if (!gradient) return tl::make_unexpected(gradient.error());
    d.presented = *gradient;
    if (auto checked = check(d); !checked) return tl::make_unexpected(checked.error());
    return gradient->result;
  }();
  d.question = question;
  d.presented = presented;
  d.request.wrt = asked;
  return found;
}

Result<std::unique_ptr<Simplified>> simplify_text(const std::string& expression,
                                                  const std::vector<std::string>& variables, InputNotation notation) {
  auto s = std::make_unique<Simplified>();
  Build build(s->store);
  if (auto declared = declare_all(s->scope, variables); !declared) return tl::make_unexpected(declared.error());
  const auto tree = parse(expression, notation, s->scope.names());
  if (!tree) return tl::make_unexpected(tree.error());
  const auto elaborated = elaborate(s->scope, *tree);
  if (!elaborated) return tl::make_unexpected(elaborated.error());
  s->input = elaborated->root;
  s->notes = elaborated->notes;
  s->result = Simplifier(build)(s->input);
  if (divides_by_zero(build, s->result)) return stop(Message::division_by_zero, {});
  return s;
}

}  // namespace matgrad
