// SPDX-License-Identifier: MIT
#include "solve/stationary.hpp"

#include "calculus/differential.hpp"
#include "calculus/recorder.hpp"
#include "expr/walk.hpp"
#include "ops/equations.hpp"
#include "ops/structural.hpp"
#include "simplify/expand.hpp"
#include "simplify/simplify.hpp"
#include "solve/steps.hpp"

namespace matgrad {
namespace {

class Search {
 public:
  Search(Build& build, NodeId gradient, const Unknown& unknown)
      : build_(build), store_(build.store()), simplify_(build), gradient_(gradient), unknown_(unknown) {
    const Type& type = store_.type(gradient);
    zero_ = build.zeros(type.rows, type.cols);
  }

  std::vector<Stationary> run() {
    if (auto found = linear(begun(), gradient_)) return with_shortest(*found);
    const Type& type = store_.type(unknown_.symbol);
    if (type.rows != type.cols || !depends_on(store_, gradient_, unknown_.symbol)) return {};
    if (auto found = multiplied()) return {*found};
    if (auto found = in_inverse()) return {*found};
    return {};
  }

 private:
  // The gradient is zero.
  Stationary begun() {
    Stationary point;
    point.steps.push_back(solving_step(Message::step_gradient_vanishes, gradient_, zero_));
    return point;
  }

  std::optional<Stationary> linear(Stationary point, NodeId expression) {
    const auto equation = as_linear(build_, expression, unknown_);
    if (!equation) return std::nullopt;
    return solved(std::move(point), *equation);
  }

  std::optional<Stationary> solved(Stationary point, const LinearEquation& equation) {
    point.unknown = unknown_;
    point.equation = equation;
    point.steps.push_back(solving_step(Message::step_unknown_left, equation.left, equation.right));
    const auto solution = solve_linear(build_, equation, unknown_);
    if (!solution) return std::nullopt;
    point.value = solution->value;
    point.inverted = solution->inverted;
    point.steps.insert(point.steps.end(), solution->steps.begin(), solution->steps.end());
    return point;
  }

  // Where the system is singular, the shortest solution.
  std::vector<Stationary> with_shortest(const Stationary& regular) {
    std::vector<Stationary> points{regular};
    const LinearEquation equation = *regular.equation;
    const auto sides = sides_of(equation);
    if (!sides) return points;
    Bindings bindings;
    bindings.set('A', sides->left);
    bindings.set('B', sides->right);
    bindings.set('C', equation.right);
    const auto value = named_value(build_, shortest_solution, bindings);
    if (!value) return points;
    Stationary shortest = begun();
    shortest.steps.push_back(solving_step(Message::step_unknown_left, equation.left, equation.right));
    shortest.value = simplify_(*value);
    shortest.unknown = unknown_;
    shortest.equation = equation;
    shortest.is_minimum_norm = true;
    shortest.steps.push_back(named_step(shortest_solution, unknown_.symbol, shortest.value));
    points.push_back(shortest);
    return points;
  }

  // A and B of A*X*B = C; nothing where there are more terms.
  std::optional<Sided> sides_of(const LinearEquation& equation) {
    if (store_.type(unknown_.symbol).is_column()) {
      const auto matrix = matrix_over_vec(build_, equation.map, unknown_.hole);
      if (!matrix) return std::nullopt;
      return Sided{simplify_(*matrix), build_.number(1)};
    }
    const auto terms = sided_terms(build_, equation, unknown_);
    if (!terms || terms->size() != 1) return std::nullopt;
    return (*terms)[0];
  }

  // n*inv(S) - inv(S)*M*inv(S) = 0 times S from both sides is n*S = M.
  std::optional<Stationary> multiplied() {
    const NodeId x = unknown_.symbol;
    const bool is_scalar = store_.type(x).is_scalar();
    const NodeId x2 = build_.power(x, build_.number(2));
    const NodeId x3 = build_.power(x, build_.number(3));
    const NodeId turned = build_.transpose(x);
    std::vector<NodeList> products{{x, gradient_}, {gradient_, x}, {x, gradient_, x}};
    if (turned != x)
      products.insert(products.end(), {{turned, gradient_}, {gradient_, turned}, {turned, gradient_, turned}});
    if (is_scalar) products = {{x, gradient_}, {x2, gradient_}, {x3, gradient_}};
    for (const NodeList& factors : products) {
      const NodeId product = is_scalar ? build_.times(factors) : build_.multiply(factors);
      const NodeId cleared = cleared_product(product);
      const auto equation = as_linear(build_, cleared, unknown_);
      if (!equation) continue;
      Stationary point = begun();
      point.steps.push_back(solving_step(Message::step_multiplied_by_unknown, cleared, zero_));
      auto found = solved(std::move(point), *equation);
      if (!found || build_.is_zero(found->value)) continue;  // zero is not invertible
      found->equation.reset();                               // no longer the normal equations of the objective
      return found;
    }
    return std::nullopt;
  }

  // Multiplied out, so that inv(X)*X cancels in every term.
  NodeId cleared_product(NodeId product) { return simplify_(multiplied_out(build_, product)); }

  // -inv(P) + S = 0 is linear in Z = inv(P).
  std::optional<Stationary> in_inverse() {
    const NodeId z = free_symbol(build_, "Z", store_.type(unknown_.symbol));
    const NodeId inverse_of_z = build_.matrix_power(z, build_.number(-1));
    const NodeId written = simplify_(substitute(build_, gradient_, unknown_.symbol, inverse_of_z));
    const NodeId hole = free_symbol(build_, "dZ", store_.type(unknown_.hole), Symbol::Role::differential);
    const Unknown inner{z, hole};
    const auto equation = as_linear(build_, written, inner);
    if (!equation) return std::nullopt;
    const auto solution = solve_linear(build_, *equation, inner);
    if (!solution) return std::nullopt;
    Stationary point = begun();
    point.letters.push_back({z, solution->value});
    point.steps.push_back(
        definition_step(Message::step_inverse_letter, z, build_.matrix_power(unknown_.symbol, build_.number(-1))));
    point.steps.push_back(solving_step(Message::step_unknown_left, equation->left, equation->right));
    point.steps.insert(point.steps.end(), solution->steps.begin(), solution->steps.end());
    point.inverted = solution->inverted;
    point.inverted.push_back(solution->value);
    point.value = simplify_(build_.matrix_power(solution->value, build_.number(-1)));
    point.steps.push_back(solving_step(Message::step_solve_linear, unknown_.symbol, point.value));
    return point;
  }

  Build& build_;
  Store& store_;
  Simplifier simplify_;
  NodeId gradient_;
  const Unknown& unknown_;
  NodeId zero_ = no_node;
};

}  // namespace

std::vector<Stationary> stationary_points(Build& build, NodeId gradient, const Unknown& unknown) {
  return Search(build, gradient, unknown).run();
}

}  // namespace matgrad
