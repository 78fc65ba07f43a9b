// SPDX-License-Identifier: MIT
#include "engine/compute.hpp"

#include <algorithm>
#include <sstream>

#include "base/remark.hpp"
#include "engine/hessian_product.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream words(list);
  for (std::string name; std::getline(words, name, ',');) names.push_back(name);
  return names;
}

bool wants(const ComputeRequest& request, Wanted what) {
  return std::find(request.wanted.begin(), request.wanted.end(), what) != request.wanted.end();
}

Result<Computation> value_only(const ComputeRequest& request) {
  const DeriveRequest& question = request.question;
  auto simplified = simplify_text(question.expression, question.variables, question.notation);
  if (!simplified) return tl::make_unexpected(simplified.error());
  Computation result;
  result.simplified = std::move(*simplified);
  result.notes = result.simplified->notes;
  result.outputs.push_back({"value", result.simplified->result});
  return result;
}

}  // namespace

std::vector<std::string> Computation::names_read() const {
  std::vector<NodeId> roots{derivation ? derivation->value : simplified->input};
  if (derivation) roots.push_back(derivation->input);
  for (const PlanRequest::Output& output : outputs) roots.push_back(output.node);
  std::vector<std::string> names;
  for (NodeId id : topological(store(), roots)) {
    if (store()[id].op != op::symbol) continue;
    const Symbol& symbol = store().symbol_at(store()[id].first);
    if (symbol.role != Symbol::Role::index) names.push_back(symbol.name);
  }
  return names;
}

Result<Computation> compute(const ComputeRequest& request) {
  const bool hessian = wants(request, Wanted::hessian);
  const bool gradient = wants(request, Wanted::gradient);
  const bool product = wants(request, Wanted::hessian_product);
  if (!hessian && !gradient && !product) return value_only(request);
  const std::vector<std::string> names = names_in(request.question.wrt);
  if (names.empty()) return failure(Message::derivative_needs_variable, {});
  if ((hessian || product) && names.size() > 1) return failure(Message::hessian_by_several, {request.question.wrt});
  DeriveRequest question = request.question;
  question.wrt = names[0];
  question.order = hessian || product ? 2 : 1;
  if (product && !hessian) question.form = Form::differential;  // the Hessian itself may be too large to derive
  auto derived = derive(question);
  if (!derived) return tl::make_unexpected(derived.error());
  Computation result;
  result.derivation = std::move(*derived);
  Derivation& d = *result.derivation;
  result.notes = d.notes;
  for (Wanted what : request.wanted) {
    if (what == Wanted::value) result.outputs.push_back({"value", d.value});
    if (what == Wanted::hessian) result.outputs.push_back({"hess", d.presented.result});
    if (what == Wanted::hessian_product) {
      const auto applied = hessian_product(d);
      if (!applied) return tl::make_unexpected(applied.error());
      result.outputs.push_back({"hvp", *applied});
    }
    if (what != Wanted::gradient) continue;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string label = names.size() == 1 ? "grad" : std::string("grad ").append(names[i]);
      NodeId node = question.order == 2 ? d.presented.gradient : d.presented.result;
      if (i > 0 || node == no_node) {
        const auto other = gradient_by(d, names[i]);
        if (!other) return tl::make_unexpected(other.error());
        node = *other;
      }
      result.outputs.push_back({label, node});
    }
  }
  return result;
}

}  // namespace matgrad
