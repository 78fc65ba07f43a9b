// SPDX-License-Identifier: MIT
#include "engine/confirm_minimum.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "base/factorisations.hpp"

namespace matgrad {
namespace {

constexpr int wanted_directions = 3;
constexpr double step_part = 1e-4;      // of the length of the point
constexpr double active_within = 1e-6;  // of a bound or a constraint

using Vector = Eigen::VectorXd;

class Steepest {
 public:
  Steepest(const SmoothProblem& problem, const Optimum& point, const std::function<double(const double*)>& objective)
      : problem_(problem), point_(point), objective_(objective), x_(Vector::Map(point.x.data(), size())) {
    length_ = std::max(1.0, x_.norm());
    find_normals();
  }

  Steepness run() {
    Steepness result;
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    const double first = point_.history.empty() ? point_.value : point_.history.front().value;
    const double scale = std::abs(point_.value) + std::abs(first - point_.value);
    for (int i = 0; i < wanted_directions; ++i) {
      Vector direction = x_.unaryExpr([&](double) { return normal(random); });
      leave_open(direction);
      const double norm = direction.norm();
      if (norm <= 1e-8 * std::sqrt(static_cast<double>(x_.size()))) continue;
      direction *= step_part * length_ / norm;
      const Vector up = x_ + direction;
      const Vector down = x_ - direction;
      const double change = std::abs(objective_(up.data()) - objective_(down.data())) / (2 * step_part);
      ++result.directions;
      result.relative = std::max(result.relative, change / std::max(scale, 1e-300));
    }
    return result;
  }

 private:
  Eigen::Index size() const { return static_cast<Eigen::Index>(point_.x.size()); }

  bool is_at_bound(Eigen::Index i) const {
    if (problem_.lower.empty()) return false;
    const auto at = static_cast<std::size_t>(i);
    const double near = std::max(active_within, 2 * step_part * length_);
    return x_(i) - problem_.lower[at] <= near || problem_.upper[at] - x_(i) <= near;
  }

  // The directions in which constraints that hold as equations change.
  void find_normals() {
    std::vector<Vector> rows;
    for (const SmoothConstraint& constraint : problem_.constraints) {
      std::vector<double> values(constraint.rows);
      std::vector<double> jacobian(constraint.rows * point_.x.size());
      constraint.evaluate(point_.x.data(), values.data(), jacobian.data());
      for (std::size_t i = 0; i < constraint.rows; ++i) {
        if (!constraint.is_equation && values[i] < -active_within) continue;
        Vector row = Vector::Map(jacobian.data() + i * point_.x.size(), size());
        for (Eigen::Index k = 0; k < row.size(); ++k) row(k) = is_at_bound(k) ? 0 : row(k);
        rows.push_back(std::move(row));
      }
    }
    if (rows.empty()) return;
    Eigen::MatrixXd all(size(), static_cast<Eigen::Index>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) all.col(static_cast<Eigen::Index>(i)) = rows[i];
    normals_.compute(all);
    normal_count_ = normals_.rank();
  }

  void leave_open(Vector& direction) const {
    for (Eigen::Index i = 0; i < direction.size(); ++i) direction(i) = is_at_bound(i) ? 0 : direction(i);
    if (normal_count_ == 0) return;
    Vector turned = normals_.householderQ().adjoint() * direction;
    turned.head(normal_count_).setZero();
    direction = normals_.householderQ() * turned;
  }

  const SmoothProblem& problem_;
  const Optimum& point_;
  const std::function<double(const double*)>& objective_;
  Vector x_;
  double length_ = 1;
  Eigen::ColPivHouseholderQR<Eigen::MatrixXd> normals_;
  Eigen::Index normal_count_ = 0;
};

}  // namespace

Steepness steepness_at(const SmoothProblem& problem, const Optimum& point,
                       const std::function<double(const double*)>& objective) {
  return Steepest(problem, point, objective).run();
}

}  // namespace matgrad
