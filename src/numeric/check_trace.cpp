// SPDX-License-Identifier: MIT
#include "numeric/check_trace.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "numeric/difference.hpp"
#include "numeric/measure.hpp"
#include "numeric/sample.hpp"
#include "numeric/verify.hpp"

namespace matgrad {
namespace {

constexpr int wanted_points = 2;
constexpr int most_attempts = 8;
constexpr double analytic_tolerance = 1e-7;
constexpr double extrapolated_tolerance = 1e-5;
constexpr double disturbance = 1e-13;

// Both sides of a step at a point.
struct Sides {
  Array<double> left;
  Array<double> right;
  bool analytic = true;
  double rounding = 0;
};

class TraceCheck {
 public:
  TraceCheck(Build& build, const Trace& trace, std::span<const SizeCondition> conditions)
      : build_(build), store_(build.store()), trace_(trace), conditions_(conditions) {}

  std::optional<StepFault> run() {
    for (std::size_t at = 0; at < trace_.steps.size(); ++at) {
      const Step& step = trace_.steps[at];
      const DerivativeSymbol* derivative = derivative_of(step.left);
      const std::optional<std::string> fault = derivative != nullptr ? verified(*derivative, step) : compared(step);
      if (fault) return StepFault{at, *fault};
    }
    return std::nullopt;
  }

 private:
  const DerivativeSymbol* derivative_of(NodeId symbol) const {
    for (const DerivativeSymbol& one : trace_.derivatives) {
      if (one.symbol == symbol && one.arrangement != Arrangement::differential) return &one;
    }
    return nullptr;
  }

  // The derivative by a letter is checked at random values of the letter itself.
  std::optional<std::string> verified(const DerivativeSymbol& derivative, const Step& step) {
    Check wanted;
    wanted.input = without_letters(build_, trace_, derivative.of, derivative.variable);
    wanted.variable = derivative.variable;
    wanted.second = derivative.second;
    wanted.result = without_letters(build_, trace_, step.right, derivative.variable);
    wanted.arrangement = derivative.arrangement;
    wanted.independent = derivative.independent;
    wanted.transposed = derivative.transposed;
    wanted.free_entries = derivative.free_entries;
    const Verification verification = verify(store_, wanted, conditions_, wanted_points);
    if (verification.passed) return std::nullopt;
    return verification.points > 0 ? verification.reason : "";
  }

  std::optional<std::string> compared(const Step& step) {
    const NodeId left = without_letters(build_, trace_, step.left);
    const NodeId right = without_letters(build_, trace_, step.right);
    int agreed = 0;
    for (std::uint64_t seed = 1; seed <= most_attempts && agreed < wanted_points; ++seed) {
      const auto point = sample_for(left, right, seed);
      if (!point) continue;
      const auto sides = sides_at(left, right, *point, 0);
      if (!sides) continue;
      if (sides->left.rows() != sides->right.rows() || sides->left.cols() != sides->right.cols())
        return "the shapes differ";
      const double difference = largest(sides->left - sides->right);
      const double scale = std::max({1.0, largest(sides->left), largest(sides->right)});
      if (difference <= scale * (sides->analytic ? analytic_tolerance : extrapolated_tolerance)) {
        ++agreed;
      } else if (!is_beyond_precision(left, right, *point, *sides, difference)) {
        return "at seed " + std::to_string(seed) + " the sides differ by " + value_text(difference) + " of " +
               value_text(scale);
      }
    }
    if (agreed > 0) return std::nullopt;
    return std::string();
  }

  // Values for everything but the differentials, which follow from them.
  std::optional<Point<double>> sample_for(NodeId left, NodeId right, std::uint64_t seed) {
    std::vector<NodeId> roots{trace_.input, left, right};
    roots.insert(roots.end(), trace_.needed.begin(), trace_.needed.end());
    for (const DifferentialSymbol& one : trace_.differentials) {
      roots.push_back(one.variable);
      roots.push_back(one.hole);
      roots.push_back(expanded(one));
    }
    return sample(store_, roots, conditions_, seed);
  }

  NodeId expanded(const DifferentialSymbol& one) {
    const auto found = expanded_.find(one.symbol);
    if (found != expanded_.end()) return found->second;
    return expanded_[one.symbol] = without_letters(build_, trace_, one.of);
  }

  std::optional<Sides> sides_at(NodeId left, NodeId right, Point<double> point, double disturbed) {
    Sides sides;
    for (const DifferentialSymbol& one : trace_.differentials) {
      Difference difference(store_, expanded(one), one.variable, no_node, point, disturbed);
      if (!difference.usable()) return std::nullopt;
      const auto slope = difference.along(point.values.at(store_[one.hole].first));
      if (!slope) return std::nullopt;
      sides.analytic = sides.analytic && difference.analytic();
      sides.rounding = std::max(sides.rounding, difference.rounding(1));
      point.values[store_[one.symbol].first] = *slope;
    }
    const auto left_value = evaluate(store_, left, point, disturbed);
    const auto right_value = evaluate(store_, right, point, disturbed);
    if (!left_value || !right_value || !left_value->allFinite() || !right_value->allFinite()) return std::nullopt;
    sides.left = *left_value;
    sides.right = *right_value;
    return sides;
  }

  // Whether rounding alone could make the difference: with slightly wrong values on the way the sides move as much.
  bool is_beyond_precision(NodeId left, NodeId right, const Point<double>& point, const Sides& found,
                           double difference) {
    for (const double amount : {disturbance, -disturbance}) {  // a step of a function may be missed by one of them
      const auto again = sides_at(left, right, point, amount);
      if (!again) return true;
      const double moved =
          std::max({largest(again->left - found.left), largest(again->right - found.right), found.rounding});
      if (10 * moved >= difference) return true;
    }
    return false;
  }

  Build& build_;
  Store& store_;
  const Trace& trace_;
  std::span<const SizeCondition> conditions_;
  std::map<NodeId, NodeId> expanded_;
};

}  // namespace

std::optional<StepFault> check_trace(Build& build, const Trace& trace, std::span<const SizeCondition> conditions) {
  return TraceCheck(build, trace, conditions).run();
}

}  // namespace matgrad
