// SPDX-License-Identifier: MIT
#include "engine/json.hpp"

#include <nlohmann/json.hpp>

#include "engine/choices.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

using Json = nlohmann::ordered_json;

Json variables_of(const Scope& scope) {
  Json result = Json::object();
  for (const Variable& variable : scope.variables()) result[variable.name] = scope.kind_text(variable);
  return result;
}

Json notes_of(const Diagnostics& notes, Language language) {
  Json result = Json::array();
  for (const Diagnostic& note : notes) result.push_back(sentence(note.message, note.arguments, language));
  return result;
}

Json expression_of(const Store& store, NodeId id) {
  const Type& type = store.type(id);
  return {{"text", to_text(store, id)},
          {"unicode", to_unicode(store, id)},
          {"latex", to_latex(store, id)},
          {"shape", {store.dims.text(type.rows), store.dims.text(type.cols)}}};
}

}  // namespace

std::string to_json(const Derivation& d, Language language) {
  Json result;
  result["expr"] = d.request.expression;
  result["wrt"] = d.request.wrt;
  result["layout"] = name_of<Layout>(layouts, d.request.layout);
  result["form"] = name_of<Form>(forms, d.request.form);
  result["order"] = d.request.order;
  result["vars"] = variables_of(d.scope);
  result["result"] = expression_of(d.store, d.presented.result);
  result["steps"] = Json::array();
  if (d.verified) {
    result["verified"] = {{"points", d.verification.points}, {"max_rel_error", d.verification.largest_relative_error}};
  } else {
    result["verified"] = nullptr;
  }
  result["notes"] = notes_of(d.notes, language);
  return result.dump(2);
}

std::string to_json(const Simplified& s, Language language) {
  Json result;
  result["vars"] = variables_of(s.scope);
  result["result"] = expression_of(s.store, s.result);
  result["notes"] = notes_of(s.notes, language);
  return result.dump(2);
}

std::string error_json(int code, const std::string& message) {
  return Json{{"error", {{"code", code}, {"message", message}}}}.dump(2);
}

}  // namespace matgrad
