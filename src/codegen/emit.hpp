// SPDX-License-Identifier: MIT
// Code in other languages from a plan: a function that computes the plan's outputs from its inputs, as one would write
// it by hand, with a description of shapes and formulas. What an operator is called in a language is in its entry
// (Operator::code); the walk over the values is the same for all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "plan/plan.hpp"

namespace matgrad {

enum class CodeTarget : std::uint8_t { numpy, jax, torch, cpp, julia, matlab };

std::string_view name_of(CodeTarget target);

struct CodeRequest {
  CodeTarget target = CodeTarget::numpy;
  std::string name = "f";                 // of the function
  std::string expression;                 // as given
  std::vector<std::string> formulas;      // of the plan's outputs, in text
  std::string shard;                      // JAX: the dimension that devices share; empty: no such function
  int verified_points = 0;                // at how many the derivatives were checked; 0: not
  Language language = Language::english;  // of descriptions
};

// Errors: an operator that cannot be written in the target; a dimension to shard that is not there.
Result<std::string> emit(Store& store, const Plan& plan, const CodeRequest& request);

}  // namespace matgrad
