// SPDX-License-Identifier: MIT
// Maps over the same entries that follow each other become one pass, and what only the pass itself reads is not stored.
#pragma once

#include "plan/plan.hpp"

namespace matgrad {

void fuse_maps(Plan& plan);

// A map with rows for columns. What it stores is then the transpose, of totals over rows or columns it has none.
MapProgram turned(const Plan& plan, MapProgram program);
// Whether most of the matrices that it goes through are read across the order of memory.
bool reads_by_rows(const MapProgram& program);

}  // namespace matgrad
