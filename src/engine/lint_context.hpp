// SPDX-License-Identifier: MIT
// What a document has said so far of its names: declarations in comments hold for the rest of the file, "Let S be
// symmetric" and A \in \mathbb{R}^{m \times n} until something else is said, "if A is symmetric" in its sentence.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/latex_reader.hpp"

namespace matgrad {

// "x" for \mathbf{x}: the one name that a piece of LaTeX is; empty for anything else.
std::string name_of(const std::string& latex, const LatexMacros& macros);

class LintContext {
 public:
  // "A: matrix(m,n); S: symmetric(n)".
  void declare(std::string_view text);
  // A \in \mathbb{R}^{m \times n}; also with the names that stood before it, "x, y \in \mathbb{R}^n".
  void membership(const std::string& statement, const LatexMacros& macros);
  void bare_name(const std::string& statement, const LatexMacros& macros);
  // A sentence so far, formulas in it as "$A$": what it says of names.
  void words(const std::string& sentence);
  // The sentence is over.
  void end_sentence();
  // f(x) = …; the argument is empty where f is not written with one.
  struct Definition {
    std::string value;
    std::string argument;
  };
  void define(const std::string& name, Definition definition) { definitions_[name] = std::move(definition); }
  const Definition* definition(const std::string& name) const;

  // Declarations for these names, the surest last to be left out. `level` 2: all that is known; 1: what was declared in
  // comments and by the sentence; 0: comments only.
  std::vector<std::string> declarations(const LatexFaces& faces, int level) const;

 private:
  void note_structure(const std::string& name, const std::string& kind, bool lasts);

  std::map<std::string, std::string> declared_;  // by name
  std::map<std::string, std::string> memberships_;
  std::map<std::string, std::string> structures_;  // "symmetric" …, until something else is said
  std::map<std::string, std::string> in_sentence_;
  std::map<std::string, Definition> definitions_;
  std::vector<std::string> waiting_;  // names before a membership
};

}  // namespace matgrad
