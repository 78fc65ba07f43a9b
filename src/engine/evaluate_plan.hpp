// SPDX-License-Identifier: MIT
// Numbers for expressions: `matgrad eval`.
#pragma once

#include <functional>

#include "engine/bind.hpp"
#include "engine/compute.hpp"
#include "plan/plan.hpp"

namespace matgrad {

struct NumberRequest {
  ComputeRequest what;
  std::vector<NamedArray> data;
  bool single_precision = false;
};

struct Numbers {
  struct Output {
    std::string name;
    DataArray array;
  };
  Computation computation;
  Plan plan;
  std::vector<Output> outputs;
  Diagnostics notes;
};

// Errors: those of compute and bind_sizes; a name or a size without data; a singular matrix; too little memory, which
// is said before it is taken.
Result<Numbers> evaluate_numbers(NumberRequest request);

// The plan alone: for the sizes of the data that is given, for dimensions as names otherwise.
Result<Numbers> plan_only(NumberRequest request);

}  // namespace matgrad
