// SPDX-License-Identifier: MIT
#include "engine/claim_fault.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/factorisations.hpp"
#include "base/remark.hpp"
#include "engine/claim_edit.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"
#include "simplify/expand.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

constexpr std::size_t longest_difference = 60;
constexpr std::size_t most_terms = 8;
constexpr int points = 3;

// A simple fraction near the value.
std::optional<Rational> as_fraction(double value) {
  for (std::int64_t denominator : {1, 2, 3, 4, 6, 8}) {
    const double numerator = value * static_cast<double>(denominator);
    const double whole = std::round(numerator);
    if (std::abs(whole) > 1000 || std::abs(numerator - whole) > 1e-6 * std::max(1.0, std::abs(numerator))) continue;
    return Rational(static_cast<std::int64_t>(whole), denominator);
  }
  return std::nullopt;
}

class Fault {
 public:
  Fault(ClaimScene& scene, const std::vector<NodeId>& right, const Diagnostics& refusal)
      : scene_(scene), store_(scene.store), build_(scene.store), right_(right), refusal_(refusal) {}

  Diagnostics run() {
    say_shapes();
    if (find_edit(true) || find_factor() || find_edit(false) || find_terms()) return std::move(found_);
    find_difference();
    return std::move(found_);
  }

 private:
  void say(Message message, std::vector<std::string> arguments = {}) {
    found_.push_back(remark(message, std::move(arguments)));
  }

  // "1×1" where others say scalar: it stands beside other shapes.
  std::string shape(Dim rows, Dim cols) const { return store_.dims.text(rows) + "×" + store_.dims.text(cols); }
  std::string shape(const Type& type) const { return shape(type.rows, type.cols); }
  std::string shape(const ClaimReading& reading) const { return shape(reading.rows, reading.cols); }

  void say_shapes() {
    const bool fits = std::any_of(right_.begin(), right_.end(), [](NodeId id) { return id != no_node; });
    if (fits) return;
    if (!refusal_.empty()) {
      say(Message::fault_does_not_conform, {});
      Diagnostic inner = refusal_[0];
      inner.severity = Severity::note;
      inner.span = {};
      inner.notes.clear();
      inner.fix.clear();
      found_.push_back(std::move(inner));
      return;
    }
    const auto alone = scene_.right_alone(scene_.claim.right);
    if (!alone) return;
    const std::string claimed = shape(store_.type(*alone));
    const std::vector<ClaimReading>& readings = scene_.readings;
    if (readings.size() == 1) return say(Message::fault_shape_of_side, {claimed, shape(readings[0])});
    if (shape(readings[0]) == shape(readings[1])) return say(Message::fault_shape, {claimed, shape(readings[0])});
    say(Message::fault_shape_of_both, {claimed, shape(readings[0]), shape(readings[1])});
  }

  // The readings that the claim may have been meant in: those of its shape.
  template <class F>
  bool any_reading(F found) {
    for (std::size_t i = 0; i < right_.size(); ++i) {
      if (right_[i] != no_node && scene_.readings[i].correct != no_node && found(scene_.readings[i], right_[i]))
        return true;
    }
    return false;
  }

  // Changes of transposes and order first: they are what is wrong where shapes do not fit.
  bool find_edit(bool arrangement) {
    for (const ClaimEdit& edit : claim_edits(scene_.claim.right)) {
      if (edit.rearranges != arrangement) continue;
      for (const ClaimReading& reading : scene_.readings) {
        const auto right = scene_.right_in(reading, edit.tree);
        if (!right || scene_.judge(reading, *right, 1) != Outcome::holds) continue;
        if (scene_.judge(reading, *right, points) != Outcome::holds) continue;
        say(edit.message, edit.arguments);
        return true;
      }
    }
    return false;
  }

  struct Values {
    Eigen::VectorXd correct;
    std::vector<Eigen::VectorXd> others;
  };

  // The entries of several nodes of one shape at some points, one below the other.
  std::optional<Values> values(NodeId correct, const std::vector<NodeId>& others) const {
    std::vector<NodeId> roots{correct};
    roots.insert(roots.end(), others.begin(), others.end());
    std::vector<std::vector<double>> all(roots.size());
    const std::vector<SizeCondition>& sizes = scene_.scope.conditions();
    int taken = 0;
    for (std::uint64_t seed = 1; taken < points && seed < 10; ++seed) {
      const auto point = sample(store_, roots, sizes, seed);
      if (!point) continue;
      ++taken;
      for (std::size_t i = 0; i < roots.size(); ++i) {
        const auto value = evaluate(store_, roots[i], *point);
        if (!value || !value->allFinite()) return std::nullopt;
        all[i].insert(all[i].end(), value->data(), value->data() + value->size());
      }
    }
    if (taken == 0) return std::nullopt;
    Values result;
    const auto vector_of = [](const std::vector<double>& entries) {
      return Eigen::VectorXd(
          Eigen::Map<const Eigen::VectorXd>(entries.data(), static_cast<Eigen::Index>(entries.size())));
    };
    result.correct = vector_of(all[0]);
    for (std::size_t i = 1; i < all.size(); ++i) result.others.push_back(vector_of(all[i]));
    return result;
  }

  static bool near(const Eigen::VectorXd& a, const Eigen::VectorXd& b) {
    if (a.size() != b.size()) return false;
    return (a - b).norm() <= 1e-7 * std::max({1.0, a.norm(), b.norm()});
  }

  bool find_factor() {
    return any_reading([&](const ClaimReading& reading, NodeId right) {
      return has_number_factor(reading.correct, right) || has_scalar_factor(reading.correct, right);
    });
  }

  bool has_number_factor(NodeId correct, NodeId right) {
    const auto both = values(correct, {right});
    if (!both || both->others[0].norm() < 1e-9) return false;
    const Eigen::VectorXd& claimed = both->others[0];
    const auto factor = as_fraction(both->correct.dot(claimed) / claimed.squaredNorm());
    if (!factor || factor->is_zero() || !near(both->correct, factor->as_double() * claimed)) return false;
    const Rational inverse = Rational(1) / *factor;
    if (*factor == Rational(-1)) {
      say(Message::fault_sign);
    } else if (factor->is_integer()) {
      say(Message::fault_factor, {factor->text()});
    } else {
      say(inverse.is_integer() ? Message::fault_factor_too_much : Message::fault_multiple, {inverse.text()});
    }
    return true;
  }

  // det(X), norm2(x) … : scalars that occur in the right answer or on the left side.
  bool has_scalar_factor(NodeId correct, NodeId right) {
    const NodeId roots[] = {correct, scene_.left};
    for (NodeId id : topological(store_, roots)) {
      if (!store_.type(id).is_scalar() || store_[id].op == op::number || store_[id].op == op::dimension) continue;
      if (is_local(id)) continue;
      for (bool missing : {true, false}) {
        const NodeId product = missing ? build_.product(id, right) : build_.product(id, correct);
        const auto both = values(missing ? correct : right, {product});
        if (!both || !near(both->correct, both->others[0])) continue;
        say(missing ? Message::fault_factor : Message::fault_factor_too_much, {to_text(store_, id)});
        return true;
      }
    }
    return false;
  }

  // Whether it depends on the index of a sum.
  bool is_local(NodeId id) const {
    const std::vector<NodeId> nodes = topological(store_, id);
    return std::any_of(nodes.begin(), nodes.end(), [&](NodeId node) {
      return store_[node].op == op::symbol && store_.symbol_at(store_[node].first).role == Symbol::Role::index;
    });
  }

  // The claim as the right answer with other coefficients of its terms.
  bool find_terms() {
    return any_reading([&](const ClaimReading& reading, NodeId right) {
      const NodeId sum = multiplied_out(build_, Simplifier(build_, Sums::open)(reading.correct));
      const auto [scalar, body] = build_.split_scale(sum);
      if (store_[body].op != op::add || store_.children(body).size() > most_terms) return false;
      std::vector<NodeId> terms;
      for (NodeId term : store_.children(body)) terms.push_back(build_.scale(scalar, term));
      const auto all = values(right, terms);
      if (!all) return false;
      Eigen::MatrixXd matrix(all->correct.size(), static_cast<Eigen::Index>(terms.size()));
      for (std::size_t i = 0; i < terms.size(); ++i) {
        if (all->others[i].size() != matrix.rows()) return false;
        matrix.col(static_cast<Eigen::Index>(i)) = all->others[i];
      }
      const auto solver = matrix.colPivHouseholderQr();
      if (solver.rank() < matrix.cols()) return false;
      const Eigen::VectorXd coefficients = solver.solve(all->correct);
      return near(matrix * coefficients, all->correct) && say_terms(terms, coefficients);
    });
  }

  bool say_terms(const std::vector<NodeId>& terms, const Eigen::VectorXd& coefficients) {
    std::vector<Rational> exact;
    for (double coefficient : coefficients) {
      const auto fraction = as_fraction(coefficient);
      if (!fraction) return false;
      exact.push_back(*fraction);
    }
    if (std::all_of(exact.begin(), exact.end(), [](const Rational& c) { return c.is_zero(); })) return false;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const std::string term = to_text(store_, Simplifier(build_)(terms[i]));
      if (exact[i].is_zero()) {
        say(Message::fault_term_missing, {term});
      } else if (exact[i] == Rational(-1)) {
        say(Message::fault_term_sign, {term});
      } else if (!exact[i].is_one()) {
        say(Message::fault_term_factor, {term, exact[i].text()});
      }
    }
    return true;
  }

  void find_difference() {
    if (any_reading([&](const ClaimReading& reading, NodeId right) {
          const NodeId difference = Simplifier(build_)(build_.minus(reading.correct, right));
          const std::string text = to_text(store_, difference);
          if (text.size() > longest_difference) return false;
          say(is_one_term(difference) ? Message::fault_term_missing : Message::fault_difference, {text});
          return true;
        })) {
      return;
    }
    if (found_.empty()) say(Message::fault_other);
  }

  // What is added, and nothing that stands there taken away.
  bool is_one_term(NodeId difference) {
    const NodeId open = multiplied_out(build_, Simplifier(build_, Sums::open)(difference));
    return store_[build_.split_scale(open).second].op != op::add && !build_.split_coefficient(open).first.is_negative();
  }

  ClaimScene& scene_;
  Store& store_;
  Build build_;
  const std::vector<NodeId>& right_;
  const Diagnostics& refusal_;
  Diagnostics found_;
};

}  // namespace

Diagnostics explain_fault(ClaimScene& scene, const std::vector<NodeId>& right, const Diagnostics& refusal) {
  return Fault(scene, right, refusal).run();
}

}  // namespace matgrad
