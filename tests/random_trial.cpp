// SPDX-License-Identifier: MIT
#include "random_trial.hpp"

#include <algorithm>
#include <array>

#include "numeric/evaluate.hpp"
#include "print/text.hpp"

namespace matgrad {

std::string rendered(const Diagnostics& errors, std::string_view source) {
  return render(errors, source, Language::english);
}

bool close(const Array<double>& a, const Array<double>& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return false;
  if (a.size() == 0) return true;
  const double scale = std::max({1.0, a.cwiseAbs().maxCoeff(), b.cwiseAbs().maxCoeff()});
  return (a - b).cwiseAbs().maxCoeff() <= 1e-6 * scale;
}

Trial::Trial(const RandomExpression& e, const CheckOptions& check_options, PropertyCounts& trial_counts)
    : expression(e), options(check_options), counts(trial_counts), random(e.seed) {
  std::mt19937_64 spelling(e.seed + 1);
  text = to_text(e, options.thorough ? nullptr : &spelling);
  for (const std::string& declaration : e.declarations()) {
    if (const auto declared = scope.declare(declaration); !declared) {
      problem = rendered(declared.error(), declaration);
      return;
    }
  }
  input = elaborated(scope, text, problem);
  if (input == no_node) return;
  normal = simplified(input);
  for (NodeId id : topological(store, normal)) {
    if (normal != no_node && build.divides_by_zero(id)) normal = no_node;
  }
}

NodeId Trial::elaborated(Scope& into, std::string_view source, std::string& error) {
  const auto tree = parse(source);
  if (!tree) {
    error = rendered(tree.error(), source);
    return no_node;
  }
  const auto result = elaborate(into, *tree);
  if (result) return result->root;
  const Diagnostics& errors = result.error();
  const bool by_zero = std::any_of(errors.begin(), errors.end(),
                                   [](const Diagnostic& d) { return d.message == Message::division_by_zero; });
  if (!by_zero) error = rendered(errors, source);
  return no_node;
}

std::optional<Point<double>> Trial::point(std::span<const NodeId> roots, std::uint64_t seed) const {
  return sample(store, roots, scope.conditions(), seed);
}

// Whether a side is sensitive to rounding errors that are as large as the difference. A step of a function may be
// missed by a disturbance in one direction.
bool Trial::is_beyond_precision(NodeId a, const Array<double>& left, NodeId b, const Array<double>& right,
                                const Point<double>& at) const {
  const auto apart = [](const Array<double>& p, const Array<double>& q) { return (p - q).cwiseAbs().maxCoeff(); };
  for (const double disturbance : {1e-13, -1e-13, 1.01e-13, -1.01e-13, 1.02e-13, -1.02e-13}) {
    const auto left_nearby = evaluate(store, a, at, disturbance);
    const auto right_nearby = evaluate(store, b, at, disturbance);
    if (!left_nearby || !right_nearby) return true;
    if (10 * std::max(apart(*left_nearby, left), apart(*right_nearby, right)) >= apart(left, right)) return true;
  }
  return false;
}

Verdict Trial::same_value(NodeId a, NodeId b) {
  if (a == b) return std::nullopt;
  if (!store.type(a).same_shape(store.type(b)))
    return "shapes differ: " + to_text(store, a) + "  and  " + to_text(store, b);
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto at = point(std::array{a, b}, seed);
    if (!at) continue;
    ++found;
    const auto left = evaluate(store, a, *at);
    const auto right = evaluate(store, b, *at);
    if (!left || !right || close(*left, *right)) continue;
    if (is_beyond_precision(a, *left, b, *right, *at)) continue;
    return "values differ at seed " + std::to_string(seed) + ": " + to_text(store, a) + "  and  " + to_text(store, b);
  }
  if (found == 0) ++counts.without_point;
  return std::nullopt;
}

std::vector<const Variable*> Trial::variables() {
  std::vector<const Variable*> result;
  std::vector<bool> used(store.size(), false);
  for (NodeId id : topological(store, input)) used[index_of(id)] = true;
  for (const Variable& v : scope.variables()) {
    // On the orthogonal matrices a derivative by free entries means nothing.
    if (v.kind != Kind::orthogonal_matrix && v.node != no_node && used[index_of(v.node)]) result.push_back(&v);
  }
  return result;
}

std::vector<const Variable*> Trial::chosen_variables() {
  const std::vector<const Variable*> result = variables();
  if (options.thorough || result.size() < 2) return result;
  return {result[random() % result.size()]};
}

void Growth::count(double ratio, std::uint64_t of) {
  ratios.push_back(static_cast<float>(ratio));
  if (ratios.back() <= largest) return;
  largest = ratios.back();
  seed = of;
}

void Growth::add(const Growth& other) {
  ratios.insert(ratios.end(), other.ratios.begin(), other.ratios.end());
  if (other.largest <= largest) return;
  largest = other.largest;
  seed = other.seed;
}

void PropertyCounts::add(const PropertyCounts& other) {
  expressions += other.expressions;
  without_point += other.without_point;
  derivatives += other.derivatives;
  hessians += other.hessians;
  refused += other.refused;
  outside += other.outside;
  for (const auto& [question, times] : other.questions) questions[question] += times;
  for (const auto& [property, seconds_there] : other.seconds) seconds[property] += seconds_there;
  for (std::size_t order = 0; order < 2; ++order) {
    nodes[order].add(other.nodes[order]);
    operators[order].add(other.operators[order]);
  }
  pairs.add(other.pairs);
}

}  // namespace matgrad
