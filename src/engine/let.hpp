// SPDX-License-Identifier: MIT
// Sub-expressions that are named once and used often: X'*diag(p.*(1 - p))*X with p = sigmoid(X*w). What is named makes
// all that is printed shorter by more than one operator; substituting the names back gives the same handles.
#pragma once

#include <span>
#include <vector>

#include "ops/build.hpp"

namespace matgrad {

struct Let {
  NodeId symbol = no_node;
  NodeId value = no_node;  // may use the names before it
};

struct Shared {
  std::vector<Let> lets;
  std::vector<NodeId> roots;  // written with the names
};

// Names are p, q, r … for scalars and vectors and P, Q, R … for matrices, as far as they are not used. What belongs to
// an index of a sum stays inside its sum, and a root as a whole and plain transposes are not named.
Shared share(Build& build, std::span<const NodeId> roots);

}  // namespace matgrad
