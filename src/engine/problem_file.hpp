// SPDX-License-Identifier: MIT
// A problem as a text of its own:
//
//   given                            # what is known, and the file or number that holds it
//     X: matrix(m,n) = points.csv
//     y: vector(m) = labels.csv
//   minimize
//     norm2(X*w - y)^2               # as many lines as it takes
//   over                             # what is searched for, and perhaps where the search begins
//     w: vector(n) = 0
//   subject to
//     sum(w) = 1
//     w >= 0
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace matgrad {

struct ProblemFile {
  // A part of the file as it stands there.
  struct Part {
    std::string text;
    std::uint32_t offset = 0;
  };
  struct Name {
    std::string name;
    Part declaration;    // "X: matrix(m,n)"; empty where only the name is there
    std::string source;  // a file or a number; empty where none is given
  };

  std::string text;  // of the file
  std::vector<Name> given;
  Part objective;
  std::vector<Name> over;
  std::vector<Part> constraints;

  // What a later step says of one of the parts, told of the file: which line, with the caret there.
  Diagnostics located(Diagnostics diagnostics, const std::string& file) const;
};

// Errors, each with its line: text outside of a section; a section twice, empty or missing; a name that is none.
Result<ProblemFile> read_problem(const std::string& text, const std::string& file);

}  // namespace matgrad
