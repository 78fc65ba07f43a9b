// SPDX-License-Identifier: MIT
// The numbers of a solution for given data: least squares by orthogonal factorisations, the rest by the closed form.
#pragma once

#include <Eigen/Core>
#include <utility>
#include <vector>

#include "engine/evaluate_plan.hpp"
#include "engine/solve.hpp"
#include "numeric/least_squares.hpp"

namespace matgrad {

struct SolvedNumbers {
  std::unique_ptr<Solved> solved;
  std::vector<Numbers::Output> outputs;  // one an unknown
  Diagnostics notes;                     // how they were found, and how good they are
};

// The numbers of an expression of a solution's store, of the names that have data. Errors: those of evaluate_numbers.
Result<Eigen::MatrixXd> value_in(const Solved& solved, const std::vector<NamedArray>& data, NodeId id);

// How a least squares problem was solved, and a warning where its rank is not full.
Diagnostics about_least_squares(Eigen::Index rows, Eigen::Index cols, const ShortestSolution& solution,
                                double residual);

// The objective at a point and a step of `stationary_step` times the point's length away from it, on both sides along
// random directions.
inline constexpr double stationary_step = 1e-3;
inline constexpr int stationary_directions = 3;
struct Surroundings {
  double here = 0;
  std::vector<std::pair<double, double>> sides;
  double rounding = 1e-14;  // of the objective, relative
};
// What is said of a point whose differences vanish. Error: Message::numbers_not_stationary.
Result<Diagnostic> judged_stationary(const Surroundings& values);

// Errors: those of solve and of evaluate_numbers; Message::numbers_not_stationary.
Result<SolvedNumbers> solve_numbers(SolveRequest request, std::vector<NamedArray> data);

}  // namespace matgrad
