// SPDX-License-Identifier: MIT
#include "calculus/layout.hpp"

#include "calculus/differential.hpp"
#include "calculus/structured.hpp"
#include "ops/structural.hpp"
#include "rules/written_out.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

class Presentation {
 public:
  Presentation(Build& build, const Question& question)
      : build_(build), q_(question), simplify_(build), open_(build, Sums::open) {}

  Result<Presented> run() {
    if (q_.manifold) return on_manifold();
    if (q_.order == 2) return second_order();
    const Type& y = build_.type(q_.expression);
    switch (q_.form) {
      case Form::differential: return finished(total_differential(), Arrangement::differential, false);
      case Form::vec: return jacobian_in_layout();
      case Form::vech: return by_independent_entries();
      case Form::block: return block();
      case Form::matrix: break;
    }
    if (y.is_scalar())
      return finished(gradient(q_.expression, q_.variable), Arrangement::gradient, numerator() != q_.by_row);
    if (build_.type(q_.variable).is_scalar()) return by_scalar();
    return jacobian_in_layout();
  }

  Result<NodeId> applied_hessian() {
    auto first = adjoint(build_, q_.expression, q_.variable, build_.number(1));
    if (!first) return first;
    auto change = differential(build_, open_(*first), q_.variable, q_.hole);
    if (!change) return change;
    return written(simplify_(*change), false);
  }

 private:
  bool numerator() const { return q_.layout == Layout::numerator; }
  Properties structure() const { return linear_structure(build_.type(q_.variable).properties); }

  Result<Presented> finished(const Result<NodeId>& result, Arrangement arrangement, bool transposed) {
    if (!result) return tl::make_unexpected(result.error());
    NodeId shown = simplify_(*result);
    if (transposed) shown = simplify_(build_.transpose(shown));
    return Presented{written(shown, transposed), arrangement, transposed, no_node, {}};
  }

  // What is written out in one layout is the transpose of what is written out in the other.
  NodeId written(NodeId shown, bool transposed) {
    if (!transposed) return written_out(build_, shown);
    const NodeId turned = build_.transpose(shown);
    const NodeId long_form = written_out(build_, turned);
    return long_form == turned ? shown : simplify_(build_.transpose(long_form));
  }

  Result<NodeId> total_differential() {
    auto result = differential(build_, q_.expression, q_.variable, q_.hole);
    if (!result) return result;
    return open_(*result);
  }

  // Backwards from 1; by a scalar, where both ways are as long, in the direction that reads better.
  Result<NodeId> gradient(NodeId scalar, NodeId variable) {
    if (build_.type(variable).is_scalar()) return shorter_rate();
    auto result = adjoint(build_, scalar, variable, build_.number(1));
    if (!result) return result;
    const Properties known = linear_structure(build_.type(variable).properties);
    return projected_gradient(build_, open_(*result), known, q_.symmetric_gradient);
  }

  Result<Presented> on_manifold() {
    const bool is_gradient = q_.form == Form::matrix && build_.type(q_.expression).is_scalar();
    if (q_.order == 2) return refused(Message::manifold_of_second_order);
    if (!is_gradient) return refused(Message::manifold_needs_gradient);
    if (q_.symmetric_gradient != SymmetricGradient::projected) return refused(Message::manifold_and_free_entries);
    const auto ordinary = adjoint(build_, q_.expression, q_.variable, build_.number(1));
    if (!ordinary) return tl::make_unexpected(ordinary.error());
    const auto riemannian = riemannian_gradient(build_, open_(*ordinary), q_.variable);
    if (!riemannian) return refused(Message::no_manifold);
    auto result = finished(riemannian->gradient, Arrangement::riemannian_gradient, numerator());
    const auto by_terms = finished(sum_of_riemannian(open_(*ordinary)), Arrangement::riemannian_gradient, numerator());
    const Store& store = build_.store();
    if (store[by_terms->result].weight < store[result->result].weight) result = by_terms;
    if (result) result->metric = riemannian->metric;
    return result;
  }

  // Term by term: there more is cancelled, as X'*X in (G - X*G'*X)/2 of G = X - A.
  NodeId sum_of_riemannian(NodeId gradient) {
    const auto [scalar, body] = build_.split_scale(gradient);
    NodeList terms{body};
    if (build_.store()[body].op == op::add) {
      terms.assign(build_.store().children(body).begin(), build_.store().children(body).end());
    }
    for (NodeId& term : terms) {
      term = open_(riemannian_gradient(build_, build_.scale(scalar, term), q_.variable)->gradient);
    }
    return build_.add(terms);
  }

  tl::unexpected<Diagnostics> refused(Message message) const {
    Diagnostic diagnostic;
    diagnostic.message = message;
    diagnostic.arguments = {build_.store().symbol_at(build_.store()[q_.variable].first).name};
    return failure(diagnostic);
  }

  // vec(dY) = D vec(dX), mn × pq.
  Result<NodeId> jacobian() {
    auto dy = total_differential();
    if (!dy) return dy;
    auto matrix = matrix_over_vec(build_, *dy, q_.hole);
    if (!matrix) return matrix;
    return open_(*matrix);
  }

  Result<Presented> jacobian_in_layout() {
    auto matrix = jacobian();
    if (matrix) matrix = projected_jacobian(build_, *matrix, build_.type(q_.variable).rows, structure());
    return finished(matrix, Arrangement::jacobian, numerator() == q_.by_row);
  }

  // vec(dX) = M*vech(dX) put into it.
  Result<Presented> by_independent_entries() {
    const auto entries = over_independent_entries(build_, build_.type(q_.variable).rows, q_.structure);
    if (!entries) return refused(q_.structure == 0 ? Message::vech_needs_structure : Message::vech_of_other_structure);
    auto matrix = jacobian();
    if (matrix) matrix = build_.product(*matrix, *entries);
    return finished(matrix, Arrangement::vech_jacobian, numerator() == q_.by_row);
  }

  // dY/dt: the differential with dt = 1.
  Result<NodeId> rate() {
    auto dy = total_differential();
    if (!dy) return dy;
    return substitute(build_, *dy, q_.hole, build_.number(1));
  }

  Result<NodeId> shorter_rate() {
    const auto forwards = rate();
    auto backwards = adjoint(build_, q_.expression, q_.variable, build_.number(1));
    if (!forwards || !backwards) return backwards;
    const NodeId a = written_out(build_, simplify_(*forwards));
    const NodeId b = written_out(build_, simplify_(*backwards));
    return build_.store()[a].weight < build_.store()[b].weight ? a : b;
  }

  // The denominator layout is its transpose.
  Result<Presented> by_scalar() { return finished(rate(), Arrangement::by_scalar, !numerator()); }

  Result<Presented> block() {
    if (structure() != 0) return refused(Message::block_of_structured);
    const auto dy = total_differential();
    if (!dy) return tl::make_unexpected(dy.error());
    return finished(block_matrix(build_, *dy, q_.hole), Arrangement::block, false);
  }

  // The Jacobian of the gradient over vec. The variables have no structure here: see `loosen` in engine/derive.
  Result<Presented> second_order() {
    const Type& y = build_.type(q_.expression);
    if (!y.is_scalar()) {
      Diagnostic diagnostic;
      diagnostic.message = Message::second_order_needs_scalar;
      const Dims& dims = build_.store().dims;
      diagnostic.arguments = {dims.text(y.rows, true).append("×").append(dims.text(y.cols, true))};
      return failure(diagnostic);
    }
    if (q_.form == Form::block) return refused(Message::no_block_of_second_order);
    if (q_.form == Form::differential) return second_differential();
    if (q_.form == Form::vech) return second_by_independent_entries();
    const auto first = adjoint(build_, q_.expression, q_.variable, build_.number(1));
    if (!first) return tl::make_unexpected(first.error());
    const NodeId second = q_.second == no_node ? q_.variable : q_.second;
    const auto d_gradient = differential(build_, open_(*first), second, q_.hole);
    if (!d_gradient) return tl::make_unexpected(d_gradient.error());
    if (build_.type(second).is_scalar() && build_.type(*d_gradient).cols == dim_one) {
      const NodeId rate = substitute(build_, open_(*d_gradient), q_.hole, build_.number(1));
      return with_gradient(finished(rate, Arrangement::hessian, false));
    }
    return with_gradient(finished(matrix_over_vec(build_, open_(*d_gradient), q_.hole), Arrangement::hessian, false));
  }

  // M'*H*M for the H over all entries: X is linear in its independent ones.
  Result<Presented> second_by_independent_entries() {
    const auto entries = over_independent_entries(build_, build_.type(q_.variable).rows, q_.structure);
    if (!entries) return refused(q_.structure == 0 ? Message::vech_needs_structure : Message::vech_of_other_structure);
    if (q_.second != no_node && q_.second != q_.variable) return refused(Message::vech_of_two_variables);
    const auto first = adjoint(build_, q_.expression, q_.variable, build_.number(1));
    if (!first) return tl::make_unexpected(first.error());
    const auto d_gradient = differential(build_, open_(*first), q_.variable, q_.hole);
    if (!d_gradient) return tl::make_unexpected(d_gradient.error());
    auto matrix = matrix_over_vec(build_, open_(*d_gradient), q_.hole);
    if (matrix) matrix = build_.multiply(NodeList{build_.transpose(*entries), *matrix, *entries});
    return finished(matrix, Arrangement::vech_hessian, false);
  }

  Result<Presented> with_gradient(Result<Presented> second_derivative) {
    const auto first = adjoint(build_, q_.expression, q_.variable, build_.number(1));
    if (!second_derivative || !first) return second_derivative;
    const NodeId projected = projected_gradient(build_, open_(*first), structure(), q_.symmetric_gradient);
    second_derivative->gradient = finished(projected, Arrangement::gradient, numerator() != q_.by_row)->result;
    return second_derivative;
  }

  // d²f, a quadratic form in dX (of two variables: bilinear in their changes). dX itself does not change.
  Result<Presented> second_differential() {
    const auto first = differential(build_, q_.expression, q_.variable, q_.first_hole);
    if (!first) return tl::make_unexpected(first.error());
    const NodeId second = q_.second == no_node ? q_.variable : q_.second;
    return with_gradient(
        finished(differential(build_, open_(*first), second, q_.hole), Arrangement::second_differential, false));
  }

  Build& build_;
  const Question& q_;
  Simplifier simplify_;  // for what is printed
  Simplifier open_;      // for what another pass goes on with
};

}  // namespace

Result<Presented> present(Build& build, const Question& question) {
  return Presentation(build, question).run();
}

Result<NodeId> applied_hessian(Build& build, const Question& question) {
  return Presentation(build, question).applied_hessian();
}

}  // namespace matgrad
