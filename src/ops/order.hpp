// SPDX-License-Identifier: MIT
// The total order in which sums and commutative products are kept. It looks at names and structure only, never at
// handles, so that the same expression built in any history reaches the same form.
#pragma once

#include "expr/store.hpp"

namespace matgrad {

// < 0, 0, > 0. Names before compounds, plain before transposed, shorter before longer.
int compare(const Store& store, NodeId a, NodeId b);

// The order of the terms of a sum: constants, then longer products before shorter ones: `A*x + b`, `1 - tanh(x).^2`.
int compare_terms(const Store& store, NodeId a, NodeId b);

}  // namespace matgrad
