// SPDX-License-Identifier: MIT
// What is wrong with a false claim, in words: a factor, a sign, a missing term, a transpose, shapes that cannot agree.
// Each sentence was found to be so by numbers; what is not understood is said as the difference to the right answer.
#pragma once

#include "engine/claim_scene.hpp"

namespace matgrad {

// `right` as each reading took it; no_node where it did not fit. The sentences are notes.
Diagnostics explain_fault(ClaimScene& scene, const std::vector<NodeId>& right, const Diagnostics& refusal);

}  // namespace matgrad
