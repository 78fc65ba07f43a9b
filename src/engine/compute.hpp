// SPDX-License-Identifier: MIT
// What numbers or code are wanted of an expression: its value, its gradients, its Hessian, as nodes of one store that a
// plan computes together.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/choices.hpp"
#include "engine/derive.hpp"
#include "plan/lower.hpp"

namespace matgrad {

enum class Wanted : std::uint8_t { value, gradient, hessian, hessian_product };
inline constexpr Choice<Wanted> wanted_results[] = {
    {"value", Wanted::value}, {"grad", Wanted::gradient}, {"hess", Wanted::hessian}, {"hvp", Wanted::hessian_product}};

struct ComputeRequest {
  DeriveRequest question;                     // `wrt` may name several variables, "W1,W2", and may be empty
  std::vector<Wanted> wanted{Wanted::value};  // in the order of the results
};

// Owns the store that the outputs live in.
class Computation {
 public:
  std::vector<PlanRequest::Output> outputs;  // "value", "grad", "hess", "hvp"; of several variables "grad W1" …
  Diagnostics notes;

  Store& store() const { return derivation ? derivation->store : simplified->store; }
  Scope& scope() const { return derivation ? derivation->scope : simplified->scope; }
  // Every name that an output or the input depends on.
  std::vector<std::string> names_read() const;
  bool verified() const { return derivation && derivation->verified; }

  std::unique_ptr<Derivation> derivation;  // where something was differentiated
  std::unique_ptr<Simplified> simplified;  // otherwise
};

// Errors: those of derive; derivatives without a variable; a Hessian by several.
Result<Computation> compute(const ComputeRequest& request);

}  // namespace matgrad
