// SPDX-License-Identifier: MIT
// The numbers of a solution for given data: least squares by orthogonal factorisations, the rest by the closed form.
#pragma once

#include "engine/evaluate_plan.hpp"
#include "engine/solve.hpp"

namespace matgrad {

struct SolvedNumbers {
  std::unique_ptr<Solved> solved;
  std::vector<Numbers::Output> outputs;  // one an unknown
  Diagnostics notes;                     // how they were found, and how good they are
};

// Errors: those of solve and of evaluate_numbers; Message::numbers_not_stationary.
Result<SolvedNumbers> solve_numbers(SolveRequest request, std::vector<NamedArray> data);

}  // namespace matgrad
