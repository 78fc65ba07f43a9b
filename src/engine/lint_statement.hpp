// SPDX-License-Identifier: MIT
// A formula taken apart into statements, and what each of them is: a claim, a definition, "A is in R^{m×n}", or nothing
// to judge.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "syntax/latex_reader.hpp"

namespace matgrad {

struct Statement {
  std::string text;
  std::size_t offset = 0;  // into the formula
  std::string words;       // "\text{if A is symmetric}" behind it
};

// At rows, commas, \quad and arrows.
std::vector<Statement> split_statements(std::string_view formula);

enum class StatementKind : std::uint8_t {
  nothing,       // no equation
  definition,    // f(x) = …
  membership,    // A \in \mathbb{R}^{m \times n}
  continuation,  // = …
  derivative,    // ∂f/∂x = …, also a differential
  identity,      // tr(A*B) = tr(B*A)
  unclear,       // with a derivative, and no equation
};

struct StatementShape {
  StatementKind kind = StatementKind::nothing;
  std::string left;   // up to the first =
  std::string right;  // behind it
  std::string name;   // of a definition
};

StatementShape shape_of(const Statement& statement, const LatexMacros& macros);

// The function that a derivative is of, where it is only named, f or f(x): its name; empty otherwise. `at` and `length`
// say where in the text it stands.
std::string named_function(const std::string& text, const LatexMacros& macros, std::size_t& at, std::size_t& length);

// A function applied to an argument, as in f(x) or g(Ax), that is not one of the language; empty where there is none.
std::string applied_function(const std::string& text, const LatexMacros& macros);

bool has_derivative(const std::vector<LatexPiece>& pieces);

}  // namespace matgrad
