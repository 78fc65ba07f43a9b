// SPDX-License-Identifier: MIT
#include "print/page.hpp"

#include <algorithm>

#include "print/mathml.hpp"

namespace matgrad {
namespace {

// With a backslash before each of these.
std::string escaped(const std::string& text, const char* special) {
  std::string out;
  for (char c : text) {
    if (std::string(special).find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string in_brackets(const std::string& source, Language language) {
  if (source.empty()) return "";
  return language == Language::chinese ? "（" + source + "）" : " (" + source + ")";
}

class PlainSheet : public Sheet {
 public:
  using Sheet::Sheet;
  void begin(const std::string& title) override { out += title + "\n"; }
  void paragraph(const std::string& sentence) override { out += sentence + "\n"; }
  void display(const std::string& equation) override { out += "    " + equation + "\n\n"; }
  void step(std::size_t number, const std::string& rule, const std::string& source, const std::string& equation,
            const std::string& shapes) override {
    out += std::to_string(number) + ". " + rule + in_brackets(source, language) + "\n";
    out += "    " + equation + "\n    [" + shapes + "]\n\n";
  }
};

class MarkdownSheet : public Sheet {
 public:
  using Sheet::Sheet;
  std::string prose(const std::string& text) const override { return escaped(text, "*_\\`<"); }
  std::string verbatim(const std::string& text) const override { return "`" + text + "`"; }
  std::string formula(const std::string& code) const override { return "$" + code + "$"; }
  void begin(const std::string& title) override { out += "# " + title + "\n\n"; }
  void paragraph(const std::string& sentence) override { out += sentence + "\n\n"; }
  void display(const std::string& equation) override { out += "$$" + equation + "$$\n\n"; }
  void step(std::size_t number, const std::string& rule, const std::string& source, const std::string& equation,
            const std::string& shapes) override {
    out += "**" + std::to_string(number) + ".** " + rule + in_brackets(source, language) + "\n\n";
    out += "$$" + equation + "$$\n\n" + shapes + "\n\n";
  }
};

class LatexSheet : public Sheet {
 public:
  LatexSheet(Language said_in, bool whole) : Sheet(Script::latex, said_in), whole_(whole) {}
  std::string prose(const std::string& text) const override {
    std::string result;
    for (char c : escaped(text, "_&#%$")) result += c == '^' ? "\\^{}" : std::string(1, c);
    return with_signs(result);
  }
  std::string verbatim(const std::string& text) const override { return "\\texttt{" + prose(text) + "}"; }
  std::string formula(const std::string& code) const override { return "$" + code + "$"; }
  void begin(const std::string& title) override {
    if (whole_) {
      const char* characters = language == Language::chinese ? "\\usepackage[UTF8]{ctex}\n" : "";
      out += std::string("\\documentclass{article}\n\\usepackage{amsmath,amssymb}\n") + characters +
             "\\setlength{\\emergencystretch}{3em}\n\\begin{document}\n";
    }
    out += "\\section*{" + title + "}\n";
  }
  void paragraph(const std::string& sentence) override {
    close();
    out += sentence + "\n";
  }
  void display(const std::string& equation) override { out += "\\[" + equation + "\\]\n"; }
  void step(std::size_t, const std::string& rule, const std::string& source, const std::string& equation,
            const std::string& shapes) override {
    if (!open_) out += "\\begin{enumerate}\n";
    open_ = true;
    out += "\\item " + rule + in_brackets(source, language) + "\n\\[" + equation + "\\]\n" + shapes + "\n";
  }
  void end() override {
    close();
    if (whole_) out += "\\end{document}\n";
  }

 private:
  void close() {
    if (open_) out += "\\end{enumerate}\n";
    open_ = false;
  }

  // The signs of shapes and rules as mathematics.
  static std::string with_signs(std::string text) {
    constexpr std::pair<const char*, const char*> signs[] = {
        {"×", "$\\times$"}, {"·", "$\\cdot$"}, {"→", "$\\to$"}, {"∘", "$\\circ$"}};
    for (const auto& [sign, command] : signs) {
      const std::string from = sign;
      for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
        text.replace(at, from.size(), command);
        at += std::string(command).size();
      }
    }
    return text;
  }

  bool whole_;
  bool open_ = false;
};

constexpr const char* style =
    "body{max-width:46em;margin:2em auto;padding:0 1em;font:17px/1.55 Georgia,'Noto Serif CJK SC',serif;color:#1c1c1c}"
    "h1{font-size:1.35em;font-weight:600}ol{padding-left:1.6em}li{margin:.9em 0}.source,.shapes{color:#6a6a6a;"
    "font-size:.86em}code{font-size:.86em;background:#f3f3f1;padding:0 .25em;border-radius:.2em}.shapes{margin:.1em 0 "
    "0}math[display=block]{margin:.45em 0;font-size:1.12em;overflow-x:auto}";

class HtmlSheet : public Sheet {
 public:
  explicit HtmlSheet(Language said_in) : Sheet(Script::latex, said_in) {}
  std::string prose(const std::string& text) const override { return escaped_for_html(text); }
  std::string verbatim(const std::string& text) const override { return "<code>" + escaped_for_html(text) + "</code>"; }
  std::string formula(const std::string& code) const override { return to_mathml(code, false); }
  void begin(const std::string& title) override {
    const char* tag = language == Language::chinese ? "zh" : "en";
    out += std::string("<!DOCTYPE html>\n<html lang=\"") + tag + "\">\n<head>\n<meta charset=\"utf-8\">\n";
    out += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>matgrad</title>\n<style>";
    out += std::string(style) + "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n";
  }
  void paragraph(const std::string& sentence) override {
    close();
    out += "<p>" + sentence + "</p>\n";
  }
  void display(const std::string& equation) override { out += to_mathml(equation, true) + "\n"; }
  void step(std::size_t, const std::string& rule, const std::string& source, const std::string& equation,
            const std::string& shapes) override {
    if (!open_) out += "<ol>\n";
    open_ = true;
    out += "<li>" + rule + " <span class=\"source\">" + in_brackets(source, language) + "</span>\n";
    out += to_mathml(equation, true) + "\n<p class=\"shapes\">" + shapes + "</p></li>\n";
  }
  void end() override {
    close();
    out += "</body>\n</html>\n";
  }

 private:
  void close() {
    if (open_) out += "</ol>\n";
    open_ = false;
  }
  bool open_ = false;
};

}  // namespace

std::string Sheet::rule(const std::string& text) const {
  std::string result;
  bool inside = false;
  for (std::size_t at = 0; at <= text.size(); inside = !inside) {
    const std::size_t end = std::min(text.find('`', at), text.size());
    const std::string part = text.substr(at, end - at);
    result += inside ? verbatim(part) : prose(part);
    at = end + 1;
  }
  return result;
}

std::unique_ptr<Sheet> make_sheet(Page page, Language language) {
  switch (page) {
    case Page::text: return std::make_unique<PlainSheet>(Script::text, language);
    case Page::unicode: return std::make_unique<PlainSheet>(Script::unicode, language);
    case Page::latex: return std::make_unique<LatexSheet>(language, false);
    case Page::latex_document: return std::make_unique<LatexSheet>(language, true);
    case Page::markdown: return std::make_unique<MarkdownSheet>(Script::latex, language);
    case Page::html: break;
  }
  return std::make_unique<HtmlSheet>(language);
}

}  // namespace matgrad
