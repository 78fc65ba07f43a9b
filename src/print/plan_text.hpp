// SPDX-License-Identifier: MIT
// A plan for people: one step a line, what it computes, by which routine and at what cost.
//
//   t1 = A*x               product                     2*m*n
//   t2 = t1 - b            map over m×1                m
//   value = sum(t2.^2)     in the same pass
//   grad = 2*A'*t2         product                     2*m*n
//   4*m*n + 2*m operations
#pragma once

#include <string>

#include "plan/plan.hpp"

namespace matgrad {

std::string plan_text(Store& store, const Plan& plan);

}  // namespace matgrad
