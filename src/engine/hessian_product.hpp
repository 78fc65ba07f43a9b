// SPDX-License-Identifier: MIT
// Hessian-vector products without the Hessian.
#pragma once

#include "engine/derive.hpp"

namespace matgrad {

// The Hessian of a second-order derivation, applied to dX: in the shape and layout of its gradient. From then on dX is
// a name of the scope. Checked, where the derivation was, against second differences of the input in pairs of random
// directions. Error: Message::verification_failed.
Result<NodeId> hessian_product(Derivation& derivation);

}  // namespace matgrad
