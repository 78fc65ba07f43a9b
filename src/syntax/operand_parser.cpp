// SPDX-License-Identifier: MIT
// The operands of ExpressionParser: numbers, names, calls and whatever stands in brackets.
#include "syntax/expression_parser.hpp"
#include "syntax/parser.hpp"

namespace matgrad {

ExpressionParser::Node ExpressionParser::operand() {
  for (bool is_reported = false;; is_reported = true) {
    switch (peek().kind) {
      case TokenKind::number: return number();
      case TokenKind::name: return name();
      case TokenKind::sum: return sum_sign();
      case TokenKind::open_paren: return parenthesised();
      case TokenKind::open_bracket: return block();
      case TokenKind::norm: return norm();
      case TokenKind::root: return root();
      case TokenKind::unknown: take(); break;  // reported by the lexer
      case TokenKind::colon:
        report(Message::colon_outside_index, peek().span);
        take();
        break;
      case TokenKind::equals:
        stray_equals();
        take();
        break;
      default:
        if (!is_reported) report_missing_operand();
        return missing();
    }
  }
}

ExpressionParser::Node ExpressionParser::number() {
  const Token& token = take();
  const Node node = add(Syntax::number, token.span);
  if (const auto value = Rational::parse(token.text)) {
    tree_.nodes[node].value = *value;
  } else {
    report(Message::number_out_of_range, token.span, {quote(token.span)});
  }
  return node;
}

ExpressionParser::Node ExpressionParser::name() {
  const Token& token = take();
  const Token& next = peek();
  const bool is_apart = context_ == Context::block && next.space_before;
  if (next.kind != TokenKind::open_paren || is_apart) return add(Syntax::name, token.span, {}, token.text);
  return call(under(source_, token.span) == "Σ" ? "sum" : token.text, token.span);  // not an operator
}

ExpressionParser::Node ExpressionParser::sum_sign() {
  const Token& token = take();
  if (peek().kind == TokenKind::open_paren) return call("sum", token.span);  // not an operator
  report(Message::sum_without_bounds, token.span);
  return starts_operand(peek()) ? operand() : missing();
}

ExpressionParser::Node ExpressionParser::call(std::string function, Span function_span) {
  const Span open = take().span;
  const Inside inside(*this, Context::plain, TokenKind::open_paren);
  Children children;
  const bool has_colon = peek().kind != TokenKind::close_paren && arguments(children);
  finish(TokenKind::close_paren, open);
  const Span whole = join(function_span, last_span());
  if (has_colon) {
    report(Message::parentheses_as_index, whole, {quote(function_span)}, Edit{open, "["});
    problems_.also({last_span(), "]"});
  }
  return add(Syntax::call, whole, std::move(children), std::move(function));
}

// Expressions separated by commas; true where a ":" is among them.
bool ExpressionParser::arguments(Children& into) {
  bool has_colon = false;
  do {
    const TokenKind after = peek().kind == TokenKind::colon ? tokens_[at_ + 1].kind : TokenKind::end;
    if (after == TokenKind::comma || after == TokenKind::close_paren || after == TokenKind::close_bracket) {
      into.push_back(add(Syntax::colon, take().span));
      has_colon = true;
    } else {
      into.push_back(sum());
    }
  } while (take_if(TokenKind::comma));
  return has_colon;
}

ExpressionParser::Node ExpressionParser::parenthesised() {
  const Span open = take().span;
  const Inside inside(*this, Context::plain, TokenKind::open_paren);
  const Node node = sum();
  finish(TokenKind::close_paren, open);
  widen(node, join(open, last_span()));
  return node;
}

ExpressionParser::Node ExpressionParser::norm() {
  const Span open = take().span;
  const Inside inside(*this, Context::plain, TokenKind::norm);
  const Node node = sum();
  finish(TokenKind::norm, open);
  const std::string& index = tokens_[last_].text;
  const bool is_closed = tokens_[last_].kind == TokenKind::norm;
  if (is_closed && !index.empty() && index != "1" && index != "2" && index != "F") {
    report(Message::unknown_norm, last_span(), {index});
  }
  const char* function = is_closed && index == "1" ? "norm1" : "norm2";  // not an operator: what the strokes stand for
  return add(Syntax::call, join(open, last_span()), {node}, function);
}

ExpressionParser::Node ExpressionParser::root() {
  const Span sign = take().span;
  if (nesting_ >= max_depth) {
    stop_too_deep();
    return missing();
  }
  ++nesting_;
  const Node node = postfix();
  --nesting_;
  return add(Syntax::call, join(sign, span_of(node)), {node}, "sqrt");
}

ExpressionParser::Node ExpressionParser::index(Node base) {
  const Span open = take().span;
  const Inside inside(*this, Context::index, TokenKind::open_bracket);
  Children children{base};
  arguments(children);
  finish(TokenKind::close_bracket, open);
  if (children.size() > 3) report(Message::too_many_indices, join(open, last_span()));
  return add(Syntax::index, join(span_of(base), last_span()), std::move(children));
}

ExpressionParser::Node ExpressionParser::block() {
  const Span open = take().span;
  const Inside inside(*this, Context::block, TokenKind::open_bracket);
  Children entries;
  std::vector<std::uint32_t> columns;
  std::uint32_t in_row = 0;
  bool after_comma = false;
  for (;;) {
    const TokenKind kind = peek().kind;
    const bool ends_row = kind == TokenKind::semicolon || kind == TokenKind::newline;
    const bool ends_block =
        kind == TokenKind::close_bracket || kind == TokenKind::close_paren || kind == TokenKind::end;
    if (ends_row || ends_block) {
      if (in_row > 0) columns.push_back(in_row);
      in_row = 0;
      after_comma = false;
      if (ends_block) break;
      take();
    } else if (kind == TokenKind::comma && in_row > 0 && !after_comma) {
      take();
      after_comma = true;
    } else {
      const std::size_t before = at_;
      entries.push_back(sum());
      if (at_ == before) take();  // reported; a comma or an operator without operand
      ++in_row;
      after_comma = false;
    }
  }
  finish(TokenKind::close_bracket, open);
  const Span whole = join(open, last_span());
  if (entries.empty()) report(Message::empty_block, whole, {quote(whole)});
  const Node node = add(Syntax::block_matrix, whole, std::move(entries));
  tree_.nodes[node].columns = std::move(columns);
  return node;
}

}  // namespace matgrad
