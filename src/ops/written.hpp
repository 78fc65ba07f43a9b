// SPDX-License-Identifier: MIT
// How products and transposed sums are written where that is shorter than the canonical node: a product of transposes
// as the transpose of the product, (A*B*C)' for C'*B'*A'; a repeated product as a power, (A*B)^2 for A*B*A*B; the
// transpose of a sum as the sum of the transposes, u'*A + v'*B for (A'*u + B'*v)'. The weight of a node and its printed
// form both ask here. All forms are read back as the same node.
#pragma once

#include <string_view>
#include <vector>

#include "ops/build.hpp"

namespace matgrad {

// Operators that a node adds to those of its children.
std::int64_t own_weight(const Store& store, OpId op, std::span<const NodeId> children);

struct WrittenProduct {
  NodeList factors;
  std::size_t power = 1;    // how often the factors are repeated
  bool transposed = false;  // the factors are those of the transpose
};

// Needs the transposes of the factors to be known to the store: what is not known counts as longer.
WrittenProduct written_product(const Store& store, std::span<const NodeId> factors);
// The terms of a sum whose transposes `transposed` stands for, transposed; empty where it is written as (…)'.
NodeList written_terms(const Store& store, NodeId transposed);
// All that is written for the root: what it reaches and what stands in a node's place, parts before wholes.
std::vector<NodeId> written_nodes(const Store& store, NodeId root);

// The name by which users call the operator.
std::string_view surface_name(OpId op);

}  // namespace matgrad
