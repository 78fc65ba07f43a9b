// SPDX-License-Identifier: MIT
#include "base/diagnostic.hpp"

#include <gtest/gtest.h>

#include <set>

namespace matgrad {
namespace {

Diagnostic error(Message message, Span span, std::vector<std::string> arguments = {}) {
  Diagnostic result;
  result.message = message;
  result.span = span;
  result.arguments = std::move(arguments);
  return result;
}

struct Entry {
  const char* name;
  std::string english;
  std::string chinese;
};
const Entry catalogue[] = {
#define MESSAGE(name, english, chinese) {#name, english, chinese},
#include "base/messages.inc"
#undef MESSAGE
};

TEST(Catalogue, BothLanguagesUseTheSameArguments) {
  for (const Entry& entry : catalogue) {
    // An argument that is a phrase itself comes in both languages.
    static const std::set<std::string> with_phrases{"operator_note", "kinds_inferred", "no_derivative"};
    if (with_phrases.count(entry.name) > 0) continue;
    EXPECT_FALSE(entry.english.empty()) << entry.name;
    EXPECT_FALSE(entry.chinese.empty()) << entry.name;
    for (const char* place : {"{0}", "{1}", "{2}", "{3}"}) {
      EXPECT_EQ(entry.english.find(place) == std::string::npos, entry.chinese.find(place) == std::string::npos)
          << entry.name << " " << place;
    }
    EXPECT_NE(display_width(entry.chinese), entry.chinese.size()) << entry.name << " is not in Chinese";
  }
}

TEST(Sentence, PutsArgumentsIn) {
  EXPECT_EQ(sentence(Message::missing_between, {"*", "/"}, Language::english),
            "an operand is missing between `*` and `/`");
  EXPECT_EQ(sentence(Message::missing_between, {"*", "/"}, Language::chinese), "`*` 和 `/` 之间缺少运算对象");
  EXPECT_EQ(sentence(Message::missing_between, {"{1}", "x"}, Language::english),
            "an operand is missing between `{1}` and `x`");
  EXPECT_EQ(sentence(Message::missing_between, {"*"}, Language::english),
            "an operand is missing between `*` and `{1}`");
  const std::string long_one = sentence(Message::missing_left, {std::string(5000, 'x')}, Language::english);
  EXPECT_LT(long_one.size(), 300U);
}

TEST(Width, CountsColumns) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("x'*A"), 4U);
  EXPECT_EQ(display_width("λ·x"), 3U);
  EXPECT_EQ(display_width("权重"), 4U);
  EXPECT_EQ(display_width("x\u0302"), 1U);
  EXPECT_EQ(display_width("\xff\xfe"), 2U);
}

TEST(Width, Shortens) {
  EXPECT_EQ(shorten("abcdef", 6), "abcdef");
  EXPECT_EQ(shorten("abcdefg", 6), "abcde…");
  EXPECT_EQ(shorten("权重权重", 5), "权重…");
  EXPECT_EQ(shorten("", 5), "");
}

TEST(CodePoints, RefuseWhatIsNotUtf8) {
  for (const char* text : {"\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88",
                           "\xe2\x82", "\xf0\x80\x80\x80", "\xce"}) {
    const CodePoint point = code_point_at(text, 0);
    EXPECT_FALSE(point.valid);
    EXPECT_EQ(point.length, 1U);
  }
  EXPECT_EQ(code_point_at("λ", 0).value, U'λ');
  EXPECT_EQ(code_point_at("𝐱", 0).length, 4U);
}

TEST(Render, MarksTheSpan) {
  EXPECT_EQ(render(error(Message::missing_between, {2, 5}, {"*", "/"}), "a * / b", Language::english),
            "error: an operand is missing between `*` and `/`\n"
            "  a * / b\n"
            "    ^~~\n");
}

TEST(Render, CountsColumnsNotBytes) {
  EXPECT_EQ(render(error(Message::missing_right, {10, 11}, {"+"}), "权重·λ+", Language::chinese),
            "错误：`+` 右边缺少运算对象\n"
            "  权重·λ+\n"
            "        ^\n");
  EXPECT_EQ(render(error(Message::missing_right, {0, 6}, {"权重"}), "权重", Language::english),
            "error: `权重` has no operand on its right\n"
            "  权重\n"
            "  ^~~~\n");
}

TEST(Render, ShowsNotesAndSuggestion) {
  Diagnostic problem = error(Message::juxtaposition, {0, 2}, {"2*x"});
  problem.notes.push_back({Message::missing_left, {"*"}, {}});
  problem.notes.push_back({Message::missing_right, {"x"}, {1, 2}});
  problem.fix = "2*x";
  EXPECT_EQ(render(problem, "2x", Language::english),
            "error: juxtaposition is not a product: write 2*x\n"
            "  2x\n"
            "  ^~\n"
            "  note: `*` has no operand on its left\n"
            "  note: `x` has no operand on its right\n"
            "    2x\n"
            "     ^\n"
            "  try: 2*x\n");
  problem.notes.clear();
  problem.severity = Severity::warning;
  EXPECT_EQ(render(problem, "2x", Language::chinese),
            "警告：并列不表示乘法：请写成 2*x\n"
            "  2x\n"
            "  ^~\n"
            "  试试：2*x\n");
}

TEST(Render, UsesTheDiagnosticsOwnSource) {
  Diagnostic problem = error(Message::unknown_flag, {10, 14}, {"tall"});
  problem.source = "x: vector tall";
  EXPECT_EQ(render(problem, "x'*x", Language::english),
            "error: tall is no property of a variable; only positive may follow its kind\n"
            "  x: vector tall\n"
            "            ^~~~\n");
}

TEST(Render, ShowsTheRightLine) {
  EXPECT_EQ(render(error(Message::missing_right, {8, 9}, {"+"}), "[a b\n c +\n d e]", Language::english),
            "error: `+` has no operand on its right\n"
            "   c +\n"
            "     ^\n");
  // A span over several lines is marked on its first.
  EXPECT_EQ(render(error(Message::missing_right, {0, 7}, {"+"}), "[a b\r\n c]", Language::english),
            "error: `+` has no operand on its right\n"
            "  [a b \n"
            "  ^~~~~\n");
}

TEST(Render, SpanWithoutPlaceShowsNoSource) {
  EXPECT_EQ(render(error(Message::empty_input, {}), "", Language::english),
            "error: there is nothing to read; write an expression such as x'*A*x\n");
  EXPECT_EQ(render(error(Message::missing_left, {90, 95}, {"x"}), "abc", Language::english),
            "error: `x` has no operand on its left\n");
}

TEST(Render, LongLinesAreCutAroundTheSpan) {
  std::string source;
  for (int i = 0; i < 200; ++i) source += "x" + std::to_string(i) + "+";
  const auto at = static_cast<std::uint32_t>(source.find("x100"));
  const std::string text = render(error(Message::missing_left, {at, at + 4}, {"x"}), source, Language::english);
  const std::size_t line = text.find('\n') + 1;
  const std::size_t caret_line = text.find('\n', line) + 1;
  const std::string shown = text.substr(line, caret_line - 1 - line);
  EXPECT_LE(display_width(shown), 104U);
  EXPECT_EQ(shown.substr(0, 5), "  …");
  const std::size_t column = text.find('^') - caret_line;
  // The ellipsis is three bytes of one column.
  EXPECT_EQ(shown.substr(column + 2, 4), "x100");
  // At the end, and where the span itself is longer than the window.
  const auto size = static_cast<std::uint32_t>(source.size());
  EXPECT_NE(render(error(Message::missing_right, {size - 1, size}, {"+"}), source, Language::english).find("x199+\n"),
            std::string::npos);
  const std::string whole = render(error(Message::missing_right, {0, size}, {"+"}), source, Language::english);
  EXPECT_LE(display_width(whole.substr(whole.rfind("  ^"))), 104U);
}

TEST(Render, NothingUnprintableReachesTheTerminal) {
  EXPECT_EQ(render(error(Message::missing_left, {0, 1}, {"\x1b[31m\u202e"}), "\x1b[31m\xff\ty", Language::english),
            "error: `\uFFFD[31m\uFFFD` has no operand on its left\n"
            "  \uFFFD[31m\uFFFD y\n"
            "  ^\n");
}

TEST(Render, SharedSuggestionIsShownOnce) {
  Diagnostic first = error(Message::juxtaposition, {0, 2}, {"2*x"});
  Diagnostic second = error(Message::juxtaposition, {3, 5}, {"3*y"});
  first.fix = second.fix = "2*x+3*y";
  EXPECT_EQ(render(Diagnostics{first, second}, "2x+3y", Language::english),
            "error: juxtaposition is not a product: write 2*x\n"
            "  2x+3y\n"
            "  ^~\n"
            "error: juxtaposition is not a product: write 3*y\n"
            "  2x+3y\n"
            "     ^~\n"
            "  try: 2*x+3*y\n");
  first.fix = "[a\n b]";
  EXPECT_EQ(render(first, "2x", Language::english),
            "error: juxtaposition is not a product: write 2*x\n"
            "  2x\n"
            "  ^~\n"
            "  try: [a\n"
            "        b]\n");
}

}  // namespace
}  // namespace matgrad
