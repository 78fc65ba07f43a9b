// SPDX-License-Identifier: MIT
// `matgrad minimize`: the numbers for which an objective is smallest, found by a solver that gets matgrad's exact
// gradients, and confirmed by differences of the objective.
#pragma once

#include <string>
#include <vector>

#include "engine/evaluate_plan.hpp"
#include "optimise/optimise.hpp"

namespace matgrad {

// What finds the optimum: optimise() where a library of solvers is there.
using Optimiser = std::function<Optimum(const SmoothProblem&, std::vector<double>, const OptimiseOptions&)>;

struct MinimiseRequest {
  std::string objective;
  std::vector<std::string> unknowns;
  std::vector<std::string> variables;    // declarations
  std::vector<std::string> constraints;  // "A*x = b", "norm2(x)^2 <= 1", "x >= 0"
  std::vector<NamedArray> data;
  std::vector<NamedArray> start;  // of unknowns; a number fills all of one
  InputNotation notation = InputNotation::guessed;
  bool verify = true;  // the gradients, before they are used
  OptimiseOptions options;
  Optimiser optimiser;
};

struct Minimised {
  std::vector<Numbers::Output> outputs;  // one an unknown
  Optimum optimum;
  double seconds = 0;        // that the search took, without deriving and planning
  bool is_confirmed = true;  // by differences of the objective
  Diagnostics notes;         // what was assumed, why it stopped, how good it is
};

// Errors: those of compute and bind_sizes; a constraint that is none; an unknown without a size, or of a kind that
// cannot be searched for; an objective that is not finite where the search begins.
Result<Minimised> minimise(const MinimiseRequest& request);

}  // namespace matgrad
