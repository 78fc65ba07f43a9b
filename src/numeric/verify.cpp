// SPDX-License-Identifier: MIT
#include "numeric/verify.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

#include "numeric/difference.hpp"
#include "numeric/measure.hpp"
#include "numeric/tangent.hpp"

namespace matgrad {
namespace {

constexpr std::int64_t many_entries = 40'000;
constexpr int spare_points = 8;    // tried where a point turns out not to be usable
constexpr double most_work = 3e7;  // multiplications a point; beyond, a random choice of the directions is compared
constexpr std::size_t fewest_directions = 4;
constexpr int random_directions = 2;  // of a differential

// How far apart the entries may be, relative to the largest, or to `least` where all of them are smaller: a derivative
// that is tiny everywhere is compared by its own measure, one that is zero by that of rounding errors.
struct Tolerance {
  double relative;
  double least;
};
constexpr Tolerance of_first_order{1e-8, 1e-5};
constexpr Tolerance of_second_order{1e-7, 1e-4};
constexpr Tolerance of_first_order_extrapolated{1e-6, 1e-3};
constexpr Tolerance of_second_order_extrapolated{1e-4, 1e-2};

std::string text(Size size) {
  return std::to_string(size.rows) + "×" + std::to_string(size.cols);
}

// Collects how far a result is from the entries it should have.
class Comparison {
 public:
  Comparison(const Array<double>& result, bool transposed)
      : result_(result), expected_(result), transposed_(transposed) {}

  void entry(Eigen::Index i, Eigen::Index j, double expected) {
    if (transposed_) std::swap(i, j);
    expected_(i, j) = expected;
    largest_ = std::max(largest_, std::abs(expected));
    double difference = std::abs(result_(i, j) - expected);
    if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
    if (difference <= worst_) return;
    worst_ = difference;
    place_ = "entry (" + std::to_string(i + 1) + "," + std::to_string(j + 1) + ") should be " + value_text(expected) +
             ", is " + value_text(result_(i, j));
  }
  double relative_error(double least) const { return worst_ / std::max(least, largest_); }
  double largest_difference() const { return worst_; }
  const Array<double>& result() const { return result_; }
  const Array<double>& expected() const { return expected_; }
  const std::string& place() const { return place_; }

 private:
  Array<double> result_;
  Array<double> expected_;  // the result itself where nothing was compared
  bool transposed_;
  double largest_ = 0;
  double worst_ = 0;
  std::string place_;
};

// One point: the numeric derivative of the input there against the value of the result.
class PointCheck {
 public:
  PointCheck(const Store& store, const Check& check, const Point<double>& point, std::uint64_t seed,
             double disturbance = 0)
      : disturbance_(disturbance),
        store_(store),
        check_(check),
        point_(point),
        difference_(store, check.input, check.variable, check.second, point, disturbance),
        x_(size_of(store, check.variable, point.sizes)),
        y_(size_of(store, check.input, point.sizes)),
        z_(check.second == no_node ? x_ : size_of(store, check.second, point.sizes)),
        random_(seed) {}

  double rounding() const { return difference_.rounding(is_second_order() ? 2 : 1); }

  enum class Outcome { agrees, differs, unusable };
  Outcome outcome = Outcome::unusable;
  double error = 0;
  std::string reason;
  std::optional<Comparison> last;  // what was compared at the end

  void run() {
    if (!difference_.usable()) return;
    if (check_.arrangement == Arrangement::differential) return compare_differential();
    if (check_.arrangement == Arrangement::second_differential) return compare_second_differential();
    const auto result = evaluate(store_, check_.result, point_, disturbance_);
    if (!result || !has_right_shape(*result)) return;
    if (check_.arrangement == Arrangement::riemannian_gradient) return compare_on_manifold(*result);
    Comparison comparison(*result, check_.transposed);
    if (is_hessian() ? compare_second(comparison) : compare_first(comparison)) conclude(comparison);
  }

 private:
  bool is_hessian() const {
    return check_.arrangement == Arrangement::hessian || check_.arrangement == Arrangement::vech_hessian;
  }
  bool is_second_order() const { return is_hessian() || check_.arrangement == Arrangement::second_differential; }
  bool is_over_vech() const {
    return check_.arrangement == Arrangement::vech_jacobian || check_.arrangement == Arrangement::vech_hessian;
  }

  // How many entries of X vary on their own, as the arrangement counts them.
  Eigen::Index entries() const { return is_over_vech() ? x_.rows * (x_.rows + 1) / 2 : x_.rows * x_.cols; }

  bool has_right_shape(const Array<double>& result) {
    Size size = expected_size();
    if (check_.transposed) std::swap(size.rows, size.cols);
    if (result.rows() == size.rows && result.cols() == size.cols) return true;
    outcome = Outcome::differs;
    reason = "the result should be " + text(size) + ", is " + text({result.rows(), result.cols()});
    return false;
  }

  Size expected_size() const {
    switch (check_.arrangement) {
      case Arrangement::riemannian_gradient:
      case Arrangement::gradient: MATGRAD_ASSERT(y_.rows * y_.cols == 1); return x_;
      case Arrangement::by_scalar: MATGRAD_ASSERT(x_.rows * x_.cols == 1); return y_;
      case Arrangement::vech_jacobian:
      case Arrangement::jacobian: return {y_.rows * y_.cols, entries()};
      case Arrangement::block: return {y_.rows * x_.rows, y_.cols * x_.cols};
      case Arrangement::hessian: MATGRAD_ASSERT(y_.rows * y_.cols == 1); return {entries(), z_.rows * z_.cols};
      case Arrangement::vech_hessian: MATGRAD_ASSERT(y_.rows * y_.cols == 1); return {entries(), entries()};
      case Arrangement::differential:
      case Arrangement::second_differential: break;
    }
    return y_;
  }

  // The k-th unit matrix, in the order of vec, projected on what the variable may change by.
  Array<double> direction(NodeId variable, Size size, Eigen::Index k) const {
    if (is_over_vech()) return independent_direction(k);
    Array<double> unit = Array<double>::Zero(size.rows, size.cols);
    unit.data()[k] = 1;
    const Properties structure = closed(store_.type(variable).properties);
    if (check_.free_entries && check_.arrangement == Arrangement::gradient && (structure & symmetric) &&
        !(structure & diagonal)) {
      // An entry moves together with its mirror image, and by as much.
      return unit.cwiseMax(unit.transpose());
    }
    if (check_.arrangement == Arrangement::riemannian_gradient) return tangent(structure, value_of(variable), unit);
    return projected(structure, unit);
  }

  // The change of X in which the k-th entry of vech(X) is 1, of an upper triangular X that of vech(X').
  Array<double> independent_direction(Eigen::Index k) const {
    Array<double> unit = Array<double>::Zero(x_.rows, x_.cols);
    Eigen::Index column = 0;
    for (; k >= x_.rows - column; ++column) k -= x_.rows - column;
    unit(column + k, column) = 1;
    if (check_.independent & symmetric) return unit.cwiseMax(unit.transpose());
    return check_.independent & upper ? Array<double>(unit.transpose()) : unit;
  }

  const Array<double>& value_of(NodeId symbol) const { return point_.values.at(store_[symbol].first); }

  void place(Comparison& comparison, Eigen::Index k, const Array<double>& slope) const {
    const Eigen::Index i = k % x_.rows;
    const Eigen::Index j = k / x_.rows;
    for (Eigen::Index b = 0; b < y_.cols; ++b) {
      for (Eigen::Index a = 0; a < y_.rows; ++a) {
        switch (check_.arrangement) {
          case Arrangement::riemannian_gradient:
          case Arrangement::gradient: comparison.entry(i, j, slope(a, b)); break;
          case Arrangement::vech_jacobian:
          case Arrangement::jacobian: comparison.entry(b * y_.rows + a, k, slope(a, b)); break;
          case Arrangement::block: comparison.entry(a * x_.rows + i, b * x_.cols + j, slope(a, b)); break;
          default: comparison.entry(a, b, slope(a, b));
        }
      }
    }
  }

  // As many of the directions as the work allows, chosen at random where that is not all.
  template <class T>
  void limit(std::vector<T>& directions, double cost) {
    const auto most = std::max(fewest_directions, static_cast<std::size_t>(most_work / cost));
    if (directions.size() <= most) return;
    for (std::size_t i = 0; i < most; ++i) {
      std::swap(directions[i], directions[i + random_() % (directions.size() - i)]);
    }
    directions.resize(most);
  }

  // False where the point cannot be used.
  bool compare_first(Comparison& comparison) {
    std::vector<Eigen::Index> directions(static_cast<std::size_t>(entries()));
    for (std::size_t k = 0; k < directions.size(); ++k) directions[k] = static_cast<Eigen::Index>(k);
    limit(directions, difference_.cost());
    for (Eigen::Index k : directions) {
      const auto slope = difference_.along(direction(check_.variable, x_, k));
      if (!slope) return false;
      place(comparison, k, *slope);
    }
    return true;
  }

  void compare_on_manifold(const Array<double>& result) {
    const Array<double> gradient = check_.transposed ? Array<double>(result.transpose()) : result;
    Comparison comparison(
        tangent_coordinates(store_.type(check_.variable).properties, value_of(check_.variable), gradient), false);
    if (compare_first(comparison)) conclude(comparison);
  }

  bool compare_second(Comparison& comparison) {
    const bool same = check_.second == no_node || check_.second == check_.variable;
    const NodeId second = same ? check_.variable : check_.second;
    std::vector<std::pair<Eigen::Index, Eigen::Index>> directions;
    for (Eigen::Index k = 0; k < entries(); ++k) {
      for (Eigen::Index l = same ? k : 0; l < (same ? entries() : z_.rows * z_.cols); ++l)
        directions.emplace_back(k, l);
    }
    limit(directions, difference_.cost() * 4);
    for (const auto& [k, l] : directions) {
      const auto slope = difference_.along(direction(check_.variable, x_, k), direction(second, z_, l));
      if (!slope) return false;
      comparison.entry(k, l, (*slope)(0, 0));
      if (same) comparison.entry(l, k, (*slope)(0, 0));  // second derivatives of a smooth function are symmetric
    }
    return true;
  }

  // Mixed entries of every size: what is structured about X shows only in the projection.
  Array<double> random_change(NodeId variable, Size size) {
    Array<double> change = random_value(0, size, random_);
    for (Eigen::Index i = 0; i < change.size(); i += 2) change.data()[i] *= -0.7;
    return projected(store_.type(variable).properties, change);
  }

  void compare_second_differential() {
    const NodeId second = check_.second == no_node ? check_.variable : check_.second;
    for (int repeat = 0; repeat < random_directions; ++repeat) {
      Point<double> point = point_;
      const Array<double> change = random_change(check_.variable, x_);
      const bool is_same = second == check_.variable && check_.direction == check_.first_direction;
      const Array<double> other = is_same ? change : random_change(second, z_);
      if (check_.first_direction != no_node) point.values[store_[check_.first_direction].first] = change;
      if (check_.direction != no_node) point.values[store_[check_.direction].first] = other;
      const auto result = evaluate(store_, check_.result, point, disturbance_);
      const auto slope = difference_.along(change, other);
      if (!slope || !result || !result->allFinite() || !has_right_shape(*result)) return;
      Comparison comparison(*result, false);
      comparison.entry(0, 0, (*slope)(0, 0));
      conclude(comparison);
      if (outcome == Outcome::differs) return;
    }
  }

  void compare_differential() {
    for (int repeat = 0; repeat < random_directions; ++repeat) {
      const Array<double> change = random_change(check_.variable, x_);
      Point<double> point = point_;
      if (check_.direction != no_node) point.values[store_[check_.direction].first] = change;
      const auto result = evaluate(store_, check_.result, point, disturbance_);
      const auto slope = difference_.along(change);
      if (!slope || !result || !result->allFinite() || !has_right_shape(*result)) return;
      Comparison comparison(*result, check_.transposed);
      place(comparison, 0, *slope);
      conclude(comparison);
      if (outcome == Outcome::differs) return;
    }
  }

  const Tolerance& tolerance() const {
    if (difference_.analytic()) return is_second_order() ? of_second_order : of_first_order;
    return is_second_order() ? of_second_order_extrapolated : of_first_order_extrapolated;
  }

  void conclude(const Comparison& comparison) {
    const Tolerance& allowed = tolerance();
    error = std::max(error, comparison.relative_error(allowed.least));
    const bool agrees = error <= allowed.relative;
    outcome = agrees ? Outcome::agrees : Outcome::differs;
    if (!agrees) reason = comparison.place();
    last = comparison;
  }

  double disturbance_;
  const Store& store_;
  const Check& check_;
  const Point<double>& point_;
  Difference difference_;
  Size x_;
  Size y_;
  Size z_;
  std::mt19937_64 random_;
};

// The point with every value slightly changed, within its structure.
Point<double> shaken(const Store& store, const Point<double>& point, double relative, std::uint64_t seed) {
  Point<double> result = point;
  std::mt19937_64 random(seed);
  for (auto& [symbol, value] : result.values) {
    const Array<double> change = value.cwiseProduct(random_value(0, {value.rows(), value.cols()}, random));
    value += relative * projected(store.symbol_at(symbol).type.properties, change);
  }
  return result;
}

// Whether rounding errors alone could make the difference that was found: it is judged again with slightly wrong values
// at the start and on the way. So near to a pole or in the saturated part of a function, neither side is known well.
bool is_beyond_precision(const Store& store, const Check& check, const Point<double>& point, std::uint64_t seed,
                         const Comparison& found) {
  // Of numbers around 1 nothing below this can be told from rounding, though it may be all that there is to compare.
  constexpr double discernible = 1e-12;
  if (found.largest_difference() < discernible) return true;
  constexpr double disturbance = 1e-13;
  constexpr std::uint64_t attempts = 8;  // a step of a function may be met by one and missed by another
  for (std::uint64_t attempt = 1; attempt <= attempts; ++attempt) {
    const Point<double> nearby = shaken(store, point, disturbance, attempt);
    const std::uint64_t pair = attempt / 2;
    const double amount = disturbance * (1 + 0.01 * static_cast<double>(pair));  // others each time
    PointCheck again(store, check, nearby, seed, attempt % 2 == 0 ? -amount : amount);
    again.run();
    if (!again.last) return true;
    const double moved = std::max({again.rounding(), largest(again.last->expected() - found.expected()),
                                   largest(again.last->result() - found.result())});
    if (!(10 * moved < found.largest_difference())) return true;
  }
  return false;
}

std::vector<NodeId> roots_of(const Check& check, bool with_result) {
  std::vector<NodeId> roots{check.input, check.variable};
  if (check.second != no_node) roots.push_back(check.second);
  if (check.direction != no_node) roots.push_back(check.direction);
  if (check.first_direction != no_node) roots.push_back(check.first_direction);
  if (with_result) roots.push_back(check.result);
  return roots;
}

// One point compares so many entries that others add nothing but time.
bool has_many_entries(const Store& store, NodeId result, const Sizes& sizes) {
  const Type& type = store.type(result);
  const auto rows = store.dims.evaluate(type.rows, sizes);
  const auto cols = store.dims.evaluate(type.cols, sizes);
  return rows && cols && *rows * *cols >= many_entries;
}

}  // namespace

Verification verify(const Store& store, const Check& check, std::span<const SizeCondition> conditions, int points,
                    std::uint64_t seed) {
  Verification verification;
  std::string obstacle = "the input has no finite, well-conditioned value at any point tried";
  bool input_has_value = false;
  const std::vector<NodeId> all = roots_of(check, true);
  const std::vector<NodeId> without_result = roots_of(check, false);
  for (int attempt = 0; attempt < points + spare_points && verification.points < points; ++attempt, ++seed) {
    const auto point = sample(store, all, conditions, seed);
    if (!point) {
      if (!input_has_value && sample(store, without_result, conditions, seed)) {
        input_has_value = true;
        obstacle = "the result has no finite value where the input has one";
      }
      continue;
    }
    PointCheck one(store, check, *point, seed);
    one.run();
    if (one.outcome == PointCheck::Outcome::unusable) {
      obstacle = "the input could not be differentiated numerically at any point tried";
      continue;
    }
    if (one.outcome == PointCheck::Outcome::differs && one.last &&
        is_beyond_precision(store, check, *point, seed, *one.last)) {
      obstacle = "rounding errors are too large to tell at any point tried";
      continue;
    }
    ++verification.points;
    verification.largest_relative_error = std::max(verification.largest_relative_error, one.error);
    if (one.outcome == PointCheck::Outcome::differs) {
      const std::string sizes = size_text(store, point->sizes);
      verification.reason = "seed " + std::to_string(seed) + (sizes.empty() ? "" : ", sizes " + sizes) + ": ";
      verification.reason += one.reason;
      return verification;
    }
    if (has_many_entries(store, check.result, point->sizes)) break;
  }
  verification.passed = verification.points > 0;
  if (!verification.passed) verification.reason = obstacle;
  return verification;
}

}  // namespace matgrad
