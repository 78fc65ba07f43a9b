// SPDX-License-Identifier: MIT
// Sizes for the dimension names of an expression: small, distinct as far as there are enough small numbers (so that a
// transpose too many shows), such that every dimension is positive and the conditions hold.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "expr/store.hpp"

namespace matgrad {

using Sizes = std::vector<std::int64_t>;  // by Atom; 0 where the atom does not occur

// Assignments to try, the best first; the order depends on the seed. Empty where none was found.
std::vector<Sizes> propose_sizes(const Store& store, std::span<const NodeId> nodes,
                                 std::span<const SizeCondition> conditions, std::uint64_t seed);

// "m=3, n=4", the names in order of their atoms.
std::string size_text(const Store& store, const Sizes& sizes);

}  // namespace matgrad
