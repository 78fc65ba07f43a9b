// SPDX-License-Identifier: MIT
// What is written above and below in LaTeX: transposes, powers, indices, and the rest of a name.
#include <algorithm>
#include <iterator>
#include <utility>

#include "syntax/latex_emitter.hpp"

namespace matgrad {
namespace {

// Commands that say how letters look.
constexpr std::string_view styles[] = {"\\mathrm", "\\text",   "\\textrm",       "\\mathsf", "\\mathit",     "\\rm",
                                       "\\textit", "\\mathtt", "\\operatorname", "\\textbf", "\\mathnormal", "\\mathbf",
                                       "\\bm",     "\\vec",    "\\boldsymbol",   "\\pmb",    "\\mathcal"};

// T, \\top and \\mathsf{T}, with the braces gone.
bool is_transpose(std::string_view text) {
  for (std::string_view style : styles) {
    if (text.size() > style.size() && text.substr(0, style.size()) == style) text.remove_prefix(style.size());
  }
  return text == "T" || text == "\\top" || text == "\\intercal" || text == "\\prime" || text == "'";
}

bool is_style(std::string_view command) {
  return std::find(std::begin(styles), std::end(styles), command) != std::end(styles);
}

}  // namespace

// Whatever is written above and below, and primes.
void LatexEmitter::scripts(std::size_t from, bool is_name) {
  for (;;) {
    if (peek().kind == Kind::subscript) {
      take();
      subscript(from, is_name);
    } else if (peek().kind == Kind::superscript) {
      take();
      superscript(from);
      is_name = false;
    } else if (peek().is_symbol("'") || peek().is_symbol("T")) {
      put(TokenKind::transpose, take().span, "T");
      is_name = false;
    } else {
      return;
    }
  }
}

void LatexEmitter::superscript(std::size_t from) {
  Span span = here();
  std::vector<LatexPiece> content = group();
  span = join(span, last_span());
  std::string text;
  for (const LatexPiece& piece : content) {
    if (piece.kind != Kind::open && piece.kind != Kind::close) text += piece.text;
  }
  const bool is_single_capital = mark() == from + 1 && out_[from].kind == TokenKind::name &&
                                 out_[from].text[0] >= 'A' && out_[from].text[0] <= 'Z';
  if (is_transpose(text)) return put(TokenKind::transpose, span, "T");
  if (text.size() > 1 && text[0] == '-' && is_transpose(std::string_view(text).substr(1))) {
    put(TokenKind::caret, span);
    put(TokenKind::minus, span);
    return put(TokenKind::transpose, span, "T");
  }
  if (text == "+" || text == "\\dagger") return wrap(from, "pinv", span);  // not an operator: what the sign stands for
  if (text == "1/2" && is_single_capital)
    return wrap(from, "sqrtm", span);  // not an operator: what the power stands for
  if ((text == "*" || text == "\\ast" || text == "\\star") && mark() == from + 1 &&
      out_[from].kind == TokenKind::name) {
    out_[from].text += "_star";
    out_[from].span = join(out_[from].span, span);
    return;
  }
  const bool is_base_of_exp = mark() == from + 1 && out_[from].kind == TokenKind::name && out_[from].text == "e" &&
                              context_.variables.count("e") == 0;
  if (is_base_of_exp) {
    out_.pop_back();
    emit(content);
    const bool is_matrix = !content.empty() && is_matrix_like(from);
    return wrap(from, is_matrix ? "expm" : "exp", span);  // not an operator: what the power stands for
  }
  const bool is_entrywise = !content.empty() && (content[0].is_command("\\circ") || content[0].is_command("\\odot"));
  if (is_entrywise) content.erase(content.begin());
  put(is_entrywise ? TokenKind::dot_caret : TokenKind::caret, span);
  const std::size_t exponent = mark();
  emit(content);
  parenthesise(exponent, span);
}

void LatexEmitter::subscript(std::size_t from, bool is_name) {
  const bool was_braced = mark() == from + 1 && !is_name;
  if (!is_name || index_group(was_braced)) {
    if (!is_name && !index_group(true)) subscript_text();
    return;
  }
  out_[from].text += "_" + subscript_text();
  out_[from].span = join(out_[from].span, last_span());
}

// i, ij, i,: where they are indices of sums; other names and numbers too where it cannot be part of a name.
bool LatexEmitter::index_group(bool forced) {
  const std::size_t before = at_;
  const Span span = here();
  std::vector<LatexPiece> content = group();
  // A colon is part of no name: Y_{k,:} is a row of Y.
  forced =
      forced || std::any_of(content.begin(), content.end(), [](const auto& piece) { return piece.is_symbol(":"); });
  content.push_back({Kind::end, "", span, false});
  std::vector<Token> found;
  bool is_index = content.size() > 1;
  bool any = forced;
  std::swap(content, pieces_);
  const std::size_t after = std::exchange(at_, 0);
  while (peek().kind != Kind::end && is_index) {
    const LatexPiece piece = peek();
    std::string name;
    char face = ' ';
    if (piece.is_symbol(":") || piece.is_command("\\cdot")) {
      found.push_back({TokenKind::colon, take().span, false, {}});
      any = true;
    } else if (piece.is_symbol(",")) {
      found.push_back({TokenKind::comma, take().span, false, {}});
    } else if (piece.is_symbol("+") || piece.is_symbol("-")) {
      found.push_back({piece.text == "+" ? TokenKind::plus : TokenKind::minus, take().span, false, {}});
    } else if (piece.kind == Kind::number) {
      found.push_back({TokenKind::number, take().span, false, piece.text});
    } else {
      is_index = name_at(name, face);
      const bool is_bound = std::count(bound_.begin(), bound_.end(), name) > 0;
      is_index = is_index && (is_bound || forced);
      any = any || is_bound;
      found.push_back({TokenKind::name, piece.span, false, name});
    }
  }
  std::swap(content, pieces_);
  at_ = after;
  if (!is_index || !any) return at_ = before, false;
  put(TokenKind::open_bracket, span);
  bool after_entry = false;
  for (Token& token : found) {
    const bool is_entry =
        token.kind == TokenKind::name || token.kind == TokenKind::number || token.kind == TokenKind::colon;
    if (after_entry && is_entry) put(TokenKind::comma, token.span);  // ij
    after_entry = is_entry;
    out_.push_back(std::move(token));
  }
  put(TokenKind::close_bracket, span);
  return true;
}

// Whether an index of a sum or a colon stands below: then K_{i,j} is an entry of a K that is declared, and K_{:,1} a
// column, and no constant.
bool LatexEmitter::has_entry_subscript() {
  const std::size_t before = at_;
  take();
  const std::vector<LatexPiece> subscript = group();
  at_ = before;
  return std::any_of(subscript.begin(), subscript.end(), [&](const LatexPiece& piece) {
    return piece.is_symbol(":") || std::find(bound_.begin(), bound_.end(), piece.text) != bound_.end();
  });
}

// Whether I_{X} is the name I_X of a variable, and no identity matrix of size X.
bool LatexEmitter::is_declared_identity(const std::string& name) {
  if (name != "I") return false;
  const std::size_t before = at_;
  take();
  const std::string text = subscript_text();
  at_ = before;
  return context_.variables.count(std::string("I_").append(text)) > 0;
}

// What a subscript adds to a name: "max" of _{\max} and of _{\text{max}}, "star" of _*, which no name can hold.
std::string LatexEmitter::subscript_text() {
  std::string text;
  for (const LatexPiece& piece : group()) {
    if (piece.kind == Kind::letter || piece.kind == Kind::number) text += piece.text;
    if (piece.is_symbol("*") || piece.is_command("\\ast")) text += "star";
    if (piece.is_symbol("_")) text += "_";
    if (piece.kind != Kind::command) continue;
    const std::string word = piece.text.substr(1);
    if (!is_style(piece.text) && piece.text != "\\ast") text += word;
  }
  return text;
}

}  // namespace matgrad
