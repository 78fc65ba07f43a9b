// SPDX-License-Identifier: MIT
#include "engine/problem_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace matgrad {
namespace {

enum class Section : std::uint8_t { none, given, minimize, over, subject };

struct Keyword {
  std::string_view word;
  Section section;
};
constexpr Keyword keywords[] = {{"given", Section::given},
                                {"minimize", Section::minimize},
                                {"minimise", Section::minimize},
                                {"over", Section::over},
                                {"subject to", Section::subject}};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string place_of(const std::string& file, std::string_view text, std::size_t at) {
  const auto lines =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(at, text.size())), '\n');
  return file + ":" + std::to_string(lines + 1);
}

class Reader {
 public:
  Reader(const std::string& text, const std::string& file) : file_(file) {
    problem_.text = text;
    plain_ = text;
    bool is_comment = false;
    for (char& c : plain_) {
      is_comment = c != '\n' && (is_comment || c == '#');
      if (is_comment) c = ' ';
    }
  }

  Result<ProblemFile> run() {
    for (std::size_t begin = 0; begin < plain_.size();) {
      const std::size_t end = std::min(plain_.find('\n', begin), plain_.size());
      line(begin, end);
      begin = end + 1;
    }
    if (problem_.objective.text.empty()) complain(Message::problem_lacks, {"minimize"}, {});
    if (problem_.over.empty()) complain(Message::problem_lacks, {"over"}, {});
    if (!errors_.empty()) return tl::make_unexpected(std::move(errors_));
    return std::move(problem_);
  }

 private:
  using Part = ProblemFile::Part;

  void complain(Message message, std::vector<std::string> arguments, Span span) {
    Diagnostic error;
    error.message = message;
    error.arguments = std::move(arguments);
    error.span = span;
    error.source = problem_.text;
    error.place = span.end > span.begin ? place_of(file_, problem_.text, span.begin) : file_;
    errors_.push_back(std::move(error));
  }

  static Span span(std::size_t begin, std::size_t end) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }

  void trim(std::size_t& begin, std::size_t& end) const {
    while (begin < end && is_blank(plain_[begin])) ++begin;
    while (begin < end && is_blank(plain_[end - 1])) --end;
  }

  void line(std::size_t begin, std::size_t end) {
    trim(begin, end);
    if (begin == end) return;
    if (const Keyword* keyword = keyword_at(begin, end)) {
      open(*keyword, begin);
      begin += keyword->word.size();
      if (begin < end && plain_[begin] == ':') ++begin;
      trim(begin, end);
      if (begin == end) return;
    }
    item(begin, end);
  }

  const Keyword* keyword_at(std::size_t begin, std::size_t end) const {
    const std::string_view rest(plain_.data() + begin, end - begin);
    for (const Keyword& keyword : keywords) {
      if (rest.substr(0, keyword.word.size()) != keyword.word) continue;
      const std::string_view after = rest.substr(keyword.word.size());
      if (after.empty() || after == ":" || after[0] == ' ' || after[0] == '\t') return &keyword;
    }
    return nullptr;
  }

  void open(const Keyword& keyword, std::size_t at) {
    section_ = keyword.section;
    bool& is_there = opened_[static_cast<std::size_t>(section_)];
    if (is_there)
      complain(Message::problem_section_twice, {std::string(keyword.word)}, span(at, at + keyword.word.size()));
    is_there = true;
  }

  Part part(std::size_t begin, std::size_t end) const {
    return {plain_.substr(begin, end - begin), static_cast<std::uint32_t>(begin)};
  }

  void item(std::size_t begin, std::size_t end) {
    switch (section_) {
      case Section::none: complain(Message::problem_without_section, {}, span(begin, end)); return;
      case Section::given: name(begin, end, problem_.given); return;
      case Section::over: name(begin, end, problem_.over); return;
      case Section::subject: problem_.constraints.push_back(part(begin, end)); return;
      case Section::minimize: break;
    }
    // The lines of the objective, with what is between them.
    const std::size_t first = problem_.objective.text.empty() ? begin : problem_.objective.offset;
    problem_.objective = part(first, end);
    std::replace(problem_.objective.text.begin(), problem_.objective.text.end(), '\n', ' ');
  }

  // "X: matrix(m,n) = X.csv", "X = X.csv", "X: matrix(m,n)", "X".
  void name(std::size_t begin, std::size_t end, std::vector<ProblemFile::Name>& into) {
    const std::size_t equals = std::min(plain_.find('=', begin), end);
    std::size_t declared_end = equals;
    trim(begin, declared_end);
    const std::size_t colon = std::min(plain_.find(':', begin), declared_end);
    std::size_t name_begin = begin;
    std::size_t name_end = colon;
    trim(name_begin, name_end);
    ProblemFile::Name found;
    found.name = plain_.substr(name_begin, name_end - name_begin);
    const bool is_name = !found.name.empty() && std::none_of(found.name.begin(), found.name.end(), [](char c) {
      return is_blank(c) || c == ',' || c == '(' || c == '*' || c == '+';
    });
    std::size_t source_begin = std::min(equals + 1, end);
    std::size_t source_end = end;
    trim(source_begin, source_end);
    if (!is_name || (equals < end && source_begin == source_end)) {
      return complain(Message::problem_name_malformed, {plain_.substr(begin, end - begin)}, span(begin, end));
    }
    if (colon < declared_end) found.declaration = part(begin, declared_end);
    found.source = plain_.substr(source_begin, source_end - source_begin);
    into.push_back(std::move(found));
  }

  const std::string& file_;
  std::string plain_;  // the text with blanks for comments
  Section section_ = Section::none;
  std::array<bool, 5> opened_{};
  ProblemFile problem_;
  Diagnostics errors_;
};

}  // namespace

Diagnostics ProblemFile::located(Diagnostics diagnostics, const std::string& file) const {
  std::vector<const Part*> parts{&objective};
  for (const auto* names : {&given, &over}) {
    for (const Name& name : *names) parts.push_back(&name.declaration);
  }
  for (const Part& constraint : constraints) parts.push_back(&constraint);
  for (Diagnostic& diagnostic : diagnostics) {
    if (!diagnostic.place.empty() || (diagnostic.source.empty() && diagnostic.span.end <= diagnostic.span.begin))
      continue;
    const std::string& source = diagnostic.source.empty() ? objective.text : diagnostic.source;
    const auto whole = std::find_if(parts.begin(), parts.end(), [&](const Part* part) { return part->text == source; });
    if (whole != parts.end()) {
      const std::uint32_t offset = (*whole)->offset;
      diagnostic.span = {diagnostic.span.begin + offset, diagnostic.span.end + offset};
      for (Note& note : diagnostic.notes) {
        if (note.span.end > note.span.begin) note.span = {note.span.begin + offset, note.span.end + offset};
      }
      diagnostic.source = text;
      diagnostic.place = place_of(file, text, diagnostic.span.begin);
      continue;
    }
    // A constraint is read as the difference of its sides, which begins as the constraint does.
    const auto begins = std::find_if(constraints.begin(), constraints.end(), [&](const Part& part) {
      const std::size_t side = part.text.find_first_of("<>=");
      return side != std::string::npos && side > 0 && source.compare(0, side - 1, part.text, 0, side - 1) == 0;
    });
    if (begins != constraints.end()) diagnostic.place = place_of(file, text, begins->offset);
  }
  return diagnostics;
}

Result<ProblemFile> read_problem(const std::string& text, const std::string& file) {
  return Reader(text, file).run();
}

}  // namespace matgrad
