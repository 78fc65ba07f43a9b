// SPDX-License-Identifier: MIT
// LaTeX mathematics to its pieces: commands, letters, numbers, braces, scripts. Spacing, sizes of brackets, comments
// and alignment marks are gone; what a macro stands for has taken its place, with the place of the macro.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "syntax/problems.hpp"

namespace matgrad {

struct LatexPiece {
  enum class Kind : std::uint8_t {
    end,
    command,
    letter,
    number,
    symbol,
    open,
    close,
    subscript,
    superscript,
    row,
    cell
  };
  Kind kind = Kind::end;
  std::string
      text;  // "\\frac"; "x"; "12"; "(" — strokes are "|" and "‖", ending in "<" or ">" where they open or close
  Span span;
  bool space_before = false;

  bool is(Kind wanted, std::string_view what) const { return kind == wanted && text == what; }
  bool is_command(std::string_view what) const { return is(Kind::command, what); }
  bool is_symbol(std::string_view what) const { return is(Kind::symbol, what); }
};

struct LatexMacro {
  std::size_t parameters = 0;
  std::string body;
};
using LatexMacros = std::map<std::string, LatexMacro>;  // by name, "\\vx"

// Ends with `end`. Inside matrix environments, rows and cells are kept.
std::vector<LatexPiece> scan_latex(std::string_view source, const LatexMacros& macros);

// The definitions by \newcommand, \renewcommand, \def and \DeclareMathOperator in a document.
LatexMacros find_macros(std::string_view document);

// Whether a text is meant as LaTeX: it holds one of its commands.
bool is_latex(std::string_view text);

}  // namespace matgrad
