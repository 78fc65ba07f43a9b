// SPDX-License-Identifier: MIT
// matgrad_code_cases: what the check of generated code runs. Reads cases, one JSON object a line ("expr", "wrt",
// "vars"; perhaps "order", "id"), from the files named, and prints for each the code in every target, random arguments
// and the outputs that the evaluator of the tests computes for them, as one JSON object a line. Nothing of the plan or
// of the code generation takes part in these outputs.
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/code.hpp"
#include "expr/walk.hpp"
#include "numeric/evaluate.hpp"
#include "numeric/sample.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"

namespace {

using namespace matgrad;
using Json = nlohmann::ordered_json;

constexpr const char* targets[] = {"numpy", "jax", "torch", "cpp", "julia", "matlab"};

Json array_of(const Array<double>& array) {
  Json rows = Json::array();
  for (Eigen::Index i = 0; i < array.rows(); ++i) {
    Json row = Json::array();
    for (Eigen::Index j = 0; j < array.cols(); ++j) row.push_back(array(i, j));
    rows.push_back(row);
  }
  return rows;
}

const char* kind_of(const Type& type) {
  return type.is_scalar() ? "scalar" : type.is_column() ? "column" : type.is_row() ? "row" : "matrix";
}

ComputeRequest request_of(const nlohmann::json& line) {
  ComputeRequest request;
  request.question.expression = line.at("expr");
  request.question.wrt = line.value("wrt", "");
  const int order = line.value("order", 1);
  const nlohmann::json variables = line.value("vars", nlohmann::json::object());
  for (const auto& [name, kind] : variables.items()) {
    request.question.variables.push_back(name + ": " + kind.get<std::string>());
  }
  request.wanted = {Wanted::value, Wanted::gradient};
  if (order == 2) request.wanted.push_back(Wanted::hessian);
  return request;
}

// A point for everything that the outputs name, and the outputs there. Nothing where none was found.
bool add_numbers(Computation& computation, Json& result) {
  Store& store = computation.store();
  std::vector<NodeId> roots;
  for (const auto& output : computation.outputs) roots.push_back(output.node);
  const auto point = sample(store, roots, computation.scope().conditions(), 20);
  if (!point) return false;
  Json arguments = Json::array();
  for (NodeId id : topological(store, roots)) {
    if (store[id].op != op::symbol || store.symbol_at(store[id].first).role == Symbol::Role::index) continue;
    arguments.push_back({{"name", store.symbol_at(store[id].first).name},
                         {"kind", kind_of(store.type(id))},
                         {"value", array_of(point->values.at(store[id].first))}});
  }
  Json sizes = Json::object();
  for (Atom atom = 0; atom < store.dims.atom_count() && atom < point->sizes.size(); ++atom) {
    sizes[store.dims.atom_name(atom)] = point->sizes[atom];
  }
  Json outputs = Json::array();
  for (const auto& output : computation.outputs) {
    const auto value = evaluate(store, output.node, *point);
    const auto disturbed = evaluate(store, output.node, *point, 1e-13);
    if (!value || !disturbed || !value->allFinite()) return false;
    const double scale = std::max(1e-3, value->cwiseAbs().maxCoeff());
    outputs.push_back({{"name", output.name},
                       {"kind", kind_of(store.type(output.node))},
                       {"value", array_of(*value)},
                       {"sensitivity", (*value - *disturbed).cwiseAbs().maxCoeff() / scale}});
  }
  result["arguments"] = arguments;
  result["sizes"] = sizes;
  result["outputs"] = outputs;
  return true;
}

Json case_of(const nlohmann::json& line, std::size_t number) {
  Json result;
  result["id"] = line.value("id", std::to_string(number));
  result["expr"] = line.at("expr");
  const ComputeRequest request = request_of(line);
  auto computation = compute(request);
  if (!computation) {
    result["skipped"] = render(computation.error(), {}, Language::english);
    return result;
  }
  if (!add_numbers(*computation, result)) {
    result["skipped"] = "no point was found";
    return result;
  }
  CodegenRequest code;
  code.what = request;
  Json texts = Json::object();
  for (int i = 0; i < 6; ++i) {
    code.target = static_cast<CodeTarget>(i);
    const auto text = generate_code(*computation, code);
    if (text) {
      texts[targets[i]] = *text;
    } else {
      result["refused"][targets[i]] = render(text.error(), {}, Language::english);
    }
  }
  result["code"] = texts;
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t number = 0;
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i]);
    for (std::string line; std::getline(file, line);) {
      const nlohmann::json parsed = nlohmann::json::parse(line, nullptr, false);
      if (parsed.is_discarded() || !parsed.contains("expr")) continue;
      std::printf("%s\n", case_of(parsed, ++number).dump().c_str());
    }
  }
}
