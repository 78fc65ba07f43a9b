// SPDX-License-Identifier: MIT
// Does an expression have the form of a rule's left side? Sums and commutative products are matched in any order,
// matrix products as runs of neighbouring factors; what the pattern does not use of them is kept around the result.
#pragma once

#include <optional>

#include "rules/rulebook.hpp"

namespace matgrad {

// The node with the rewrite applied at its root; nothing where it does not apply, where its right side would not
// type-check with the matched dimensions, or where it would change nothing.
std::optional<NodeId> apply(Build& build, const CompiledRewrite& rewrite, NodeId node);

}  // namespace matgrad
