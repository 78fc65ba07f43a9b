// SPDX-License-Identifier: MIT
// Markdown, by md4c. It hands out text as pieces of the input, so that places are differences of pointers.
#include <md4c.h>

#include <algorithm>
#include <cstring>
#include <regex>

#include "document.hpp"

namespace matgrad {
namespace {

using PartKind = DocumentPart::Kind;

struct Part {
  PartKind kind;
  std::size_t begin;
  std::size_t end;
};

class MarkdownFile {
 public:
  MarkdownFile(Document& document, const std::string& text, const Lines& lines)
      : document_(document), text_(text), lines_(lines) {}

  void run() {
    MD_PARSER parser = {};
    parser.flags = MD_FLAG_LATEXMATHSPANS | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS;
    parser.enter_block = [](MD_BLOCKTYPE type, void* detail, void* self) { return of(self).enter(type, detail); };
    parser.leave_block = [](MD_BLOCKTYPE type, void*, void* self) { return of(self).leave(type); };
    parser.enter_span = [](MD_SPANTYPE type, void*, void* self) { return of(self).span(type, true); };
    parser.leave_span = [](MD_SPANTYPE type, void*, void* self) { return of(self).span(type, false); };
    parser.text = [](MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* self) {
      return of(self).words(type, text, size);
    };
    md_parse(text_.c_str(), static_cast<MD_SIZE>(text_.size()), &parser, this);
    find_raw_formulas();
    find_comments();
    std::stable_sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) { return a.begin < b.begin; });
    for (const Part& part : parts_) {
      DocumentPart added = part_of(part.kind, text_, part.begin, part.end, lines_);
      if (part.kind == PartKind::declarations) added.text = declarations_in(added.text);
      document_.parts.push_back(std::move(added));
    }
  }

 private:
  static MarkdownFile& of(void* self) { return *static_cast<MarkdownFile*>(self); }

  int enter(MD_BLOCKTYPE type, void* detail) {
    if (type != MD_BLOCK_CODE) return 0;
    const MD_ATTRIBUTE& info = static_cast<MD_BLOCK_CODE_DETAIL*>(detail)->lang;
    const std::string language = info.text == nullptr ? "" : std::string(info.text, info.size);
    is_code_ = true;
    is_math_ = language == "math" || language == "latex-math";
    return 0;
  }

  int leave(MD_BLOCKTYPE type) {
    if (type == MD_BLOCK_CODE) {
      if (is_math_) finish();
      is_code_ = is_math_ = false;
    }
    if (end_ > 0) parts_.push_back({PartKind::break_of_block, end_, end_});
    return 0;
  }

  int span(MD_SPANTYPE type, bool enters) {
    if (type == MD_SPAN_CODE) is_code_ = enters;
    if (type != MD_SPAN_LATEXMATH && type != MD_SPAN_LATEXMATH_DISPLAY) return 0;
    is_math_ = enters;
    if (!enters) finish();
    return 0;
  }

  void finish() {
    if (first_ < last_) {
      parts_.push_back({PartKind::formula, first_, last_});
      taken_.push_back({PartKind::formula, first_, last_});
    }
    first_ = last_ = 0;
    has_first_ = false;
  }

  int words(MD_TEXTTYPE, const MD_CHAR* text, MD_SIZE size) {
    if (text < text_.data() || text + size > text_.data() + text_.size()) return 0;  // an entity, a line break
    const auto begin = static_cast<std::size_t>(text - text_.data());
    end_ = begin + size;
    if (is_math_) {
      if (!has_first_) first_ = begin;
      has_first_ = true;
      last_ = end_;
    } else if (is_code_) {
      taken_.push_back({PartKind::words, begin, end_});
    } else {
      parts_.push_back({PartKind::words, begin, end_});
    }
    return 0;
  }

  bool is_taken(std::size_t at) const {
    return std::any_of(taken_.begin(), taken_.end(),
                       [&](const Part& part) { return part.begin <= at && at < part.end; });
  }

  // \begin{align}…\end{align}, \[…\] and \(…\) without dollars, as notebooks and many pages have them.
  void find_raw_formulas() {
    static const std::regex environment(R"(\\begin\{(equation|align|gather|multline|eqnarray|alignat)\*?\})");
    for (std::sregex_iterator at(text_.begin(), text_.end(), environment), none; at != none; ++at) {
      const auto begin = static_cast<std::size_t>(at->position() + at->length());
      const std::string name = at->str().substr(7);
      const std::size_t end = text_.find("\\end{" + name, begin);
      if (end != std::string::npos) add_raw(begin, end, static_cast<std::size_t>(at->position()));
    }
    for (const auto& [open, close] : {std::pair("\\[", "\\]"), std::pair("\\(", "\\)")}) {
      for (std::size_t at = text_.find(open); at != std::string::npos; at = text_.find(open, at + 2)) {
        if (at > 0 && text_[at - 1] == '\\') continue;  // \\[ is a row of a formula, or an escaped \[
        const std::size_t end = text_.find(close, at);
        if (end != std::string::npos) add_raw(at + 2, end, at);
      }
    }
  }

  void add_raw(std::size_t begin, std::size_t end, std::size_t from) {
    if (is_taken(from)) return;
    parts_.erase(std::remove_if(parts_.begin(), parts_.end(),
                                [&](const Part& part) {
                                  return part.kind != PartKind::formula && part.begin >= from && part.end <= end;
                                }),
                 parts_.end());
    parts_.push_back({PartKind::formula, begin, end});
    taken_.push_back({PartKind::formula, from, end});
  }

  void find_comments() {
    for (std::size_t at = text_.find("<!--"); at != std::string::npos; at = text_.find("<!--", at + 4)) {
      const std::size_t end = text_.find("-->", at);
      if (end == std::string::npos) return;
      if (is_taken(at) || declarations_in(std::string_view(text_).substr(at + 4, end - at - 4)).empty()) continue;
      parts_.push_back({PartKind::declarations, at + 4, end});
    }
  }

  Document& document_;
  const std::string& text_;
  const Lines& lines_;
  std::vector<Part> parts_;
  std::vector<Part> taken_;  // formulas and code
  bool is_code_ = false;
  bool is_math_ = false;
  bool has_first_ = false;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

void add_markdown(Document& document, const std::string& text, const Lines& lines) {
  MarkdownFile(document, text, lines).run();
}

}  // namespace matgrad
