// SPDX-License-Identifier: MIT
// Maps over the same entries that follow each other become one pass, and what only the pass itself reads is not stored.
#pragma once

#include "plan/plan.hpp"

namespace matgrad {

void fuse_maps(Plan& plan);

}  // namespace matgrad
