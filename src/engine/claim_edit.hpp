// SPDX-License-Identifier: MIT
// The small mistakes that formulas are copied with, undone one at a time: a transpose put in or left out, two factors
// exchanged, a sign turned, a term left out, a factor 2. Whatever makes the claim hold is what was wrong with it.
//
//   2*X*(X*w - y)   yields among others   2*X'*(X*w - y), "X must be transposed"
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "syntax/ast.hpp"

namespace matgrad {

struct ClaimEdit {
  SyntaxTree tree;
  Message message;
  std::vector<std::string> arguments;
};

// At most a few hundred, the likeliest first.
std::vector<ClaimEdit> claim_edits(const SyntaxTree& tree);

}  // namespace matgrad
