// SPDX-License-Identifier: MIT
// Text to syntax tree: the whole of the input language, Unicode forms included.
//
// Bounded in size and depth (limits below), linear in the input, never recursive beyond `max_depth`. Several errors in
// one input are all reported; each names what was expected and where.
#pragma once

#include <set>
#include <string_view>

#include "base/result.hpp"
#include "syntax/ast.hpp"

namespace matgrad {

inline constexpr std::size_t max_input_bytes = 100'000;
inline constexpr std::size_t max_depth = 500;

// What a text is written in. Guessed: LaTeX where it holds a command of LaTeX.
enum class InputNotation : std::uint8_t { guessed, text, latex };

// `variables`: names that are declared, e say, which LaTeX would read as something else.
Result<SyntaxTree> parse(std::string_view text, InputNotation notation = InputNotation::guessed,
                         const std::set<std::string>& variables = {});

// A declaration "X: matrix(m, n) positive": the name, the kind word, its dimensions as syntax trees, and the flags.
struct Declaration {
  std::string name;
  Span name_span;
  std::string kind;  // "scalar", "vector", "matrix", "symmetric" …, as written
  Span kind_span;
  std::vector<SyntaxTree> dimensions;
  bool positive = false;
  std::string source;
};

Result<Declaration> parse_declaration(std::string_view text);

}  // namespace matgrad
