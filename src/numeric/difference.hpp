// SPDX-License-Identifier: MIT
// Derivatives along directions, from values alone: by the complex step where every kernel between the variable and the
// result is analytic (exact to rounding), by Richardson-extrapolated central differences otherwise.
#pragma once

#include <optional>

#include "numeric/evaluate.hpp"

namespace matgrad {

class Difference {
 public:
  // The derivative of `input` by the symbol `variable`; for second derivatives then by `second` (it may be the same).
  // With a disturbance, every value on the way is off by this relative amount, at random, and rounding() is told by
  // trial as well.
  Difference(const Store& store, NodeId input, NodeId variable, NodeId second, const Point<double>& point,
             double disturbance = 0);

  // Whether the input has a finite value at the point; only then may the rest be asked.
  bool usable() const { return usable_; }
  bool analytic() const { return analytic_; }
  const Array<double>& value() const { return value_; }
  // How large the errors of the differences are that were taken so far, by rounding or because they have not settled; 0
  // for the complex step, whose slopes are differences of values only where there are two.
  double rounding(int order) const;
  // How many multiplications one direction costs, very roughly.
  double cost() const { return cost_; }

  // Nothing where a value on the way is not finite, or where the extrapolation does not settle (near a kink).
  std::optional<Array<double>> along(const Array<double>& direction);
  std::optional<Array<double>> along(const Array<double>& direction, const Array<double>& second_direction);

 private:
  std::optional<Array<double>> value_at(const Array<double>& x, const Array<double>& z);
  std::optional<Array<double>> complex_step(const Array<double>& x, const Array<double>& z,
                                            const Array<double>& direction);
  template <class Value>
  void probe_noise(Value value);

  NodeId input_;
  NodeId variable_;
  NodeId second_;
  Evaluation<double> real_;
  std::optional<Evaluation<std::complex<double>>> complex_;
  Array<double> value_;  // all three at the point
  Array<double> x_;
  Array<double> z_;
  double scale_ = 1;
  double cost_ = 1;
  double steepest_ = 0;   // slope by the complex step
  double unsettled_ = 0;  // the farthest that the last two extrapolations were apart
  double noise_ = 0;      // of what differences are taken of, by rounding on the way to it
  bool probes_noise_ = false;
  bool usable_ = false;
  bool analytic_ = false;
};

}  // namespace matgrad
