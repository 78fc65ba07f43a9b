// SPDX-License-Identifier: MIT
#include "base/diagnostic.hpp"

#include <algorithm>

namespace matgrad {
namespace {

constexpr std::size_t max_columns = 100;   // of the source line that is shown
constexpr std::size_t lead_columns = 40;   // shown before the span where the line is longer
constexpr std::size_t max_argument = 200;  // columns of one argument
constexpr std::size_t max_fix = 1000;      // bytes; a longer suggestion helps nobody on a terminal

struct Sentence {
  std::string_view english;
  std::string_view chinese;
};

constexpr Sentence catalogue[] = {
#define MESSAGE(name, english, chinese) {english, chinese},
#include "base/messages.inc"
#undef MESSAGE
};

std::string label(std::string_view english, std::string_view chinese, Language language) {
  return language == Language::english ? std::string(english).append(": ") : std::string(chinese).append("：");
}

std::string label(Severity severity, Language language) {
  switch (severity) {
    case Severity::error: return label("error", "错误", language);
    case Severity::warning: return label("warning", "警告", language);
    case Severity::note: break;
  }
  return label("note", "说明", language);
}

// The part of one source line that is shown: bytes [begin, end), with what was cut marked.
struct Window {
  std::size_t begin;
  std::size_t end;
};

std::size_t back_by(std::string_view line, std::size_t at, std::size_t columns) {
  const auto is_continuation = [&](std::size_t i) { return (static_cast<unsigned char>(line[i]) & 0xC0U) == 0x80U; };
  for (; at > 0 && columns > 0; --columns) {
    --at;
    while (at > 0 && is_continuation(at)) --at;
  }
  return at;
}

std::size_t forward_by(std::string_view line, std::size_t at, std::size_t columns) {
  for (std::size_t width = 0; at < line.size();) {
    const std::size_t length = code_point_at(line, at).length;
    width += display_width(line.substr(at, length));
    if (width > columns) break;
    at += length;
  }
  return at;
}

Window window(std::string_view line, Span span) {
  if (display_width(line) <= max_columns) return {0, line.size()};
  const std::size_t begin = back_by(line, span.begin, lead_columns);
  const std::size_t end = forward_by(line, begin, max_columns);
  return end < line.size() ? Window{begin, end} : Window{back_by(line, end, max_columns), end};
}

// The line under the span and the caret line; nothing where the span is empty or outside.
std::string excerpt(std::string_view source, Span span, std::string_view indent) {
  if (span.begin >= span.end || span.begin > source.size()) return {};
  const std::size_t before = span.begin == 0 ? std::string_view::npos : source.rfind('\n', span.begin - 1);
  const std::size_t line_begin = before == std::string_view::npos ? 0 : before + 1;
  const std::string_view line = source.substr(line_begin, source.find('\n', line_begin) - line_begin);
  const auto local = [&](std::size_t at) { return static_cast<std::uint32_t>(std::min(at - line_begin, line.size())); };
  const Span marked{local(span.begin), local(span.end)};
  const Window shown = window(line, marked);
  const std::string_view ellipsis_before = shown.begin > 0 ? "…" : "";
  const std::string_view ellipsis_after = shown.end < line.size() ? "…" : "";
  const auto part = [&](std::size_t begin, std::size_t end) {
    return printable(line.substr(begin, std::max(begin, end) - begin));
  };
  std::string result(indent);
  result.append(ellipsis_before).append(part(shown.begin, shown.end)).append(ellipsis_after).append("\n");
  result.append(indent);
  result.append(display_width(ellipsis_before) + display_width(part(shown.begin, marked.begin)), ' ');
  const std::size_t width = display_width(part(marked.begin, std::min<std::size_t>(marked.end, shown.end)));
  return result.append("^").append(width > 1 ? width - 1 : 0, '~').append("\n");
}

std::string suggestion(const Diagnostic& diagnostic, Language language) {
  if (diagnostic.fix.empty() || diagnostic.fix.size() > max_fix) return {};
  const std::string start = "  " + label("try", "试试", language);
  std::string result = start;
  for (std::size_t at = 0; at <= diagnostic.fix.size();) {
    const std::size_t end = std::min(diagnostic.fix.find('\n', at), diagnostic.fix.size());
    if (at > 0) result.append("\n").append(display_width(start), ' ');
    result += printable(std::string_view(diagnostic.fix).substr(at, end - at));
    at = end + 1;
  }
  return result.append("\n");
}

std::string body(const Diagnostic& diagnostic, std::string_view main_source, Language language) {
  const std::string_view source = diagnostic.source.empty() ? main_source : std::string_view(diagnostic.source);
  std::string result = label(diagnostic.severity, language);
  if (!diagnostic.place.empty()) result.append(printable(diagnostic.place)).append(": ");
  result.append(printable(sentence(diagnostic.message, diagnostic.arguments, language))).append("\n");
  result += excerpt(source, diagnostic.span, "  ");
  for (const Note& note : diagnostic.notes) {
    result.append("  ").append(label(Severity::note, language));
    result.append(printable(sentence(note.message, note.arguments, language))).append("\n");
    result += excerpt(source, note.span, "    ");
  }
  return result;
}

}  // namespace

bool is_failed_check(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(), [](const Diagnostic& one) {
    return one.message == Message::verification_failed || one.message == Message::printed_wrong ||
           one.message == Message::step_failed || one.message == Message::step_unchecked ||
           one.message == Message::solution_not_confirmed || one.message == Message::numbers_not_stationary;
  });
}

std::string sentence(Message message, const std::vector<std::string>& arguments, Language language) {
  const Sentence& both = catalogue[static_cast<std::size_t>(message)];
  const std::string_view text = language == Language::english ? both.english : both.chinese;
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool is_place = at + 2 < text.size() && text[at] == '{' && text[at + 2] == '}' && text[at + 1] >= '0';
    const std::size_t index = is_place ? static_cast<std::size_t>(text[at + 1] - '0') : arguments.size();
    if (index < arguments.size()) {
      result += shorten(arguments[index], max_argument);
      at += 2;
    } else {
      result += text[at];
    }
  }
  return result;
}

std::string render(const Diagnostic& diagnostic, std::string_view source, Language language) {
  return body(diagnostic, source, language) + suggestion(diagnostic, language);
}

std::string render(const Diagnostics& diagnostics, std::string_view source, Language language) {
  std::string result;
  for (std::size_t i = 0; i < diagnostics.size(); ++i) {
    result += body(diagnostics[i], source, language);
    const bool repeated = i + 1 < diagnostics.size() && diagnostics[i + 1].fix == diagnostics[i].fix;
    if (!repeated) result += suggestion(diagnostics[i], language);
  }
  return result;
}

}  // namespace matgrad
