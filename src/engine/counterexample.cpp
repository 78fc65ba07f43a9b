// SPDX-License-Identifier: MIT
#include "engine/counterexample.hpp"

#include <cmath>
#include <cstdio>
#include <random>
#include <set>

#include "expr/walk.hpp"
#include "numeric/sizes.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

constexpr int most_tries = 400;
constexpr int enough = 40;  // of which the one that is shortest to write is taken

std::string number_text(double value) {
  for (int denominator : {1, 2, 3, 4, 5, 6, 8, 9, 12}) {
    const double numerator = value * denominator;
    if (std::abs(numerator) > 1e6 || std::abs(numerator - std::round(numerator)) > 1e-9) continue;
    std::string text = std::to_string(static_cast<long>(std::round(numerator)));
    return denominator == 1 ? text : text.append("/").append(std::to_string(denominator));
  }
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.5g", value);
  return buffer;
}

// Small whole numbers with the structure.
class SmallValues {
 public:
  explicit SmallValues(std::uint64_t seed) : random_(seed) {}

  Array<double> value(Properties properties, Size size) {
    const Properties p = closed(properties);
    Array<double> result(size.rows, size.cols);
    for (Eigen::Index i = 0; i < result.size(); ++i) result.data()[i] = entry(p);
    if (size.rows != size.cols || size.rows == 1) return result;
    if (p & orthogonal) return turned(p, size.rows);
    if (p & (positive_definite | positive_semidefinite)) return definite(size.rows);
    if (p & skew) return (result - result.transpose()).eval();
    if (p & diagonal) return Array<double>(result.diagonal().asDiagonal());
    if (p & symmetric) {
      result.triangularView<Eigen::StrictlyUpper>() = result.transpose().eval();
      return result;
    }
    if (p & lower) return Array<double>(result.triangularView<Eigen::Lower>());
    if (p & upper) return Array<double>(result.triangularView<Eigen::Upper>());
    return result;
  }

 private:
  double entry(Properties p) {
    const auto drawn = static_cast<int>(random_() % 5);  // 0 … 4
    return p & (positive | positive_definite) ? 1 + drawn % 3 : drawn - 1;
  }
  // A quarter turn of two of the axes.
  Array<double> turned(Properties p, Eigen::Index n) {
    Array<double> result = Array<double>::Identity(n, n);
    if (p & diagonal) {
      result(0, 0) = -1;
    } else {
      result(0, 0) = result(1, 1) = 0;
      result(0, 1) = (p & symmetric) || random_() % 2 == 0 ? 1 : -1;
      result(1, 0) = 1;
    }
    return result;
  }
  Array<double> definite(Eigen::Index n) {
    Array<double> root = Array<double>::Identity(n, n);
    for (Eigen::Index i = 0; i < n; ++i) {
      root(i, i) = 1 + static_cast<double>(random_() % 2);
      for (Eigen::Index j = 0; j < i; ++j) root(i, j) = static_cast<double>(random_() % 2);
    }
    return root * root.transpose();
  }

  std::mt19937_64 random_;
};

class Search {
 public:
  Search(const ClaimScene& scene, NodeId correct, NodeId claimed)
      : scene_(scene), store_(scene.store), correct_(correct), claimed_(claimed) {
    const NodeId roots[] = {correct, claimed, scene.left};
    nodes_ = topological(store_, roots);
    for (NodeId id : nodes_) {
      if (store_[id].op != op::symbol) continue;
      if (store_.symbol_at(store_[id].first).role != Symbol::Role::index) symbols_.push_back(id);
    }
  }

  std::optional<Counterexample> run() {
    for (const Sizes& sizes : candidates()) {
      try_sizes(sizes);
      if (best_) break;
    }
    if (!best_) return std::nullopt;
    Counterexample result;
    for (Atom atom : atoms_) result.sizes.emplace_back(store_.dims.atom_name(atom), best_sizes_[atom]);
    for (NodeId id : symbols_) {
      result.values.emplace_back(store_.symbol_at(store_[id].first).name, best_->values.at(store_[id].first));
    }
    result.claimed = claimed_value_;
    result.correct = correct_value_;
    return result;
  }

 private:
  // Two of everything, then what the sampler would take.
  std::vector<Sizes> candidates() {
    for (NodeId id : nodes_) {
      const Type& type = store_.type(id);
      for (Dim dim : {type.rows, type.cols}) {
        for (const DimTerm& term : store_.dims.polynomial(dim)) atoms_.insert(term.atoms.begin(), term.atoms.end());
      }
    }
    std::vector<Sizes> result;
    Sizes two(store_.dims.atom_count(), 0);
    for (Atom atom : atoms_) two[atom] = 2;
    if (satisfies(two)) result.push_back(two);
    const std::vector<SizeCondition>& conditions = scene_.scope.conditions();
    for (Sizes& sizes : propose_sizes(store_, nodes_, conditions, 1)) {
      if (result.size() < 4) result.push_back(std::move(sizes));
    }
    return result;
  }

  bool satisfies(const Sizes& sizes) const {
    for (const SizeCondition& condition : scene_.scope.conditions()) {
      if (store_.dims.evaluate(condition.left, sizes) != store_.dims.evaluate(condition.right, sizes)) return false;
    }
    return true;
  }

  void try_sizes(const Sizes& sizes) {
    int found = 0;
    std::size_t shortest = SIZE_MAX;
    for (std::uint64_t seed = 1; seed <= most_tries && found < enough; ++seed) {
      Point<double> point;
      point.sizes = sizes;
      SmallValues values(seed);
      for (NodeId id : symbols_) {
        point.values.emplace(store_[id].first, values.value(store_.type(id).properties, size_of(store_, id, sizes)));
      }
      const auto left = evaluate(store_, scene_.left, point);
      const auto correct = evaluate(store_, correct_, point);
      const auto claimed = evaluate(store_, claimed_, point);
      if (!left || !correct || !claimed || !left->allFinite() || !correct->allFinite() || !claimed->allFinite())
        continue;
      if (correct->rows() != claimed->rows() || correct->cols() != claimed->cols()) continue;
      const double scale = std::max(1.0, correct->cwiseAbs().maxCoeff());
      const double size = std::max(correct->cwiseAbs().maxCoeff(), claimed->cwiseAbs().maxCoeff());
      if ((*correct - *claimed).cwiseAbs().maxCoeff() < 1e-3 * scale || size > 1e6) continue;
      ++found;
      const std::size_t length = length_of(point, *correct, *claimed);
      if (length >= shortest) continue;
      shortest = length;
      best_ = point;
      best_sizes_ = sizes;
      claimed_value_ = *claimed;
      correct_value_ = *correct;
    }
  }

  std::size_t length_of(const Point<double>& point, const Array<double>& correct, const Array<double>& claimed) const {
    std::size_t length = 3 * (array_text(correct).size() + array_text(claimed).size());
    for (const auto& [symbol, value] : point.values) length += array_text(value).size() + zeros_in(value);
    return length;
  }

  // A matrix of zeros refutes little.
  static std::size_t zeros_in(const Array<double>& value) {
    return static_cast<std::size_t>(value.size() - (value.array() != 0).count());
  }

  const ClaimScene& scene_;
  const Store& store_;
  NodeId correct_;
  NodeId claimed_;
  std::vector<NodeId> nodes_;
  std::vector<NodeId> symbols_;
  std::set<Atom> atoms_;
  std::optional<Point<double>> best_;
  Sizes best_sizes_;
  Array<double> claimed_value_;
  Array<double> correct_value_;
};

}  // namespace

std::optional<Counterexample> find_counterexample(const ClaimScene& scene, const ClaimReading& reading, NodeId right) {
  if (reading.correct == no_node) return std::nullopt;
  return Search(scene, reading.correct, right).run();
}

std::string array_text(const Array<double>& array) {
  if (array.size() == 1) return number_text(array(0, 0));
  std::string text = "[";
  for (Eigen::Index i = 0; i < array.rows(); ++i) {
    for (Eigen::Index j = 0; j < array.cols(); ++j) {
      if (j > 0) text += " ";
      if (i > 0 && j == 0) text += "; ";
      text += number_text(array(i, j));
    }
  }
  return text.append("]");
}

}  // namespace matgrad
