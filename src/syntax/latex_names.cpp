// SPDX-License-Identifier: MIT
// Names, functions and scripts in LaTeX.
#include <algorithm>
#include <iterator>
#include <utility>

#include "ops/selections.hpp"
#include "ops/table.hpp"
#include "syntax/characters.hpp"
#include "syntax/latex_emitter.hpp"
#include "syntax/names.hpp"

namespace matgrad {
namespace {

// What LaTeX calls a function, and what it is called here.
struct Alias {
  std::string_view written;
  std::string_view name;
};
constexpr Alias aliases[] = {
    {"Tr", "tr"},          // not an operator
    {"trace", "tr"},       // not an operator
    {"Trace", "tr"},       // not an operator
    {"arcsin", "asin"},    // not an operator
    {"arccos", "acos"},    // not an operator
    {"arctan", "atan"},    // not an operator
    {"ln", "log"},         // not an operator
    {"Diag", "diag"},      // not an operator
    {"ReLU", "relu"},      // not an operator
    {"sgn", "sign"},       // not an operator
    {"Vec", "vec"},        // not an operator
    {"Det", "det"},        // not an operator
    {"lse", "logsumexp"},  // not an operator
    {"LSE", "logsumexp"},  // not an operator
    {"rk", "rank"},        // not an operator
};

constexpr std::string_view bold_commands[] = {"\\mathbf", "\\boldsymbol", "\\bm", "\\vec", "\\pmb", "\\mathbold"};
constexpr std::string_view plain_commands[] = {"\\mathrm",       "\\text",   "\\textrm",    "\\mathsf",
                                               "\\mathit",       "\\rm",     "\\textit",    "\\mathtt",
                                               "\\operatorname", "\\textbf", "\\mathnormal"};
constexpr std::string_view script_commands[] = {"\\mathcal", "\\mathscr", "\\mathfrak", "\\mathbb"};
constexpr Alias accents[] = {{"\\hat", "hat"},      {"\\widehat", "hat"}, {"\\bar", "bar"},
                             {"\\overline", "bar"}, {"\\tilde", "tilde"}, {"\\widetilde", "tilde"},
                             {"\\dot", "dot"},      {"\\ddot", "ddot"}};  // not an operator
constexpr Alias letters[] = {{"\\varepsilon", "epsilon"}, {"\\vartheta", "theta"}, {"\\varphi", "phi"},
                             {"\\varrho", "rho"},         {"\\varsigma", "sigma"}, {"\\ell", "ell"},
                             {"\\varkappa", "kappa"}};
constexpr std::string_view greek[] = {
    "alpha", "beta",   "gamma", "delta", "epsilon", "zeta",    "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu",    "xi",     "rho",   "sigma", "tau",     "upsilon", "phi", "chi",   "psi",  "omega", "Gamma",  "Delta",
    "Theta", "Lambda", "Xi",    "Pi",    "Sigma",   "Upsilon", "Phi", "Psi",   "Omega"};  // not an operator

constexpr std::string_view letter_pi = "pi";  // not an operator: the letter

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view what) {
  return std::find(std::begin(list), std::end(list), what) != std::end(list);
}

template <std::size_t N>
std::string_view look_up(const Alias (&list)[N], std::string_view what) {
  for (const Alias& alias : list) {
    if (alias.written == what) return alias.name;
  }
  return {};
}

bool is_function(std::string_view name) {
  for (OpId op : OperatorTable::get().named(name)) {
    if (!entry_of(op).structural && entry_of(op).type[0] != '\0') return true;
  }
  return false;
}

// "tr" for "Tr"; empty where the word is no function.
std::string function_of(const std::string& word) {
  const std::string_view alias = look_up(aliases, word);
  if (!alias.empty()) return std::string(alias);
  return word.size() > 1 && is_function(word) ? word : std::string();
}

bool opens(const LatexPiece& piece) {
  return piece.is_symbol("(") || piece.is_symbol("[") || piece.kind == LatexPiece::Kind::open;
}

}  // namespace

std::vector<LatexPiece> LatexEmitter::group() {
  if (peek().kind != Kind::open) {
    std::vector<LatexPiece> one;
    if (peek().kind == Kind::end) return one;
    if (peek().kind == Kind::number && peek().text.size() > 1) {  // \frac12 and x^12: one digit
      one.push_back(peek());
      one[0].text.resize(1);
      pieces_[at_].text.erase(0, 1);
      return one;
    }
    const std::size_t extra = differential_length() > 1 ? differential_length() - 1 : 0;
    one.push_back(take());
    // \mathsf T, \mathbf{x}, \frac12: the command with its arguments.
    const bool has_argument =
        one[0].kind == Kind::command && (among(bold_commands, one[0].text) || among(plain_commands, one[0].text) ||
                                         among(script_commands, one[0].text) || !look_up(accents, one[0].text).empty());
    if (extra == 0 && !has_argument) return one;
    int depth = 0;
    do {
      if (peek().kind == Kind::end) break;
      one.push_back(take());
      depth += one.back().kind == Kind::open ? 1 : one.back().kind == Kind::close ? -1 : 0;
    } while (depth > 0);
    return one;
  }
  take();
  std::vector<LatexPiece> inside;
  for (int depth = 1; peek().kind != Kind::end;) {
    const LatexPiece piece = take();
    depth += piece.kind == Kind::open ? 1 : piece.kind == Kind::close ? -1 : 0;
    if (depth == 0) break;
    inside.push_back(piece);
  }
  return inside;
}

// The pieces as a run of their own.
void LatexEmitter::emit(std::vector<LatexPiece> pieces) {
  const Span span = pieces.empty() ? here() : pieces.back().span;
  pieces.push_back({Kind::end, "", {span.end, span.end}, false});
  std::swap(pieces, pieces_);
  const std::size_t at = std::exchange(at_, 0);
  const bool after = std::exchange(after_operand_, false);
  while (peek().kind != Kind::end && !problems_.full()) {
    run_until(Until::closed);
    if (peek().kind == Kind::end) break;
    report(Message::unexpected_token, here(), {std::string(under(source_, here()))});
    take();
  }
  std::swap(pieces, pieces_);
  at_ = at;
  after_operand_ = after;
}

// The letters of the group that comes next: \operatorname{tr}.
std::string LatexEmitter::group_text() {
  std::string text;
  for (const LatexPiece& piece : group()) {
    if (piece.kind == Kind::letter || piece.kind == Kind::number || piece.is_symbol("_")) text += piece.text;
  }
  return text;
}

// The function whose name stands here, in `length` pieces.
std::string LatexEmitter::function_at(std::size_t& length) const {
  const LatexPiece& first = peek();
  if (first.kind == Kind::command && among(plain_commands, first.text) && peek(1).kind == Kind::open) {
    std::string word;
    length = 2;
    while (peek(length).kind == Kind::letter || peek(length).kind == Kind::number || peek(length).is_symbol("_")) {
      word += peek(length++).text;
    }
    if (peek(length).kind != Kind::close) return {};
    ++length;
    const bool is_called = opens(peek(length)) || first.text == "\\operatorname";
    const std::string function = function_of(word);
    const bool is_special = special_call(word, 3) != Meaning::none &&
                            (find_selection(word) == nullptr || peek(length).kind == Kind::subscript);
    if (function.empty() && first.text == "\\operatorname" && is_special) return word;
    return is_called || word == "tr" ? function : std::string();  // not an operator: \mathrm{tr} A
  }
  if (first.kind == Kind::command) {
    length = 1;
    const std::string word = first.text.substr(1);
    if (context_.variables.count(word) == 0 && peek(1).is_symbol("(")) {
      // \sigma(x), as the entries write it.
      for (std::size_t i = 0; i < OperatorTable::get().size(); ++i) {
        const Operator& entry = entry_of(OpId{static_cast<std::uint16_t>(i)});
        if (first.text + "({0})" == entry.latex) return std::string(entry.name);
      }
    }
    return among(greek, word) || word == letter_pi ? std::string() : function_of(word);
  }
  // tr(AX), det(X), with letters side by side.
  std::string word;
  length = 0;
  while (peek(length).kind == Kind::letter && (length == 0 || !peek(length).space_before)) word += peek(length++).text;
  if (length < 2 || !peek(length).is_symbol("(") || peek(length).space_before) return {};
  return function_of(word);
}

bool LatexEmitter::function() {
  std::size_t length = 0;
  const std::string found = function_at(length);
  if (found.empty()) return false;
  const Span span = join(here(), peek(length - 1).span);
  at_ += length;
  const std::size_t from = mark();
  if (find_selection(found) != nullptr) {  // \operatorname{D}_{n}
    take(), emit(group()), wrap(from, found, span);
    return scripts(from, false), true;
  }
  std::string function = found;
  std::vector<LatexPiece> power;
  std::vector<LatexPiece> sizes;
  while (peek().kind == Kind::superscript || peek().kind == Kind::subscript) {
    const bool is_upper = take().kind == Kind::superscript;
    std::vector<LatexPiece> script = group();
    if (is_upper) {
      power = script;
    } else {
      sizes = script;
    }
  }
  // \log\det(X)^2 is the square of the one function.
  if (function == "log" && peek().is_command("\\det") && opens(peek(1))) {  // not an operator: what LaTeX writes
    take();
    function = "logdet";  // not an operator
  }
  const bool is_unvec = special_call(function, 3) != Meaning::none && !sizes.empty();
  if (!is_unvec && !sizes.empty()) {
    std::string suffix;
    for (const LatexPiece& piece : sizes)
      suffix += piece.kind == Kind::letter || piece.kind == Kind::number ? piece.text : "";
    function += "_" + suffix;
  }
  argument(from, function, span);
  if (is_unvec) {  // \operatorname{unvec}_{m \times n}(x)
    out_.pop_back();
    const auto times =
        std::find_if(sizes.begin(), sizes.end(), [](const LatexPiece& p) { return p.is_command("\\times"); });
    put(TokenKind::comma, span);
    emit({sizes.begin(), times});
    put(TokenKind::comma, span);
    if (times != sizes.end()) emit({times + 1, sizes.end()});
    put(TokenKind::close_paren, span);
  }
  if (!power.empty()) {
    put(TokenKind::caret, span);
    const std::size_t exponent = mark();
    emit(power);
    parenthesise(exponent, span);
  }
  scripts(from, false);
  return true;
}

// Whether what was written since the mark is one call of that name.
bool LatexEmitter::is_whole_call(std::size_t from, std::string_view function) const {
  if (mark() < from + 3 || out_[from].text != function || out_[from + 1].kind != TokenKind::open_paren) return false;
  int depth = 0;
  for (std::size_t i = from + 1; i < mark(); ++i) {
    depth += out_[i].kind == TokenKind::open_paren ? 1 : out_[i].kind == TokenKind::close_paren ? -1 : 0;
    if (depth == 0) return i + 1 == mark();
  }
  return false;
}

// In brackets, or without them the product that follows: \log\det X, \operatorname{tr} A X.
void LatexEmitter::argument(std::size_t from, const std::string& name, Span span) {
  after_operand_ = false;
  if (opens(peek())) {
    const bool is_braces = peek().kind == Kind::open;
    const LatexPiece open = take();
    run_until(Until::closed);
    const char* closer = open.is_symbol("[") ? "]" : ")";
    const bool closed = is_braces ? peek().kind == Kind::close : peek().is_symbol(closer);
    if (closed) {
      take();
    } else {
      report(Message::unclosed_bracket, open.span, {open.text, is_braces ? "}" : closer});
    }
  } else {
    // \log\det(X) and \ln|X| are one function, whatever follows.
    operand();
    if (name == "log" && is_whole_call(from, "det")) {  // not an operator: what LaTeX writes
      out_[from].text = "logdet";                       // not an operator
      return;
    }
    run_until(Until::end_of_argument);
  }
  if (mark() == from) report(Message::latex_argument_missing, span, {std::string(under(source_, span))});
  wrap(from, name, span);
  after_operand_ = true;
}

// The name that stands here, and how it looks.
bool LatexEmitter::name_at(std::string& name, char& face) {
  const LatexPiece first = peek();
  if (first.kind == Kind::letter) {
    take();
    name = first.text;
    return true;
  }
  if (first.kind != Kind::command) return false;
  const std::string_view accent = look_up(accents, first.text);
  const bool is_bold = among(bold_commands, first.text);
  const bool is_script = among(script_commands, first.text);
  if (is_bold || is_script || !accent.empty() || among(plain_commands, first.text)) {
    const std::size_t before = at_;
    take();
    const bool braced = peek().kind == Kind::open;
    if (braced) take();
    if (!name_at(name, face)) {
      const bool is_one = peek().is(Kind::number, "1") || peek().is(Kind::number, "0");
      if (!is_one) return at_ = before, false;
      name = take().text;
    }
    while (braced && (peek().kind == Kind::letter || peek().kind == Kind::number || peek().is_symbol("_"))) {
      name += take().text;
    }
    if (braced && peek().kind != Kind::close) return at_ = before, false;
    if (braced) take();
    if (is_bold) face = 'b';
    if (is_script) face = 'c';
    if (!accent.empty()) name.append("_").append(accent);
    return true;
  }
  const std::string_view letter = look_up(letters, first.text);
  const std::string word = first.text.substr(1);
  if (letter.empty() && !among(greek, word) && word != letter_pi) return false;
  take();
  name = letter.empty() ? word : std::string(letter);
  return true;
}

bool LatexEmitter::name() {
  const Span start = here();
  const std::size_t from = mark();
  std::string text;
  char face = ' ';
  if (!name_at(text, face)) return true;
  const Span span = join(start, pieces_[at_ - 1].span);
  if (constant(text, face)) return scripts(from, false), true;
  put(TokenKind::name, span, text);
  scripts(from, true);
  if (faces_ != nullptr && face != ' ' && mark() > from) faces_->emplace(out_[from].text, face);
  return true;
}

// \mathbf{1}_n, I_n, K_{m,n} and e_{i}^{(n)}.
bool LatexEmitter::constant(const std::string& name, char) {
  const Span span = pieces_[at_ - 1].span;
  const bool has_subscript = peek().kind == Kind::subscript;
  if (name == "1" || name == "0") {
    const std::size_t from = mark();
    if (!has_subscript || name == "0") {
      if (has_subscript) take(), group();
      const bool is_scaled = peek().is_command("\\oslash") || peek().is_command("\\odot") || peek().is_symbol("+") ||
                             peek().is_symbol("-");
      if (name == "1" && !is_scaled) report(Message::latex_ones_without_size, span);
      put(TokenKind::number, span, name);
      return true;
    }
    take();
    std::vector<LatexPiece> sizes = group();
    for (LatexPiece& piece : sizes) {
      if (piece.is_command("\\times")) piece = {Kind::symbol, ",", piece.span, false};
    }
    emit(sizes);
    wrap(from, "ones", span);  // not an operator: the constant
    return true;
  }
  const bool is_variable = name != "e" && context_.variables.count(name) > 0;  // e_{i}^{(n)} is told by its size
  if (!has_subscript || (is_variable && has_entry_subscript()) || is_declared_identity(name)) return false;
  const std::size_t from = mark();
  if (name == "I") {
    take();
    const std::vector<LatexPiece> size = group();
    if (!context_.sizes_are_known) {
      put(TokenKind::name, span, "I");
      return true;
    }
    emit(size);
    wrap(from, "I", span);
    return true;
  }
  if (name != "K" && name != "e") return false;
  const std::size_t before = at_;
  take();
  std::vector<LatexPiece> indices = group();
  const bool has_comma =
      std::any_of(indices.begin(), indices.end(), [](const LatexPiece& p) { return p.is_symbol(","); });
  if (name == "K" && has_comma) {
    emit(indices);
    wrap(from, "K", span);
    return true;
  }
  const bool is_unit =
      name == "e" && peek().kind == Kind::superscript && peek(1).kind == Kind::open && peek(2).is_symbol("(");
  if (!is_unit) return at_ = before, false;
  take();
  std::vector<LatexPiece> size = group();
  emit(indices);
  put(TokenKind::comma, span);
  if (size.size() > 2) emit({size.begin() + 1, size.end() - 1});
  wrap(from, "e", span);
  return true;
}

}  // namespace matgrad
