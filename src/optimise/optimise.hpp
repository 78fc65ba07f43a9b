// SPDX-License-Identifier: MIT
// Where a smooth function of many numbers is smallest, by a library of solvers. Nothing here knows of matrices or
// expressions: whoever asks brings values and exact gradients.
//
//   const Optimum found = optimise(problem, start, options);
//   found.x, found.value, found.stop
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace matgrad {

// values(x) = 0, or values(x) <= 0.
struct SmoothConstraint {
  std::size_t rows = 1;
  bool is_equation = true;
  // The values, and row by row their derivatives (rows × unknowns), where a place for them is given.
  std::function<void(const double* x, double* values, double* jacobian)> evaluate;
};

struct SmoothProblem {
  std::size_t unknowns = 0;
  // The value, which may be infinite where the function is not defined, and its gradient.
  std::function<double(const double* x, double* gradient)> objective;
  std::vector<double> lower;  // empty, or one a number; -infinity where there is none
  std::vector<double> upper;
  std::vector<SmoothConstraint> constraints;
};

struct Iterate {
  int evaluations = 0;
  double value = 0;
  double slope = 0;  // the largest entry of the gradient, where bounds leave its direction open
};

struct OptimiseOptions {
  double gradient_tolerance = 1e-6;   // of Optimum::steepness
  double decrease_tolerance = 1e-13;  // relative, of the objective between iterates
  double constraint_tolerance = 1e-8;
  int most_evaluations = 5000;
  std::function<void(const Iterate&)> progress;  // told whenever the objective has become smaller
};

enum class Stop {
  gradient,     // it vanishes
  decrease,     // the objective no longer becomes smaller
  evaluations,  // as many as are allowed
  rounding,     // no step can be told from none
};

struct Optimum {
  std::vector<double> x;
  double value = 0;
  double slope = 0;  // at x
  // The largest |g(i)|*max(1, |x(i)|)/max(1, |f|): the same in other units of x or f. Source: Dennis & Schnabel
  // (1983), 7.2.
  double steepness = 0;
  double violation = 0;  // the largest of a constraint
  int evaluations = 0;
  Stop stop = Stop::rounding;
  std::vector<Iterate> history;
};

// L-BFGS, and truncated Newton steps where it stalls; with constraints sequential quadratic programming, or where there
// are many unknowns an augmented Lagrangian. Sources: Nocedal & Wright (2006), 7.2, 7.1, 18.1 and 17.3.
Optimum optimise(const SmoothProblem& problem, std::vector<double> start, const OptimiseOptions& options);

}  // namespace matgrad
