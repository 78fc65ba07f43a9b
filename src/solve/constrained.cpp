// SPDX-License-Identifier: MIT
// Stationary points under linear constraints, by multipliers, and under X'*X = I.
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

// Minimise with gradient H*x - C under A*x = b. There is a multiplier nu with H*x + A'*nu = C.
class Multipliers {
 public:
  Multipliers(Build& build, const LinearEquation& objective, const LinearEquation& constraint, const Unknown& unknown)
      : build_(build), store_(build.store()), simplify_(build), unknown_(unknown) {
    const auto h = matrix_over_vec(build, objective.map, unknown.hole);
    const auto a = matrix_over_vec(build, constraint.map, unknown.hole);
    if (!h || !a) return;
    h_ = simplify_(*h);
    a_ = simplify_(*a);
    c_ = objective.right;
    b_ = constraint.right;
  }

  std::vector<Stationary> run() {
    if (h_ == no_node) return {};
    multiplier_ = free_symbol(build_, "nu", {store_.type(a_).rows, dim_one, 0});
    std::vector<Stationary> points;
    for (auto make : {&Multipliers::by_elimination, &Multipliers::by_blocks}) {
      Stationary point;
      point.steps.push_back(solving_step(Message::step_multiplier, simplify_(stationarity()), c_));
      point.steps.push_back(solving_step(Message::step_constraint, simplify_(build_.product(a_, x())), b_));
      (this->*make)(point);
      points.push_back(point);
    }
    return points;
  }

 private:
  NodeId x() const { return unknown_.symbol; }
  NodeId inverse(NodeId m) { return build_.matrix_power(m, build_.number(-1)); }
  NodeId turned() { return build_.transpose(a_); }
  NodeId stationarity() { return build_.plus(build_.product(h_, x()), build_.product(turned(), multiplier_)); }

  // x = inv(H)*(C - A'*nu) put into A*x = b.
  void by_elimination(Stationary& point) {
    const NodeId h_inverse = inverse(h_);
    const NodeId free_point = simplify_(build_.product(h_inverse, c_));
    const NodeId schur = simplify_(build_.multiply(NodeList{a_, h_inverse, turned()}));
    const NodeId excess = build_.minus(build_.product(a_, free_point), b_);
    const NodeId nu = simplify_(build_.product(inverse(schur), excess));
    const NodeId by_nu = build_.product(h_inverse, build_.minus(c_, build_.product(turned(), multiplier_)));
    point.letters.push_back({multiplier_, nu});
    point.steps.push_back(solving_step(Message::step_solve_linear, x(), simplify_(by_nu)));
    point.steps.push_back(
        solving_step(Message::step_into_constraint, simplify_(build_.product(schur, multiplier_)), simplify_(excess)));
    point.steps.push_back(solving_step(Message::step_solve_linear, multiplier_, nu));
    const NodeId correction = build_.multiply(NodeList{h_inverse, turned(), inverse(schur), excess});
    point.value = simplify_(build_.minus(free_point, correction));
    point.inverted = {h_, schur};
    point.steps.push_back(solving_step(Message::step_insert_multiplier, x(), point.value));
  }

  // [H A'; A 0]*[x; nu] = [C; b], where H alone has no inverse.
  void by_blocks(Stationary& point) {
    const Dim n = store_.type(x()).rows;
    const Dim k = store_.type(a_).rows;
    const NodeId whole = build_.blocks(2, NodeList{h_, turned(), a_, build_.zeros(k, k)});
    const NodeId right = build_.blocks(1, NodeList{c_, b_});
    const NodeId solution = build_.product(inverse(whole), right);
    const NodeId first = build_.blocks(2, NodeList{build_.identity(n), build_.zeros(n, k)});
    const NodeId second = build_.blocks(2, NodeList{build_.zeros(k, n), build_.identity(k)});
    point.letters.push_back({multiplier_, simplify_(build_.product(second, solution))});
    const NodeId both = build_.blocks(1, NodeList{x(), multiplier_});
    point.steps.push_back(solving_step(Message::step_one_system, build_.product(whole, both), right));
    point.value = simplify_(build_.product(first, solution));
    point.inverted = {whole};
    point.steps.push_back(solving_step(Message::step_solve_linear, x(), point.value));
  }

  Build& build_;
  Store& store_;
  Simplifier simplify_;
  const Unknown& unknown_;
  NodeId h_ = no_node;
  NodeId a_ = no_node;
  NodeId c_ = no_node;
  NodeId b_ = no_node;
  NodeId multiplier_ = no_node;
};

// What X'*X = I makes of an objective with gradient L(X) - C. A term tr(X'*X*Q) is constant there, and so is tr(X'*P*X)
// of a square X; then tr(C'*X) alone is left. Without C, tr(X'*P*X) is left.
class Orthogonal {
 public:
  Orthogonal(Build& build, NodeId gradient, const Unknown& unknown)
      : build_(build), store_(build.store()), simplify_(build), gradient_(gradient), unknown_(unknown) {}

  std::vector<Stationary> run() {
    const Type& type = store_.type(unknown_.symbol);
    if (!depends_on(store_, gradient_, unknown_.symbol)) return procrustes(simplify_(build_.negate(gradient_)));
    const auto equation = as_linear(build_, gradient_, unknown_, Sign::kept);
    if (!equation) return {};
    const auto map = sided_terms(build_, *equation, unknown_);
    if (!map) return {};
    bool is_constant = true;
    for (const Sided& term : *map) {
      const bool is_left = store_[term.right].op == op::identity;
      const bool is_right = store_[build_.split_scale(term.left).second].op == op::identity;
      is_constant = is_constant && (is_right || (is_left && type.rows == type.cols));
    }
    if (is_constant) return procrustes(equation->right);
    const bool is_trace = map->size() == 1 && store_[(*map)[0].right].op == op::identity;
    if (!is_trace || !build_.is_zero(equation->right)) return {};
    return eigenvectors((*map)[0].left);
  }

 private:
  std::vector<Stationary> procrustes(NodeId m) {
    if (build_.is_zero(m)) return {};
    const auto [scalar, body] = build_.split_scale(m);
    const bool is_positive = store_.type(scalar).has(positive);
    std::vector<Stationary> points = named(orthogonal_procrustes, is_positive ? body : m);
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
    bindings.dims.bind('n', store_.type(unknown_.symbol).rows);
    bindings.dims.bind('k', store_.type(unknown_.symbol).cols);
    const auto value = named_value(build_, rule, bindings);
    if (!value) return {};
    Stationary point;
    point.value = simplify_(*value);
    point.steps.push_back(named_step(rule, unknown_.symbol, point.value));
    return {point};
  }

  Build& build_;
  Store& store_;
  Simplifier simplify_;
  NodeId gradient_;
  const Unknown& unknown_;
};

}  // namespace

std::vector<Stationary> constrained_points(Build& build, NodeId gradient, NodeId residual, const Unknown& unknown) {
  if (!build.type(unknown.symbol).is_column()) return {};
  const auto objective = as_linear(build, gradient, unknown);
  const auto constraint = as_linear(build, residual, unknown);
  if (!objective || !constraint) return {};
  return Multipliers(build, *objective, *constraint, unknown).run();
}

std::vector<Stationary> orthogonal_points(Build& build, NodeId gradient, const Unknown& unknown) {
  return Orthogonal(build, gradient, unknown).run();
}

}  // namespace matgrad
