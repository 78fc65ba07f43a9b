// SPDX-License-Identifier: MIT
// Linear systems by the structure of their matrix, and what of an expression stays while one symbol changes.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/build.hpp"

namespace matgrad {

// inv(A)*x. Of diagonal plus low rank by Woodbury's identity where the sizes (by atom; 0 where not known) say that this
// is less work, of kron(B, I) + c*I as a Kronecker product; otherwise as it is written, for the simplifier to take on.
NodeId applied_inverse(Build& build, NodeId a, NodeId x, const std::vector<std::int64_t>& sizes);

// An expression as a function of one symbol, with what does not depend on it as symbols of their own.
struct Staged {
  NodeId rest = no_node;
  std::vector<NodeId> constants;  // what is computed before
  std::vector<NodeId> symbols;    // what `rest` has in their place
};

// Diagonal matrices, Kronecker products and inverses are constants by their arguments: no array is made of them.
Staged staged(Build& build, NodeId root, NodeId symbol);

}  // namespace matgrad
