// SPDX-License-Identifier: MIT
// LaTeX mathematics to the tokens of the language, with places in the LaTeX: what stands side by side becomes a
// product, \frac a quotient, |X| a determinant, \lVert x \rVert_2 a norm, x_{i} under a sum over i an entry.
//
//   \frac{1}{2} x^\top A x   is  (1)/(2)*x'*A*x
//   \frac{\partial f}{\partial x} is, in a claim, ∂(f)/(∂x)
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/latex_scanner.hpp"
#include "syntax/lexer.hpp"

namespace matgrad {

struct LatexContext {
  LatexMacros macros;
  Reading reading = Reading::expression;
  std::set<std::string> variables;  // declared: \sigma(…) is then no function
  bool sizes_are_known = true;      // I_n is I(n); otherwise its size follows from its place
};

// What the letters looked like: 'b' for a bold or arrowed name, 'c' for a calligraphic one.
using LatexFaces = std::map<std::string, char>;

std::vector<Token> lex_latex(std::string_view source, Problems& problems, const LatexContext& context = {},
                             LatexFaces* faces = nullptr);

}  // namespace matgrad
