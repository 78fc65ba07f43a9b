// SPDX-License-Identifier: MIT
#include "coverage_page.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "identity_rows.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

using Lines = std::vector<std::string>;

struct Words {
  const char* title;
  const char* introduction;
  const char* header;
  const char* missing_title;
  const char* missing_header;
  const char* same;
};

constexpr Words english = {
    "# Coverage of the reference collections",
    "Every identity of Wikipedia's article *Matrix calculus* and of section 2 of *The Matrix Cookbook* (2012), as an "
    "instance with concrete functions where the source speaks of any function, and what matgrad answers. Each result "
    "is "
    "compared with the published form and with numeric differences by the tests. This page is written by "
    "`./dev coverage-page`. ([中文](coverage.zh.md))",
    "| | expression | by | denominator layout | numerator layout |",
    "## What cannot be written",
    "| | identity | why |",
    "the same",
};
constexpr Words chinese = {
    "# 参考公式的覆盖情况",
    "维基百科条目 *Matrix calculus* 与 *The Matrix Cookbook*（2012）第 2 章的全部恒等式，以及 matgrad 的回答；"
    "原文针对任意函数的公式，在此取具体函数为例。测试将每个结果与公布的形式以及数值差分比较。"
    "本页由 `./dev coverage-page` 生成。（[English](coverage.md)）",
    "| | 表达式 | 对 | 分母布局 | 分子布局 |",
    "## 无法写出的恒等式",
    "| | 恒等式 | 原因 |",
    "相同",
};

std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.insert(at, "\\");
  return text;
}

std::string code(const std::string& text) {
  return "`" + text + "`";
}

// "symmetric(n)" matters to a reader, "matrix(m,n)" does not.
std::string remarkable_kinds(const IdentityRow& row) {
  std::string result;
  for (const std::string& variable : row.variables) {
    const std::string kind = variable.substr(variable.find(": ") + 2);
    const bool plain = kind.rfind("matrix", 0) == 0 || kind.rfind("vector", 0) == 0 || kind == "scalar";
    if (!plain) result += ", " + code(variable);
  }
  return result;
}

std::string answer(const IdentityRow& row, Layout layout) {
  const auto derived = derive(request_for(row, layout));
  return derived ? code(to_text((*derived)->store, (*derived)->presented.result)) : "–";
}

std::string line_of(const IdentityRow& row, const Words& words, Language language) {
  std::string by = code(row.wrt);
  if (row.order == 2) by += ", `--order 2`";
  if (row.form == Form::differential) by += ", `--form differential`";
  const std::string denominator = answer(row, Layout::denominator);
  const std::string numerator = row.one_layout ? denominator : answer(row, Layout::numerator);
  return "| " + cell(language == Language::english ? row.identity : row.identity_zh) + " | " + code(row.expression) +
         remarkable_kinds(row) + " | " + by + " | " + denominator + " | " +
         (numerator == denominator ? words.same : numerator) + " |";
}

void add_table(const char* title, const char* name, const char* more, const Words& words, Language language,
               Lines& page) {
  page.insert(page.end(), {std::string("## ").append(title), ""});
  std::string section;
  std::vector<IdentityRow> rows = identity_rows(name);
  if (more != nullptr) {  // in the middle of its section
    const std::vector<IdentityRow> own = identity_rows(more);
    auto at =
        std::find_if(rows.rbegin(), rows.rend(), [&](const IdentityRow& row) { return row.section == own[0].section; });
    rows.insert(at.base(), own.begin(), own.end());
  }
  for (const IdentityRow& row : rows) {
    if (row.section != section) {
      if (!section.empty()) page.emplace_back();
      section = row.section;
      page.insert(page.end(), {"### " + (language == Language::english ? section : row.section_zh), "", words.header,
                               "| --- | --- | --- | --- | --- |"});
    }
    page.push_back(line_of(row, words, language));
  }
  page.emplace_back();
}

}  // namespace

std::vector<std::string> coverage_page(Language language) {
  const Words& words = language == Language::english ? english : chinese;
  Lines page{words.title, "", words.introduction, ""};
  add_table("Wikipedia, *Matrix calculus*", "wikipedia", nullptr, words, language, page);
  add_table("*The Matrix Cookbook*", "cookbook", "eigenvalues", words, language, page);
  page.insert(page.end(), {words.missing_title, "", words.missing_header, "| --- | --- | --- |"});
  std::ifstream file(MATGRAD_SOURCE_DIR "/tests/identities/not_expressible.jsonl");
  for (std::string line; std::getline(file, line);) {
    const auto row = nlohmann::json::parse(line);
    const std::string why = row.at(language == Language::english ? "reason" : "reason_zh");
    page.push_back("| " + row.at("source").get<std::string>() + " | " + cell(row.at("identity")) + " | " + why + " |");
  }
  return page;
}

}  // namespace matgrad
