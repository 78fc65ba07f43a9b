// SPDX-License-Identifier: MIT
// Stationary points under linear constraints, by multipliers.
#include "calculus/differential.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "simplify/simplify.hpp"
#include "solve/stationary.hpp"
#include "solve/steps.hpp"

namespace matgrad {
namespace {

// Minimise with gradient H*x - C under A*x = b. There is a multiplier nu with H*x + A'*nu = C. Several constraints
// stand under one another, and x is vec(X) of a matrix.
class Multipliers {
 public:
  Multipliers(Build& build, const LinearEquation& objective, const std::vector<LinearEquation>& constraints,
              const Unknown& unknown)
      : build_(build), store_(build.store()), simplify_(build), unknown_(unknown) {
    const auto h = matrix_over_vec(build, objective.map, unknown.hole);
    if (!h) return;
    NodeList maps;
    NodeList rights;
    for (const LinearEquation& constraint : constraints) {
      const auto a = matrix_over_vec(build, constraint.map, unknown.hole);
      if (!a) return;
      maps.push_back(simplify_(*a));
      rights.push_back(simplify_(stacked(build, constraint.right)));
    }
    h_ = simplify_(*h);
    a_ = maps.size() == 1 ? maps[0] : build_.blocks(1, maps);
    c_ = simplify_(stacked(build, objective.right));
    b_ = rights.size() == 1 ? rights[0] : build_.blocks(1, rights);
    x_ = stacked(build, unknown.symbol);
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
  NodeId x() const { return x_; }
  void set_value(Stationary& point, NodeId solution) {
    const Type type = store_.type(unknown_.symbol);
    const bool is_stacked = x_ != unknown_.symbol;
    point.value = simplify_(is_stacked ? build_.unvec(simplify_(solution), type.rows, type.cols) : solution);
  }
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
    set_value(point, build_.minus(free_point, correction));
    point.inverted = {h_, schur};
    point.steps.push_back(solving_step(Message::step_insert_multiplier, unknown_.symbol, point.value));
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
    set_value(point, build_.product(first, solution));
    point.inverted = {whole};
    point.steps.push_back(solving_step(Message::step_solve_linear, unknown_.symbol, point.value));
  }

  Build& build_;
  Store& store_;
  Simplifier simplify_;
  const Unknown& unknown_;
  NodeId x_ = no_node;
  NodeId h_ = no_node;
  NodeId a_ = no_node;
  NodeId c_ = no_node;
  NodeId b_ = no_node;
  NodeId multiplier_ = no_node;
};

}  // namespace

std::vector<Stationary> constrained_points(Build& build, NodeId gradient, std::span<const NodeId> residuals,
                                           const Unknown& unknown) {
  if (build.type(unknown.symbol).properties != 0) return {};  // vec has as many numbers as the unknown
  const auto objective = as_linear(build, gradient, unknown);
  if (!objective) return {};
  std::vector<LinearEquation> constraints;
  for (NodeId residual : residuals) {
    const auto constraint = as_linear(build, residual, unknown);
    if (!constraint) return {};
    constraints.push_back(*constraint);
  }
  return Multipliers(build, *objective, constraints, unknown).run();
}

}  // namespace matgrad
