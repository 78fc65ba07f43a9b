// SPDX-License-Identifier: MIT
#include "solve/linear.hpp"

#include <algorithm>

#include "calculus/differential.hpp"
#include "expr/walk.hpp"
#include "ops/equations.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "simplify/expand.hpp"
#include "simplify/simplify.hpp"
#include "solve/steps.hpp"

namespace matgrad {
namespace {

class SidedTerms {
 public:
  SidedTerms(Build& build, const LinearEquation& equation, const Unknown& unknown)
      : build_(build), store_(build.store()), equation_(equation), unknown_(unknown) {}

  std::optional<std::vector<Sided>> run() {
    const NodeId map = multiplied_out(build_, equation_.map);
    NodeList terms{map};
    if (store_[map].op == op::add) terms.assign(store_.children(map).begin(), store_.children(map).end());
    std::vector<Sided> result;
    for (NodeId term : terms) {
      const auto one = sided(term);
      if (!one) return std::nullopt;
      join(result, *one);
    }
    Simplifier simplify(build_);
    for (Sided& one : result) one = {simplify(one.left), simplify(one.right)};
    return result;
  }

 private:
  NodeId identity(Dim n) { return build_.identity(n); }

  // left*dX*right of one term; nothing where dX stands otherwise in it.
  std::optional<Sided> sided(NodeId term) {
    auto [scalar, body] = build_.split_scale(term);
    if (depends_on(store_, scalar, unknown_.hole)) return std::nullopt;
    const Type& hole = store_.type(unknown_.hole);
    if (body == unknown_.hole) return Sided{build_.product(scalar, identity(hole.rows)), identity(hole.cols)};
    if (store_[body].op != op::multiply) return std::nullopt;
    const NodeList factors(store_.children(body).begin(), store_.children(body).end());
    const auto at = std::find(factors.begin(), factors.end(), unknown_.hole);
    if (at == factors.end()) return std::nullopt;
    for (auto other = factors.begin(); other != factors.end(); ++other) {
      if (other != at && depends_on(store_, *other, unknown_.hole)) return std::nullopt;
    }
    const NodeList before(factors.begin(), at);
    const NodeList after(at + 1, factors.end());
    const NodeId left = before.empty() ? identity(hole.rows) : build_.multiply(before);
    return Sided{build_.product(scalar, left), after.empty() ? identity(hole.cols) : build_.multiply(after)};
  }

  void join(std::vector<Sided>& terms, Sided next) {
    for (std::size_t i = 0; i < terms.size(); ++i) {
      Sided& one = terms[i];
      if (one.right != next.right && one.left != next.left) continue;
      next = one.right == next.right ? Sided{build_.plus(one.left, next.left), next.right}
                                     : Sided{next.left, build_.plus(one.right, next.right)};
      terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i));
      join(terms, next);
      return;
    }
    terms.push_back(next);
  }

  Build& build_;
  Store& store_;
  const LinearEquation& equation_;
  const Unknown& unknown_;
};

class LinearSolver {
 public:
  LinearSolver(Build& build, const LinearEquation& equation, const Unknown& unknown)
      : build_(build), store_(build.store()), simplify_(build), equation_(equation), unknown_(unknown) {}

  std::optional<LinearSolution> run() {
    const Type type = store_.type(unknown_.symbol);
    if (type.is_scalar() || type.is_column()) return over_vec();
    const auto terms = sided_terms(build_, equation_, unknown_);
    if (terms && terms->size() == 1) return by_sides((*terms)[0]);
    if (terms && terms->size() == 2) {
      if (auto named = as_sylvester((*terms)[0], (*terms)[1])) return named;
    }
    return over_vec();
  }

 private:
  NodeId inverse(NodeId matrix) { return build_.matrix_power(matrix, build_.number(-1)); }
  NodeId inverse_of(NodeId matrix) {
    if (store_[matrix].op != op::identity && store_[matrix].op != op::number) solution_.inverted.push_back(matrix);
    return store_.type(matrix).is_scalar() ? build_.power(matrix, build_.number(-1)) : inverse(matrix);
  }

  // A*X*B = C.
  LinearSolution by_sides(const Sided& term) {
    const NodeId left = inverse_of(term.left);
    const NodeId right = inverse_of(term.right);
    const bool left_stays = is_normal(term.left);
    const bool right_stays = is_normal(term.right);
    NodeId value = equation_.right;
    if (!left_stays) value = simplify_(build_.product(left, value));
    if (!right_stays) value = simplify_(build_.product(value, right));
    if (left_stays) value = build_.product(left, value);
    if (right_stays) value = build_.product(value, right);
    return solved(value, true);
  }

  // X'*X of normal equations, which are solved as they are known: inv(X'*X)*X'*y rather than pinv(X)*y.
  bool is_normal(NodeId matrix) {
    const NodeId factor = gram_factor(build_, matrix);
    return factor != no_node && store_.type(factor).rows != store_.type(factor).cols;
  }

  // A*X + X*B = C, where one term has no right side and the other has a number on its left.
  std::optional<LinearSolution> as_sylvester(Sided first, Sided second) {
    if (store_[first.right].op != op::identity) std::swap(first, second);
    const auto [number, rest] = build_.split_scale(second.left);
    if (store_[first.right].op != op::identity || store_[rest].op != op::identity) return std::nullopt;
    Bindings bindings;
    bindings.set('A', first.left);
    bindings.set('B', build_.product(number, second.right));
    bindings.set('C', equation_.right);
    const bool is_lyapunov = bindings.get('B') == build_.transpose(first.left);
    const NamedSolution& named = is_lyapunov ? lyapunov_equation : sylvester_equation;
    const auto value = named_value(build_, named, bindings);
    if (!value) return std::nullopt;
    return solved(named_step(named, unknown_.symbol, simplify_(*value)));
  }

  // M*vec(X) = vec(C).
  std::optional<LinearSolution> over_vec() {
    const auto matrix = matrix_over_vec(build_, equation_.map, unknown_.hole);
    if (!matrix) return std::nullopt;
    const NodeId m = simplify_(*matrix);
    const Type type = store_.type(unknown_.symbol);
    if (!type.is_matrix() && !type.is_row()) {
      return solved(build_.product(inverse_of(m), equation_.right), is_normal(m));
    }
    const NodeId right = simplify_(stacked(build_, equation_.right));
    solution_.steps.push_back(
        solving_step(Message::step_over_vec, build_.product(m, stacked(build_, unknown_.symbol)), right));
    const NodeId solution = simplify_(build_.product(inverse_of(m), right));
    const NodeId value = simplify_(build_.unvec(solution, type.rows, type.cols));
    return solved(solving_step(Message::step_solve_linear, unknown_.symbol, value));
  }

  LinearSolution solved(NodeId value, bool stays) {
    return solved(solving_step(Message::step_solve_linear, unknown_.symbol, stays ? value : simplify_(value)));
  }
  LinearSolution solved(Step last) {
    solution_.value = last.right;
    solution_.steps.push_back(std::move(last));
    return solution_;
  }

  Build& build_;
  Store& store_;
  Simplifier simplify_;
  const LinearEquation& equation_;
  const Unknown& unknown_;
  LinearSolution solution_;
};

// The part of a scalar that cannot vanish: its number and its positive factors.
NodeId never_zero(Build& build, NodeId scalar) {
  const Store& store = build.store();
  NodeList factors{scalar};
  if (store[scalar].op == op::times) factors.assign(store.children(scalar).begin(), store.children(scalar).end());
  NodeList kept{build.number(1)};
  for (NodeId factor : factors) {
    if (store[factor].op == op::number || store[factor].op == op::dimension || store.type(factor).has(positive)) {
      kept.push_back(factor);
    }
  }
  return build.times(kept);
}

}  // namespace

NodeList factors_of(const Store& store, NodeId product) {
  if (store[product].op != op::multiply) return {product};
  return {store.children(product).begin(), store.children(product).end()};
}

NodeId stacked(Build& build, NodeId id) {
  const Type& type = build.type(id);
  if (type.is_scalar() || type.is_column()) return id;
  return build.call(operator_computed_as(Computed::column_stack), NodeList{id});
}

NodeId gram_factor(Build& build, NodeId matrix) {
  const Store& store = build.store();
  if (store[matrix].op != op::multiply) return no_node;
  const NodeList factors = factors_of(store, matrix);
  const std::size_t half = factors.size() / 2;
  const NodeId right = build.multiply(NodeList(factors.end() - static_cast<std::ptrdiff_t>(half), factors.end()));
  const NodeId left = build.multiply(NodeList(factors.begin(), factors.begin() + static_cast<std::ptrdiff_t>(half)));
  if (left != build.transpose(right)) return no_node;
  if (factors.size() % 2 == 1 && !store.type(factors[half]).has(positive_definite)) return no_node;
  return right;
}

std::optional<LinearEquation> as_linear(Build& build, NodeId expression, const Unknown& unknown, Sign sign) {
  Store& store = build.store();
  const auto map = differential(build, expression, unknown.symbol, unknown.hole);
  if (!map) return std::nullopt;
  Simplifier simplify(build);
  LinearEquation equation;
  equation.map = simplify(*map);
  if (build.is_zero(equation.map) || depends_on(store, equation.map, unknown.symbol)) return std::nullopt;
  const Type& type = store.type(unknown.symbol);
  equation.right = build.negate(substitute(build, expression, unknown.symbol, build.zeros(type.rows, type.cols)));
  NodeId factor = never_zero(build, build.split_scale(equation.map).first);
  if (sign == Sign::kept && build.split_coefficient(factor).first.is_negative()) factor = build.negate(factor);
  equation.map = simplify(build.divide(equation.map, factor));
  equation.right = simplify(build.divide(equation.right, factor));
  equation.left = simplify(substitute(build, equation.map, unknown.hole, unknown.symbol));
  return equation;
}

std::optional<std::vector<Sided>> sided_terms(Build& build, const LinearEquation& equation, const Unknown& unknown) {
  return SidedTerms(build, equation, unknown).run();
}

std::optional<LinearSolution> solve_linear(Build& build, const LinearEquation& equation, const Unknown& unknown) {
  return LinearSolver(build, equation, unknown).run();
}

}  // namespace matgrad
