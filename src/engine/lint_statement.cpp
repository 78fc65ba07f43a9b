// SPDX-License-Identifier: MIT
#include "engine/lint_statement.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <regex>

#include "ops/table.hpp"

namespace matgrad {
namespace {

using Kind = LatexPiece::Kind;

constexpr std::string_view separators[] = {"\\quad",      "\\qquad",          "\\Rightarrow",     "\\implies",
                                           "\\iff",       "\\Longrightarrow", "\\Leftrightarrow", "\\hence",
                                           "\\therefore", "\\longrightarrow"};
constexpr std::string_view relations[] = {"\\le",     "\\leq",        "\\ge",        "\\geq", "\\ne",     "\\neq",
                                          "\\approx", "\\propto",     "\\sim",       "\\to",  "\\mapsto", "\\subset",
                                          "\\simeq",  "\\cong",       "\\ll",        "\\gg",  "\\succ",   "\\succeq",
                                          "\\prec",   "\\rightarrow", "\\leftarrow", "\\gets"};
constexpr std::string_view name_styles[] = {"\\mathbf", "\\boldsymbol", "\\bm",   "\\mathcal", "\\mathrm", "\\mathscr",
                                            "\\mathbb", "\\vec",        "\\text", "\\hat",     "\\tilde",  "\\bar"};

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view what) {
  return std::find(std::begin(list), std::end(list), what) != std::end(list);
}

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

// "if A is symmetric" and "and" are words; "tr" and "d" are mathematics.
bool are_words(const std::string& text) {
  if (text.find(' ') != std::string::npos) return true;
  static const std::regex word("and|or|where|if|for|with|when|so|then|hence|thus|because|since|as|but|i\\.e\\.|iff");
  if (std::regex_match(text, word)) return true;
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

class Splitter {
 public:
  explicit Splitter(std::string_view formula) : text_(formula) {}

  std::vector<Statement> run() {
    while (at_ < text_.size()) step();
    cut(text_.size(), text_.size());
    return std::move(statements_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '\\') return command();
    if (c == '{' || c == '(' || c == '[') ++depth_;
    if (c == '}' || c == ')' || c == ']') --depth_;
    if (c == '%') return void(at_ = std::min(text_.find('\n', at_), text_.size()));
    if (depth_ <= 0 && matrices_ == 0 && (c == ',' || c == ';')) return cut(at_, at_ + 1);
    for (std::string_view mark : {"，", "；", "。", "、"}) {
      if (depth_ <= 0 && text_.substr(at_, mark.size()) == mark) return cut(at_, at_ + mark.size());
    }
    ++at_;
  }

  void command() {
    const std::size_t begin = at_++;
    if (at_ < text_.size() && is_letter(text_[at_])) {
      while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
    } else {
      ++at_;
    }
    at_ = std::min(at_, text_.size());
    const std::string_view name = text_.substr(begin, at_ - begin);
    if (name == "\\begin" || name == "\\end") return environment(name == "\\begin");
    if (name == "\\\\" && matrices_ == 0) return cut(begin, at_);
    if (depth_ > 0 || matrices_ > 0) return;
    if (among(separators, name)) return cut(begin, at_);
    if (name == "\\text" || name == "\\mbox" || name == "\\textrm" || name == "\\mathrm") remark(begin);
  }

  void environment(bool begins) {
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) return;
    if (text_.substr(at_, end - at_).find("matrix") != std::string_view::npos) matrices_ += begins ? 1 : -1;
    if (text_.substr(at_, end - at_).find("array") != std::string_view::npos) matrices_ += begins ? 1 : -1;
    at_ = end + 1;
  }

  void remark(std::size_t begin) {
    if (at_ >= text_.size() || text_[at_] != '{') return;
    const std::size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) return;
    const std::string inside(text_.substr(at_ + 1, end - at_ - 1));
    if (!are_words(inside)) return;
    cut(begin, end + 1);
    if (!statements_.empty()) statements_.back().words += inside;
  }

  // Ends the statement; the next one begins at `next`.
  void cut(std::size_t end, std::size_t next) {
    std::size_t begin = begin_;
    const auto is_blank = [&](std::size_t i) {
      return std::isspace(static_cast<unsigned char>(text_[i])) != 0 || text_[i] == '&';
    };
    for (;;) {
      while (begin < end && is_blank(begin)) ++begin;
      // \begin{aligned} in front.
      if (text_.substr(begin, 7) != "\\begin{" || text_.substr(begin, 30).find("matrix") != std::string_view::npos)
        break;
      const std::size_t close = text_.find('}', begin);
      if (close == std::string_view::npos || close >= end) break;
      begin = close + 1;
    }
    while (end > begin && (is_blank(end - 1) || text_[end - 1] == '.')) --end;
    if (end > begin) statements_.push_back({std::string(text_.substr(begin, end - begin)), begin, {}});
    begin_ = at_ = next;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
  int depth_ = 0;
  int matrices_ = 0;
  std::vector<Statement> statements_;
};

// A d, upright or not, that belongs to a differential: before a letter or a command.
bool is_change(const std::vector<LatexPiece>& pieces, std::size_t at) {
  return pieces[at].is(Kind::letter, "d") && at + 1 < pieces.size() &&
         (pieces[at + 1].kind == Kind::letter ||
          (pieces[at + 1].kind == Kind::command &&
           (among(name_styles, pieces[at + 1].text) ||
            std::isupper(static_cast<unsigned char>(pieces[at + 1].text[1])) != 0)));
}

bool is_upright_d(const std::vector<LatexPiece>& pieces, std::size_t at) {
  const bool is_style =
      pieces[at].is_command("\\mathrm") || pieces[at].is_command("\\text") || pieces[at].is_command("\\rm");
  if (!is_style || at + 1 >= pieces.size()) return pieces[at].is_command("\\dd");
  const std::size_t letter = pieces[at + 1].kind == Kind::open ? at + 2 : at + 1;
  return letter + 1 < pieces.size() && pieces[letter].is(Kind::letter, "d") &&
         (letter == at + 1 || pieces[letter + 1].kind == Kind::close);
}

// How many pieces spell the name that stands at `at`: f, \mathcal{L}, \ell, f_1; 0 where there is none.
std::size_t name_length(const std::vector<LatexPiece>& pieces, std::size_t at, std::string& name) {
  const std::size_t begin = at;
  if (pieces[at].kind == Kind::letter) {
    name = pieces[at++].text;
  } else if (pieces[at].kind == Kind::command && among(name_styles, pieces[at].text)) {
    ++at;
    const bool braced = pieces[at].kind == Kind::open;
    if (braced) ++at;
    name.clear();
    while (pieces[at].kind == Kind::letter ||
           (pieces[at].kind == Kind::command && pieces[at].text != "\\cdot" && name.empty())) {
      name += pieces[at++].text;
      if (!braced) break;
    }
    if (name.empty() || (braced && pieces[at].kind != Kind::close)) return 0;
    if (name.size() > 1 && !OperatorTable::get().named(name).empty()) return 0;  // \mathrm{tr}
    if (braced) ++at;
  } else if (pieces[at].kind == Kind::command &&
             (pieces[at].text == "\\ell" || pieces[at].text == "\\phi" || pieces[at].text == "\\psi" ||
              pieces[at].text == "\\varphi" || pieces[at].text == "\\Phi" || pieces[at].text == "\\Psi")) {
    name = pieces[at++].text;
  } else {
    return 0;
  }
  if (pieces[at].kind == Kind::subscript) {
    ++at;
    int depth = 0;
    do {
      depth += pieces[at].kind == Kind::open ? 1 : pieces[at].kind == Kind::close ? -1 : 0;
      name += pieces[at].kind == Kind::letter || pieces[at].kind == Kind::number ? pieces[at].text : "";
    } while (pieces[at++].kind != Kind::end && depth > 0);
  }
  return at - begin;
}

// The end of the bracket that opens at `at`; 0 where there is none.
std::size_t bracket_end(const std::vector<LatexPiece>& pieces, std::size_t at) {
  if (!pieces[at].is_symbol("(")) return 0;
  int depth = 0;
  for (; pieces[at].kind != Kind::end; ++at) {
    depth += pieces[at].is_symbol("(") ? 1 : pieces[at].is_symbol(")") ? -1 : 0;
    if (depth == 0) return at;
  }
  return 0;
}

// Inside a bracket nothing but names and commas: the arguments of a function.
bool are_arguments(const std::vector<LatexPiece>& pieces, std::size_t begin, std::size_t end) {
  bool expects_name = true;
  for (std::size_t at = begin; at < end;) {
    if (!expects_name && (pieces[at].is_symbol(",") || pieces[at].is_symbol(";"))) {
      expects_name = true;
      ++at;
      continue;
    }
    std::string name;
    std::size_t length = name_length(pieces, at, name);
    if (length == 0 && pieces[at].kind == Kind::command && pieces[at].text.size() > 2) length = 1;  // \theta
    if (length == 0 || !expects_name) return false;
    at += length;
    expects_name = false;
  }
  return !expects_name;
}

constexpr std::string_view usual_functions[] = {"f", "g",          "h",     "F",     "G",     "L",       "J",
                                                "E", "\\mathcalL", "\\ell", "\\phi", "\\psi", "\\varphi"};

}  // namespace

std::vector<Statement> split_statements(std::string_view formula) {
  return Splitter(formula).run();
}

bool has_derivative(const std::vector<LatexPiece>& pieces) {
  bool begins_with_d = pieces.size() > 2 && pieces[0].is(Kind::letter, "d") &&
                       (pieces[1].kind == Kind::letter || pieces[1].kind == Kind::command || pieces[1].is_symbol("("));
  bool changes = false;
  bool after_equals = false;
  for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
    if (pieces[i].is_command("\\partial") || pieces[i].is_command("\\nabla") || pieces[i].is_symbol("∂") ||
        pieces[i].is_symbol("∇") || is_upright_d(pieces, i)) {
      return true;
    }
    after_equals = after_equals || pieces[i].is_symbol("=");
    changes = changes || (after_equals && is_change(pieces, i));
    const bool is_fraction =
        pieces[i].is_command("\\frac") || pieces[i].is_command("\\dfrac") || pieces[i].is_command("\\tfrac");
    if (!is_fraction || pieces[i + 1].kind != Kind::open || !pieces[i + 2].is(Kind::letter, "d")) continue;
    // \frac{d …}{d …}
    std::size_t at = i + 1;
    int depth = 0;
    do {
      depth += pieces[at].kind == Kind::open ? 1 : pieces[at].kind == Kind::close ? -1 : 0;
    } while (pieces[at++].kind != Kind::end && depth > 0);
    if (at + 2 < pieces.size() && pieces[at].kind == Kind::open && pieces[at + 1].is(Kind::letter, "d") &&
        pieces[at + 2].kind != Kind::close) {
      return true;
    }
  }
  return begins_with_d && changes;
}

StatementShape shape_of(const Statement& statement, const LatexMacros& macros) {
  StatementShape shape;
  const std::vector<LatexPiece> pieces = scan_latex(statement.text, macros);
  const bool derives = has_derivative(pieces);
  const LatexPiece* equals = nullptr;
  bool has_relation = false;
  int depth = 0;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const LatexPiece& piece = pieces[i];
    depth += piece.kind == Kind::open || piece.is_symbol("(")    ? 1
             : piece.kind == Kind::close || piece.is_symbol(")") ? -1
                                                                 : 0;
    if (piece.is_command("\\in")) shape.kind = StatementKind::membership;
    has_relation =
        has_relation || (depth == 0 && (among(relations, piece.text) || piece.is_symbol("<") || piece.is_symbol(">")));
    const bool is_equals = piece.is_symbol("=") || piece.is_command("\\triangleq") || piece.is_command("\\equiv") ||
                           piece.is_command("\\coloneqq");
    if (depth == 0 && is_equals && equals == nullptr) equals = &piece;
  }
  if (shape.kind == StatementKind::membership) return shape;
  if (has_relation || equals == nullptr) {
    const bool is_bare = equals == nullptr && !has_relation;  // a derivative that is mentioned claims nothing
    if (derives && !is_bare) shape.kind = StatementKind::unclear;
    return shape;
  }
  shape.left = statement.text.substr(0, equals->span.begin);
  shape.right = statement.text.substr(equals->span.end);
  const bool assigns = !shape.left.empty() && shape.left.back() == ':';
  if (equals == &pieces[0]) {
    shape.kind = StatementKind::continuation;
    return shape;
  }
  const std::size_t length = name_length(pieces, 0, shape.name);
  std::size_t after = length;
  if (length > 0) {
    const std::size_t close = bracket_end(pieces, length);
    if (close > 0) after = close + 1;
    if (pieces[after].is_symbol(":")) ++after;
  }
  const bool defines = length > 0 && &pieces[after] == equals;
  const bool is_d = (pieces[0].is(Kind::letter, "d") || is_upright_d(pieces, 0)) && derives;
  if ((defines || assigns) && !is_d) {
    shape.kind = StatementKind::definition;
    if (assigns && !defines) shape.kind = StatementKind::nothing;
    return shape;
  }
  shape.kind = derives ? StatementKind::derivative : StatementKind::identity;
  return shape;
}

std::string named_function(const std::string& text, const LatexMacros& macros, std::size_t& at, std::size_t& length) {
  const std::vector<LatexPiece> pieces = scan_latex(text, macros);
  // Behind the first ∂, d or ∇ with its scripts.
  std::size_t i = 0;
  const bool in_fraction = pieces[0].kind == Kind::command && pieces[0].text.find("frac") != std::string::npos;
  if (in_fraction) i = 2;
  if (i >= pieces.size()) return {};
  if (is_upright_d(pieces, i)) {
    i += pieces[i].is_command("\\dd") ? 1 : pieces[i + 1].kind == Kind::open ? 4 : 2;
  } else if (pieces[i].is_command("\\partial") || pieces[i].is_command("\\nabla") || pieces[i].is(Kind::letter, "d")) {
    ++i;
  } else {
    return {};
  }
  while (i + 1 < pieces.size() && (pieces[i].kind == Kind::subscript || pieces[i].kind == Kind::superscript)) {
    ++i;
    int depth = 0;
    do {
      depth += pieces[i].kind == Kind::open ? 1 : pieces[i].kind == Kind::close ? -1 : 0;
    } while (pieces[i++].kind != Kind::end && depth > 0);
  }
  if (in_fraction && pieces[i].kind == Kind::close) {  // \frac{\partial}{\partial x} f
    int depth = 0;
    ++i;
    do {
      depth += pieces[i].kind == Kind::open ? 1 : pieces[i].kind == Kind::close ? -1 : 0;
    } while (pieces[i++].kind != Kind::end && depth > 0);
  }
  if (i >= pieces.size()) return {};
  std::string name;
  const std::size_t count = name_length(pieces, i, name);
  if (count == 0) return {};
  std::size_t end = i + count;
  const std::size_t close = bracket_end(pieces, end);
  if (close > 0) end = close + 1;
  const LatexPiece& next = pieces[std::min(end, pieces.size() - 1)];
  if (next.kind != Kind::end && next.kind != Kind::close && !next.is_symbol("=") && !next.is_symbol("/")) return {};
  at = pieces[i].span.begin;
  length = pieces[end - 1].span.end - at;
  return name;
}

std::string applied_function(const std::string& text, const LatexMacros& macros) {
  const std::vector<LatexPiece> pieces = scan_latex(text, macros);
  for (std::size_t i = 0; i + 2 < pieces.size(); ++i) {
    std::string name;
    const std::size_t count = name_length(pieces, i, name);
    if (count == 0) continue;
    const std::size_t open = i + count;
    const std::size_t close = bracket_end(pieces, open);
    if (close == 0) continue;
    const bool is_usual = among(usual_functions, name);
    // Letters side by side are a word: tr(…).
    const bool is_word = i > 0 && pieces[i - 1].kind == Kind::letter && !pieces[i].space_before;
    if (is_word || pieces[i].is_command("\\mathrm") || pieces[i].is_command("\\text")) continue;
    if (is_usual || are_arguments(pieces, open + 1, close)) return name;
  }
  return {};
}

}  // namespace matgrad
