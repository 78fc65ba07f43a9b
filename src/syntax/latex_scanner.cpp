// SPDX-License-Identifier: MIT
#include "syntax/latex_scanner.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <optional>
#include <utility>

#include "syntax/characters.hpp"

namespace matgrad {
namespace {

constexpr std::size_t most_pieces = 100'000;
constexpr int most_expansions = 20;  // of macros within macros

// Commands that say how something looks and nothing else.
constexpr std::string_view looks[] = {"\\,",
                                      "\\;",
                                      "\\:",
                                      "\\!",
                                      "\\ ",
                                      "\\>",
                                      "\\quad",
                                      "\\qquad",
                                      "\\enspace",
                                      "\\thinspace",
                                      "\\displaystyle",
                                      "\\textstyle",
                                      "\\scriptstyle",
                                      "\\limits",
                                      "\\nolimits",
                                      "\\nonumber",
                                      "\\notag",
                                      "\\big",
                                      "\\Big",
                                      "\\bigg",
                                      "\\Bigg",
                                      "\\bigl",
                                      "\\bigr",
                                      "\\Bigl",
                                      "\\Bigr",
                                      "\\biggl",
                                      "\\biggr",
                                      "\\Biggl",
                                      "\\Biggr",
                                      "\\mathstrut",
                                      "\\mathop",
                                      "\\mathrel",
                                      "\\mathbin",
                                      "\\mathord",
                                      "\\mathclose",
                                      "\\mathopen",
                                      "\\relax",
                                      "\\it",
                                      "\\bf",
                                      "\\left",
                                      "\\right",
                                      "\\middle",
                                      "\\bigm",
                                      "\\allowbreak",
                                      "\\hfill",
                                      "\\ensuremath",
                                      "\\strut",
                                      "\\noindent"};
// Commands whose argument is no mathematics.
constexpr std::string_view remarks[] = {"\\label", "\\tag", "\\hspace", "\\vspace", "\\phantom", "\\color", "\\eqref"};

// Commands by which a text is known to be LaTeX.
constexpr std::string_view known[] = {
    "frac",   "dfrac",  "tfrac",    "partial", "nabla",        "top",    "intercal", "mathbf",     "boldsymbol",
    "bm",     "mathrm", "mathsf",   "mathcal", "operatorname", "text",   "log",      "ln",         "exp",
    "sin",    "cos",    "tan",      "sinh",    "cosh",         "tanh",   "arcsin",   "arccos",     "arctan",
    "sqrt",   "odot",   "circ",     "otimes",  "oslash",       "cdot",   "times",    "left",       "right",
    "lVert",  "rVert",  "Vert",     "lvert",   "rvert",        "vert",   "begin",    "quad",       "qquad",
    "dagger", "mathbb", "alpha",    "beta",    "gamma",        "delta",  "epsilon",  "varepsilon", "zeta",
    "eta",    "theta",  "vartheta", "iota",    "kappa",        "lambda", "mu",       "nu",         "xi",
    "rho",    "sigma",  "tau",      "upsilon", "phi",          "varphi", "chi",      "psi",        "omega",
    "Gamma",  "Delta",  "Theta",    "Lambda",  "Xi",           "Pi",     "Sigma",    "Upsilon",    "Phi",
    "Psi",    "Omega",  "mathop",   "prime"};
constexpr std::string_view known_functions[] = {"det", "sum", "max", "min", "pi"};  // not an operator

bool is_letter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view what) {
  return std::find(std::begin(list), std::end(list), what) != std::end(list);
}

class Scanner {
 public:
  Scanner(std::string_view source, const LatexMacros& macros, int depth)
      : source_(source), macros_(macros), depth_(depth) {}

  std::vector<LatexPiece> run() {
    while (at_ < source_.size() && pieces_.size() < most_pieces) step();
    begin_ = at_;
    push(LatexPiece::Kind::end, "");
    return std::move(pieces_);
  }

 private:
  using Kind = LatexPiece::Kind;

  void push(Kind kind, std::string text) {
    pieces_.push_back(
        {kind, std::move(text), {static_cast<std::uint32_t>(begin_), static_cast<std::uint32_t>(at_)}, space_});
    space_ = false;
  }

  void step() {
    begin_ = at_;
    const char c = source_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '~') return ++at_, void(space_ = true);
    if (c == '%') return comment();
    if (c == '\\') return command();
    ++at_;
    if (c == '{') return push(Kind::open, "{");
    if (c == '}') return push(Kind::close, "}");
    if (c == '_') return push(Kind::subscript, "_");
    if (c == '^') return push(Kind::superscript, "^");
    if (c == '&') return void(matrices_ > 0 ? push(Kind::cell, "&") : void());
    if (is_digit(c) || (c == '.' && at_ < source_.size() && is_digit(source_[at_]))) return number();
    if (is_letter(c)) return push(Kind::letter, std::string(1, c));
    if (c == '|') return stroke();
    if (static_cast<unsigned char>(c) < 0x80) return push(Kind::symbol, std::string(1, c));
    at_ = begin_;
    character();
  }

  void comment() {
    at_ = std::min(source_.find('\n', at_), source_.size());
    space_ = true;
  }

  void number() {
    while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
    if (at_ + 1 < source_.size() && source_[at_] == '.' && is_digit(source_[at_ + 1]) && source_[begin_] != '.') {
      ++at_;
      while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
    }
    push(Kind::number, std::string(source_.substr(begin_, at_ - begin_)));
  }

  void stroke() {
    const bool is_double = at_ < source_.size() && source_[at_] == '|';
    if (is_double) ++at_;
    push(Kind::symbol, (is_double ? "‖" : "|") + std::exchange(side_, ""));
  }

  // A mark belongs to the letter before it.
  void combine(const std::string& mark) {
    const bool joins =
        !space_ && !pieces_.empty() && pieces_.back().kind == Kind::letter && pieces_.back().span.end == begin_;
    if (!joins) return push(Kind::letter, mark);
    pieces_.back().text += mark;
    pieces_.back().span.end = static_cast<std::uint32_t>(at_);
  }

  // Beyond ASCII: letters and signs as they are.
  void character() {
    const CodePoint next = code_point_at(source_, at_);
    at_ += next.length;
    const std::string text(source_.substr(begin_, next.length));
    if (is_combining(next.value)) return combine(text);
    if (!greek_name(next.value).empty()) return push(Kind::letter, std::string(greek_name(next.value)));
    const std::string_view meaning = matgrad::symbol(next.value);
    if (meaning == " ") return void(space_ = true);
    if (meaning == "norm") return push(Kind::symbol, "‖");  // not an operator: the stroke
    if (matgrad::is_letter(next.value)) return push(Kind::letter, text);
    push(Kind::symbol, meaning.empty() ? text : std::string(meaning));
  }

  void command() {
    ++at_;
    if (at_ >= source_.size()) return push(Kind::symbol, "\\");
    if (is_letter(source_[at_])) {
      while (at_ < source_.size() && is_letter(source_[at_])) ++at_;
      if (at_ < source_.size() && source_[at_] == '*') ++at_;
    } else {
      at_ += code_point_at(source_, at_).length;
    }
    std::string name(source_.substr(begin_, at_ - begin_));
    if (name.size() > 1 && name.back() == '*' && name != "\\*") name.pop_back();
    if (const auto macro = macros_.find(name); macro != macros_.end() && depth_ < most_expansions) {
      return expand(macro->second);
    }
    if (name == "\\\\" || name == "\\cr") return row_break();
    if (name == "\\left" || name == "\\right" || name == "\\middle") return sized(name == "\\left" ? "<" : ">");
    if (among(looks, name)) return void(space_ = true);
    if (among(remarks, name)) return void(argument());
    if (name == "\\begin" || name == "\\end") return environment(name == "\\begin");
    named(name);
  }

  void named(const std::string& name) {
    if (name == "\\|" || name == "\\Vert") return push(Kind::symbol, "‖" + std::exchange(side_, ""));
    if (name == "\\lVert") return push(Kind::symbol, "‖<");
    if (name == "\\rVert") return push(Kind::symbol, "‖>");
    if (name == "\\vert") return push(Kind::symbol, "|" + std::exchange(side_, ""));
    if (name == "\\lvert") return push(Kind::symbol, "|<");
    if (name == "\\rvert") return push(Kind::symbol, "|>");
    if (name == "\\{" || name == "\\lbrace") return push(Kind::symbol, "(");
    if (name == "\\}" || name == "\\rbrace") return push(Kind::symbol, ")");
    if (name == "\\lbrack") return push(Kind::symbol, "[");
    if (name == "\\rbrack") return push(Kind::symbol, "]");
    if (name == "\\_") return push(Kind::symbol, "_");
    push(Kind::command, name);
  }

  // \left and \right: which way a stroke faces; \left. is nothing.
  void sized(const char* side) {
    space_ = true;
    std::size_t next = at_;
    while (next < source_.size() && source_[next] == ' ') ++next;
    if (next < source_.size() && source_[next] == '.') return void(at_ = next + 1);
    const std::string_view rest = source_.substr(next);
    const bool is_stroke = rest.substr(0, 1) == "|" || rest.substr(0, 2) == "\\|" || rest.substr(0, 5) == "\\vert" ||
                           rest.substr(0, 5) == "\\Vert";
    if (!is_stroke) return;
    at_ = next;
    side_ = side;
  }

  void row_break() {
    // \\[2pt]
    if (at_ < source_.size() && source_[at_] == '[') {
      const std::size_t end = source_.find(']', at_);
      const std::size_t digits = source_.find_first_of("0123456789", at_);
      if (end != std::string_view::npos && digits == at_ + 1) at_ = end + 1;
    }
    matrices_ > 0 ? push(Kind::row, "\\\\") : void(space_ = true);
  }

  // The text between the braces that follow; nothing where there are none.
  std::string argument() {
    while (at_ < source_.size() && source_[at_] == ' ') ++at_;
    if (at_ >= source_.size()) return {};
    if (source_[at_] != '{') {
      const std::size_t begin = at_;
      if (source_[at_] == '\\') {
        ++at_;
        while (at_ < source_.size() && is_letter(source_[at_])) ++at_;
      } else {
        at_ += code_point_at(source_, at_).length;
      }
      return std::string(source_.substr(begin, at_ - begin));
    }
    const std::size_t begin = ++at_;
    int open = 1;
    for (; at_ < source_.size(); ++at_) {
      if (source_[at_] == '\\') {
        ++at_;
        continue;
      }
      open += source_[at_] == '{' ? 1 : source_[at_] == '}' ? -1 : 0;
      if (open == 0) break;
    }
    std::string text(source_.substr(begin, std::min(at_, source_.size()) - begin));
    if (at_ < source_.size()) ++at_;
    return text;
  }

  void environment(bool begins) {
    const std::string name = argument();
    const bool is_matrix = name.find("matrix") != std::string::npos || name == "array";
    if (!is_matrix) return void(space_ = true);
    if (begins && name == "array") argument();  // the columns
    matrices_ += begins ? 1 : -1;
    push(Kind::command, (begins ? "\\begin{" : "\\end{") + (name == "vmatrix" ? name : std::string("bmatrix")) + "}");
  }

  void expand(const LatexMacro& macro) {
    const std::size_t start = begin_;
    std::vector<std::string> arguments;
    for (std::size_t i = 0; i < macro.parameters; ++i) arguments.push_back(argument());
    std::string body;
    for (std::size_t i = 0; i < macro.body.size(); ++i) {
      const bool is_parameter = macro.body[i] == '#' && i + 1 < macro.body.size() && is_digit(macro.body[i + 1]);
      if (!is_parameter) {
        body += macro.body[i];
        continue;
      }
      const auto which = static_cast<std::size_t>(macro.body[++i] - '1');
      if (which < arguments.size()) body += arguments[which];
    }
    std::vector<LatexPiece> inside = Scanner(body, macros_, depth_ + 1).run();
    inside.pop_back();
    for (LatexPiece& piece : inside) {
      piece.span = {static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(at_)};
      pieces_.push_back(std::move(piece));
    }
  }

  std::string_view source_;
  const LatexMacros& macros_;
  int depth_;
  std::vector<LatexPiece> pieces_;
  std::size_t begin_ = 0;
  std::size_t at_ = 0;
  int matrices_ = 0;
  std::string side_;
  bool space_ = false;
};

// Reads one definition behind \newcommand and the like.
class MacroReader {
 public:
  MacroReader(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  bool definition(LatexMacros& into, bool is_operator) {
    const std::string name = name_of_macro();
    LatexMacro macro;
    skip();
    if (at_ < text_.size() && text_[at_] == '[') {
      ++at_;
      macro.parameters = at_ < text_.size() && is_digit(text_[at_]) ? static_cast<std::size_t>(text_[at_] - '0') : 0;
      at_ = std::min(text_.find(']', at_), text_.size() - 1) + 1;
    }
    while (at_ + 1 < text_.size() && text_[at_] == '#' && is_digit(text_[at_ + 1]))
      ++macro.parameters, at_ += 2;  // \def
    skip();
    const auto body = braced();
    if (name.empty() || !body) return false;
    macro.body = is_operator ? "\\operatorname{" + *body + "}" : *body;
    if (macro.body.find(name + "}") != std::string::npos && macro.body.size() < name.size() + 3) return false;
    into[name] = std::move(macro);
    return true;
  }

 private:
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '*')) ++at_;
  }

  std::string name_of_macro() {
    skip();
    const bool is_braced = at_ < text_.size() && text_[at_] == '{';
    if (is_braced) ++at_;
    if (at_ >= text_.size() || text_[at_] != '\\') return {};
    const std::size_t begin = at_++;
    while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
    const std::string name(text_.substr(begin, at_ - begin));
    if (is_braced && at_ < text_.size() && text_[at_] == '}') ++at_;
    return name.size() > 1 ? name : std::string();
  }

  std::optional<std::string> braced() {
    if (at_ >= text_.size() || text_[at_] != '{') return std::nullopt;
    int open = 0;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      open += text_[i] == '{' ? 1 : text_[i] == '}' ? -1 : 0;
      if (open == 0) return std::string(text_.substr(at_ + 1, i - at_ - 1));
    }
    return std::nullopt;
  }

  std::string_view text_;
  std::size_t at_;
};

}  // namespace

std::vector<LatexPiece> scan_latex(std::string_view source, const LatexMacros& macros) {
  return Scanner(source, macros, 0).run();
}

LatexMacros find_macros(std::string_view document) {
  LatexMacros macros;
  constexpr std::string_view definers[] = {"\\newcommand", "\\renewcommand", "\\providecommand", "\\def",
                                           "\\DeclareMathOperator"};
  for (std::size_t at = document.find('\\'); at != std::string_view::npos; at = document.find('\\', at + 1)) {
    for (std::string_view definer : definers) {
      const std::size_t end = at + definer.size();
      if (document.substr(at, definer.size()) != definer || (end < document.size() && is_letter(document[end])))
        continue;
      MacroReader(document, end).definition(macros, definer == "\\DeclareMathOperator");
    }
  }
  return macros;
}

bool is_latex(std::string_view text) {
  for (std::size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && is_letter(text[end])) ++end;
    const std::string_view name = text.substr(at + 1, end - at - 1);
    const bool is_norm = name.empty() && end < text.size() && text[end] == '|';
    if (is_norm || among(known, name) || among(known_functions, name)) return true;
  }
  return false;
}

}  // namespace matgrad
