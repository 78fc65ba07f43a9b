// SPDX-License-Identifier: MIT
// ∂, d and ∇ in LaTeX.
#include <algorithm>
#include <utility>

#include "syntax/latex_emitter.hpp"

namespace matgrad {

// How many pieces spell a d or ∂: \partial, \mathrm{d}, \mathrm d, and a plain d where the claim uses it so.
std::size_t LatexEmitter::differential_length(std::size_t ahead) const {
  const LatexPiece& piece = peek(ahead);
  if (piece.is_command("\\partial") || piece.is_symbol("∂")) return 1;
  const bool is_upright = piece.is_command("\\mathrm") || piece.is_command("\\text") || piece.is_command("\\rm") ||
                          piece.is_command("\\textrm") || piece.is_command("\\operatorname") ||
                          piece.is_command("\\mathsf");
  if (!is_upright) return piece.is_command("\\dd") || piece.is_command("\\diff") ? 1 : 0;
  if (peek(ahead + 1).is(Kind::letter, "d")) return 2;
  const bool braced = peek(ahead + 1).kind == Kind::open && peek(ahead + 2).is(Kind::letter, "d") &&
                      peek(ahead + 3).kind == Kind::close;
  return braced ? 4 : 0;
}

bool LatexEmitter::is_differential(std::size_t ahead) const {
  return differential_length(ahead) > 0 || peek(ahead).is(Kind::letter, "d");
}

// At the head of a claim, d is taken of what follows; elsewhere dX is a name.
bool LatexEmitter::differential() {
  std::size_t length = differential_length();
  const bool is_claim = context_.reading == Reading::claim;
  const bool at_head = is_claim && out_.empty();
  const bool is_plain = length == 0 && peek().is(Kind::letter, "d");
  if (is_plain) {
    const LatexPiece& next = peek(1);
    const bool is_followed = next.kind == Kind::letter || next.is_symbol("(") || next.kind == Kind::open ||
                             (next.kind == Kind::command && next.text != "\\cdot" && next.text != "\\times") ||
                             next.is_symbol("|") || next.is_symbol("|<");
    if (!is_followed || !(at_head || plain_d_)) return false;
    length = 1;
  }
  if (length == 0) return false;
  const Span span = here();
  const bool is_partial = peek().is_command("\\partial") || peek().is_symbol("∂");
  if (is_partial && !is_claim) {
    report(Message::derivative_sign, span, {"∂"});
    at_ += length;
    return true;
  }
  const std::size_t before = at_;
  at_ += length;
  std::string variable;
  char face = ' ';
  if (!at_head && !is_partial && name_at(variable, face)) {
    const std::size_t from = mark();
    put(TokenKind::name, join(span, pieces_[at_ - 1].span), "d" + variable);
    scripts(from, true);
    return true;
  }
  if (!is_claim) {
    at_ = before;
    return false;
  }
  if (at_head) plain_d_ = true;
  put(TokenKind::differential, span);
  if (peek().kind == Kind::superscript) {
    take();
    const std::vector<LatexPiece> power = group();
    put(TokenKind::caret, span);
    put(TokenKind::number, span, power.empty() ? "" : power[0].text);
  }
  // The differential must come last for what follows to be no factor of it.
  if (out_.back().kind != TokenKind::differential) after_operand_ = false;
  if (out_.back().kind == TokenKind::number) {
    operand();
    return true;
  }
  return true;
}

bool LatexEmitter::nabla() {
  if (!peek().is_command("\\nabla") && !peek().is_symbol("∇")) return false;
  const LatexPiece head = take();
  if (context_.reading != Reading::claim) {
    report(Message::derivative_sign, head.span, {"∇"});
    return true;
  }
  std::string variable;
  bool is_second = false;
  while (peek().kind == Kind::subscript || peek().kind == Kind::superscript) {
    const bool is_lower = take().kind == Kind::subscript;
    if (is_lower) {
      const std::size_t from = mark();
      const bool after = after_operand_;
      emit(group());
      variable = mark() == from + 1 ? out_.back().text : "";
      out_.resize(from);
      after_operand_ = after;
    } else {
      const std::vector<LatexPiece> power = group();
      is_second = power.size() == 1 && power[0].text == "2";
    }
  }
  put(TokenKind::nabla, head.span, variable);
  if (is_second) put(TokenKind::superscript, head.span, "2");
  after_operand_ = false;
  return true;
}

// \frac{\partial^2 f}{\partial x \partial x^\top} as ∂²(f)/(∂x ∂x'); with nothing above but ∂, the fraction ends the
// head.
bool LatexEmitter::derivative_fraction(const std::vector<LatexPiece>& above, const std::vector<LatexPiece>& below,
                                       Span span) {
  if (context_.reading != Reading::claim || above.empty() || below.empty()) return false;
  const auto with = [&](const std::vector<LatexPiece>& pieces, auto work) {
    std::vector<LatexPiece> saved = pieces;
    saved.push_back({Kind::end, "", pieces.back().span, false});
    std::swap(saved, pieces_);
    const std::size_t at = std::exchange(at_, 0);
    work();
    std::swap(saved, pieces_);
    at_ = at;
  };
  const auto length_at_start = [&] {
    const std::size_t length = differential_length();
    return length > 0 ? length : peek().is(Kind::letter, "d") ? std::size_t{1} : std::size_t{0};
  };
  bool fits = true;
  for (const auto* part : {&above, &below}) {
    with(*part, [&] { fits = fits && length_at_start() > 0; });
  }
  if (!fits || below.size() < 2) return false;
  with(above, [&] {
    at_ = length_at_start();
    put(TokenKind::differential, span);
    if (peek().kind == Kind::superscript) {
      take();
      const std::vector<LatexPiece> power = group();
      if (!power.empty()) put(TokenKind::superscript, span, power[0].text);
    }
    if (peek().kind == Kind::end) return;
    const std::size_t from = mark();
    after_operand_ = false;
    while (peek().kind != Kind::end) {
      const std::size_t before = at_;
      run_until(Until::closed);
      if (at_ == before || peek().kind == Kind::end) break;
      take();
    }
    parenthesise(from, span);
  });
  put(TokenKind::slash, span);
  put(TokenKind::open_paren, span);
  with(below, [&] {
    while (peek().kind != Kind::end) {
      const std::size_t length = length_at_start();
      if (length == 0) break;
      at_ += length;
      put(TokenKind::differential, span);
      after_operand_ = false;
      const std::size_t before = at_;
      primary();
      if (at_ == before) break;
    }
    if (peek().kind != Kind::end) report(Message::unexpected_token, span, {std::string(under(source_, here()))});
  });
  put(TokenKind::close_paren, span);
  after_operand_ = true;
  return true;
}

}  // namespace matgrad
