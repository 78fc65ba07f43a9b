// SPDX-License-Identifier: MIT
// The numbers of a solution for given data: least squares by orthogonal factorisations, the rest by the closed form.
#pragma once

#include <Eigen/Core>

#include "engine/evaluate_plan.hpp"
#include "engine/solve.hpp"

namespace matgrad {

struct SolvedNumbers {
  std::unique_ptr<Solved> solved;
  std::vector<Numbers::Output> outputs;  // one an unknown
  Diagnostics notes;                     // how they were found, and how good they are
};

// The numbers of an expression of a solution's store, of the names that have data. Errors: those of evaluate_numbers.
Result<Eigen::MatrixXd> value_in(const Solved& solved, const std::vector<NamedArray>& data, NodeId id);

// Errors: those of solve and of evaluate_numbers; Message::numbers_not_stationary.
Result<SolvedNumbers> solve_numbers(SolveRequest request, std::vector<NamedArray> data);

}  // namespace matgrad
