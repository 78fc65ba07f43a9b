// SPDX-License-Identifier: MIT
// From the linear map to what is printed: the only place where a result is transposed for a layout.
#pragma once

#include <optional>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "expr/arrangement.hpp"
#include "matgrad/options.hpp"
#include "ops/build.hpp"

namespace matgrad {

struct Question {
  NodeId expression = no_node;  // in normal form
  NodeId variable = no_node;    // a symbol
  NodeId second = no_node;      // the variable of the second derivative; no_node: the same
  NodeId hole = no_node;        // the symbol dX; of a second derivative, the change of the second variable
  NodeId first_hole = no_node;  // of a second derivative, the change of the first variable (it may be the same)
  bool by_row = false;          // --wrt "x'"
  int order = 1;
  Layout layout = Layout::denominator;
  Form form = Form::matrix;
  Properties structure = 0;  // as declared, of the variable, which may be a free one in the place of a structured one
  SymmetricGradient symmetric_gradient = SymmetricGradient::projected;
  bool manifold = false;  // the Riemannian gradient
};

struct Presented {
  NodeId result = no_node;  // in normal form, then written out in the users' language
  Arrangement arrangement = Arrangement::gradient;
  bool transposed = false;    // relative to the arrangement: gradient in X's shape, Jacobian mn×pq, dY/dt in Y's shape
  NodeId gradient = no_node;  // of a second derivative: what was differentiated again, in the layout asked for
  std::optional<Message> metric;  // of a Riemannian gradient: the note that names it
};

Result<Presented> present(Build& build, const Question& question);

// The Hessian of a scalar applied to the change `hole`, in the shape of the variable: what differentiating the gradient
// gives, without the Hessian.
Result<NodeId> applied_hessian(Build& build, const Question& question);

}  // namespace matgrad
