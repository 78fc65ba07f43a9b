// SPDX-License-Identifier: MIT
// Where a minus is written: the canonical form has it in front, as the number of a product; a reader sees B - A for
// -(A - B) and X'*(y - p) for -X'*(p - y), which spares an operator.
#pragma once

#include <span>

#include "expr/store.hpp"

namespace matgrad {

// Whether the node is a negative number, or a product that begins with one.
bool is_negative(const Store& store, NodeId id);

// The sum that can take the minus of a negative product: the first factor that has a term to turn positive. no_node
// where there is none, or where the product is not negative.
NodeId sign_absorber(const Store& store, NodeId product);
NodeId sign_absorber(const Store& store, OpId op, std::span<const NodeId> children);

}  // namespace matgrad
