// SPDX-License-Identifier: MIT
#include "syntax/lexer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "syntax/characters.hpp"

namespace matgrad {
namespace {

struct Spelling {
  std::string_view text;
  TokenKind kind;
};

// Longer spellings before their beginnings.
constexpr Spelling spellings[] = {
    {".*", TokenKind::dot_star},   {"./", TokenKind::dot_slash},   {".^", TokenKind::dot_caret},
    {".'", TokenKind::transpose},  {"||", TokenKind::norm},        {"+", TokenKind::plus},
    {"-", TokenKind::minus},       {"*", TokenKind::star},         {"/", TokenKind::slash},
    {"^", TokenKind::caret},       {"'", TokenKind::transpose},    {"(", TokenKind::open_paren},
    {")", TokenKind::close_paren}, {"[", TokenKind::open_bracket}, {"]", TokenKind::close_bracket},
    {",", TokenKind::comma},       {";", TokenKind::semicolon},    {":", TokenKind::colon},
    {"\n", TokenKind::newline},    {"\\", TokenKind::backslash},   {"==", TokenKind::equals},
    {"=", TokenKind::equals},      {"T", TokenKind::transpose},    {"kron", TokenKind::kron},  // not an operator
    {"norm", TokenKind::norm},     {"sqrt", TokenKind::root},      {"sum", TokenKind::sum}};   // not an operator

// What other languages write, and what it is called here.
struct Foreign {
  std::string_view text;
  std::string_view here;
  TokenKind kind;
  Message message;
};
constexpr Foreign foreign[] = {
    {"**", "^", TokenKind::caret, Message::double_star}, {".+", "+", TokenKind::plus, Message::dotted_sum},
    {".-", "-", TokenKind::minus, Message::dotted_sum},  {"@", "*", TokenKind::star, Message::at_sign},
    {"{", "(", TokenKind::open_paren, Message::braces},  {"}", ")", TokenKind::close_paren, Message::braces}};

constexpr std::size_t most_tokens_at_first = 64;  // that there is memory for

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

class Lexer {
 public:
  Lexer(std::string_view source, Problems& problems, Reading reading)
      : source_(source), problems_(problems), reading_(reading) {}

  std::vector<Token> run() {
    tokens_.reserve(std::min<std::size_t>(source_.size(), most_tokens_at_first) + 1);
    while (at_ < source_.size() && !problems_.full()) step();
    begin_ = at_ = source_.size();
    push(TokenKind::end);
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  bool starts(std::string_view text) const { return peek() == text[0] && source_.substr(at_, text.size()) == text; }
  CodePoint point() const { return at_ < source_.size() ? code_point_at(source_, at_) : CodePoint{0, 0, false}; }
  Span span() const { return {static_cast<std::uint32_t>(begin_), static_cast<std::uint32_t>(at_)}; }
  std::string text() const { return std::string(under(source_, span())); }

  void push(TokenKind kind, std::string text = {}) {
    tokens_.push_back({kind, span(), std::exchange(space_, false) || kind == TokenKind::newline, std::move(text)});
  }

  void step() {
    begin_ = at_;
    const char c = peek();
    if (c == ' ' || c == '\t' || c == '\r') return skip(1);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    const CodePoint next = point();
    if (is_letter(next.value) || !greek_name(next.value).empty()) return name();
    if (c == '_') return underscore();
    if (c == '%') return comment();
    if (starts(".T") && !continues_name(at_ + 2)) return take(2, TokenKind::transpose, "T");
    if (take_foreign()) return;
    if (static_cast<unsigned char>(c) < 0x80) return ascii();
    if (superscript(next.value) != '\0') return power();
    const std::string_view meaning = symbol(next.value);
    if (meaning == " ") return skip(next.length);
    if (!meaning.empty()) return take_spelled(meaning, next.length);
    if (reading_ == Reading::claim && next.value == U'∂') return take(next.length, TokenKind::differential);
    if (reading_ == Reading::claim && next.value == U'∇') return nabla(next.length);
    unknown(next);
  }

  // ∇, ∇_x or ∇_{x}; in ∇²_x the power is put behind the subscript, as in ∇_x².
  void nabla(std::size_t bytes) {
    at_ += bytes;
    std::string variable;
    const std::string_view two = starts("²_") ? "²" : starts("^2_") ? "^2" : "";
    at_ += two.size();
    if (peek() == '_') {
      const bool braced = peek(1) == '{';
      at_ += braced ? 2 : 1;
      const std::size_t begin = at_;
      while (continues_name(at_)) at_ += point().length;
      Problems ignored;
      const std::vector<Token> inner = lex(source_.substr(begin, at_ - begin), ignored);
      if (inner.size() == 2) variable = inner[0].text;
      if (braced && peek() == '}') ++at_;
    }
    push(TokenKind::nabla, std::move(variable));
    if (!two.empty()) push(TokenKind::superscript, "2");
  }

  void skip(std::size_t bytes) {
    at_ += bytes;
    space_ = true;
  }

  void take(std::size_t bytes, TokenKind kind, std::string text = {}) {
    at_ += bytes;
    push(kind, std::move(text));
  }

  void ascii() {
    for (const Spelling& spelling : spellings) {
      if (starts(spelling.text)) return take_spelled(spelling.text, spelling.text.size());
    }
    unknown(point());
  }

  void take_spelled(std::string_view meaning, std::size_t bytes) {
    for (const Spelling& spelling : spellings) {
      if (spelling.text[0] != meaning[0] || spelling.text != meaning) continue;
      at_ += bytes;
      std::string text;
      if (spelling.kind == TokenKind::transpose) text = meaning == "T" ? "T" : "'";
      if (spelling.kind == TokenKind::norm) text = norm_index();
      return push(spelling.kind, std::move(text));
    }
  }

  bool take_foreign() {
    for (const Foreign& entry : foreign) {
      if (!starts(entry.text)) continue;
      at_ += entry.text.size();
      problems_.report(entry.message, span(), {std::string(entry.text), std::string(entry.here)},
                       Edit{span(), std::string(entry.here)});
      push(entry.kind);
      return true;
    }
    return false;
  }

  // The index of ‖x‖_2 or ‖x‖₂, of one character.
  std::string norm_index() {
    const CodePoint next = point();
    if (const char digit = subscript(next.value); digit != '\0') {
      at_ += next.length;
      return std::string(1, digit);
    }
    const char index = peek(1);
    if (peek() != '_' || (index != '1' && index != '2' && index != 'F')) return {};
    at_ += 2;
    return std::string(1, index);
  }

  bool continues_name(std::size_t at) const {
    if (at >= source_.size()) return false;
    const char32_t value = code_point_at(source_, at).value;
    if (value < 0x80) return is_letter(value) || value == U'_' || is_digit(source_[at]);
    return is_letter(value) || !greek_name(value).empty() || subscript(value) != '\0' || is_combining(value);
  }

  // The dot of `2.*x`, `2.'` and `2.T` is the operator's.
  bool dot_is_operators() const {
    const char after = peek(1);
    if (after == 'T') return !continues_name(at_ + 2);
    return after == '*' || after == '/' || after == '^' || after == '\'';
  }

  void digits() {
    while (is_digit(peek())) ++at_;
  }

  void number() {
    digits();
    if (peek() == '.' && !dot_is_operators()) {
      ++at_;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_digit(peek(1 + sign))) {
        at_ += 1 + sign;
        digits();
      }
    }
    push(TokenKind::number, text());
  }

  void name() {
    std::string result;
    while (continues_name(at_)) {
      const CodePoint next = point();
      const std::string_view greek = greek_name(next.value);
      if (!greek.empty()) {
        result += greek;
      } else if (const char digit = subscript(next.value); digit != '\0') {
        const bool first = subscript(previous_) == '\0';
        result.append(first ? "_" : "").append(1, digit);
      } else {
        result += source_.substr(at_, next.length);
      }
      previous_ = next.value;
      at_ += next.length;
    }
    previous_ = 0;
    push(TokenKind::name, std::move(result));
  }

  void underscore() {
    while (peek() == '_') ++at_;
    const Span lead = span();
    while (continues_name(at_)) at_ += point().length;
    problems_.report(Message::leading_underscore, span(), {shorten(text(), 40)}, Edit{lead, ""});
    push(TokenKind::unknown);
  }

  void comment() {
    const std::size_t end = source_.find('\n', at_);
    at_ = end == std::string_view::npos ? source_.size() : end;
    problems_.report(Message::percent_sign, {span().begin, span().begin + 1}, {}, Edit{span(), ""});
    space_ = true;
  }

  // A run of superscripts: x⁻¹, x¹⁰, and the sign alone in X⁻ᵀ.
  void power() {
    std::string digits;
    for (char c = superscript(point().value); c != '\0'; c = superscript(point().value)) {
      const bool is_sign = c == '+' || c == '-';
      if (is_sign && !digits.empty()) break;
      digits += c;
      at_ += point().length;
    }
    const bool only_sign = digits == "+" || digits == "-";
    if (only_sign && !(digits == "-" && symbol(point().value) == "T")) {
      problems_.report(Message::lone_superscript_sign, span(), {text()});
      return push(TokenKind::unknown);
    }
    push(TokenKind::superscript, std::move(digits));
  }

  void unknown(CodePoint first) {
    at_ += first.length;
    if (!first.valid) {
      while (at_ < source_.size() && !point().valid) ++at_;
      problems_.report(Message::not_utf8, span());
    } else if (first.value == U'∂' || first.value == U'∇') {
      problems_.report(Message::derivative_sign, span(), {text()});
    } else if (first.value == U'|') {
      problems_.report(Message::vertical_bar, span());
    } else {
      // Controls have no picture; their number says enough.
      const std::string number = fmt::format("U+{:04X}", static_cast<std::uint32_t>(first.value));
      const bool visible = first.value > 0x20 && first.value != 0x7F && printable(text()) == text();
      problems_.report(Message::unknown_character, span(), {visible ? fmt::format("{} ({})", text(), number) : number});
    }
    push(TokenKind::unknown);
  }

  std::string_view source_;
  Problems& problems_;
  std::vector<Token> tokens_;
  std::size_t begin_ = 0;  // of the token being read
  std::size_t at_ = 0;
  bool space_ = false;
  char32_t previous_ = 0;  // the character of a name before this one
  Reading reading_;
};

}  // namespace

std::vector<Token> lex(std::string_view source, Problems& problems, Reading reading) {
  return Lexer(source, problems, reading).run();
}

}  // namespace matgrad
