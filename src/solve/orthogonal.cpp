// SPDX-License-Identifier: MIT
// Stationary points under X'*X = I.
#include <algorithm>

#include "calculus/differential.hpp"
#include "expr/walk.hpp"
#include "ops/equations.hpp"
#include "ops/structural.hpp"
#include "simplify/expand.hpp"
#include "simplify/simplify.hpp"
#include "solve/stationary.hpp"
#include "solve/steps.hpp"

namespace matgrad {
namespace {

bool is_unit(Build& build, NodeId id) {
  return build.store()[id].op == op::identity || build.is_number(id, 1);
}

// x of x'*x = norm2(x)^2: what is 1 where the square is.
NodeId root_of(Build& build, NodeId square) {
  const auto [base, exponent] = build.split_power(square);
  return build.is_number(exponent, 2) ? base : square;
}

// Those of 2*(A + B) are 2*A and 2*B.
NodeList terms_of(Build& build, NodeId sum) {
  const auto [scalar, body] = build.split_scale(sum);
  const Store& store = build.store();
  if (store[body].op != op::add) return {sum};
  NodeList terms;
  for (NodeId term : NodeList(store.children(body).begin(), store.children(body).end())) {
    terms.push_back(build.product(scalar, term));
  }
  return terms;
}

// What X'*B*X = I makes of an objective by its gradient. To B*X*S with a symmetric S every direction that the
// constraint leaves open is perpendicular, so that such terms do not matter (Edelman, Arias & Smith 1998, 2.2.1). With
// B = L*L' and V = L'*X the constraint is V'*V = I. Of what is left, L(X) - C, a term tr(X'*P*X) of a square X is
// constant; then tr(C'*X) alone is left. Without C, tr(X'*P*X) is.
class Orthogonal {
 public:
  Orthogonal(Build& build, NodeId gradient, const Orthogonality& of, const Unknown& unknown)
      : build_(build),
        store_(build.store()),
        simplify_(build),
        gradient_(gradient),
        metric_(of.metric),
        unknown_(unknown) {
    if (metric_ != no_node) perpendicular_ = factors_of(store_, metric_);
    perpendicular_.push_back(unknown.symbol);
  }

  std::vector<Stationary> run() {
    leave_out_perpendicular();
    std::vector<Stationary> points = metric_ == no_node ? by_name() : whitened();
    for (Stationary& point : points) point.steps.insert(point.steps.begin(), steps_.begin(), steps_.end());
    return points;
  }

 private:
  NodeId x() const { return unknown_.symbol; }

  void leave_out_perpendicular() {
    const Dim cols = store_.type(x()).cols;
    const std::size_t length = perpendicular_.size();
    NodeList kept;
    NodeList symmetric_parts;
    for (NodeId term : terms_of(build_, multiplied_out(build_, on_the_constraint(gradient_)))) {
      const auto [scalar, body] = build_.split_scale(term);
      const NodeList factors = cancelled(body);
      const bool begins_so =
          factors.size() >= length && std::equal(perpendicular_.begin(), perpendicular_.end(), factors.begin());
      const NodeList rest(factors.begin() + static_cast<std::ptrdiff_t>(begins_so ? length : 0), factors.end());
      const NodeId product = rest.empty() ? build_.identity(cols) : build_.multiply(rest);
      (begins_so ? symmetric_parts : kept).push_back(build_.product(scalar, product));
    }
    if (symmetric_parts.empty() || kept.empty()) return;
    const NodeId s = simplify_(build_.add(symmetric_parts));
    if (s != simplify_(build_.transpose(s))) return;
    const NodeId left = build_.minus(gradient_, build_.product(build_.multiply(perpendicular_), s));
    gradient_ = simplify_(build_.add(kept));
    steps_.push_back(solving_step(Message::step_perpendicular, left, gradient_));
  }

  // Of a vector, x'*B*x, or norm2(x), is 1.
  NodeId on_the_constraint(NodeId expression) {
    if (!store_.type(x()).is_column()) return expression;
    const NodeId form = build_.product(build_.transpose(x()), build_.multiply(perpendicular_));
    return substitute(build_, expression, root_of(build_, simplify_(form)), build_.number(1));
  }

  // The factors of a product without X'*B*X.
  NodeList cancelled(NodeId body) {
    NodeList unit{build_.transpose(x())};
    unit.insert(unit.end(), perpendicular_.begin(), perpendicular_.end());
    NodeList result;
    for (NodeId factor : factors_of(store_, body)) {
      result.push_back(factor);
      if (result.size() < unit.size() || !std::equal(unit.rbegin(), unit.rend(), result.rbegin())) continue;
      for (std::size_t i = 0; i < unit.size(); ++i) result.pop_back();
    }
    return result;
  }

  std::vector<Stationary> whitened() {
    const Type type = store_.type(x());
    const NodeId v = free_symbol(build_, "V", type);
    const Unknown inner{v, free_symbol(build_, "dV", type, Symbol::Role::differential)};
    Bindings bindings;
    bindings.set('B', metric_);
    const auto found = instantiate(build_, Template::compile(root_of_metric), bindings);
    if (!found) return {};
    const NodeId root = *found;
    const NodeId inverse = build_.matrix_power(root, build_.number(-1));
    const NodeId back = build_.transpose(inverse);
    const NodeId moved = substitute(build_, gradient_, x(), build_.product(back, v));
    std::vector<Stationary> points = Orthogonal(build_, simplify_(build_.product(inverse, moved)), {}, inner).run();
    for (Stationary& point : points) {
      point.letters.insert(point.letters.begin(), {v, point.value});
      const NodeId turned = build_.product(build_.transpose(root), x());
      point.steps.insert(point.steps.begin(), definition_step(Message::step_whitened, v, turned));
      point.value = simplify_(build_.product(back, point.value));
      point.steps.push_back(solving_step(Message::step_solve_linear, x(), point.value));
    }
    return points;
  }

  std::vector<Stationary> by_name() {
    const Type& type = store_.type(x());
    if (!depends_on(store_, gradient_, x())) return procrustes(simplify_(build_.negate(gradient_)));
    const auto equation = as_linear(build_, gradient_, unknown_, Sign::kept);
    if (!equation) return {};
    const auto map = sided_terms(build_, *equation, unknown_);
    if (!map) return {};
    bool is_constant = true;
    for (const Sided& term : *map) {
      const bool is_left = is_unit(build_, term.right);
      const bool is_right = is_unit(build_, build_.split_scale(term.left).second);
      is_constant = is_constant && (is_right || (is_left && type.rows == type.cols));
    }
    if (is_constant) return procrustes(equation->right);
    const bool is_trace = map->size() == 1 && is_unit(build_, (*map)[0].right);
    if (!is_trace || !build_.is_zero(equation->right)) return {};
    return eigenvectors((*map)[0].left);
  }

  std::vector<Stationary> procrustes(NodeId m) {
    if (build_.is_zero(m)) return {};
    const auto [scalar, body] = build_.split_scale(m);
    const bool is_positive = store_.type(scalar).has(positive);
    std::vector<Stationary> points =
        named(store_.type(m).is_column() ? unit_direction : orthogonal_procrustes, is_positive ? body : m);
    for (Stationary& point : points) point.inverted = {simplify_(build_.product(build_.transpose(body), body))};
    return points;
  }

  std::vector<Stationary> eigenvectors(NodeId p) {
    const auto [scalar, body] = build_.split_scale(p);
    const bool is_turned = build_.split_coefficient(scalar).first.is_negative();
    if (!store_.type(body).has(symmetric)) return {};
    const bool keeps_order = store_.type(is_turned ? build_.negate(scalar) : scalar).has(positive);
    if (!keeps_order) return named(smallest_eigenvectors, p);
    return named(is_turned ? largest_eigenvectors : smallest_eigenvectors, body);
  }

  std::vector<Stationary> named(const NamedSolution& rule, NodeId a) {
    Bindings bindings;
    bindings.set('A', a);
    bindings.dims.bind('n', store_.type(x()).rows);
    bindings.dims.bind('k', store_.type(x()).cols);
    const auto value = named_value(build_, rule, bindings);
    if (!value) return {};
    Stationary point;
    point.value = simplify_(*value);
    point.steps.push_back(named_step(rule, x(), point.value));
    return {point};
  }

  Build& build_;
  Store& store_;
  Simplifier simplify_;
  NodeId gradient_;
  NodeId metric_;
  const Unknown& unknown_;
  NodeList perpendicular_;  // the factors of B*X
  std::vector<Step> steps_;
};

// B of X'*B*X, positive definite; no_node of X'*X and of norm2(x), nothing of anything else.
std::optional<NodeId> metric_of(Build& build, NodeId form, NodeId x) {
  const Store& store = build.store();
  Simplifier simplify(build);
  const NodeId square = simplify(build.product(build.transpose(x), x));
  if (form == square || (store.type(x).is_column() && form == root_of(build, square))) return no_node;
  const NodeList factors = factors_of(store, form);
  if (factors.size() < 3 || factors.front() != build.transpose(x) || factors.back() != x) return std::nullopt;
  const NodeId metric = build.multiply(NodeList(factors.begin() + 1, factors.end() - 1));
  if (!store.type(metric).has(positive_definite) || depends_on(store, metric, x)) return std::nullopt;
  return metric;
}

}  // namespace

std::optional<Orthogonality> as_orthogonality(Build& build, NodeId residual, NodeId x) {
  const Type& type = build.type(x);
  if (build.type(residual).rows != type.cols || build.type(residual).cols != type.cols) return std::nullopt;
  const NodeId unit = build.identity(type.cols);
  for (NodeId side : {residual, build.negate(residual)}) {
    const auto metric = metric_of(build, Simplifier(build)(build.plus(side, unit)), x);
    if (metric) return Orthogonality{*metric};
  }
  return std::nullopt;
}

std::vector<Stationary> orthogonal_points(Build& build, NodeId gradient, const Orthogonality& of,
                                          const Unknown& unknown) {
  return Orthogonal(build, gradient, of, unknown).run();
}

std::vector<Stationary> scale_free_points(Build& build, NodeId gradient, const Unknown& unknown) {
  const NodeId x = unknown.symbol;
  if (!build.type(x).is_column()) return {};
  Simplifier simplify(build);
  const NodeId along = build.product(build.transpose(x), gradient);
  if (!build.is_zero(simplify(multiplied_out(build, along)))) return {};
  // Of the lengths that may be taken as 1 one that the gradient divides by.
  Orthogonality unit;
  for (NodeId id : topological(build.store(), gradient)) {
    const auto metric = build.type(id).is_scalar() ? metric_of(build, id, x) : std::nullopt;
    if (metric) unit.metric = *metric;
  }
  std::vector<Stationary> points = orthogonal_points(build, gradient, unit, unknown);
  const NodeId scaled = unit.metric == no_node ? x : build.product(unit.metric, x);
  const NodeId square = build.product(build.transpose(x), scaled);
  for (Stationary& point : points) {
    point.steps.insert(point.steps.begin(), solving_step(Message::step_scale_free, square, build.number(1)));
  }
  return points;
}

}  // namespace matgrad
