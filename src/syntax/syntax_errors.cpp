// SPDX-License-Identifier: MIT
// What ExpressionParser says about a text that is no expression, and how it gets past it.
#include "syntax/expression_parser.hpp"
#include "syntax/parser.hpp"

namespace matgrad {
namespace {

bool is_operator(TokenKind kind) {
  return binary_operator(kind).strength != 0 || kind == TokenKind::caret || kind == TokenKind::dot_caret ||
         kind == TokenKind::transpose || kind == TokenKind::superscript || kind == TokenKind::backslash;
}

bool wants_operand(TokenKind kind) {
  return kind != TokenKind::transpose && kind != TokenKind::superscript &&
         (is_operator(kind) || kind == TokenKind::root);
}

bool is_opener(TokenKind kind) {
  return kind == TokenKind::open_paren || kind == TokenKind::open_bracket || kind == TokenKind::norm;
}

bool is_closer(TokenKind kind) {
  return kind == TokenKind::close_paren || kind == TokenKind::close_bracket;
}

std::string spelling(TokenKind closer) {
  return closer == TokenKind::close_paren ? ")" : closer == TokenKind::close_bracket ? "]" : "‖";
}

}  // namespace

void ExpressionParser::report(Message message, Span span, std::vector<std::string> arguments,
                              std::optional<Edit> edit) {
  if (!stopped_) problems_.report(message, span, std::move(arguments), std::move(edit));
}

void ExpressionParser::stop_too_deep() {
  report(Message::too_deep, tokens_[at_].kind == TokenKind::end ? last_span() : tokens_[at_].span,
         {std::to_string(max_depth)});
  stopped_ = true;
}

void ExpressionParser::report_missing_operand() {
  const Token& next = peek();
  const TokenKind before = any_taken_ ? tokens_[last_].kind : TokenKind::end;
  if (is_operator(next.kind) && wants_operand(before)) {
    report(Message::missing_between, join(last_span(), next.span), {quote(last_span()), quote(next.span)});
  } else if (is_operator(next.kind)) {
    report(Message::missing_left, next.span, {quote(next.span)});
  } else if (before == TokenKind::comma) {
    report(Message::missing_after_comma, last_span());
  } else if (wants_operand(before)) {
    report(Message::missing_right, last_span(), {quote(last_span())});
  } else if (is_opener(before) && is_closer(next.kind)) {
    report(Message::empty_brackets, join(last_span(), next.span), {quote(last_span()), quote(next.span)});
  } else if (next.kind != TokenKind::end) {
    report(Message::missing_before, next.span, {quote(next.span)});
  }  // an end after an opening bracket is reported as a bracket that is not closed
}

void ExpressionParser::report_unclosed(TokenKind closer, Span opener) {
  const std::uint32_t here = last_span().end;
  Edit edit{{here, here}, spelling(closer)};
  if (unclosed_) {
    problems_.also(std::move(edit));
  } else {
    report(Message::unclosed_bracket, opener, {quote(opener), spelling(closer)}, std::move(edit));
  }
  unclosed_ = true;
}

// A closing bracket of another kind. True where that ends the bracket: it belongs to one further out, or is a slip.
bool ExpressionParser::ends_at_other_closer(TokenKind closer, Span opener) {
  const Token& next = peek();
  if (closer == TokenKind::end) {
    report(Message::stray_closer, next.span, {quote(next.span)}, Edit{next.span, ""});
    return false;
  }
  if ((next.kind == TokenKind::close_paren ? open_parens_ : open_brackets_) > 0) {
    report_unclosed(closer, opener);
    return true;
  }
  report(Message::mismatched_bracket, next.span, {quote(opener), quote(next.span), spelling(closer)},
         Edit{next.span, spelling(closer)});
  take();
  return true;
}

void ExpressionParser::report_unexpected() {
  const Token& next = peek();
  if (next.kind == TokenKind::colon) return report(Message::colon_outside_index, next.span);
  const bool is_last = tokens_[at_ + 1].kind == TokenKind::end;
  report(Message::unexpected_token, next.span, {quote(next.span)},
         is_last ? std::optional(Edit{next.span, ""}) : std::nullopt);
}

void ExpressionParser::finish(TokenKind closer, Span opener) {
  for (;;) {
    const Token& next = peek();
    if (next.kind == closer) {
      take();
      return;
    }
    if (next.kind == TokenKind::end) return report_unclosed(closer, opener);
    if (is_closer(next.kind)) {
      if (ends_at_other_closer(closer, opener)) return;
    } else {
      report_unexpected();
    }
    take();
    after_stray();
  }
}

}  // namespace matgrad
