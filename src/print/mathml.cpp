// SPDX-License-Identifier: MIT
#include "print/mathml.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "print/names.hpp"

namespace matgrad {
namespace {

constexpr std::pair<std::string_view, std::string_view> signs[] = {
    {"top", "⊤"},     {"odot", "⊙"},   {"oslash", "⊘"}, {"otimes", "⊗"}, {"times", "×"},  // not an operator
    {"cdot", "·"},    {"circ", "∘"},   {"sum", "∑"},                                      // not an operator
    {"partial", "∂"}, {"lVert", "‖"},  {"rVert", "‖"},  {"lvert", "|"},  {"rvert", "|"},
    {"langle", "⟨"},  {"rangle", "⟩"},
};

const std::string thin_space = "<mspace width=\"0.17em\"/>";

std::string tag(std::string_view name, const std::string& inside, std::string_view attributes = "") {
  return std::string("<")
      .append(name)
      .append(attributes)
      .append(">")
      .append(inside)
      .append("</")
      .append(name)
      .append(">");
}

class Converter {
 public:
  explicit Converter(std::string_view text) : text_(text) {}

  std::string whole() { return row(""); }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  bool starts(std::string_view word) const { return text_.substr(at_, word.size()) == word; }
  void skip_blanks() {
    while (!at_end() && text_[at_] == ' ') ++at_;
  }

  // Up to `stop`, which is taken.
  std::string row(std::string_view stop) {
    std::string out;
    for (skip_blanks(); !at_end(); skip_blanks()) {
      if (!stop.empty() && starts(stop)) {
        at_ += stop.size();
        break;
      }
      // As TeX sets it: a function stands apart from the factor before it, W tanh(x).
      const bool apart = at_function() && !out.empty() && !ends_with(out, "</mo>") && !ends_with(out, thin_space);
      out += (apart ? thin_space : "") + scripted();
    }
    return tag("mrow", out);
  }

  static bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
  }

  bool at_function() {
    if (at_end() || text_[at_] != '\\') return false;
    const std::size_t before = at_++;
    const std::string name = word();
    at_ = before;
    return is_function(name);
  }

  static bool is_function(std::string_view name) {
    if (name == "operatorname") return true;
    for (std::string_view other : {"", "frac", "sqrt", "left", "right", "begin", "end", "mathrm", "text", "mathbf"}) {
      if (name == other) return false;
    }
    const auto is_it = [&](const auto& sign) { return name == sign.first; };
    return std::find_if(std::begin(signs), std::end(signs), is_it) == std::end(signs) && greek_letter(name).empty();
  }

  std::string scripted() {
    const bool limits = starts("\\sum");
    std::string base = atom();
    std::string below;
    std::string above;
    for (skip_blanks(); starts("_") || starts("^"); skip_blanks()) {
      const bool is_above = text_[at_++] == '^';
      skip_blanks();
      (is_above ? above : below) = atom();
    }
    const bool both = !below.empty() && !above.empty();
    if (both) return tag(limits ? "munderover" : "msubsup", base + below + above);
    if (!above.empty()) return tag("msup", base + above);
    if (!below.empty()) return tag("msub", base + below);
    return base;
  }

  std::string atom() {
    const char c = text_[at_];
    if (c == '{') {
      ++at_;
      return row("}");
    }
    if (c == '\\') return command();
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) return number();
    std::size_t length = 1;  // of one character in UTF-8
    while (at_ + length < text_.size() && (static_cast<unsigned char>(text_[at_ + length]) & 0xC0) == 0x80) ++length;
    const std::string_view character = text_.substr(at_, length);
    at_ += length;
    if (std::isalpha(static_cast<unsigned char>(c)) != 0 || length > 1) return tag("mi", std::string(character));
    return tag("mo", c == '-' ? "−" : escaped_for_html(character), is_bracket(c) ? " stretchy=\"false\"" : "");
  }

  static bool is_bracket(char c) { return std::string_view("()[]|").find(c) != std::string_view::npos; }

  std::string number() {
    std::string digits;
    while (!at_end() && (std::isdigit(static_cast<unsigned char>(text_[at_])) != 0 || text_[at_] == '.')) {
      digits += text_[at_++];
    }
    return tag("mn", digits);
  }

  std::string word() {
    std::string name;
    while (!at_end() && std::isalpha(static_cast<unsigned char>(text_[at_])) != 0) name += text_[at_++];
    return name;
  }

  // The text of a group as it stands.
  std::string raw_group() {
    skip_blanks();
    if (at_end() || text_[at_] != '{') return "";
    const std::size_t end = std::min(text_.find('}', at_), text_.size());
    std::string inside(text_.substr(at_ + 1, end - at_ - 1));
    at_ = std::min(end + 1, text_.size());
    inside.erase(std::remove(inside.begin(), inside.end(), '\\'), inside.end());
    return escaped_for_html(inside);
  }

  std::string group() {
    skip_blanks();
    return at_end() ? "" : atom();
  }

  std::string command() {
    ++at_;
    const std::string name = word();
    if (name.empty()) {
      const char c = at_end() ? ' ' : text_[at_++];
      return c == ',' || c == ';' || c == ' ' ? thin_space : tag("mo", escaped_for_html({&c, 1}));
    }
    if (name == "frac") {
      const std::string above = group();
      return tag("mfrac", above + group());
    }
    if (name == "sqrt") return tag("msqrt", group());
    if (name == "left") return fenced();
    if (name == "begin") return matrix();
    if (name == "mathrm" && text_.substr(at_, 3) == "{d}") return differential();
    if (name == "mathrm" || name == "operatorname" || name == "text")
      return tag("mi", raw_group(), " mathvariant=\"normal\"");
    if (name == "mathbf") return tag("mn", raw_group(), " style=\"font-weight:bold\"");
    for (const auto& [known, sign] : signs) {
      if (name == known) return tag(name == "top" ? "mi" : "mo", std::string(sign));
    }
    const std::string_view greek = greek_letter(name);
    if (!greek.empty()) return tag("mi", std::string(greek));
    skip_blanks();
    const bool before_bracket = starts("\\left") || starts("(") || starts("_") || starts("^");
    return tag("mi", name) + (before_bracket ? "" : thin_space);  // \log
  }

  // Close to what changes.
  std::string differential() {
    const std::string d = tag("mi", raw_group(), " mathvariant=\"normal\"");
    skip_blanks();
    return at_end() ? d : tag("mrow", d + scripted());
  }

  std::string delimiter() {
    skip_blanks();
    std::string sign;
    if (!at_end() && text_[at_] == '\\') {
      ++at_;
      const std::string name = word();
      for (const auto& [known, written] : signs) {
        if (name == known) sign = written;
      }
    } else if (!at_end()) {
      sign = text_[at_++];
    }
    return escaped_for_html(sign);
  }

  std::string fenced() {
    const std::string open = delimiter();
    const std::string inside = row("\\right");
    const std::string close = delimiter();
    const auto holds = [&](const char* element) { return inside.find(element) != std::string::npos; };
    // Browsers leave room beside what may grow, so only what has to may.
    const std::string grows = holds("<mfrac") || holds("<mtable") || holds("<munder") ? "true" : "false";
    const std::string how = " fence=\"true\" stretchy=\"" + grows + "\"";
    return tag("mrow", tag("mo", open, how) + inside + tag("mo", close, how));
  }

  std::string matrix() {
    const std::string kind = raw_group();
    std::string rows;
    std::string cells;
    std::string cell;
    const auto end_cell = [&] { cells += tag("mtd", std::exchange(cell, "")); };
    const auto end_row = [&] {
      end_cell();
      rows += tag("mtr", std::exchange(cells, ""));
    };
    for (skip_blanks(); !at_end() && !starts("\\end"); skip_blanks()) {
      if (starts("\\\\")) {
        at_ += 2;
        end_row();
      } else if (starts("&")) {
        ++at_;
        end_cell();
      } else {
        cell += scripted();
      }
    }
    end_row();
    at_ = std::min(at_ + 4, text_.size());
    raw_group();
    return tag("mrow",
               tag("mo", "[", " stretchy=\"true\"") + tag("mtable", rows) + tag("mo", "]", " stretchy=\"true\""));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::string escaped_for_html(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string to_mathml(std::string_view latex, bool display) {
  return tag("math", Converter(latex).whole(), display ? " display=\"block\"" : "");
}

}  // namespace matgrad
