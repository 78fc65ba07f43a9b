// SPDX-License-Identifier: MIT
#include "random_checks.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

#include "plan_check.hpp"
#include "print/text.hpp"
#include "random_trial.hpp"
#include "table_claims.hpp"

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
  if (auto wrong = t.same_value(built, t.input)) return t.text + ": " + *wrong;
  return "from " + t.text + " built " + to_text(t.store, built) + "  and elaborated " + to_text(t.store, t.input);
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

// The normal form of another spelling of the expression, in a store of its own.
struct Elsewhere {
  Store store;
  Scope scope{store};
  Build build{store};
  std::uint32_t weight = 0;  // of the normal form asked for last

  std::string normal_form(Trial& t, const RandomExpression& e) {
    std::string error;
    for (const std::string& declaration : e.declarations()) {
      if (!scope.declare(declaration)) return "cannot declare " + declaration;
    }
    const NodeId id = t.elaborated(scope, to_text(e), error);
    if (id == no_node) return error;
    const NodeId normal = Simplifier(build)(id);
    weight = store[normal].weight;
    return to_text(store, normal);
  }
};

// The node of a text with its names put back; no_node where it is refused.
NodeId with_names(Trial& t, const std::string& text, const std::map<std::string, std::string>& names) {
  auto tree = parse(text);
  if (!tree) return no_node;
  for (SyntaxNode& node : tree->nodes) {
    const auto at = names.find(node.text);
    if (node.kind == Syntax::name && at != names.end()) node.text = at->second;
  }
  const auto result = elaborate(t.scope, *tree);
  return result ? result->root : no_node;
}

Verdict order_is_irrelevant(Trial& t) {
  if (!t.ready() || written_size(t.store, t.normal) > 5'000) return std::nullopt;
  RandomExpression other = t.expression;
  other.root = permuted(other.root, t.random);
  std::shuffle(other.variables.begin(), other.variables.end(), t.random);
  const std::string here = to_text(t.store, t.normal);
  const std::string there = Elsewhere().normal_form(t, other);
  if (here == there) return std::nullopt;
  return to_text(other) + "  has the normal form  " + there + "  and not  " + here;
}

struct Renaming {
  std::map<std::string, std::string> forth;
  std::map<std::string, std::string> back;
  void add(const std::string& from, const std::string& to) {
    forth[from] = to;
    back[to] = from;
  }
};

RandomExpression renamed(const RandomExpression& expression, const Renaming& renaming) {
  RandomExpression result = expression;
  for (SketchVariable& v : result.variables) v.name = renaming.forth.at(v.name);
  result.root = renamed(result.root, renaming.forth);
  return result;
}

// Names in the same order: the same form to the letter.
Verdict names_are_irrelevant(Trial& t) {
  if (!t.ready() || written_size(t.store, t.normal) > 5'000) return std::nullopt;
  std::set<std::string> names;
  for (const SketchVariable& v : t.expression.variables) names.insert(v.name);
  Renaming renaming;
  for (const std::string& name : names) {  // on their side of the index of a sum, i, in the alphabet
    renaming.add(name, (name < "i" ? "Q" : "q") + std::to_string(100 + renaming.forth.size()));
  }
  const std::string there = Elsewhere().normal_form(t, renamed(t.expression, renaming));
  if (with_names(t, there, renaming.back) == t.normal) return std::nullopt;
  return "renamed it becomes  " + there + "  and not  " + to_text(t.store, t.normal);
}

// Names in any order. They choose among forms that are equally short; the factoring pass goes step by step, so that a
// choice made early can cost a few operators later, and nothing more.
Verdict order_of_names_matters_little(Trial& t) {
  if (!t.ready() || written_size(t.store, t.normal) > 5'000) return std::nullopt;
  std::vector<std::string> names;
  for (const SketchVariable& v : t.expression.variables) names.push_back(v.name);
  std::shuffle(names.begin(), names.end(), t.random);
  Renaming renaming;
  for (std::size_t i = 0; i < names.size(); ++i) renaming.add(t.expression.variables[i].name, names[i]);
  Elsewhere elsewhere;
  const std::string there = elsewhere.normal_form(t, renamed(t.expression, renaming));
  const NodeId back = with_names(t, there, renaming.back);
  if (back == no_node) return "renamed it becomes  " + there;
  if (t.simplified(back) == t.normal) return std::nullopt;
  if (auto wrong = t.same_value(back, t.normal)) return wrong;
  constexpr std::uint32_t operators = 3;
  const std::uint32_t here = t.store[t.normal].weight;
  if (std::max(elsewhere.weight, here) - std::min(elsewhere.weight, here) <= operators) return std::nullopt;
  return "renamed it becomes  " + to_text(t.store, back) + "  and not  " + to_text(t.store, t.normal);
}

// What a type says of a node (symmetric, definite, positive …) is so, at a point.
Verdict types_keep_their_promises(Trial& t) {
  if (!t.ready()) return std::nullopt;
  const std::array roots{t.input, t.normal};
  const auto at = t.point(roots, 11);
  if (!at) return std::nullopt;
  const std::string broken = broken_promise(t.store, roots, *at);
  return broken.empty() ? std::nullopt : Verdict(broken);
}

Verdict plan_computes_it(Trial& t) {
  if (!t.ready()) return std::nullopt;
  const std::array roots{t.normal, t.input};
  const auto at = t.point(roots, 12);
  if (!at) return std::nullopt;
  const std::string fault = plan_fault(t.build, roots, *at);
  return fault.empty() ? std::nullopt : Verdict(fault);
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
    {"types keep their promises", types_keep_their_promises},
    {"a plan computes the value", plan_computes_it},
    {"simplify is idempotent", simplify_is_idempotent},
    {"order of operands is irrelevant", order_is_irrelevant},
    {"names are irrelevant", names_are_irrelevant},
    {"the order of names matters little", order_of_names_matters_little},
    {"adjoint, matrix and block agree with the differential", is_a_linear_map},
    {"the derivative agrees with differences", derivation_holds},
};

std::optional<PropertyFailure> run(const RandomExpression& expression, const CheckOptions& options,
                                   PropertyCounts& counts) {
  const char* now = "elaborates";
  try {
    Trial trial(expression, options, counts);
    if (trial.ready()) counts.pairs.count(*expression.root);
    for (const Property& property : properties) {
      if (!options.only.empty() && options.only != property.name) continue;
      now = property.name;
      trial.random.seed(expression.seed);
      const auto start = std::chrono::steady_clock::now();
      auto wrong = property.check(trial);
      counts.seconds[property.name] += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      if (wrong) return PropertyFailure{property.name, *wrong};
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
