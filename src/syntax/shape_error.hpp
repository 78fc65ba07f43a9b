// SPDX-License-Identifier: MIT
// Problems of inference in words: both shapes, where each came from, what would have to be equal, and the change that
// would mend the expression.
#pragma once

#include "syntax/infer.hpp"
#include "syntax/open_sizes.hpp"

namespace matgrad {

struct Elaboration {
  Scope& scope;
  const Forest& forest;
  Names& names;
  Inference& inference;
};

// Names for all open sizes, in the order in which the expression's names appear.
void name_open_sizes(const Elaboration& elaboration, OpenSizes& sizes);

Diagnostics describe_problems(const Elaboration& elaboration);

// An error or a note at a node.
Diagnostic diagnostic_at(const Forest& forest, std::uint32_t node, Message message, std::vector<std::string> arguments);

// What a name turned out to be: "vector(n)".
std::string entry_kind_text(const Elaboration& elaboration, std::uint32_t entry);
// The kind that goes with the shape found for a name that was not declared.
Kind kind_of_shape(const Shape& shape);

// The text as it would be accepted with one operand transposed or one operator made elementwise; empty for none.
std::string propose_fix(const Elaboration& elaboration);

}  // namespace matgrad
