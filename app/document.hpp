// SPDX-License-Identifier: MIT
// Files to documents: words, formulas and declarations with their places. Markdown is parsed by md4c, notebooks by
// nlohmann-json; LaTeX and plain text are scanned for what delimits mathematics.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/lint.hpp"

namespace matgrad {

// By the ending of its name: .md .markdown .qmd .Rmd, .ipynb, .tex .ltx .sty, anything else as plain text.
Result<Document> read_document(const std::string& path);

// Where each line of a text begins in its file.
using Lines = std::vector<FilePlace>;
Lines lines_of(std::string_view text);

void add_markdown(Document& document, const std::string& text, const Lines& lines);
void add_latex(Document& document, const std::string& text, const Lines& lines);
void add_plain_text(Document& document, const std::string& text, const Lines& lines);
// Cells in order. Errors: no notebook.
Result<void> add_notebook(Document& document, const std::string& text);

// A part from these bytes of the text.
DocumentPart part_of(DocumentPart::Kind kind, const std::string& text, std::size_t begin, std::size_t end,
                     const Lines& lines);
// The rest of a comment "matgrad: …"; empty for any other.
std::string_view declarations_in(std::string_view comment);

}  // namespace matgrad
