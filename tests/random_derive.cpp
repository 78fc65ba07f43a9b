// SPDX-License-Identifier: MIT
// What the engine answers: it verifies itself, prints what parses back, and its layouts are transposes of each other.
#include <algorithm>
#include <array>

#include "calculus/differential.hpp"
#include "calculus/structured.hpp"
#include "engine/derive.hpp"
#include "numeric/evaluate.hpp"
#include "print/text.hpp"
#include "random_trial.hpp"

namespace matgrad {
namespace {

bool has(const Diagnostics& errors, Message message) {
  return std::any_of(errors.begin(), errors.end(), [&](const Diagnostic& d) { return d.message == message; });
}

std::string named(const DeriveRequest& request) {
  return "by " + request.wrt + ", order " + std::to_string(request.order) + ", form " +
         std::to_string(static_cast<int>(request.form)) + ", layout " +
         std::to_string(static_cast<int>(request.layout)) + (request.manifold ? ", on the manifold: " : ": ");
}

Verdict prints_and_parses(Derivation& d) {
  const NodeId result = d.presented.result;
  if (written_size(d.store, result) > 50'000) return std::nullopt;
  const std::uint32_t hole = d.store[d.question.hole].first;
  if (d.scope.find(d.store.symbol_at(hole).name) == nullptr) d.scope.add(d.store.symbol_at(hole).name, hole);
  for (const std::string& text : {to_text(d.store, result), to_unicode(d.store, result)}) {
    const auto tree = parse(text);
    if (!tree) return "the result does not parse: " + text;
    const auto again = elaborate(d.scope, *tree);
    if (!again) return "the result does not elaborate: " + text + "\n" + rendered(again.error(), text);
    if (again->root != result)
      return "the result parses to another node: " + text + "  and  " + to_text(d.store, again->root);
  }
  return std::nullopt;
}

Verdict layouts_agree(Derivation& d) {
  if (d.request.order != 1 || d.request.manifold || (d.request.form != Form::matrix && d.request.form != Form::vec))
    return std::nullopt;
  Build build(d.store);
  Question question = d.question;
  question.layout = question.layout == Layout::numerator ? Layout::denominator : Layout::numerator;
  const auto other = present(build, question);
  if (!other) return "only one of the layouts is refused";
  const NodeId turned = build.transpose(other->result);
  if (turned == d.presented.result) return std::nullopt;
  std::vector<SizeCondition> conditions;
  for (const DimensionCondition& c : d.scope.conditions()) conditions.push_back({c.left, c.right});
  const auto at = sample(d.store, std::array{turned, d.presented.result}, conditions, 3);
  if (!at) return std::nullopt;
  const auto a = evaluate(d.store, turned, *at);
  const auto b = evaluate(d.store, d.presented.result, *at);
  if (!a || !b || close(*a, *b)) return std::nullopt;
  return "the layouts are not transposes: " + to_text(d.store, d.presented.result) + "  and  " +
         to_text(d.store, other->result);
}

// The names that the JSON gives to shared parts stand for what they replace.
Verdict names_stand_for_parts(Derivation& d) {
  Build build(d.store);
  std::vector<NodeId> roots = d.shared.roots;
  for (std::size_t at = d.shared.lets.size(); at-- > 0;) {
    const Let& let = d.shared.lets[at];
    for (NodeId& root : roots) root = substitute(build, root, let.symbol, let.value);
  }
  if (roots[0] == d.presented.result && (roots.size() == 1 || roots[1] == d.presented.gradient)) return std::nullopt;
  return "with its names put back the result is " + to_text(d.store, roots[0]);
}

Verdict derive_once(Trial& t, const DeriveRequest& request) {
  const auto d = derive(request);
  if (!d) {
    const Diagnostics& errors = d.error();
    if (has(errors, Message::verification_failed)) return named(request) + rendered(errors, t.text);
    if (has(errors, Message::no_point_to_verify) || has(errors, Message::no_derivative) ||
        has(errors, Message::hessian_of_structured_only)) {
      const bool has_value = errors[0].arguments[0].find("the result has no finite value") == std::string::npos;
      ++(has_value ? t.counts.refused : t.counts.outside);
      return std::nullopt;
    }
    if (has(errors, Message::block_of_structured)) return std::nullopt;
    return named(request) + rendered(errors, t.text);
  }
  ++(request.order == 2 ? t.counts.hessians : t.counts.derivatives);
  const double before = (*d)->store[(*d)->question.expression].weight + 1;
  t.counts.growth.push_back(((*d)->store[(*d)->presented.result].weight + 1) / before);
  if (auto wrong = prints_and_parses(**d)) return named(request) + *wrong;
  if (auto wrong = layouts_agree(**d)) return named(request) + *wrong;
  if (auto wrong = names_stand_for_parts(**d)) return named(request) + *wrong;
  return std::nullopt;
}

}  // namespace

Verdict derivation_property(Trial& t) {
  for (const Variable* variable : t.chosen_variables()) {
    DeriveRequest request;
    request.expression = t.text;
    request.wrt = variable->name;
    request.variables = t.expression.declarations();
    request.layout = t.random() % 2 == 0 ? Layout::numerator : Layout::denominator;
    std::vector<Form> forms{Form::matrix};
    const std::array others{Form::vec, Form::block, Form::differential};
    if (t.options.thorough) {
      forms.insert(forms.end(), others.begin(), others.end());
    } else if (t.random() % 3 == 0) {
      forms.push_back(others[t.random() % others.size()]);
    }
    for (Form form : forms) {
      request.form = form;
      if (auto wrong = derive_once(t, request)) return wrong;
    }
    const Type type = t.store.type(variable->node);
    if (t.store.type(t.input).is_scalar() && (linear_structure(type.properties) != 0 || type.has(orthogonal))) {
      request.form = Form::matrix;
      request.manifold = true;
      if (auto wrong = derive_once(t, request)) return wrong;
      request.manifold = false;
    }
    if (!t.store.type(t.input).is_scalar() || (!t.options.thorough && t.random() % 4 != 0)) continue;
    request.form = Form::matrix;
    request.order = 2;
    if (auto wrong = derive_once(t, request)) return wrong;
  }
  return std::nullopt;
}

}  // namespace matgrad
