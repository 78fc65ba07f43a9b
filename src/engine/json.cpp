// SPDX-License-Identifier: MIT
#include "engine/json.hpp"

#include <algorithm>

#include "engine/choices.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

using Json = nlohmann::ordered_json;

// The expression, and once more with the names of `let`.
Json shared_json(const Store& store, NodeId id, NodeId with_names) {
  Json result = expression_json(store, id);
  result["with_let"] = expression_json(store, with_names);
  result["with_let"].erase("shape");
  return result;
}

// Each side of the equation by itself and both together, for every notation.
Json equation_json(const Store& store, NodeId left, NodeId right) {
  const Json first = expression_json(store, left);
  const Json second = expression_json(store, right);
  Json result;
  for (const char* notation : {"text", "unicode", "latex"}) {
    result[notation] = std::string(first[notation]).append(" = ").append(second[notation].get<std::string>());
  }
  return result;
}

}  // namespace

nlohmann::ordered_json expression_json(const Store& store, NodeId id) {
  const Type& type = store.type(id);
  return {{"text", to_text(store, id)},
          {"unicode", to_unicode(store, id)},
          {"latex", to_latex(store, id)},
          {"shape", {store.dims.text(type.rows), store.dims.text(type.cols)}}};
}

nlohmann::ordered_json variables_json(const Scope& scope) {
  Json result = Json::object();
  for (const Variable& variable : scope.variables()) result[variable.name] = scope.kind_text(variable);
  return result;
}

nlohmann::ordered_json steps_json(const Store& store, const Trace& trace, Language language, Detail detail) {
  Json result = Json::array();
  for (const ShownStep& shown : shown_steps(trace, detail)) {
    const Step& step = *shown.step;
    std::string rule = shown.rule.in(language);
    rule.erase(std::remove(rule.begin(), rule.end(), '`'), rule.end());  // around formulas
    result.push_back({{"rule", rule},
                      {"citation", shown.source.in(language)},
                      {"equation", equation_json(store, shown.left, step.right)},
                      {"shape", expression_json(store, step.right)["shape"]}});
  }
  return result;
}

nlohmann::ordered_json notes_json(const Diagnostics& notes, Language language) {
  Json result = Json::array();
  for (const Diagnostic& note : notes) result.push_back(sentence(note.message, note.arguments, language));
  return result;
}

std::string to_json(const Derivation& d, Language language, Detail detail) {
  Json result;
  result["expr"] = d.request.expression;
  result["wrt"] = d.request.wrt;
  result["layout"] = name_of<Layout>(layouts, d.request.layout);
  result["form"] = name_of<Form>(forms, d.request.form);
  result["order"] = d.request.order;
  result["manifold"] = d.request.manifold;
  result["vars"] = variables_json(d.scope);
  result["let"] = Json::array();
  for (const Let& let : d.shared.lets) {
    Json named{{"name", to_text(d.store, let.symbol)}};
    named.update(expression_json(d.store, let.value));
    result["let"].push_back(std::move(named));
  }
  result["result"] = shared_json(d.store, d.presented.result, d.shared.roots[0]);
  if (d.request.order == 2) {
    const bool known = d.presented.gradient != no_node;
    result["gradient"] = known ? shared_json(d.store, d.presented.gradient, d.shared.roots[1]) : Json(nullptr);
  }
  result["steps"] = steps_json(d.store, d.trace, language, detail);
  if (d.verified) {
    result["verified"] = {{"points", d.verification.points}, {"max_rel_error", d.verification.largest_relative_error}};
  } else {
    result["verified"] = nullptr;
  }
  result["notes"] = notes_json(d.notes, language);
  return result.dump(2);
}

std::string to_json(const Simplified& s, Language language) {
  Json result;
  result["vars"] = variables_json(s.scope);
  result["result"] = expression_json(s.store, s.result);
  result["notes"] = notes_json(s.notes, language);
  return result.dump(2);
}

std::string error_json(int code, const std::string& message) {
  return Json{{"error", {{"code", code}, {"message", message}}}}.dump(2);
}

}  // namespace matgrad
