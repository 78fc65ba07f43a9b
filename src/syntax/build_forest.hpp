// SPDX-License-Identifier: MIT
// From a syntax tree whose every name and size is known to the expression: the last step of elaboration, and how an
// operator that is an abbreviation (outer(A,B) = A*B') is written out.
#pragma once

#include <string>
#include <vector>

#include "ops/build.hpp"
#include "ops/table.hpp"
#include "syntax/infer.hpp"

namespace matgrad {

// What each node of the forest stands for, by node.
struct TreePlan {
  std::vector<Meaning> meaning;
  std::vector<NodeId> leaf;  // of names
  std::vector<Dim> size;     // of the arguments of constants
  std::vector<OpId> op;      // of calls; no_operator: the first of that name that fits
};

struct BuildError {
  Message message;
  std::uint32_t node;
  std::vector<std::string> arguments;
};

// The nodes of the forest's roots. On errors (division by zero, an index out of range) the result is not to be used.
std::vector<NodeId> build_forest(Build& build, const Forest& forest, const TreePlan& plan,
                                 std::vector<BuildError>& errors);

// The call, written out where the operator is an abbreviation.
NodeId call_or_expand(Build& build, OpId op, std::span<const NodeId> arguments);

}  // namespace matgrad
