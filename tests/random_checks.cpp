// SPDX-License-Identifier: MIT
#include "random_checks.hpp"

#include <algorithm>

#include "print/text.hpp"
#include "random_trial.hpp"

namespace matgrad {
namespace {

bool has_sum(const Sketch& s) {
  if (s.form == SketchForm::sum) return true;
  return std::any_of(s.parts.begin(), s.parts.end(), [](const SketchPtr& part) { return has_sum(*part); });
}

Verdict elaborates(Trial& t) {
  return t.problem.empty() ? std::nullopt : Verdict(t.problem);
}

// The text and the constructors mean the same node.
Verdict constructors_agree(Trial& t) {
  if (!t.ready() || has_sum(*t.expression.root)) return std::nullopt;  // the index of a sum is a symbol of its own
  std::map<std::string, NodeId> symbols;
  for (const Variable& v : t.scope.variables()) symbols[v.name] = v.node;
  const NodeId built = build_sketch(t.build, t.expression, symbols);
  if (built == t.input) return std::nullopt;
  if (auto wrong = t.same_value(built, t.input)) return wrong;
  return "built " + to_text(t.store, built) + "  and elaborated " + to_text(t.store, t.input);
}

Verdict prints_and_parses(Trial& t, NodeId id) {
  if (written_size(t.store, id) > 50'000) return std::nullopt;
  for (const std::string& text : {to_text(t.store, id), to_unicode(t.store, id)}) {
    std::string error;
    const NodeId again = t.elaborated(t.scope, text, error);
    if (again == id) continue;
    if (again == no_node) return "printed text is refused: " + text + "\n" + error;
    return "printed text is another node: " + text + "  and  " + to_text(t.store, again);
  }
  return std::nullopt;
}

Verdict parse_undoes_print(Trial& t) {
  if (!t.ready()) return std::nullopt;
  if (auto wrong = prints_and_parses(t, t.input)) return wrong;
  return prints_and_parses(t, t.normal);
}

Verdict simplify_keeps_value(Trial& t) {
  return t.ready() ? t.same_value(t.input, t.normal) : std::nullopt;
}

Verdict simplify_is_idempotent(Trial& t) {
  if (!t.ready()) return std::nullopt;
  const NodeId again = t.simplified(t.normal);
  if (again == t.normal) return std::nullopt;
  return "simplified " + to_text(t.store, t.normal) + "  and again " + to_text(t.store, again);
}

// The normal form of another spelling of the expression, as text. Names are put back by `names`.
struct Elsewhere {
  Store store;
  Scope scope{store};
  Build build{store};

  std::string normal_form(Trial& t, const RandomExpression& e, const std::map<std::string, std::string>& back) {
    std::string error;
    for (const std::string& declaration : e.declarations()) {
      if (!scope.declare(declaration)) return "cannot declare " + declaration;
    }
    const NodeId id = t.elaborated(scope, to_text(e), error);
    if (id == no_node) return error;
    const std::string text = to_text(store, Simplifier(build)(id));
    return back.empty() ? text : with_names(t, text, back);
  }

  static std::string with_names(Trial& t, const std::string& text, const std::map<std::string, std::string>& names) {
    auto tree = parse(text);
    if (!tree) return "does not parse: " + text;
    for (SyntaxNode& node : tree->nodes) {
      const auto at = names.find(node.text);
      if (node.kind == Syntax::name && at != names.end()) node.text = at->second;
    }
    const auto result = elaborate(t.scope, *tree);
    if (!result) return "does not elaborate: " + text;
    return to_text(t.store, t.simplified(result->root));
  }
};

Verdict order_is_irrelevant(Trial& t) {
  if (!t.ready() || written_size(t.store, t.normal) > 5'000) return std::nullopt;
  RandomExpression other = t.expression;
  other.root = permuted(other.root, t.random);
  std::shuffle(other.variables.begin(), other.variables.end(), t.random);
  const std::string here = to_text(t.store, t.normal);
  const std::string there = Elsewhere().normal_form(t, other, {});
  if (here == there) return std::nullopt;
  return to_text(other) + "  has the normal form  " + there + "  and not  " + here;
}

Verdict names_are_irrelevant(Trial& t) {
  if (!t.ready() || written_size(t.store, t.normal) > 5'000) return std::nullopt;
  RandomExpression other = t.expression;
  std::vector<std::string> names;
  for (const SketchVariable& v : other.variables) names.push_back(v.name);
  std::shuffle(names.begin(), names.end(), t.random);
  std::map<std::string, std::string> forth;
  std::map<std::string, std::string> back;
  for (std::size_t i = 0; i < names.size(); ++i) {
    forth[other.variables[i].name] = names[i];
    back[names[i]] = other.variables[i].name;
    other.variables[i].name = names[i];
  }
  other.root = renamed(other.root, forth);
  const std::string here = to_text(t.store, t.normal);
  const std::string there = Elsewhere().normal_form(t, other, back);
  if (here == there) return std::nullopt;
  return "renamed it becomes  " + there + "  and not  " + here;
}

Verdict is_a_linear_map(Trial& t) {
  return t.ready() ? linear_map_property(t) : std::nullopt;
}
Verdict derivation_holds(Trial& t) {
  return t.ready() ? derivation_property(t) : std::nullopt;
}

struct Property {
  const char* name;
  Verdict (*check)(Trial&);
};

constexpr Property properties[] = {
    {"elaborates", elaborates},
    {"text and constructors agree", constructors_agree},
    {"parse undoes print", parse_undoes_print},
    {"simplify keeps the value", simplify_keeps_value},
    {"simplify is idempotent", simplify_is_idempotent},
    {"order of operands is irrelevant", order_is_irrelevant},
    {"names are irrelevant", names_are_irrelevant},
    {"adjoint, matrix and block agree with the differential", is_a_linear_map},
    {"the derivative agrees with differences", derivation_holds},
};

void count_pairs(const Trial& t, PropertyCounts& counts) {
  const std::size_t size = OperatorTable::get().size();
  counts.pairs.resize(size * size, 0);
  for (NodeId id : topological(t.store, t.input)) {
    for (NodeId child : t.store.children(id)) {
      const auto parent = static_cast<std::size_t>(t.store[id].op);
      counts.pairs[parent * size + static_cast<std::size_t>(t.store[child].op)] = 1;
    }
  }
}

std::optional<PropertyFailure> run(const RandomExpression& expression, const CheckOptions& options,
                                   PropertyCounts& counts) {
  const char* now = "elaborates";
  try {
    Trial trial(expression, options, counts);
    if (trial.ready()) count_pairs(trial, counts);
    for (const Property& property : properties) {
      if (!options.only.empty() && options.only != property.name) continue;
      now = property.name;
      trial.random.seed(expression.seed);
      if (auto wrong = property.check(trial)) return PropertyFailure{property.name, *wrong};
    }
  } catch (const std::exception& bug) {
    return PropertyFailure{now, std::string("throws: ") + bug.what()};
  }
  return std::nullopt;
}

}  // namespace

std::optional<PropertyFailure> check_expression(const RandomExpression& expression, const CheckOptions& options,
                                                PropertyCounts& counts) {
  ++counts.expressions;
  return run(expression, options, counts);
}

}  // namespace matgrad
