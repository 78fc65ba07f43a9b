// SPDX-License-Identifier: MIT
// A*x and A'*u are one pass over A where both can be computed at the same time: such steps are put side by side.
#pragma once

#include "plan/plan.hpp"

namespace matgrad {

// Whether the steps are y = alpha*A*x and z = beta*A'*u, or the other way around, of the same array A and with vectors
// that neither of them computes.
bool is_pair(const PlanStep& first, const PlanStep& second);

// Reorders the steps of a plan so that pairs stand next to each other.
void pair_products(Plan& plan);

}  // namespace matgrad
