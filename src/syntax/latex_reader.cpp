// SPDX-License-Identifier: MIT
#include "syntax/latex_reader.hpp"

#include <algorithm>
#include <utility>

#include "syntax/latex_emitter.hpp"
#include "syntax/parser.hpp"

namespace matgrad {
namespace {

struct OperatorSign {
  std::string_view text;
  TokenKind kind;
};
constexpr OperatorSign commands[] = {{"\\cdot", TokenKind::star},     {"\\times", TokenKind::star},
                                     {"\\ast", TokenKind::star},      {"\\odot", TokenKind::dot_star},
                                     {"\\circ", TokenKind::dot_star}, {"\\oslash", TokenKind::dot_slash},
                                     {"\\otimes", TokenKind::kron},   {"\\div", TokenKind::slash},
                                     {"\\equiv", TokenKind::equals},  {"\\triangleq", TokenKind::equals}};
constexpr OperatorSign symbols[] = {
    {"+", TokenKind::plus},       {"-", TokenKind::minus},   {"*", TokenKind::star},      {"/", TokenKind::slash},
    {"=", TokenKind::equals},     {",", TokenKind::comma},   {";", TokenKind::semicolon}, {".*", TokenKind::dot_star},
    {"./", TokenKind::dot_slash}, {"kron", TokenKind::kron}, {":", TokenKind::colon}};  // not an operator

TokenKind sign_of(const LatexPiece& piece) {
  if (piece.kind == LatexPiece::Kind::command) {
    for (const OperatorSign& sign : commands) {
      if (piece.text == sign.text) return sign.kind;
    }
  }
  if (piece.kind == LatexPiece::Kind::symbol) {
    for (const OperatorSign& sign : symbols) {
      if (piece.text == sign.text) return sign.kind;
    }
  }
  return TokenKind::end;
}

}  // namespace

LatexEmitter::LatexEmitter(std::string_view source, Problems& problems, const LatexContext& context, LatexFaces* faces)
    : source_(source),
      problems_(problems),
      context_(context),
      faces_(faces),
      pieces_(scan_latex(source, context.macros)) {}

// Comments and the contents of braces as well, which nothing else looks at: what is read is shown again.
bool LatexEmitter::is_utf8() {
  bool valid = true;
  for (std::size_t at = 0; at < source_.size();) {
    const std::size_t begin = at;
    while (at < source_.size() && !code_point_at(source_, at).valid) ++at;
    if (at > begin) {
      report(Message::not_utf8, {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at)});
      valid = false;
    } else {
      at += code_point_at(source_, at).length;
    }
  }
  return valid;
}

std::vector<Token> LatexEmitter::run() {
  const auto size = static_cast<std::uint32_t>(source_.size());
  if (!is_utf8()) return put(TokenKind::end, {size, size}), std::move(out_);
  while (peek().kind != Kind::end && !problems_.full()) {
    run_until(Until::closed);
    if (peek().kind == Kind::end) break;
    report(Message::unexpected_token, here(), {std::string(under(source_, here()))});
    take();
  }
  // Something is underlined wherever an error is found.
  Span before = pieces_[0].span;
  for (Token& token : out_) {
    if (token.span.begin == token.span.end) token.span = before;
    before = token.span;
  }
  put(TokenKind::end, {size, size});
  return std::move(out_);
}

const LatexPiece& LatexEmitter::peek(std::size_t ahead) const {
  return pieces_[std::min(at_ + ahead, pieces_.size() - 1)];
}

const LatexPiece& LatexEmitter::take() {
  const LatexPiece& piece = peek();
  if (piece.kind != Kind::end) ++at_;
  return piece;
}

bool LatexEmitter::take_symbol(std::string_view text) {
  if (!peek().is_symbol(text)) return false;
  take();
  return true;
}

void LatexEmitter::put(TokenKind kind, Span span, std::string text) {
  out_.push_back({kind, span, false, std::move(text)});
}

void LatexEmitter::wrap(std::size_t from, const std::string& function, Span span) {
  parenthesise(from, span);
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(from),
              Token{TokenKind::name, out_[from].span, false, function});
}

// A place holds what is inside: the operand may begin before the sign that says what is done with it.
void LatexEmitter::parenthesise(std::size_t from, Span span) {
  const Span first = mark() > from ? join(out_[from].span, span) : span;
  const Span last = last_span();
  out_.insert(out_.begin() + static_cast<std::ptrdiff_t>(from), Token{TokenKind::open_paren, first, false, {}});
  put(TokenKind::close_paren, last.end > span.end ? last : span);
}

void LatexEmitter::report(Message message, Span span, std::vector<std::string> arguments) {
  // Something is always underlined.
  if (span.begin == span.end) span = span.begin > 0 ? last_span() : Span{0, 1};
  problems_.report(message, span, std::move(arguments));
}

bool LatexEmitter::closes() const {
  const LatexPiece& piece = peek();
  if (piece.kind == Kind::end || piece.kind == Kind::close || piece.kind == Kind::row || piece.kind == Kind::cell)
    return true;
  if (piece.kind == Kind::command) return piece.text.rfind("\\end{", 0) == 0 || piece.text == "\\rangle";
  if (piece.kind != Kind::symbol) return false;
  if (piece.text == ")" || piece.text == "]" || piece.text == "|>" || piece.text == "‖>") return true;
  return after_operand_ && ((piece.text == "|" && open_strokes_ > 0) || (piece.text == "‖" && open_norms_ > 0));
}

bool LatexEmitter::ends(Until until) const {
  if (closes()) return true;
  const TokenKind sign = sign_of(peek());
  if (until == Until::closed || sign == TokenKind::end) return false;
  const bool ends_product = sign == TokenKind::plus || sign == TokenKind::minus || sign == TokenKind::equals ||
                            sign == TokenKind::comma || sign == TokenKind::semicolon;
  return (ends_product && after_operand_) || until == Until::end_of_argument;
}

bool LatexEmitter::put_operator() {
  const TokenKind sign = sign_of(peek());
  if (sign == TokenKind::end) return false;
  put(sign, take().span);
  after_operand_ = false;
  return true;
}

// Terms until the run ends; each operand after another is a factor.
void LatexEmitter::run_until(Until until) {
  if (++depth_ > 200) report(Message::too_deep, here(), {"200"});
  std::size_t operands = 0;
  while (!ends(until) && !problems_.full() && depth_ <= 200) {
    if (put_operator()) continue;
    std::size_t length = 0;
    if (until == Until::end_of_argument && operands > 0 && !function_at(length).empty()) break;
    if (nabla()) continue;
    const std::size_t before = at_;
    operand();
    ++operands;
    if (at_ == before) {
      const LatexPiece& piece = take();
      report(piece.kind == Kind::command ? Message::latex_unknown_command : Message::unknown_character, piece.span,
             {piece.text});
    }
  }
  --depth_;
}

void LatexEmitter::operand() {
  const std::size_t before = mark();
  if (after_operand_) put(TokenKind::star, here());
  const std::size_t from = mark();
  const bool is_operand = primary();
  if (mark() == from) return out_.resize(before);  // nothing came
  after_operand_ = is_operand;
}

// True where an operand was written; false for the d/dx of d/dx f, after which f is no factor.
bool LatexEmitter::primary() {
  const std::size_t from = mark();
  if (differential()) return mark() > from && out_.back().kind != TokenKind::differential;
  if (fraction()) {
    const bool is_derivative = mark() > from && out_[from].kind == TokenKind::differential;
    if (!is_derivative) scripts(from, false);
    const std::size_t slash = from + (mark() > from + 1 && out_[from + 1].kind == TokenKind::superscript ? 2 : 1);
    return !is_derivative || mark() <= slash || out_[slash].kind != TokenKind::slash;
  }
  if (peek().is_command("\\sum")) return sum(), true;
  if (function()) return true;
  if (root() || matrix() || strokes() || norm() || bracketed()) return scripts(from, false), true;
  if (peek().kind == Kind::number) {
    const LatexPiece& piece = take();
    put(TokenKind::number, piece.span, piece.text);
    scripts(from, false);
    return true;
  }
  return name();
}

bool LatexEmitter::bracketed() {
  const LatexPiece open = peek();
  const bool is_braces = open.kind == Kind::open;
  const char* closer = open.is_symbol("(") ? ")" : open.is_symbol("[") ? "]" : nullptr;
  if (!is_braces && closer == nullptr) return false;
  take();
  const std::size_t from = mark();
  after_operand_ = false;
  run_until(Until::closed);
  const bool closed = is_braces ? peek().kind == Kind::close : peek().is_symbol(closer);
  if (closed) {
    take();
  } else {
    report(Message::unclosed_bracket, open.span, {open.text, is_braces ? "}" : closer});
  }
  // Braces around a single name change nothing but that {x}_{1} is an entry.
  if (is_braces && mark() == from + 1) return true;
  parenthesise(from, open.span);
  return true;
}

// |X|: of a matrix its determinant, of anything else the absolute value.
bool LatexEmitter::strokes() {
  if (!peek().is_symbol("|") && !peek().is_symbol("|<")) return false;
  const LatexPiece open = take();
  const std::size_t from = mark();
  after_operand_ = false;
  ++open_strokes_;
  run_until(Until::closed);
  --open_strokes_;
  if (!take_symbol("|>") && !take_symbol("|")) report(Message::unclosed_bracket, open.span, {"|", "|"});
  wrap(from, is_matrix_like(from) ? "det" : "abs", open.span);  // not an operator: what the strokes stand for
  return true;
}

bool LatexEmitter::norm() {
  if (!peek().is_symbol("‖") && !peek().is_symbol("‖<")) return false;
  const LatexPiece open = take();
  const std::size_t from = mark();
  put(TokenKind::norm, open.span);
  after_operand_ = false;
  ++open_norms_;
  run_until(Until::closed);
  --open_norms_;
  Span close = here();
  if (!take_symbol("‖>") && !take_symbol("‖")) report(Message::unclosed_bracket, open.span, {"‖", "‖"});
  std::string index;
  if (peek().kind == Kind::subscript) {
    take();
    index = subscript_text();
    close.end = std::max(close.end, peek().span.begin);
  }
  const bool is_star = index == "star";
  if (is_star || index == "op") {
    out_.erase(out_.begin() + static_cast<std::ptrdiff_t>(from));
    wrap(from, is_star ? "nuclear" : "spectral", open.span);  // not an operator: what the strokes stand for
  } else {
    put(TokenKind::norm, close, index == "Fro" || index == "fro" ? "F" : index);
  }
  return true;
}

bool LatexEmitter::fraction() {
  const LatexPiece head = peek();
  if (!head.is_command("\\frac") && !head.is_command("\\dfrac") && !head.is_command("\\tfrac")) return false;
  take();
  const std::vector<LatexPiece> above = group();
  const std::vector<LatexPiece> below = group();
  const Span whole = join(head.span, pieces_[at_ > 0 ? at_ - 1 : 0].span);
  if (derivative_fraction(above, below, whole)) return true;
  const std::size_t from = mark();
  const std::size_t numerator = mark();
  emit(above);
  parenthesise(numerator, head.span);
  put(TokenKind::slash, head.span);
  const std::size_t denominator = mark();
  emit(below);
  parenthesise(denominator, head.span);
  parenthesise(from, whole);
  return true;
}

bool LatexEmitter::root() {
  if (!peek().is_command("\\sqrt")) return false;
  const LatexPiece head = take();
  const std::size_t from = mark();
  emit(group());
  wrap(from, "sqrt", head.span);
  return true;
}

bool LatexEmitter::matrix() {
  if (peek().kind != Kind::command || peek().text.rfind("\\begin{", 0) != 0) return false;
  const LatexPiece head = take();
  const std::size_t from = mark();
  put(TokenKind::open_bracket, head.span);
  while (peek().kind != Kind::end) {
    after_operand_ = false;
    run_until(Until::closed);
    const LatexPiece next = take();
    if (next.kind == Kind::cell) {
      put(TokenKind::comma, next.span);
    } else if (next.kind == Kind::row) {
      if (peek().kind != Kind::command || peek().text.rfind("\\end{", 0) != 0) put(TokenKind::semicolon, next.span);
    } else {
      if (next.kind != Kind::command) report(Message::unclosed_bracket, head.span, {head.text, "\\end"});
      put(TokenKind::close_bracket, next.span);
      break;
    }
  }
  if (head.text.find("vmatrix") != std::string::npos) wrap(from, "det", head.span);  // not an operator: the strokes
  return true;
}

// \sum_{i=1}^{n} and its body, a product.
void LatexEmitter::sum() {
  const LatexPiece head = take();
  std::vector<LatexPiece> lower;
  std::vector<LatexPiece> upper;
  while (peek().kind == Kind::subscript || peek().kind == Kind::superscript) {
    const bool is_lower = take().kind == Kind::subscript;
    (is_lower ? lower : upper) = group();
  }
  const auto equals =
      std::find_if(lower.begin(), lower.end(), [](const LatexPiece& piece) { return piece.is_symbol("="); });
  const std::size_t from = mark();
  emit({lower.begin(), equals});
  const bool has_index = mark() == from + 1 && out_[from].kind == TokenKind::name;
  const std::string index = has_index ? out_[from].text : std::string();
  out_.resize(from);
  if (!has_index || equals == lower.end() || upper.empty()) {
    report(Message::latex_sum_without_bounds, head.span);
    after_operand_ = false;
    return run_until(Until::end_of_product);
  }
  put(TokenKind::name, head.span, "sum");  // not an operator: the sign
  put(TokenKind::open_paren, head.span);
  put(TokenKind::name, lower[0].span, index);
  put(TokenKind::comma, head.span);
  emit({equals + 1, lower.end()});
  put(TokenKind::comma, head.span);
  emit(upper);
  put(TokenKind::comma, head.span);
  bound_.push_back(index);
  after_operand_ = false;
  run_until(Until::end_of_product);
  bound_.pop_back();
  put(TokenKind::close_paren, head.span);
}

// A determinant is of products and sums of matrices: the first term has a capital letter that no row or column turns
// into a number.
bool LatexEmitter::is_matrix_like(std::size_t from) const {
  bool has_matrix = false;
  bool begins_with_row = false;
  bool is_first = true;
  int depth = 0;
  for (std::size_t i = from; i < out_.size(); ++i) {
    const Token& token = out_[i];
    if (token.kind == TokenKind::open_paren) ++depth;
    if (token.kind == TokenKind::close_paren) --depth;
    const bool is_sign = token.kind == TokenKind::plus || token.kind == TokenKind::minus;
    if (is_sign && depth == 0 && !is_first) break;
    if (token.kind != TokenKind::name) continue;
    const bool is_call = i + 1 < out_.size() && out_[i + 1].kind == TokenKind::open_paren;
    const bool is_turned = i + 1 < out_.size() && out_[i + 1].kind == TokenKind::transpose;
    const bool is_capital = token.text[0] >= 'A' && token.text[0] <= 'Z';
    if (is_first && is_turned && !is_capital) begins_with_row = true;
    if (is_capital && !is_call) has_matrix = true;
    is_first = false;
  }
  return has_matrix && !begins_with_row;
}

std::vector<Token> lex_latex(std::string_view source, Problems& problems, const LatexContext& context,
                             LatexFaces* faces) {
  return LatexEmitter(source, problems, context, faces).run();
}

}  // namespace matgrad
