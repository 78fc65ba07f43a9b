// SPDX-License-Identifier: MIT
// What types and entries promise of values: properties of results, what a transposed argument does, what an
// abbreviation stands for.
#pragma once

#include <string>

#include "numeric/evaluate.hpp"
#include "rules/template.hpp"

namespace matgrad {

// How a rule fares in one scene, or in all. `same`: it is, node for node, what another rule gives.
struct Finding {
  enum class Kind { holds, fails, ill_typed, same };
  Kind kind = Kind::holds;
  std::string detail;  // why it fails
  NodeId node = no_node;
};

// The first promised property that the value does not have; empty where it has them all.
std::string broken_promise(Properties promised, const Array<double>& value, double rounding = 0);
// The same of every node that the roots reach, at a point: "X*A is said to be symmetric".
std::string broken_promise(const Store& store, std::span<const NodeId> roots, const Point<double>& point);

// Every way of giving all arguments of the operator a property: whether what its type then promises is so.
std::string check_properties(OpId op);
// f(A') = f(A)' and the like, as the entry says.
std::string check_transposing(OpId op);

// Whether a definition of an abbreviation has the value that table_claims.cpp states for it, in loops over entries;
// whether what an operator is written out as has the value of its kernel. Same: it is the node that `other` gives.
Finding check_definition(OpId op, const Template& definition, const Template* other = nullptr);

}  // namespace matgrad
