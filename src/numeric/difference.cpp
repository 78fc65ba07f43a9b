// SPDX-License-Identifier: MIT
#include "numeric/difference.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace matgrad {
namespace {

using Complex = std::complex<double>;

constexpr double imaginary_step = 1e-20;  // its square is nothing beside 1
constexpr std::int64_t most_loop_steps = 200'000;

struct Extrapolation {
  double step;       // the largest; each level halves it
  int levels;        // 2 to 4
  double agreement;  // how far the last two extrapolations may be apart, relative to the larger of 1 and the result
  double settled;    // as near as this, no smaller step is tried
  int attempts;      // with ever smaller steps, a tenth of the one before
};

constexpr Extrapolation first_order{1e-3, 3, 1e-6, 1e-6, 2};
// What is extrapolated is exact to rounding, so that the step may be small and the last two extrapolations have to
// agree as closely as results are compared.
constexpr Extrapolation of_complex_steps{1e-4, 3, 1e-7, 1e-7, 3};
constexpr Extrapolation second_order{2e-2, 4, 1e-4, 1e-6, 2};

// A slope that belongs to a smaller value would, times the imaginary step, be where numbers lose their digits.
constexpr double least_for_complex_steps = 1e-270;

bool keeps_imaginary_digits(const Array<double>& a, const Operator* /*entry*/) {
  return ((a.array() == 0) || (a.array().abs() > least_for_complex_steps)).all();
}

double largest(const Array<double>& a) {
  return a.size() == 0 ? 0 : a.cwiseAbs().maxCoeff();
}

struct Limit {
  Array<double> value;
  double apart = std::numeric_limits<double>::infinity();  // how far the last two extrapolations are
};

// The limit for step 0 of estimates whose error is a series in even powers of the step.
template <class Estimate>
std::optional<Limit> extrapolate_once(const Extrapolation& plan, double step, Estimate estimate) {
  std::array<Array<double>, 4> table;
  for (int level = 0; level < plan.levels; ++level) {
    auto next = estimate(step / (1 << level));
    if (!next) return std::nullopt;
    table[level].swap(*next);
  }
  Limit limit;
  double power = 1;
  for (int left = plan.levels - 1; left > 0; --left) {
    power *= 4;
    if (left == 1) limit.apart = largest(table[1] - table[0]);
    for (int i = 0; i < left; ++i) table[i] = (power * table[i + 1] - table[i]) / (power - 1);
  }
  limit.value.swap(table[0]);
  return limit;
}

// The one that has settled best, with ever smaller steps. `unsettled` grows to how far its last two extrapolations are
// apart.
template <class Estimate>
std::optional<Array<double>> extrapolate(const Extrapolation& plan, double scale, double& unsettled,
                                         Estimate estimate) {
  Limit best;
  double step = scale * plan.step;
  auto is_within = [&](double bound) { return best.apart <= bound * std::max(1.0, largest(best.value)); };
  for (int attempt = 0; attempt < plan.attempts && !is_within(plan.settled); ++attempt, step /= 10) {
    auto limit = extrapolate_once(plan, step, estimate);
    if (limit && limit->apart < best.apart) best = std::move(*limit);
  }
  if (!is_within(plan.agreement)) return std::nullopt;
  unsettled = std::max(unsettled, best.apart);
  return std::move(best.value);
}

}  // namespace

Difference::Difference(const Store& store, NodeId input, NodeId variable, NodeId second, const Point<double>& point,
                       double disturbance)
    : input_(input),
      variable_(variable),
      second_(second == no_node ? variable : second),
      real_(store, std::array{input, variable_, second_}, point.sizes) {
  if (!real_.conforms()) return;
  real_.limit_loop_steps(most_loop_steps);
  real_.set_all(point);
  real_.disturb(disturbance);
  if (!real_.run() || !real_[input_].allFinite()) return;
  usable_ = true;
  value_ = real_[input_];
  x_ = real_[variable_];
  z_ = real_[second_];
  scale_ = std::max({1.0, largest(x_), largest(z_)});
  probes_noise_ = disturbance != 0;
  real_.watch(std::array{variable_, second_});
  complex_.emplace(real_);
  analytic_ = complex_->watched_is_computable() && real_.every_value(keeps_imaginary_digits);
  cost_ = real_.update_cost() * (analytic_ ? 4 : 6);
}

double Difference::rounding(int order) const {
  if (analytic_ && order == 1) return 0;
  const Extrapolation& plan = analytic_ ? of_complex_steps : order == 2 ? second_order : first_order;
  const double smallest_step = scale_ * plan.step / (1 << (plan.levels - 1));
  constexpr double ulps = 4;
  const double error = ulps * std::numeric_limits<double>::epsilon();
  if (analytic_) return std::max(unsettled_, std::max(error * steepest_, noise_) / smallest_step);
  return std::max(unsettled_, std::max(error * largest(value_), noise_) / std::pow(smallest_step, order));
}

// How much values for arguments next to each other differ beyond what a slope explains: (1 + x)^(1e6) knows x no better
// than 1 + x does. They have to be so far apart that 1 + x is another number. `value` gives what differences are taken
// of, so far from the point.
template <class Value>
void Difference::probe_noise(Value value) {
  if (!probes_noise_) return;
  const auto middle = value(0.0);
  for (const double far : {1e-13, 3e-11, 1e-9, 2.3e-8, 1.1e-7}) {
    const auto up = value(far * scale_);
    const auto down = value(-far * scale_);
    if (middle && up && down) noise_ = std::max(noise_, largest(*up + *down - 2 * *middle));
  }
}

std::optional<Array<double>> Difference::value_at(const Array<double>& x, const Array<double>& z) {
  if (second_ != variable_) real_.set(second_, z);
  real_.set(variable_, x);
  if (!real_.update() || !real_[input_].allFinite()) return std::nullopt;
  return real_[input_];
}

std::optional<Array<double>> Difference::complex_step(const Array<double>& x, const Array<double>& z,
                                                      const Array<double>& direction) {
  if (second_ != variable_) complex_->set(second_, z.cast<Complex>());
  complex_->set(variable_, x.cast<Complex>() + Complex(0, imaginary_step) * direction.cast<Complex>());
  if (!complex_->update()) return std::nullopt;
  Array<double> slope = (*complex_)[input_].imag() / imaginary_step;
  if (!slope.allFinite()) return std::nullopt;
  steepest_ = std::max(steepest_, largest(slope));
  return slope;
}

std::optional<Array<double>> Difference::along(const Array<double>& direction) {
  if (analytic_) return complex_step(x_, z_, direction);
  probe_noise([&](double h) { return value_at(x_ + h * direction, z_); });
  return extrapolate(first_order, scale_, unsettled_, [&](double h) -> std::optional<Array<double>> {
    const auto up = value_at(x_ + h * direction, z_);
    const auto down = value_at(x_ - h * direction, z_);
    if (!up || !down) return std::nullopt;
    return Array<double>((*up - *down) / (2 * h));
  });
}

std::optional<Array<double>> Difference::along(const Array<double>& direction, const Array<double>& second_direction) {
  const bool same = second_ == variable_;
  auto x_at = [&](double s, double h) {
    Array<double> x = x_ + s * direction;
    if (same) x += h * second_direction;
    return x;
  };
  auto z_at = [&](double h) { return Array<double>(z_ + h * second_direction); };
  if (analytic_) {
    probe_noise([&](double h) { return complex_step(x_at(0, h), z_at(h), direction); });
    return extrapolate(of_complex_steps, scale_, unsettled_, [&](double h) -> std::optional<Array<double>> {
      const auto up = complex_step(x_at(0, h), z_at(h), direction);
      const auto down = complex_step(x_at(0, -h), z_at(-h), direction);
      if (!up || !down) return std::nullopt;
      return Array<double>((*up - *down) / (2 * h));
    });
  }
  probe_noise([&](double h) { return value_at(x_at(h, h), z_at(h)); });
  return extrapolate(second_order, scale_, unsettled_, [&](double h) -> std::optional<Array<double>> {
    Array<double> total = Array<double>::Zero(value_.rows(), value_.cols());
    for (const double s : {h, -h}) {
      for (const double t : {h, -h}) {
        const auto at = value_at(x_at(s, t), z_at(t));
        if (!at) return std::nullopt;
        total += (s == t ? 1.0 : -1.0) * *at;
      }
    }
    return Array<double>(total / (4 * h * h));
  });
}

}  // namespace matgrad
