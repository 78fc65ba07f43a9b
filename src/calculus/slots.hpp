// SPDX-License-Identifier: MIT
// What a rule's letters mean at a node: the arguments A, B, C, the result Y, the factors around an argument, the
// dimensions of the signature.
#pragma once

#include "base/result.hpp"
#include "rules/rulebook.hpp"

namespace matgrad {

// The compiled slot of one argument; variadic operators have one slot for all.
const CompiledSlot& slot_at(const Store& store, NodeId node, std::size_t argument);

// The bindings for the rules of `node` by its argument. In a matrix product A is what stands before the argument and B
// what stands behind it; in a commutative product W is all the others.
Bindings bindings_at(Build& build, NodeId node, std::size_t argument);

// The nodes on a way from `leaf` to `root` that no constant slot interrupts, children before parents.
std::vector<NodeId> varying(const Store& store, NodeId root, NodeId leaf);

// The refusal of a slot, or of an operator without one.
Diagnostic refusal(const Store& store, NodeId node, std::size_t argument);

}  // namespace matgrad
