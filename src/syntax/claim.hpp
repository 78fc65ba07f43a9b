// SPDX-License-Identifier: MIT
// Claims: an equation that says what a derivative, a differential or an expression is.
//
//   d(x'*A*x)/dx = (A+A')*x      derivative of x'*A*x by x       ∂tr(A*X)/∂X = A', ∂/∂x (f) = g likewise
//   d2(x'*A*x)/dx2 = A+A'        its second derivative           ∇²f = H, d^2(f)/dx^2 = H
//   ∇_x x'*x = 2*x               gradient
//   d(inv(X)) = -inv(X)*dX*inv(X)   differential
//   (A*B)' = B'*A'               identity
//
// In a chain f = g = h everything after the first sign is claimed of what stands before it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "syntax/latex_reader.hpp"
#include "syntax/parser.hpp"

namespace matgrad {

struct Claim {
  enum class Kind : std::uint8_t { derivative, differential, identity };
  Kind kind = Kind::identity;
  int order = 1;
  bool by_row = false;    // ∂f/∂x'
  bool over_vec = false;  // ∂vec(Y)/∂vec(X)'
  std::string variable;   // of a derivative; empty where ∇f leaves it open
  SyntaxTree left;        // what is differentiated, or the left side
  SyntaxTree right;
};

// Errors: what is no claim, and what the parser says of either side.
Result<std::vector<Claim>> read_claims(std::string_view text, InputNotation notation = InputNotation::guessed,
                                       const std::set<std::string>& variables = {});
// The same of LaTeX in a document, whose macros and faces count.
Result<std::vector<Claim>> read_latex_claims(std::string_view text, const LatexContext& context, LatexFaces* faces);

}  // namespace matgrad
