// SPDX-License-Identifier: MIT
#include "syntax/parser.hpp"

#include <algorithm>

#include "syntax/expression_parser.hpp"
#include "syntax/latex_reader.hpp"

namespace matgrad {
namespace {

SyntaxTree read_expression(std::string_view text, Problems& problems, InputNotation notation,
                           const std::set<std::string>& variables) {
  const bool as_latex = notation == InputNotation::latex || (notation == InputNotation::guessed && is_latex(text));
  LatexContext context;
  context.variables = variables;
  ExpressionParser parser(text, as_latex ? lex_latex(text, problems, context) : lex(text, problems), problems);
  if (parser.peek().kind == TokenKind::end) {
    if (problems.empty()) problems.report(Message::empty_input, {});
    return {};
  }
  SyntaxTree tree = parser.expression();
  parser.finish(TokenKind::end, {});
  return tree;
}

bool is_dimension(const SyntaxTree& tree, const SyntaxNode& node) {
  switch (node.kind) {
    case Syntax::number: {
      const auto value = node.value.as_int64();
      return value && *value > 0;
    }
    case Syntax::name:
    case Syntax::add:
    case Syntax::subtract:
    case Syntax::multiply: return true;
    case Syntax::power:
    case Syntax::divide: return tree[node.children[1]].kind == Syntax::number;
    default: return false;
  }
}

void read_dimensions(ExpressionParser& parser, Problems& problems, Declaration& into) {
  if (parser.peek().kind != TokenKind::open_paren) return;
  const Span open = parser.take().span;
  do {
    SyntaxTree dimension = parser.expression();
    const auto wrong = std::find_if_not(dimension.nodes.begin(), dimension.nodes.end(),
                                        [&](const SyntaxNode& node) { return is_dimension(dimension, node); });
    if (wrong != dimension.nodes.end() && problems.empty()) {
      problems.report(Message::not_a_dimension, wrong->span, {std::string(under(into.source, wrong->span))});
    }
    into.dimensions.push_back(std::move(dimension));
  } while (parser.take_if(TokenKind::comma));
  parser.finish(TokenKind::close_paren, open);
}

void read_flags(ExpressionParser& parser, Problems& problems, Declaration& into) {
  while (parser.peek().kind == TokenKind::name) {
    const Token& flag = parser.take();
    if (flag.text == "positive") {
      into.positive = true;
    } else {
      problems.report(Message::unknown_flag, flag.span, {shorten(flag.text, 40)});
    }
  }
}

Declaration read_declaration(std::string_view text, Problems& problems) {
  Declaration result;
  result.source = text;
  ExpressionParser parser(text, problems);
  if (parser.peek().kind != TokenKind::name) {
    const bool is_blank = parser.peek().kind == TokenKind::end;
    if (problems.empty()) problems.report(Message::declaration_form, is_blank ? Span{} : parser.peek().span);
    return result;
  }
  const Token& name = parser.take();
  result.name = name.text;
  result.name_span = name.span;
  if (!parser.take_if(TokenKind::colon)) {
    const std::uint32_t after = name.span.end;
    const bool is_only_colon = parser.peek().kind == TokenKind::name;
    problems.report(Message::declaration_form,
                    is_only_colon || parser.peek().kind == TokenKind::end ? name.span : parser.peek().span, {},
                    is_only_colon ? std::optional(Edit{{after, after}, ":"}) : std::nullopt);
    if (!is_only_colon) return result;
  }
  if (parser.peek().kind != TokenKind::name) {
    const Span colon = parser.last_span();
    problems.report(Message::missing_kind, parser.peek().kind == TokenKind::end ? colon : parser.peek().span,
                    {result.name});
    return result;
  }
  const Token& kind = parser.take();
  result.kind = kind.text;
  result.kind_span = kind.span;
  read_dimensions(parser, problems, result);
  read_flags(parser, problems, result);
  parser.finish(TokenKind::end, {});
  return result;
}

// Reads `text` with one of the two readers above; errors carry a mended text where that reads without one.
template <class Reader>
auto read(std::string_view text, Reader reader) -> Result<decltype(reader(text, std::declval<Problems&>()))> {
  if (text.size() > max_input_bytes) {
    Diagnostic too_long;
    too_long.message = Message::input_too_long;
    too_long.arguments = {std::to_string(text.size()), std::to_string(max_input_bytes)};
    return failure(std::move(too_long));
  }
  Problems problems;
  auto value = reader(text, problems);
  if (problems.empty()) return value;
  return tl::make_unexpected(problems.finish(text, [&](std::string_view mended) {
    Problems left;
    if (mended.size() <= max_input_bytes) reader(mended, left);
    return left.empty() && mended.size() <= max_input_bytes;
  }));
}

}  // namespace

Result<SyntaxTree> parse(std::string_view text, InputNotation notation, const std::set<std::string>& variables) {
  return read(text, [&](std::string_view input, Problems& problems) {
    return read_expression(input, problems, notation, variables);
  });
}

Result<Declaration> parse_declaration(std::string_view text) {
  auto result = read(text, read_declaration);
  if (!result) {
    for (Diagnostic& error : result.error()) error.source = text;
  }
  return result;
}

}  // namespace matgrad
