// SPDX-License-Identifier: MIT
// Text to tokens: Unicode forms become their ASCII meaning here, so the parser sees one spelling of everything.
// `λ_max·x²` is  name "lambda_max"  star  name "x"  superscript "2"  end.
// Linear in the input; what is no token is reported once and stays in the list as `unknown`, so that the parser can
// go on without reporting it again. The list ends with `end`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "syntax/problems.hpp"

namespace matgrad {

enum class TokenKind : std::uint8_t {
  end,
  number,  // text: digits as Rational::parse reads them
  name,    // text: with Greek letters spelled out
  plus,
  minus,
  star,
  slash,
  caret,
  dot_star,
  dot_slash,
  dot_caret,
  kron,
  backslash,    // no operator of the language; the parser says what to write
  equals,       // likewise
  transpose,    // text: "T" for .T ᵀ ⊤, "'" otherwise
  superscript,  // a power; text: its digits with the sign, "-" alone before ᵀ
  root,         // √
  sum,          // ∑, the operator sign (Σ is a name)
  norm,         // ‖; text: what is subscribed to it, as in ‖x‖₁: "1"
  open_paren,
  close_paren,
  open_bracket,
  close_bracket,
  comma,
  semicolon,
  colon,
  newline,
  differential,  // ∂, the d of a derivative: of claims only
  nabla,         // ∇, likewise; text: what is subscribed to it
  unknown,
};

struct Token {
  TokenKind kind = TokenKind::end;
  Span span;
  bool space_before = false;
  std::string text;
};

// In a claim ∂ and ∇ are tokens, in an expression they are errors.
enum class Reading : std::uint8_t { expression, claim };

std::vector<Token> lex(std::string_view source, Problems& problems, Reading reading = Reading::expression);

}  // namespace matgrad
