// SPDX-License-Identifier: MIT
// Tokens to syntax tree, by operator precedence. Used by parse and parse_declaration.
//
// Recursion is bounded by max_depth, and so is the depth of the tree, where a run of + and - or of * counts once.
// An operand that is not there becomes a number 0 of empty span: the tree of a text with errors is never handed out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "syntax/ast.hpp"
#include "syntax/lexer.hpp"
#include "syntax/problems.hpp"

namespace matgrad {

class ExpressionParser {
 public:
  ExpressionParser(std::string_view source, Problems& problems);
  // Of tokens that end with `end` and whose places are in `source`.
  ExpressionParser(std::string_view source, std::vector<Token> tokens, Problems& problems);

  // One expression from here on, up to what does not belong to it.
  SyntaxTree expression();
  // Reports whatever stands before `closer` and steps over that too; an end where it should stand is reported.
  void finish(TokenKind closer, Span opener);

  const Token& peek();
  const Token& take();
  bool take_if(TokenKind kind);
  Span last_span() const { return tokens_[last_].span; }

 private:
  using Node = std::uint32_t;
  enum class Context { plain, block, index };  // the bracket directly around
  struct Sign {
    Span span;
    bool is_minus;
  };
  class Inside;

  Node add(Syntax kind, Span span, Children children = {}, std::string text = {});
  Node missing();
  Span span_of(Node node) const { return tree_.nodes[node].span; }
  void widen(Node node, Span span) { tree_.nodes[node].span = join(span_of(node), span); }

  // expression_parser.cpp: operators
  Node sum();
  Node binary(int least);
  Node juxtaposed(Node left);
  Node left_division(Node left);
  void after_stray();
  void stray_equals();
  Node unary();
  Node postfix();
  Node power(Node base);
  Node superscript(Node base);
  Node inverse(Node base, Span exponent);
  Node transposed(Node base, Span mark);
  std::vector<Sign> signs();
  Node negated(const std::vector<Sign>& signs, Node node);
  bool ends_entry();
  bool binds_as_index(Node node);
  bool is_transpose_mark();
  bool starts_operand(const Token& token) const;

  // operand_parser.cpp: operands
  Node operand();
  Node number();
  Node name();
  Node sum_sign();
  Node call(std::string function, Span function_span);
  bool arguments(Children& into);
  Node parenthesised();
  Node norm();
  Node root();
  Node index(Node base);
  Node block();

  // syntax_errors.cpp
  void report(Message message, Span span, std::vector<std::string> arguments = {}, std::optional<Edit> edit = {});
  std::string quote(Span span) const { return shorten(under(source_, span), 40); }
  void report_missing_operand();
  void report_unclosed(TokenKind closer, Span opener);
  bool ends_at_other_closer(TokenKind closer, Span opener);
  void report_unexpected();
  void stop_too_deep();

  std::string_view source_;
  Problems& problems_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  std::size_t last_ = 0;  // the token taken last
  bool any_taken_ = false;
  SyntaxTree tree_;
  std::vector<std::size_t> depths_;  // of each node
  Context context_ = Context::plain;
  bool in_norm_ = false;
  std::size_t nesting_ = 0;
  std::size_t open_parens_ = 0;
  std::size_t open_brackets_ = 0;
  bool stopped_ = false;   // too deep: nothing further is read
  bool unclosed_ = false;  // reported once
};

// While it lives, the parser is inside a bracket of this kind.
class ExpressionParser::Inside {
 public:
  Inside(ExpressionParser& parser, Context context, TokenKind opener)
      : parser_(parser),
        counter_(opener == TokenKind::open_paren     ? &parser.open_parens_
                 : opener == TokenKind::open_bracket ? &parser.open_brackets_
                                                     : nullptr),
        context_(parser.context_),
        in_norm_(parser.in_norm_) {
    parser.context_ = context;
    parser.in_norm_ = opener == TokenKind::norm;
    if (counter_ != nullptr) ++*counter_;
  }
  ~Inside() {
    parser_.context_ = context_;
    parser_.in_norm_ = in_norm_;
    if (counter_ != nullptr) --*counter_;
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  ExpressionParser& parser_;
  std::size_t* counter_;
  Context context_;
  bool in_norm_;
};

// How tightly an operator between two operands binds, and what it makes; strength 0 for any other token.
struct BinaryOperator {
  Syntax kind = Syntax::add;
  int strength = 0;
};
BinaryOperator binary_operator(TokenKind kind);
inline constexpr int sum_strength = 1;
inline constexpr int product_strength = 2;

}  // namespace matgrad
