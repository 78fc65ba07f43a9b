// SPDX-License-Identifier: MIT
// The claims of a document: which of its formulas say what a derivative is, and whether that is so. Kinds of names come
// from declarations in comments, from A \in \mathbb{R}^{m \times n}, from what the sentence says ("S symmetric") and
// from bold type. A formula that is meant as a claim and is not understood is a finding too, with the reason.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/check.hpp"

namespace matgrad {

// Columns count characters (code points), as SARIF and most editors do.
struct FilePlace {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  bool in_json = false;  // in a string of a notebook, where a backslash is written as two
};
// The place behind this text, which begins at the place and stays on its line of the file.
FilePlace behind(FilePlace place, std::string_view text);

// A document as it reads: words, formulas, and comments "matgrad: A: symmetric(n); x: vector(n)".
struct DocumentPart {
  enum class Kind : std::uint8_t { words, formula, declarations, break_of_block };
  Kind kind = Kind::words;
  std::string text;
  std::vector<FilePlace> places;  // of the first character of each of its lines
  InputNotation notation = InputNotation::latex;
};

struct Document {
  std::string file;
  std::vector<DocumentPart> parts;
  LatexMacros macros;
};

struct Finding {
  FilePlace place;
  std::string claim;
  bool skipped = false;
  Diagnostics reason;  // of a skipped one
  CheckedClaim checked;
};

struct LintResult {
  std::string file;
  std::vector<Finding> findings;
  // Lines of claims that hold in one of the layouts only; both kinds in one file are a mixture.
  std::vector<std::uint32_t> in_denominator;
  std::vector<std::uint32_t> in_numerator;
  bool mixes_layouts() const { return !in_denominator.empty() && !in_numerator.empty(); }
};

LintResult lint(const Document& document);

}  // namespace matgrad
