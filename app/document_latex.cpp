// SPDX-License-Identifier: MIT
// LaTeX files and plain text.
#include <algorithm>
#include <regex>

#include "document.hpp"

namespace matgrad {
namespace {

using PartKind = DocumentPart::Kind;

constexpr const char* math_environments[] = {"equation",    "align", "gather",  "multline", "eqnarray",
                                             "displaymath", "math",  "alignat", "flalign",  "dmath"};
constexpr const char* code_environments[] = {"verbatim", "lstlisting", "minted", "comment", "Verbatim"};

class LatexFile {
 public:
  LatexFile(Document& document, const std::string& text, const Lines& lines)
      : document_(document), text_(text), lines_(lines) {}

  void run() {
    while (at_ < text_.size()) step();
    words(text_.size());
  }

 private:
  bool starts(const char* what) const { return text_.compare(at_, std::string(what).size(), what) == 0; }

  void step() {
    const char c = text_[at_];
    if (c == '%') return comment();
    if (c == '\n' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
      words(at_);
      add(PartKind::break_of_block, at_, at_);
      begin_ = at_ += 2;
      return;
    }
    if (starts("\\newcommand") || starts("\\renewcommand") || starts("\\def\\") || starts("\\DeclareMathOperator")) {
      words(at_);
      begin_ = at_ = std::min(text_.find('\n', at_), text_.size());
      return;
    }
    if (starts("\\begin{")) return environment();
    if (starts("\\\\") || starts("\\$") || starts("\\%")) return void(at_ += 2);
    if (starts("\\[")) return formula(2, "\\]");
    if (starts("\\(")) return formula(2, "\\)");
    if (starts("$$")) return formula(2, "$$");
    if (c == '$') return formula(1, "$");
    ++at_;
  }

  void add(PartKind kind, std::size_t begin, std::size_t end) {
    document_.parts.push_back(part_of(kind, text_, begin, end, lines_));
  }

  void words(std::size_t end) {
    if (end > begin_) add(PartKind::words, begin_, end);
  }

  void comment() {
    words(at_);
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    const std::string_view rest = declarations_in(std::string_view(text_).substr(at_, end - at_));
    if (!rest.empty()) {
      add(PartKind::declarations, at_, end);
      document_.parts.back().text = rest;
    }
    begin_ = at_ = end;
  }

  void formula(std::size_t opener, const std::string& closer) {
    const std::size_t begin = at_ + opener;
    std::size_t end = begin;
    do {
      end = text_.find(closer, end);
    } while (end != std::string::npos && closer[0] == '$' && end > 0 && text_[end - 1] == '\\' && ++end > 0);
    if (end == std::string::npos) return void(at_ = begin);
    words(at_);
    add(PartKind::formula, begin, end);
    begin_ = at_ = end + closer.size();
  }

  void environment() {
    const std::size_t close = text_.find('}', at_);
    if (close == std::string::npos) return void(++at_);
    const std::string name = text_.substr(at_ + 7, close - at_ - 7);
    const std::string plain = name.substr(0, name.find('*'));
    const bool is_math =
        std::find(std::begin(math_environments), std::end(math_environments), plain) != std::end(math_environments);
    const bool is_code =
        std::find(std::begin(code_environments), std::end(code_environments), plain) != std::end(code_environments);
    const std::size_t end = is_math || is_code ? text_.find("\\end{" + name + "}", close) : std::string::npos;
    if (end == std::string::npos) return void(at_ = close + 1);
    words(at_);
    std::size_t begin = close + 1;
    if (plain == "alignat" && begin < text_.size() && text_[begin] == '{') begin = text_.find('}', begin) + 1;
    if (is_math) add(PartKind::formula, begin, end);
    begin_ = at_ = end + name.size() + 6;
  }

  Document& document_;
  const std::string& text_;
  const Lines& lines_;
  std::size_t at_ = 0;
  std::size_t begin_ = 0;
};

}  // namespace

void add_latex(Document& document, const std::string& text, const Lines& lines) {
  LatexFile(document, text, lines).run();
}

// With dollars or \(…\) it is read as LaTeX is; otherwise every line that is an equation with a derivative is a claim.
void add_plain_text(Document& document, const std::string& text, const Lines& lines) {
  const bool has_math = text.find('$') != std::string::npos || text.find("\\(") != std::string::npos ||
                        text.find("\\[") != std::string::npos || text.find("\\begin{") != std::string::npos;
  if (has_math) return add_latex(document, text, lines);
  static const std::regex derivative(R"((∂|∇|\bd2?\s*\(.*\)\s*(/\s*d|=)|\bd/d))");
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    const std::string_view declared = declarations_in(line);
    const std::size_t first = line.find_first_not_of(" \t-*#>");
    if (!declared.empty()) {
      document.parts.push_back(part_of(PartKind::declarations, text, begin, end, lines));
      document.parts.back().text = declared;
    } else if (first != std::string::npos && line.find('=') != std::string::npos &&
               std::regex_search(line, derivative)) {
      document.parts.push_back(part_of(PartKind::formula, text, begin + first, end, lines));
      DocumentPart& part = document.parts.back();
      while (!part.text.empty() && std::string_view(" .,;\r").find(part.text.back()) != std::string_view::npos)
        part.text.pop_back();
      part.notation = is_latex(part.text) ? Notation::latex : Notation::text;
    } else {
      document.parts.push_back(part_of(PartKind::words, text, begin, end, lines));
    }
    if (line.empty()) document.parts.push_back(part_of(PartKind::break_of_block, text, begin, begin, lines));
    begin = end + 1;
  }
}

}  // namespace matgrad
