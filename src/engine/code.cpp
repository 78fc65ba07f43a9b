// SPDX-License-Identifier: MIT
#include "engine/code.hpp"

#include "print/text.hpp"

namespace matgrad {
namespace {

bool is_function_name(const std::string& name) {
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (name.empty() || !is_letter(name[0])) return false;
  for (char c : name) {
    if (!is_letter(c) && c != '_' && (c < '0' || c > '9')) return false;
  }
  return true;
}

}  // namespace

Result<std::string> generate_code(Computation& computation, const CodegenRequest& request) {
  if (!is_function_name(request.name)) {
    Diagnostic diagnostic;
    diagnostic.message = Message::code_bad_name;
    diagnostic.arguments = {request.name};
    return failure(std::move(diagnostic));
  }
  Store& store = computation.store();
  Build build(store);
  PlanRequest wanted{computation.outputs, {}};
  if (store.dims.find(request.shard)) wanted.shared = store.dims.name(request.shard);
  const Plan plan = make_plan(build, wanted);
  CodeRequest code;
  code.target = request.target;
  code.name = request.name;
  code.language = request.language;
  code.shard = request.shard;
  const NodeId input = computation.derivation ? computation.derivation->input : computation.simplified->input;
  code.expression = to_text(store, input);
  for (const auto& output : computation.outputs) code.formulas.push_back(to_text(store, output.node));
  if (computation.verified()) code.verified_points = computation.derivation->verification.points;
  return emit(store, plan, code);
}

Result<Code> generate_code(const CodegenRequest& request) {
  auto computation = compute(request.what);
  if (!computation) return tl::make_unexpected(computation.error());
  auto text = generate_code(*computation, request);
  if (!text) return tl::make_unexpected(text.error());
  return Code{std::move(*text), std::move(computation->notes)};
}

}  // namespace matgrad
