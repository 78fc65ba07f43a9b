// SPDX-License-Identifier: MIT
#include "optimise/optimise.hpp"

#include <nlopt.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

namespace matgrad {
namespace {

constexpr unsigned kept_steps = 12;              // of L-BFGS
constexpr std::size_t most_for_quadratic = 300;  // unknowns: its steps cost their cube
constexpr int most_rounds = 4;
constexpr double nearly = 100;            // times the tolerance of constraints
constexpr double least_decrease = 1e-11;  // under constraints: line searches between them are less exact
constexpr double first_probe = 1e-3;      // of the largest unknown: how far the curvature is looked for
constexpr double beyond_all = 1e300;      // in the place of values that are not finite: line searches turn back

struct Closer {
  void operator()(nlopt_opt o) const { nlopt_destroy(o); }
};
using Solver = std::unique_ptr<nlopt_opt_s, Closer>;

class Search {
 public:
  Search(const SmoothProblem& problem, std::vector<double> start, const OptimiseOptions& options)
      : problem_(problem), options_(options) {
    best_.x = std::move(start);
    best_.value = std::numeric_limits<double>::infinity();
    if (!problem.constraints.empty()) best_.violation = std::numeric_limits<double>::infinity();
    gradient_.resize(problem.unknowns);
  }

  Optimum run() {
    const bool is_constrained = !problem_.constraints.empty();
    if (!is_constrained) set_scale();
    // Restarted from where it stalls, for as long as that helps.
    for (int round = 0; round < most_rounds && !is_done(); ++round) {
      const double before = best_.value;
      if (is_constrained) {
        problem_.unknowns <= most_for_quadratic ? attempt(NLOPT_LD_SLSQP) : attempt_augmented();
        if (best_.violation <= options_.constraint_tolerance) break;
      } else {
        attempt(round % 2 == 0 ? NLOPT_LD_LBFGS : NLOPT_LD_TNEWTON_PRECOND_RESTART);
        if (best_.steepness <= 1e3 * options_.gradient_tolerance || !(best_.value < before)) break;
      }
    }
    return std::move(best_);
  }

 private:
  bool is_done() const { return best_.evaluations >= options_.most_evaluations || is_flat(); }
  bool is_flat() const {
    return !best_.history.empty() && problem_.constraints.empty() && best_.steepness <= options_.gradient_tolerance;
  }

  Solver solver(nlopt_algorithm algorithm) {
    Solver made(nlopt_create(algorithm, static_cast<unsigned>(problem_.unknowns)));
    nlopt_set_min_objective(made.get(), &Search::objective, this);
    if (!problem_.lower.empty()) nlopt_set_lower_bounds(made.get(), scaled(problem_.lower, 1 / scale_).data());
    if (!problem_.upper.empty()) nlopt_set_upper_bounds(made.get(), scaled(problem_.upper, 1 / scale_).data());
    set_limits(made.get());
    return made;
  }
  void set_limits(nlopt_opt o) const {
    nlopt_set_ftol_rel(o, problem_.constraints.empty() ? options_.decrease_tolerance : least_decrease);
    nlopt_set_maxeval(o, options_.most_evaluations - best_.evaluations);
    nlopt_set_vector_storage(o, kept_steps);
  }

  static std::vector<double> scaled(std::vector<double> x, double factor) {
    for (double& number : x) number *= factor;
    return x;
  }

  // The first step of a solver has no curvature to go by and is found by trials. In units in which the curvature along
  // the first gradient is 1, it is the gradient itself.
  void set_scale() {
    const std::vector<double> start = best_.x;
    std::vector<double> gradient(problem_.unknowns);
    if (evaluate(start.data(), gradient.data()) >= beyond_all || is_done()) return;
    double largest = 1;
    double steepest = 0;
    for (std::size_t i = 0; i < start.size(); ++i) {
      if (is_held(i, start[i], gradient[i])) gradient[i] = 0;
      largest = std::max(largest, std::abs(start[i]));
      steepest = std::max(steepest, std::abs(gradient[i]));
    }
    const double step = first_probe * largest / steepest;
    std::vector<double> probe = start;
    for (std::size_t i = 0; i < start.size(); ++i) probe[i] = within_bounds(i, start[i] - step * gradient[i]);
    std::vector<double> there(problem_.unknowns);
    if (evaluate(probe.data(), there.data()) >= beyond_all) return;
    double squares = 0;
    double change = 0;
    for (std::size_t i = 0; i < start.size(); ++i) {
      squares += gradient[i] * gradient[i];
      change += gradient[i] * (gradient[i] - there[i]);
    }
    const double curvature = change / (step * squares);
    if (curvature > 0 && std::isfinite(curvature)) scale_ = 1 / std::sqrt(curvature);
    unscaled_.resize(problem_.unknowns);
  }

  double within_bounds(std::size_t i, double x) const {
    if (!problem_.lower.empty()) x = std::max(x, problem_.lower[i]);
    return problem_.upper.empty() ? x : std::min(x, problem_.upper[i]);
  }
  // At a bound, and the objective becomes smaller beyond it.
  bool is_held(std::size_t i, double x, double slope) const {
    const bool at_lower = !problem_.lower.empty() && x <= problem_.lower[i] && slope > 0;
    return at_lower || (!problem_.upper.empty() && x >= problem_.upper[i] && slope < 0);
  }

  void attempt(nlopt_algorithm algorithm) {
    Solver made = solver(algorithm);
    run(made.get());
  }

  void attempt_augmented() {
    Solver made = solver(NLOPT_AUGLAG);
    Solver inner(nlopt_create(NLOPT_LD_LBFGS, static_cast<unsigned>(problem_.unknowns)));
    set_limits(inner.get());
    nlopt_set_local_optimizer(made.get(), inner.get());
    run(made.get());
  }

  void run(nlopt_opt o) {
    for (const SmoothConstraint& constraint : problem_.constraints) {
      const std::vector<double> tolerances(constraint.rows, options_.constraint_tolerance);
      const auto rows = static_cast<unsigned>(constraint.rows);
      auto* context = const_cast<SmoothConstraint*>(&constraint);
      if (constraint.is_equation) {
        nlopt_add_equality_mconstraint(o, rows, &Search::values, context, tolerances.data());
      } else {
        nlopt_add_inequality_mconstraint(o, rows, &Search::values, context, tolerances.data());
      }
    }
    now_ = o;
    std::vector<double> x = scaled(best_.x, 1 / scale_);
    double value = 0;
    const nlopt_result result = nlopt_optimize(o, x.data(), &value);
    now_ = nullptr;
    if (!problem_.constraints.empty()) take_better(x, std::vector<double>(best_.x));
    const bool is_small = result == NLOPT_FTOL_REACHED || result == NLOPT_XTOL_REACHED || result == NLOPT_SUCCESS;
    best_.stop = is_flat()                                                                           ? Stop::gradient
                 : result == NLOPT_MAXEVAL_REACHED || best_.evaluations >= options_.most_evaluations ? Stop::evaluations
                 : is_small                                                                          ? Stop::decrease
                                                                                                     : Stop::rounding;
  }

  double violation_at(const std::vector<double>& x) const {
    double largest = 0;
    for (const SmoothConstraint& constraint : problem_.constraints) {
      std::vector<double> values(constraint.rows);
      constraint.evaluate(x.data(), values.data(), nullptr);
      for (const double value : values) largest = std::max(largest, constraint.is_equation ? std::abs(value) : value);
    }
    return largest;
  }

  // Of what a solver of constrained problems returns and where it has been last: it returns no point that violates a
  // constraint by a little more than is allowed.
  void take_better(const std::vector<double>& returned, const std::vector<double>& last) {
    const double returned_violation = violation_at(returned);
    const double last_violation = violation_at(last);
    const double allowed = options_.constraint_tolerance;
    bool is_last = std::max(last_violation, allowed) < std::max(returned_violation, allowed);
    if (std::max(last_violation, returned_violation) <= nearly * allowed) {
      is_last =
          problem_.objective(last.data(), gradient_.data()) < problem_.objective(returned.data(), gradient_.data());
    }
    best_.x = is_last ? last : returned;
    best_.violation = is_last ? last_violation : returned_violation;
    best_.value = problem_.objective(best_.x.data(), gradient_.data());
    set_slopes(best_.x.data(), best_.value, gradient_.data());
  }

  // Sets the slopes of the best point.
  void set_slopes(const double* x, double value, const double* gradient) {
    best_.slope = 0;
    best_.steepness = 0;
    for (std::size_t i = 0; i < problem_.unknowns; ++i) {
      if (is_held(i, x[i], gradient[i])) continue;
      const double slope = std::abs(gradient[i]);
      best_.slope = std::max(best_.slope, slope);
      best_.steepness =
          std::max(best_.steepness, slope * std::max(1.0, std::abs(x[i])) / std::max(1.0, std::abs(value)));
    }
  }

  double evaluate(const double* x, double* gradient) {
    double* slopes = gradient != nullptr ? gradient : gradient_.data();
    const double value = problem_.objective(x, slopes);
    ++best_.evaluations;
    if (!std::isfinite(value)) {
      std::fill_n(slopes, problem_.unknowns, 0.0);
      return beyond_all;
    }
    const bool is_constrained = !problem_.constraints.empty();  // then a smaller value says little
    if (is_constrained || best_.history.empty() || value < best_.value) note(x, value, slopes);
    if (is_flat() && now_ != nullptr) nlopt_force_stop(now_);
    return value;
  }

  void note(const double* x, double value, const double* gradient) {
    best_.value = value;
    best_.x.assign(x, x + problem_.unknowns);
    set_slopes(x, value, gradient);
    best_.history.push_back({best_.evaluations, value, best_.slope});
    if (options_.progress) options_.progress(best_.history.back());
  }

  double evaluate_scaled(const double* u, double* slopes) {
    if (scale_ == 1) return evaluate(u, slopes);
    for (std::size_t i = 0; i < problem_.unknowns; ++i) unscaled_[i] = within_bounds(i, scale_ * u[i]);
    const double value = evaluate(unscaled_.data(), slopes);
    for (std::size_t i = 0; i < problem_.unknowns && slopes != nullptr; ++i) slopes[i] *= scale_;
    return value;
  }

  static double objective(unsigned /*n*/, const double* u, double* gradient, void* self) {
    return static_cast<Search*>(self)->evaluate_scaled(u, gradient);
  }
  static void values(unsigned /*m*/, double* result, unsigned /*n*/, const double* x, double* jacobian, void* context) {
    static_cast<const SmoothConstraint*>(context)->evaluate(x, result, jacobian);
  }

  const SmoothProblem& problem_;
  const OptimiseOptions& options_;
  Optimum best_;
  std::vector<double> gradient_;
  double scale_ = 1;  // of the solver's unknowns
  std::vector<double> unscaled_;
  nlopt_opt now_ = nullptr;
};

}  // namespace

Optimum optimise(const SmoothProblem& problem, std::vector<double> start, const OptimiseOptions& options) {
  return Search(problem, std::move(start), options).run();
}

}  // namespace matgrad
