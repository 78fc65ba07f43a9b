// SPDX-License-Identifier: MIT
#include "document.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace matgrad {
namespace {

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Diagnostic error_about(Message message, std::vector<std::string> arguments) {
  Diagnostic result;
  result.message = message;
  result.arguments = std::move(arguments);
  return result;
}

// Where a row of a cell stands in the file: each is a JSON string of its own, and they come in order.
FilePlace find_row(const std::string& file, const std::string& row, std::size_t& from) {
  std::size_t at = std::string::npos;
  for (const bool only_ascii : {false, true}) {
    if (at == std::string::npos) at = file.find(nlohmann::json(row).dump(-1, ' ', only_ascii), from);
  }
  if (at == std::string::npos) at = from;
  from = std::min(at + 1, file.size());
  FilePlace place;
  place.line =
      1 + static_cast<std::uint32_t>(std::count(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
  const std::size_t start = at == 0 ? std::string::npos : file.rfind('\n', at - 1);
  place.column = static_cast<std::uint32_t>(at - (start == std::string::npos ? 0 : start + 1)) + 2;  // behind the quote
  place.in_json = true;
  return place;
}

}  // namespace

Lines lines_of(std::string_view text) {
  Lines lines{{1, 1}};
  for (char c : text) {
    if (c == '\n') lines.push_back({static_cast<std::uint32_t>(lines.size() + 1), 1});
  }
  return lines;
}

DocumentPart part_of(DocumentPart::Kind kind, const std::string& text, std::size_t begin, std::size_t end,
                     const Lines& lines) {
  DocumentPart part;
  part.kind = kind;
  part.text = text.substr(begin, end - begin);
  const auto line =
      static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
  const std::size_t before = begin == 0 ? std::string::npos : text.rfind('\n', begin - 1);
  const std::size_t start = before == std::string::npos ? 0 : before + 1;
  const FilePlace first = lines[std::min(line, lines.size() - 1)];
  part.places.push_back(behind(first, std::string_view(text).substr(start, begin - start)));
  const auto count = static_cast<std::size_t>(std::count(part.text.begin(), part.text.end(), '\n'));
  for (std::size_t i = 1; i <= count; ++i) part.places.push_back(lines[std::min(line + i, lines.size() - 1)]);
  return part;
}

std::string_view declarations_in(std::string_view comment) {
  const std::size_t begin = comment.find_first_not_of(" \t\n%#");
  constexpr std::string_view mark = "matgrad:";
  if (begin == std::string_view::npos || comment.substr(begin, mark.size()) != mark) return {};
  return comment.substr(begin + mark.size());
}

Result<void> add_notebook(Document& document, const std::string& text) {
  const auto notebook = nlohmann::json::parse(text, nullptr, false);
  if (notebook.is_discarded() || !notebook.is_object() || !notebook.contains("cells") ||
      !notebook["cells"].is_array()) {
    return failure(error_about(Message::lint_bad_notebook, {document.file}));
  }
  std::size_t from = 0;
  for (const auto& cell : notebook["cells"]) {
    if (!cell.is_object() || !cell.contains("source")) continue;
    std::vector<std::string> rows;
    if (cell["source"].is_string()) {
      rows.push_back(cell["source"].get<std::string>());
    } else if (cell["source"].is_array()) {
      for (const auto& row : cell["source"]) {
        if (row.is_string()) rows.push_back(row.get<std::string>());
      }
    }
    std::string source;
    Lines lines;
    for (const std::string& row : rows) {
      FilePlace place = find_row(text, row, from);
      for (std::size_t begin = 0; begin < row.size();) {  // a cell may be a single string
        lines.push_back(place);
        const std::size_t end = std::min(row.find('\n', begin), row.size() - 1) + 1;
        place = behind(place, std::string_view(row).substr(begin, end - begin));
        begin = end;
      }
      source += row;
    }
    if (lines.empty()) continue;
    if (cell.value("cell_type", "") != "markdown") continue;
    add_markdown(document, source, lines);
    document.parts.push_back({DocumentPart::Kind::break_of_block, {}, {FilePlace{}}, InputNotation::latex});
  }
  return {};
}

Result<Document> read_document(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return failure(error_about(Message::lint_cannot_read, {path}));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.bad()) return failure(error_about(Message::lint_cannot_read, {path}));
  Document document;
  document.file = path;
  if (ends_with(path, ".ipynb")) {
    if (auto read = add_notebook(document, text); !read) return tl::make_unexpected(read.error());
    for (const DocumentPart& part : document.parts) {
      const LatexMacros macros = find_macros(part.text);
      document.macros.insert(macros.begin(), macros.end());
    }
    return document;
  }
  document.macros = find_macros(text);
  const Lines lines = lines_of(text);
  const bool is_latex_file = ends_with(path, ".tex") || ends_with(path, ".ltx") || ends_with(path, ".sty");
  bool is_markdown = false;
  for (const char* end : {".md", ".markdown", ".mdx", ".qmd", ".Rmd", ".rmd"})
    is_markdown = is_markdown || ends_with(path, end);
  if (is_latex_file) {
    add_latex(document, text, lines);
  } else if (is_markdown) {
    add_markdown(document, text, lines);
  } else {
    add_plain_text(document, text, lines);
  }
  return document;
}

}  // namespace matgrad
