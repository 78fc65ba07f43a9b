// SPDX-License-Identifier: MIT
#include "calculus/layout.hpp"

#include "calculus/differential.hpp"
#include "calculus/structured.hpp"
#include "ops/structural.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

class Presentation {
 public:
  Presentation(Build& build, const Question& question)
      : build_(build), q_(question), simplify_(build), open_(build, Sums::open) {}

  Result<Presented> run() {
    if (q_.order == 2) return second_order();
    const Type& y = build_.type(q_.expression);
    switch (q_.form) {
      case Form::differential: return finished(total_differential(), Arrangement::differential, false);
      case Form::vec: return jacobian_in_layout();
      case Form::block: return block();
      case Form::matrix: break;
    }
    if (y.is_scalar())
      return finished(gradient(q_.expression, q_.variable), Arrangement::gradient, numerator() != q_.by_row);
    if (build_.type(q_.variable).is_scalar()) return by_scalar();
    return jacobian_in_layout();
  }

 private:
  bool numerator() const { return q_.layout == Layout::numerator; }
  Properties structure() const { return linear_structure(build_.type(q_.variable).properties); }

  Result<Presented> finished(const Result<NodeId>& result, Arrangement arrangement, bool transposed) {
    if (!result) return tl::make_unexpected(result.error());
    const NodeId turned = transposed ? build_.transpose(*result) : *result;
    return Presented{simplify_(turned), arrangement, transposed};
  }

  Result<NodeId> total_differential() {
    auto result = differential(build_, q_.expression, q_.variable, q_.hole);
    if (!result) return result;
    return open_(*result);
  }

  Result<NodeId> gradient(NodeId scalar, NodeId variable) {
    auto result = adjoint(build_, scalar, variable, build_.number(1));
    if (!result) return result;
    const Properties known = linear_structure(build_.type(variable).properties);
    return projected_gradient(build_, open_(*result), known, q_.symmetric_gradient);
  }

  // vec(dY) = D vec(dX), mn × pq.
  Result<NodeId> jacobian() {
    auto dy = total_differential();
    if (!dy) return dy;
    auto matrix = matrix_over_vec(build_, *dy, q_.hole);
    if (!matrix) return matrix;
    return projected_jacobian(build_, open_(*matrix), build_.type(q_.variable).rows, structure());
  }

  Result<Presented> jacobian_in_layout() {
    return finished(jacobian(), Arrangement::jacobian, numerator() == q_.by_row);
  }

  // dY/dt: the differential with dt = 1. The denominator layout is its transpose.
  Result<Presented> by_scalar() {
    auto dy = total_differential();
    if (!dy) return tl::make_unexpected(dy.error());
    const NodeId rate = substitute(build_, *dy, q_.hole, build_.number(1));
    return finished(rate, Arrangement::by_scalar, !numerator());
  }

  Result<Presented> block() {
    if (structure() != 0) {
      Diagnostic diagnostic;
      diagnostic.message = Message::block_of_structured;
      return failure(diagnostic);
    }
    auto dy = total_differential();
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
    if (q_.form == Form::block) {
      Diagnostic diagnostic;
      diagnostic.message = Message::no_block_of_second_order;
      return failure(diagnostic);
    }
    if (q_.form == Form::differential) return second_differential();
    const auto first = adjoint(build_, q_.expression, q_.variable, build_.number(1));
    if (!first) return tl::make_unexpected(first.error());
    const NodeId second = q_.second == no_node ? q_.variable : q_.second;
    const auto d_gradient = differential(build_, open_(*first), second, q_.hole);
    if (!d_gradient) return tl::make_unexpected(d_gradient.error());
    return finished(matrix_over_vec(build_, open_(*d_gradient), q_.hole), Arrangement::hessian, false);
  }

  // d²f, a quadratic form in dX (of two variables: bilinear in their changes). dX itself does not change.
  Result<Presented> second_differential() {
    const auto first = differential(build_, q_.expression, q_.variable, q_.first_hole);
    if (!first) return tl::make_unexpected(first.error());
    const NodeId second = q_.second == no_node ? q_.variable : q_.second;
    return finished(differential(build_, open_(*first), second, q_.hole), Arrangement::second_differential, false);
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

}  // namespace matgrad
