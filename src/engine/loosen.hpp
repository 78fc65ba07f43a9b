// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "syntax/elaborate.hpp"

namespace matgrad {

// A Hessian is taken over all entries of a matrix, as if each varied alone: what is said of a symmetric or triangular
// variable (S' = S) holds where the Hessian is evaluated, not along the way. From now on the name is read as a symbol
// of the same shape without structure, which is returned; no_node, and nothing changes, where there is no structure.
// The sizes have to be known: a variable declared without them gets them when an expression is elaborated.
NodeId loosen(Scope& scope, std::string_view name);

}  // namespace matgrad
