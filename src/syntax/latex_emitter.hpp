// SPDX-License-Identifier: MIT
// The work of lex_latex: a walk over the pieces that writes tokens. Operands are written in one go, so that what a
// script says of them (X^{+}, |X|) can still be put in front.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "syntax/latex_reader.hpp"
#include "syntax/problems.hpp"

namespace matgrad {

class LatexEmitter {
 public:
  LatexEmitter(std::string_view source, Problems& problems, const LatexContext& context, LatexFaces* faces);
  std::vector<Token> run();

 private:
  bool is_utf8();
  using Kind = LatexPiece::Kind;
  // Where a run of terms ends: at a closing piece always; a product also at + - =, an argument at every operator.
  enum class Until : std::uint8_t { closed, end_of_product, end_of_argument };

  const LatexPiece& peek(std::size_t ahead = 0) const;
  const LatexPiece& take();
  bool take_symbol(std::string_view text);
  Span here() const { return peek().span; }
  std::size_t mark() const { return out_.size(); }
  void put(TokenKind kind, Span span, std::string text = {});
  // name( … ) around what was written since the mark.
  void wrap(std::size_t from, const std::string& function, Span span);
  // The brackets stand at `span`, the closing one where the reader is now.
  void parenthesise(std::size_t from, Span span);
  Span last_span() const { return pieces_[at_ > 0 ? at_ - 1 : 0].span; }
  void report(Message message, Span span, std::vector<std::string> arguments = {});

  // latex_reader.cpp: runs and operands
  void run_until(Until until);
  bool ends(Until until) const;
  bool closes() const;
  bool put_operator();
  bool starts_operand() const;
  void operand();
  bool primary();
  bool bracketed();
  bool strokes();
  bool norm();
  bool fraction();
  bool root();
  bool matrix();
  void sum();
  bool is_matrix_like(std::size_t from) const;

  // latex_names.cpp: names, functions, scripts
  bool function();
  std::string function_at(std::size_t& length) const;
  std::string sigmoid_like() const;
  void argument(std::size_t from, const std::string& name, Span span);
  bool is_whole_call(std::size_t from, std::string_view function) const;
  bool name();
  bool name_at(std::string& name, char& face);
  std::string group_text();
  void scripts(std::size_t from, bool is_name);
  void superscript(std::size_t from);
  void subscript(std::size_t from, bool is_name);
  bool index_group(bool forced);
  std::string subscript_text();
  bool has_entry_subscript();
  bool is_declared_identity(const std::string& name);
  bool constant(const std::string& name, char face);
  std::vector<LatexPiece> group();
  void emit(std::vector<LatexPiece> pieces);

  // latex_claims.cpp: ∂, d and ∇
  bool is_differential(std::size_t ahead = 0) const;
  std::size_t differential_length(std::size_t ahead = 0) const;
  bool differential();
  bool nabla();
  bool derivative_fraction(const std::vector<LatexPiece>& above, const std::vector<LatexPiece>& below, Span span);

  std::string_view source_;
  Problems& problems_;
  const LatexContext& context_;
  LatexFaces* faces_;
  std::vector<LatexPiece> pieces_;
  std::size_t at_ = 0;
  std::vector<Token> out_;
  bool after_operand_ = false;
  bool plain_d_ = false;            // the claim is one about a differential: dX is the change of X
  std::vector<std::string> bound_;  // indices of the sums around
  int depth_ = 0;
  int open_strokes_ = 0;  // |, and ‖, that may be closed by another
  int open_norms_ = 0;
};

}  // namespace matgrad
