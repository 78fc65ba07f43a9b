// SPDX-License-Identifier: MIT
#include "engine/json.hpp"
#include "engine/solve.hpp"

namespace matgrad {
namespace {

using Json = nlohmann::ordered_json;

const char* name_of(Curvature curvature) {
  switch (curvature) {
    case Curvature::unknown: break;
    case Curvature::minimum: return "minimum";
    case Curvature::flat_minimum: return "minimum, not unique";
    case Curvature::maximum: return "maximum";
    case Curvature::flat_maximum: return "maximum, not unique";
    case Curvature::saddle: return "saddle";
    case Curvature::varies: return "depends on the data";
  }
  return nullptr;
}

}  // namespace

std::string to_json(const Solved& solved, Language language, Detail detail) {
  Json result;
  result["expr"] = solved.request.expression;
  result["for"] = solved.request.unknowns;
  result["subject"] = solved.request.constraints;
  result["vars"] = variables_json(solved.scope());
  result["solution"] = Json::object();
  for (const SolvedUnknown& unknown : solved.unknowns) {
    result["solution"][unknown.name] = expression_json(solved.store(), unknown.value);
  }
  const char* kind = name_of(solved.check.curvature);
  result["kind"] = kind == nullptr ? Json(nullptr) : Json(kind);
  Json steps = Json::array();
  if (solved.derivation) steps = steps_json(solved.store(), solved.derivation->trace, language, detail);
  for (const Json& step : steps_json(solved.store(), solved.trace, language, detail)) steps.push_back(step);
  result["steps"] = steps;
  result["verified"] = nullptr;
  if (solved.verified) {
    result["verified"] = {{"points", solved.check.points}, {"max_rel_slope", solved.check.largest_relative_slope}};
  }
  Diagnostics notes = solved.notes;
  const Diagnostics more = about(solved);
  notes.insert(notes.end(), more.begin(), more.end());
  result["notes"] = notes_json(notes, language);
  return result.dump(2);
}

}  // namespace matgrad
