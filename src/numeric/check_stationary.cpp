// SPDX-License-Identifier: MIT
#include "numeric/check_stationary.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/factorisations.hpp"
#include "numeric/difference.hpp"
#include "numeric/measure.hpp"
#include "numeric/sample.hpp"

namespace matgrad {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr double tolerance = 1e-6;        // of the slopes at a random point
constexpr double curvature_floor = 1e-4;  // of the largest curvature: flat
constexpr double rounding_of_curvature = 1e-6;
constexpr int spare_points = 9;
constexpr Eigen::Index most_directions = 80;

struct Direction {
  std::size_t variable = 0;
  Array<double> step;
};

// One point of the data.
class PointOfData {
 public:
  PointOfData(const Store& store, const StationaryClaim& claim, Point<double> point)
      : store_(store), claim_(claim), point_(std::move(point)) {}

  enum class Outcome { unusable, stationary, slopes, violates };
  double relative_slope = 0;
  double violation = 0;
  Curvature curvature = Curvature::unknown;
  bool is_determined = false;  // by the constraints alone, the point or the objective

  Outcome run() {
    find_directions();
    if (claim_.objective == no_node) return run_equation();
    const auto elsewhere = slopes(claim_.objective);
    if (!elsewhere || directions_.empty()) return Outcome::unusable;
    if (!move_to_values()) return Outcome::unusable;
    const auto here = slopes(claim_.objective);
    if (!here) return Outcome::unusable;
    if (!find_tangents()) return Outcome::unusable;
    if (violation > tolerance) return Outcome::violates;
    is_determined = tangents_.cols() == 0;
    const double scale = elsewhere->cwiseAbs().maxCoeff();
    const Vector along = tangents_.transpose() * here->row(0).transpose();
    relative_slope = along.size() == 0 ? 0 : along.cwiseAbs().maxCoeff() / std::max(scale, 1e-30);
    if (!(relative_slope <= tolerance)) return Outcome::slopes;
    curvature = find_curvature(here->row(0).transpose());
    return Outcome::stationary;
  }

 private:
  Outcome run_equation() {
    if (!move_to_values()) return Outcome::unusable;
    for (NodeId constraint : claim_.constraints) {
      const auto residual = evaluate(store_, constraint, point_);
      if (!residual) return Outcome::unusable;
      violation = std::max(violation, largest(*residual));
    }
    return violation > tolerance ? Outcome::violates : Outcome::stationary;
  }

  // The unit changes of every variable, of its structure.
  void find_directions() {
    for (std::size_t v = 0; v < claim_.variables.size(); ++v) {
      const NodeId symbol = claim_.variables[v];
      const Properties properties = store_.type(symbol).properties;
      const Array<double>& shape = point_.values.at(store_[symbol].first);
      for (Eigen::Index k = 0; k < shape.size(); ++k) {
        Array<double> unit = Array<double>::Zero(shape.rows(), shape.cols());
        unit(k) = 1;
        unit = projected(properties, unit);
        const Eigen::Index first = first_entry(unit);
        if (first != k) continue;  // the mirror image of one that was there, or nothing
        directions_.push_back({v, unit});
      }
    }
  }
  static Eigen::Index first_entry(const Array<double>& a) {
    for (Eigen::Index k = 0; k < a.size(); ++k) {
      if (a(k) != 0) return k;
    }
    return -1;
  }

  // Of every entry of an expression, along every direction.
  std::optional<Matrix> slopes(NodeId expression) {
    Matrix result;
    std::size_t at = 0;
    for (std::size_t v = 0; v < claim_.variables.size(); ++v) {
      Difference difference(store_, expression, claim_.variables[v], no_node, point_);
      if (!difference.usable()) return std::nullopt;
      if (result.size() == 0) result.resize(difference.value().size(), count());
      for (; at < directions_.size() && directions_[at].variable == v; ++at) {
        const auto slope = difference.along(directions_[at].step);
        if (!slope) return std::nullopt;
        result.col(static_cast<Eigen::Index>(at)) = slope->reshaped();
      }
    }
    return result;
  }
  Eigen::Index count() const { return static_cast<Eigen::Index>(directions_.size()); }

  bool move_to_values() {
    Point<double> there = point_;
    for (std::size_t v = 0; v < claim_.variables.size(); ++v) {
      const NodeId symbol = claim_.variables[v];
      const auto value = evaluate(store_, claim_.values[v], point_);
      if (!value || !value->allFinite()) return false;
      const double off = largest(*value - projected(store_.type(symbol).properties, *value));
      violation = std::max(violation, off / std::max(1.0, largest(*value)));
      there.values[store_[symbol].first] = *value;
    }
    point_ = std::move(there);
    return true;
  }

  // A basis of what the constraints leave open in first order.
  bool find_tangents() {
    tangents_ = Matrix::Identity(count(), count());
    for (NodeId constraint : claim_.constraints) {
      const auto residual = evaluate(store_, constraint, point_);
      const auto rows = slopes(constraint);
      if (!residual || !rows) return false;
      violation = std::max(violation, largest(*residual));
      const Eigen::Index before = normals_.rows();
      normals_.conservativeResize(before + rows->rows(), count());
      normals_.bottomRows(rows->rows()) = *rows;
    }
    if (claim_.constraints.empty()) return true;
    Eigen::ColPivHouseholderQR<Matrix> qr(normals_.transpose());
    qr.setThreshold(1e-9);
    const Matrix q = qr.householderQ();
    tangents_ = q.rightCols(count() - qr.rank());
    return true;
  }

  // Second differences along pairs of directions, of entry number `row` of an expression... added up with weights.
  std::optional<Matrix> second_slopes(NodeId expression, const Vector& weights) {
    Matrix result = Matrix::Zero(count(), count());
    for (Eigen::Index i = 0; i < count(); ++i) {
      for (Eigen::Index j = i; j < count(); ++j) {
        const Direction& first = directions_[static_cast<std::size_t>(i)];
        const Direction& second = directions_[static_cast<std::size_t>(j)];
        Difference difference(store_, expression, claim_.variables[first.variable], claim_.variables[second.variable],
                              point_);
        if (!difference.usable()) return std::nullopt;
        const auto slope = difference.along(first.step, second.step);
        if (!slope) return std::nullopt;
        result(i, j) = result(j, i) = weights.dot(Vector(slope->reshaped()));
      }
    }
    return result;
  }

  // The Hessian of the Lagrangian on the tangents.
  Curvature find_curvature(const Vector& gradient) {
    if (count() > most_directions || tangents_.cols() == 0) return Curvature::unknown;
    auto hessian = second_slopes(claim_.objective, Vector::Ones(1));
    if (!hessian) return Curvature::unknown;
    if (!claim_.constraints.empty()) {
      const Vector multipliers = normals_.transpose().completeOrthogonalDecomposition().solve(-gradient);
      Eigen::Index at = 0;
      for (NodeId constraint : claim_.constraints) {
        const auto size = evaluate(store_, constraint, point_)->size();
        const auto part = second_slopes(constraint, multipliers.segment(at, size));
        if (!part) return Curvature::unknown;
        *hessian += *part;
        at += size;
      }
    }
    const Matrix reduced = tangents_.transpose() * *hessian * tangents_;
    // Constant where the constraints hold, but for rounding: nothing is told by its sign.
    is_determined = reduced.cwiseAbs().maxCoeff() <= rounding_of_curvature * hessian->cwiseAbs().maxCoeff();
    if (is_determined) return Curvature::unknown;
    return kind_of(Eigen::SelfAdjointEigenSolver<Matrix>(reduced, Eigen::EigenvaluesOnly).eigenvalues());
  }

  static Curvature kind_of(const Vector& curvatures) {
    const double floor = curvature_floor * curvatures.cwiseAbs().maxCoeff();
    const bool goes_up = curvatures.maxCoeff() > floor;
    const bool goes_down = curvatures.minCoeff() < -floor;
    if (goes_up && goes_down) return Curvature::saddle;
    const bool is_flat = (curvatures.array().abs() <= floor).any();
    if (goes_up) return is_flat ? Curvature::flat_minimum : Curvature::minimum;
    return goes_down ? (is_flat ? Curvature::flat_maximum : Curvature::maximum) : Curvature::unknown;
  }

  const Store& store_;
  const StationaryClaim& claim_;
  Point<double> point_;
  std::vector<Direction> directions_;
  Matrix normals_;   // the slopes of the constraints
  Matrix tangents_;  // in columns
};

bool are(Curvature a, Curvature b, Curvature strict, Curvature flat) {
  return (a == strict || a == flat) && (b == strict || b == flat);
}

void add_curvature(StationaryCheck& check, Curvature next) {
  const Curvature before = check.curvature;
  if (check.points == 1 || next == before) {
    check.curvature = next;
  } else if (next == Curvature::unknown || before == Curvature::unknown) {
    check.curvature = Curvature::unknown;
  } else if (are(before, next, Curvature::minimum, Curvature::flat_minimum)) {
    check.curvature = Curvature::flat_minimum;
  } else if (are(before, next, Curvature::maximum, Curvature::flat_maximum)) {
    check.curvature = Curvature::flat_maximum;
  } else {
    check.curvature = Curvature::varies;
  }
}

}  // namespace

StationaryCheck check_stationary(const Store& store, const StationaryClaim& claim,
                                 std::span<const SizeCondition> conditions, int points, std::uint64_t seed) {
  StationaryCheck result;
  result.reason = "no point was found at which the solution is finite and well-conditioned";
  std::vector<NodeId> roots{claim.objective == no_node ? claim.constraints[0] : claim.objective};
  roots.insert(roots.end(), claim.variables.begin(), claim.variables.end());
  roots.insert(roots.end(), claim.values.begin(), claim.values.end());
  roots.insert(roots.end(), claim.constraints.begin(), claim.constraints.end());
  roots.insert(roots.end(), claim.needed.begin(), claim.needed.end());
  int determined = 0;  // such points tell nothing of the objective
  for (int attempt = 0; attempt < points + spare_points && result.points < points; ++attempt, ++seed) {
    const auto point = sample(store, roots, conditions, seed);
    if (!point) continue;
    PointOfData one(store, claim, *point);
    const auto outcome = one.run();
    if (outcome == PointOfData::Outcome::unusable) continue;
    if (outcome == PointOfData::Outcome::stationary && one.is_determined) {
      ++determined;
      continue;
    }
    ++result.points;
    result.largest_relative_slope = std::max(result.largest_relative_slope, one.relative_slope);
    if (outcome != PointOfData::Outcome::stationary) {
      const bool violates = outcome == PointOfData::Outcome::violates;
      result.reason = "seed " + std::to_string(seed) + ", sizes " + size_text(store, point->sizes) + ": ";
      result.reason += violates ? "the constraints or the structure are missed by " + value_text(one.violation)
                                : "the slope is still " + value_text(one.relative_slope) + " of that at a random point";
      return result;
    }
    add_curvature(result, one.curvature);
  }
  if (result.points == 0) result.points = std::min(points, determined);
  result.passed = result.points > 0;
  if (result.passed) result.reason.clear();
  return result;
}

}  // namespace matgrad
