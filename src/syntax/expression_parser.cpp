// SPDX-License-Identifier: MIT
#include "syntax/expression_parser.hpp"

#include <algorithm>
#include <iterator>

#include "syntax/parser.hpp"

namespace matgrad {
namespace {

// Functions that mathematicians write without parentheses.
constexpr std::size_t most_nodes_at_first = 64;  // that there is memory for

constexpr std::string_view bare_functions[] = {"sin", "cos", "tan", "exp", "log",  "ln",
                                               "tr",  "det", "inv", "vec", "diag", "sqrt"};  // not an operator

// A run of sums, or of products, is flat in meaning: it may be as long as the input.
bool is_flat_run(Syntax outer, Syntax left) {
  const auto is_sum = [](Syntax kind) { return kind == Syntax::add || kind == Syntax::subtract; };
  return (is_sum(outer) && is_sum(left)) || (outer == Syntax::multiply && left == Syntax::multiply);
}

bool is_bare_function(const SyntaxNode& node) {
  return node.kind == Syntax::name && std::count(std::begin(bare_functions), std::end(bare_functions), node.text) > 0;
}

}  // namespace

BinaryOperator binary_operator(TokenKind kind) {
  switch (kind) {
    case TokenKind::plus: return {Syntax::add, sum_strength};
    case TokenKind::minus: return {Syntax::subtract, sum_strength};
    case TokenKind::star: return {Syntax::multiply, product_strength};
    case TokenKind::slash: return {Syntax::divide, product_strength};
    case TokenKind::dot_star: return {Syntax::hadamard, product_strength};
    case TokenKind::dot_slash: return {Syntax::hadamard_divide, product_strength};
    case TokenKind::kron: return {Syntax::kronecker, product_strength};
    default: return {};
  }
}

ExpressionParser::ExpressionParser(std::string_view source, Problems& problems)
    : ExpressionParser(source, lex(source, problems), problems) {}

ExpressionParser::ExpressionParser(std::string_view source, std::vector<Token> tokens, Problems& problems)
    : source_(source), problems_(problems), tokens_(std::move(tokens)) {}

const Token& ExpressionParser::peek() {
  if (stopped_ || problems_.full()) at_ = tokens_.size() - 1;
  while (context_ != Context::block && tokens_[at_].kind == TokenKind::newline) ++at_;
  return tokens_[at_];
}

const Token& ExpressionParser::take() {
  const Token& token = peek();
  if (token.kind == TokenKind::end) return token;
  last_ = at_++;
  any_taken_ = true;
  return token;
}

bool ExpressionParser::take_if(TokenKind kind) {
  if (peek().kind != kind) return false;
  take();
  return true;
}

ExpressionParser::Node ExpressionParser::add(Syntax kind, Span span, Children children, std::string text) {
  std::size_t depth = 1;
  for (std::size_t i = 0; i < children.size(); ++i) {
    const bool is_flat = i == 0 && is_flat_run(kind, tree_.nodes[children[i]].kind);
    depth = std::max(depth, depths_[children[i]] + (is_flat ? 0 : 1));
  }
  if (depth > max_depth) stop_too_deep();
  SyntaxNode node;
  node.kind = kind;
  node.span = span;
  node.children = std::move(children);
  node.text = std::move(text);
  tree_.nodes.push_back(std::move(node));
  depths_.push_back(depth);
  return static_cast<Node>(tree_.nodes.size() - 1);
}

ExpressionParser::Node ExpressionParser::missing() {
  const std::uint32_t here = any_taken_ ? last_span().end : 0;
  return add(Syntax::number, {here, here});
}

SyntaxTree ExpressionParser::expression() {
  tree_ = SyntaxTree();
  depths_.clear();
  tree_.source = source_;
  const std::size_t expected = std::min<std::size_t>(tokens_.size() - at_, most_nodes_at_first);
  tree_.nodes.reserve(expected);
  depths_.reserve(expected);
  tree_.root = sum();
  return std::move(tree_);
}

ExpressionParser::Node ExpressionParser::sum() {
  if (nesting_ >= max_depth) {
    stop_too_deep();
    return missing();
  }
  ++nesting_;
  const Node result = binary(sum_strength);
  --nesting_;
  return result;
}

ExpressionParser::Node ExpressionParser::binary(int least) {
  Node left = unary();
  for (;;) {
    const Token& next = peek();
    const BinaryOperator op = binary_operator(next.kind);
    const bool is_product =
        op.strength == product_strength || next.kind == TokenKind::backslash || starts_operand(next);
    const bool is_stray = next.kind == TokenKind::equals || next.kind == TokenKind::unknown;
    const int strength = is_product ? product_strength : op.strength != 0 || is_stray ? sum_strength : 0;
    if (strength < least || ends_entry()) return left;
    if (is_stray) {
      if (next.kind == TokenKind::equals) stray_equals();
      take();
      after_stray();
    } else if (op.strength != 0) {
      take();
      const Node right = binary(strength + 1);
      left = add(op.kind, join(span_of(left), span_of(right)), {left, right});
    } else {
      left = next.kind == TokenKind::backslash ? left_division(left) : juxtaposed(left);
    }
  }
}

// Two operands with nothing between them. Read on as a product, so that what follows is checked too.
ExpressionParser::Node ExpressionParser::juxtaposed(Node left) {
  const Span gap{last_span().end, peek().span.begin};
  const bool is_function = is_bare_function(tree_.nodes[left]);
  const bool is_split_number =
      gap.begin == gap.end && tokens_[last_].kind == TokenKind::number && peek().kind == TokenKind::number;  // 1.2.3
  Node right = binary(product_strength + 1);
  if (is_function && is_bare_function(tree_.nodes[right]) && starts_operand(peek())) {  // log det X
    if (++nesting_ > max_depth) stop_too_deep();
    right = stopped_ ? right : juxtaposed(right);
    --nesting_;
  }
  const Span whole = join(span_of(left), span_of(right));
  if (is_split_number) {
    report(Message::malformed_number, whole, {quote(whole)});
  } else if (is_function) {
    const bool has_parentheses = under(source_, span_of(right)).substr(0, 1) == "(";
    const std::string inner = has_parentheses ? quote(span_of(right)) : "(" + quote(span_of(right)) + ")";
    const std::uint32_t end = span_of(right).end;
    report(Message::bare_function_call, whole, {tree_.nodes[left].text, tree_.nodes[left].text + inner},
           Edit{gap, has_parentheses ? "" : "("});
    if (!has_parentheses) problems_.also({{end, end}, ")"});
  } else if (context_ == Context::index) {
    report(Message::index_without_comma, whole, {quote(span_of(left)) + "," + quote(span_of(right))}, Edit{gap, ","});
  } else {
    report(Message::juxtaposition, whole, {quote(span_of(left)) + "*" + quote(span_of(right))}, Edit{gap, "*"});
  }
  return add(Syntax::multiply, whole, {left, right});
}

// MATLAB's A\b.
ExpressionParser::Node ExpressionParser::left_division(Node left) {
  const Span sign = take().span;
  const Node right = binary(product_strength + 1);
  const Span whole = join(span_of(left), span_of(right));
  const std::uint32_t begin = span_of(left).begin;
  report(Message::left_division, sign, {"inv(" + quote(span_of(left)) + ")*" + quote(span_of(right))},
         Edit{{begin, begin}, "inv("});
  problems_.also({{span_of(left).end, span_of(right).begin}, ")*"});
  return add(Syntax::multiply, whole, {left, right});
}

// What follows a token that does not belong there: read for its own errors, its value is not needed.
void ExpressionParser::after_stray() {
  while (peek().kind == TokenKind::transpose || peek().kind == TokenKind::superscript) take();
  if (binary_operator(peek().kind).strength != 0) take();
  if (starts_operand(peek())) binary(product_strength);
}

void ExpressionParser::stray_equals() {
  // "y = x'*x" means the right-hand side; of any other equation only its writer knows.
  const bool is_assignment = at_ == 1 && tokens_[0].kind == TokenKind::name && peek().span.end - peek().span.begin == 1;
  report(Message::equals_sign, peek().span, {quote(peek().span)},
         is_assignment ? std::optional(Edit{{0, tokens_[at_ + 1].span.begin}, ""}) : std::nullopt);
}

std::vector<ExpressionParser::Sign> ExpressionParser::signs() {
  std::vector<Sign> result;
  while (context_ == Context::block && tokens_[at_].kind == TokenKind::newline) ++at_;  // a line may end in an operator
  while (peek().kind == TokenKind::plus || peek().kind == TokenKind::minus) {
    const Token& sign = take();
    result.push_back({sign.span, sign.kind == TokenKind::minus});
  }
  return result;
}

ExpressionParser::Node ExpressionParser::negated(const std::vector<Sign>& signs, Node node) {
  for (std::size_t i = signs.size(); i-- > 0 && !stopped_;) {
    if (signs[i].is_minus) {
      node = add(Syntax::negate, join(signs[i].span, span_of(node)), {node});
    } else {
      widen(node, signs[i].span);
    }
  }
  return node;
}

ExpressionParser::Node ExpressionParser::unary() {
  const std::vector<Sign> before = signs();
  return negated(before, postfix());
}

ExpressionParser::Node ExpressionParser::postfix() {
  Node node = operand();
  for (;;) {
    const Token& next = peek();
    const bool is_apart = context_ == Context::block && next.space_before;
    if (next.kind == TokenKind::transpose && !(is_apart && next.text == "'")) {
      node = transposed(node, take().span);
    } else if (next.kind == TokenKind::superscript) {
      node = superscript(node);
    } else if (next.kind == TokenKind::caret || next.kind == TokenKind::dot_caret) {
      node = power(node);
    } else if (next.kind == TokenKind::open_bracket && !is_apart && binds_as_index(node)) {
      node = index(node);
    } else {
      return node;
    }
  }
}

ExpressionParser::Node ExpressionParser::power(Node base) {
  const Token& op = take();
  const Syntax kind = op.kind == TokenKind::caret ? Syntax::power : Syntax::hadamard_power;
  const std::vector<Sign> before = signs();
  if (kind == Syntax::power && is_transpose_mark()) {
    if (before.empty()) return transposed(base, take().span);
    if (before.size() == 1 && before[0].is_minus) {
      const Node inverted = inverse(base, before[0].span);
      return transposed(inverted, take().span);
    }
  }
  Node exponent = operand();
  while (peek().kind == TokenKind::open_bracket && !ends_entry() && binds_as_index(exponent))
    exponent = index(exponent);
  exponent = negated(before, exponent);
  return add(kind, join(span_of(base), span_of(exponent)), {base, exponent});
}

ExpressionParser::Node ExpressionParser::superscript(Node base) {
  const Token& token = take();
  if (token.text == "-") return inverse(base, token.span);  // the ᵀ of X⁻ᵀ comes next
  const std::string digits = token.text.substr(token.text[0] == '-' || token.text[0] == '+' ? 1 : 0);
  Node exponent = add(Syntax::number, token.span);
  if (const auto value = Rational::parse(digits)) {
    tree_.nodes[exponent].value = *value;
  } else {
    report(Message::number_out_of_range, token.span, {quote(token.span)});
  }
  if (token.text[0] == '-') exponent = add(Syntax::negate, token.span, {exponent});
  return add(Syntax::power, join(span_of(base), token.span), {base, exponent});
}

ExpressionParser::Node ExpressionParser::inverse(Node base, Span exponent) {
  const Node one = add(Syntax::number, exponent);
  tree_.nodes[one].value = Rational(1);
  const Node minus_one = add(Syntax::negate, exponent, {one});
  return add(Syntax::power, join(span_of(base), exponent), {base, minus_one});
}

ExpressionParser::Node ExpressionParser::transposed(Node base, Span mark) {
  return add(Syntax::transpose, join(span_of(base), mark), {base});
}

// The T of X^T, unless a function named T is called; ᵀ and ⊤ as exponents.
bool ExpressionParser::is_transpose_mark() {
  const Token& next = peek();
  if (next.kind == TokenKind::transpose) return next.text == "T";
  if (next.kind != TokenKind::name || next.text != "T") return false;
  const Token& after = tokens_[at_ + 1];
  return after.kind != TokenKind::open_paren || after.space_before;
}

bool ExpressionParser::binds_as_index(Node node) {
  const Syntax kind = tree_.nodes[node].kind;
  return kind != Syntax::number && kind != Syntax::block_matrix;
}

bool ExpressionParser::starts_operand(const Token& token) const {
  switch (token.kind) {
    case TokenKind::number:
    case TokenKind::name:
    case TokenKind::open_paren:
    case TokenKind::open_bracket:
    case TokenKind::root:
    case TokenKind::sum: return true;
    case TokenKind::norm: return !in_norm_;
    default: return false;
  }
}

// In [a -b] the space ends the entry a; in [a - b] and [a-b] it does not.
bool ExpressionParser::ends_entry() {
  const Token& next = peek();
  if (context_ != Context::block || !next.space_before) return false;
  if (next.kind == TokenKind::plus || next.kind == TokenKind::minus) return !tokens_[at_ + 1].space_before;
  return starts_operand(next);
}

}  // namespace matgrad
