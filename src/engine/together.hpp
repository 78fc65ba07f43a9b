// SPDX-License-Identifier: MIT
// An objective and its constraints: expressions whose names mean the same, so that what one of them says of the shapes
// holds in the others.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "syntax/elaborate.hpp"

namespace matgrad {

// Owns the store that the roots live in.
struct Together {
  Store store;
  Scope scope{store};
  std::vector<NodeId> roots;  // one a text
  Diagnostics notes;

  // "X: matrix(m, n)" for every name, as declared or inferred.
  std::vector<std::string> declarations() const;
};

// Errors: those of declarations, of parsing and of shapes.
Result<std::unique_ptr<Together>> read_together(const std::vector<std::string>& declarations,
                                                const std::vector<std::string>& texts, InputNotation notation,
                                                std::span<const Sides> equations = {});

}  // namespace matgrad
