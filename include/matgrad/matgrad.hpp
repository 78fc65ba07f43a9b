// SPDX-License-Identifier: MIT
// matgrad as a library: one call, one checked derivative.
//
//   #include <matgrad/matgrad.hpp>
//   auto answer = matgrad::derive("norm2(X*w - y)^2", "w");
//   if (answer) std::puts(answer->text.c_str());        // 2*X'*(X*w - y)
//   else        std::fputs(answer.error().message.c_str(), stderr);
//
// Nothing here throws; every error is a value with the same message that the command line prints.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "matgrad/options.hpp"

namespace matgrad {

struct Options {
  // "X: matrix(m,n)", "S: spd(n)", "w: vector(n) positive". Names left out get their kind from use.
  std::vector<std::string> variables;
  Layout layout = Layout::denominator;
  Form form = Form::matrix;
  int order = 1;  // 1, or 2 for the Hessian of a scalar
  SymmetricGradient symmetric_gradient = SymmetricGradient::projected;
  bool manifold = false;  // the Riemannian gradient by an orthogonal, positive definite or otherwise structured matrix
  bool verify = true;     // compare with differences of the input at three random points before answering
  bool steps = false;     // with the derivation in `json`, each equation checked numerically on its own
  bool chinese = false;   // language of messages
};

struct Answer {
  std::string text;     // in the input language: parses back to the same expression
  std::string unicode;  // for terminals: Xᵀ
  std::string latex;    // amsmath
  std::string json;     // everything, see docs/json.md
  std::string notes;    // what was inferred or assumed, one a line
};

struct Error {
  // 2: the input is wrong; 3: the result failed its own check and is withheld; 4: a bug of ours.
  int code = 2;
  std::string message;  // with the place in the input and a caret under it
};

// The derivative of `expression` by the variable `wrt` ("w", or "w'" for a row).
tl::expected<Answer, Error> derive(std::string_view expression, std::string_view wrt, const Options& options = {});

// The normal form of an expression.
tl::expected<Answer, Error> simplify(std::string_view expression, const Options& options = {});

}  // namespace matgrad
