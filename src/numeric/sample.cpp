// SPDX-License-Identifier: MIT
#include "numeric/sample.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "base/factorisations.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

constexpr int most_tries = 60;
constexpr std::int64_t most_loop_steps = 200'000;
constexpr double loop_step_work = 4000;  // multiplications that a step of a sum is worth, most of it beside them
constexpr double most_work = 3e8;        // multiplications, of all tries: then no point is looked for any longer
// How well-conditioned: a relative change of symbols and arrays may grow by this factor on its way to any node.
// A determinant that is a few rounding errors may come out as the same one nearby; not so at ten times the distance.
constexpr double nudges[] = {1e-14, 1.3e-13};
constexpr double most_growth = 1e4;
constexpr double huge = 1e13;  // the inverse of a matrix that is singular but for rounding is larger

// Numbers below the smallest normal one lose digits, and no nudge shows it; an exponential that is 0 has lost all.
bool has_all_digits(const Array<double>& a, const Operator* entry) {
  const bool is_never_zero = entry != nullptr && entry->entrywise && (entry->gives & positive) != 0;
  const auto is_normal = a.array().abs() >= std::numeric_limits<double>::min();
  return is_never_zero ? is_normal.all() : (a.array() == 0 || is_normal).all();
}

// How general values are; each next style helps where the one before left the expression's domain.
enum class Style { mixed_signs, general, small, positive_entries, dominant, small_positive, large, negative };
constexpr Style styles[] = {Style::mixed_signs, Style::general,        Style::small, Style::positive_entries,
                            Style::dominant,    Style::small_positive, Style::large, Style::negative};

class Values {
 public:
  Values(std::mt19937_64& random, Style style) : random_(random), style_(style) {}

  Array<double> value(Properties properties, Size size) {
    if (size.rows == 1 && size.cols == 1) return Array<double>::Constant(1, 1, scalar(properties));
    if (size.rows != size.cols) return entries(properties, size, magnitude());
    if (properties & orthogonal) return orthogonal_value(properties, size.rows);
    if (properties & skew) return skew_value(size.rows);
    if (properties & (positive_definite | positive_semidefinite)) return definite_value(properties, size.rows);
    const Array<double> plain = square_value(properties, size.rows);
    return (properties & (symmetric | diagonal | lower | upper)) ? projected(properties, plain) : plain;
  }

 private:
  // Portable where std::uniform_real_distribution is not: the same seed gives the same point everywhere.
  double uniform(double low, double high) {
    return low + (high - low) * static_cast<double>(random_() >> 11) * 0x1p-53;
  }
  bool is_positive(Properties properties) const {
    return (properties & positive) || (style_ >= Style::positive_entries && style_ != Style::negative);
  }
  double magnitude() const {
    if (style_ == Style::small) return 0.4;
    if (style_ == Style::small_positive) return 0.25;
    return style_ == Style::large ? 3.0 : 1.0;
  }
  // Away from 0, where functions have kinks and poles.
  double entry(Properties properties, double scale) {
    const double size = scale * uniform(0.3, 1.5);
    if (style_ == Style::negative && !is_positive(properties)) return -size;
    return is_positive(properties) || random_() % 2 == 0 ? size : -size;
  }
  double scalar(Properties properties) {
    const double size = magnitude() * uniform(0.4, 1.6);
    if (properties & (positive | positive_definite)) return size;
    if (style_ == Style::negative) return -size;
    return style_ == Style::mixed_signs && random_() % 2 == 0 ? -size : size;
  }
  Array<double> entries(Properties properties, Size size, double scale) {
    Array<double> result(size.rows, size.cols);
    for (Eigen::Index i = 0; i < result.size(); ++i) result.data()[i] = entry(properties, scale);
    return result;
  }

  // Entries well below a diagonal that keeps it well-conditioned.
  Array<double> square_value(Properties properties, Eigen::Index n) {
    const double spread = style_ == Style::dominant ? 0.5 / static_cast<double>(n) : 0.4;
    Array<double> result = entries(properties, {n, n}, magnitude() * spread);
    for (Eigen::Index i = 0; i < n; ++i) {
      const double pivot = magnitude() * uniform(1.0, 1.8);
      const bool flip = style_ == Style::mixed_signs && !is_positive(properties) && random_() % 2 == 0;
      result(i, i) = flip ? -pivot : pivot;
    }
    return result;
  }
  Array<double> definite_value(Properties properties, Eigen::Index n) {
    const Array<double> root = entries(properties, {n, n}, 0.5 * magnitude());
    Array<double> result = 0.7 * root * root.transpose();
    for (Eigen::Index i = 0; i < n; ++i) result(i, i) += magnitude() * uniform(0.5, 1.0);
    return projected(properties, result);
  }
  Array<double> skew_value(Eigen::Index n) {
    const Array<double> plain = entries(0, {n, n}, magnitude());
    return plain - plain.transpose();
  }
  Array<double> orthogonal_value(Properties properties, Eigen::Index n) {
    if (properties & (diagonal | positive_definite)) {
      Array<double> signs = Array<double>::Identity(n, n);
      if (!(properties & positive_definite)) signs(0, 0) = -1;
      return signs;
    }
    if (properties & symmetric) {
      const Array<double> v = entries(0, {n, 1}, 1.0);
      return Array<double>::Identity(n, n) - v * v.transpose() * (2 / v.squaredNorm());
    }
    Array<double> result =
        Eigen::HouseholderQR<Array<double>>(entries(0, {n, n}, 1.0)).householderQ() * Array<double>::Identity(n, n);
    if (random_() % 2 == 0) result.col(0) *= -1;  // turns and reflections
    return result;
  }

  std::mt19937_64& random_;
  Style style_;
};

double largest(const Array<double>& a) {
  return a.cwiseAbs().maxCoeff();
}

// An adjugate has a value there too, but its differential is stated for nonsingular matrices.
bool is_singular(const Array<double>& a) {
  if (a.rows() != a.cols() || a.size() == 0) return false;
  // Singular values of large matrices take longer than all else; an estimate of the condition number does.
  if (a.rows() > 32) return !(a.partialPivLu().rcond() > 1e-10);
  const Eigen::VectorXd singular_values = a.jacobiSvd().singularValues();
  return !(singular_values.minCoeff() > 1e-10 * singular_values.maxCoeff());
}

class Sampler {
 public:
  Sampler(const Store& store, std::span<const NodeId> roots, std::uint64_t seed) : roots_(roots), random_(seed) {
    nodes = topological(store, roots);
    for (NodeId id : nodes) {
      if (store[id].op == op::symbol && store.symbol_at(store[id].first).role != Symbol::Role::index) {
        symbols_.push_back(id);
      }
    }
    for (NodeId id : topological(store, roots[0])) {
      const std::string_view domain = entry_of(store[id].op).domain;
      if (domain.find("det(A) != 0") != std::string_view::npos) nonsingular_.push_back(store.child(id, 0));
    }
    for (NodeId id : nodes) {
      // Exponents of matrices, bounds of sums and positions are whole numbers.
      const std::string_view domain = entry_of(store[id].op).domain;
      if (domain.find("position") != std::string_view::npos) count_with(store, store.child(id, 1));
      if (store[id].op == op::matrix_power) count_with(store, store.child(id, 1));
      if (store[id].op == op::sum_over) count_with(store, store.child(id, 1)), count_with(store, store.child(id, 2));
    }
  }

  // A computation with these sizes, to draw values for.
  Evaluation<double> computation(const Store& store, const Sizes& sizes) const {
    Evaluation<double> evaluation(store, roots_, sizes);
    evaluation.limit_loop_steps(most_loop_steps);
    return evaluation;
  }

  // A point with values of this style, where it is a good one.
  std::optional<Point<double>> draw(const Store& store, const Sizes& sizes, Style style,
                                    Evaluation<double>& evaluation) {
    if (!evaluation.conforms()) return std::nullopt;
    Point<double> point;
    point.sizes = sizes;
    Values values(random_, style);
    for (NodeId id : symbols_) {
      Array<double> value = values.value(store.type(id).properties, size_of(store, id, sizes));
      if (counts_.count(id) != 0) value(0, 0) = static_cast<double>(2 + random_() % 2);
      evaluation.set(id, value);
      point.values.emplace(store[id].first, std::move(value));
    }
    if (!evaluation.run_below(huge) || !evaluation.every_value(has_all_digits)) return std::nullopt;
    if (std::any_of(nonsingular_.begin(), nonsingular_.end(), [&](NodeId id) { return is_singular(evaluation[id]); })) {
      return std::nullopt;
    }
    if (!is_well_conditioned(store, evaluation, values)) return std::nullopt;
    return point;
  }

  std::vector<NodeId> nodes;

 private:
  // A nearby point has nearby values, at every node, even with rounding errors: no inverse of a matrix that is (nearly)
  // singular, no step of a discontinuous function.
  bool is_well_conditioned(const Store& store, const Evaluation<double>& evaluation, Values& values) {
    return std::all_of(std::begin(nudges), std::end(nudges),
                       [&](double nudge) { return is_stable(store, evaluation, values, nudge); });
  }

  bool is_stable(const Store& store, const Evaluation<double>& evaluation, Values& values, double nudge) {
    Evaluation<double> nearby(evaluation);
    nearby.disturb(nudge);
    for (NodeId id : symbols_) {
      const Array<double>& value = evaluation[id];
      const Array<double> change = values.value(store.type(id).properties, {value.rows(), value.cols()});
      if (counts_.count(id) == 0) nearby.set(id, value + nudge * change);
    }
    return nearby.run() && evaluation.every_pair(nearby, [nudge](const Array<double>& a, const Array<double>& b) {
      return largest(a - b) <= nudge * most_growth * std::max(1.0, largest(a));
    });
  }

  void count_with(const Store& store, NodeId whole) {
    for (NodeId id : topological(store, whole)) {
      if (store[id].op == op::symbol && store.type(id).is_scalar()) counts_.insert(id);
    }
  }

  std::span<const NodeId> roots_;
  std::vector<NodeId> symbols_;
  // What has to be invertible for the derivative of the first root to hold, though its value exists. (The results
  // beside it may have the adjugate of a singular matrix, as the gradient of a spectral norm has.)
  std::vector<NodeId> nonsingular_;
  std::set<NodeId> counts_;  // symbols that stand for whole numbers
  std::mt19937_64 random_;
};

}  // namespace

Array<double> projected(Properties properties, const Array<double>& value) {
  const Properties p = closed(properties);
  if (value.rows() != value.cols()) return value;
  if (p & diagonal) return value.diagonal().asDiagonal();
  if (p & skew) return (value - value.transpose()) / 2;
  if (p & symmetric) return (value + value.transpose()) / 2;
  if (p & lower) return value.triangularView<Eigen::Lower>();
  if (p & upper) return value.triangularView<Eigen::Upper>();
  return value;
}

Array<double> random_value(Properties properties, Size size, std::mt19937_64& random) {
  return Values(random, Style::general).value(closed(properties), size);
}

std::optional<Point<double>> sample(const Store& store, std::span<const NodeId> roots,
                                    std::span<const SizeCondition> conditions, std::uint64_t seed) {
  Sampler sampler(store, roots, seed);
  const std::vector<Sizes> proposals = propose_sizes(store, sampler.nodes, conditions, seed);
  if (proposals.empty()) return std::nullopt;
  // Other sizes first (inv(X'*X) needs more rows than columns), then tamer values.
  const std::size_t choices = std::min<std::size_t>(proposals.size(), 8);
  const std::size_t repeats = choices < 3 ? 3 : 1;
  std::vector<Evaluation<double>> computations;
  int tries = 0;
  double work = 0;
  for (Style style : styles) {
    for (std::size_t i = 0; i < choices * repeats && tries < most_tries && work < most_work; ++i, ++tries) {
      const Sizes& sizes = proposals[i % choices];
      if (i % choices == computations.size()) computations.push_back(sampler.computation(store, sizes));
      work += computations[i % choices].run_cost();
      if (auto point = sampler.draw(store, sizes, style, computations[i % choices])) return point;
      work += loop_step_work * static_cast<double>(computations[i % choices].loop_steps());
    }
  }
  return std::nullopt;
}

}  // namespace matgrad
