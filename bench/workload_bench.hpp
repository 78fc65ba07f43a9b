// SPDX-License-Identifier: MIT
#pragma once

namespace matgrad {

// Prints how long matgrad takes to derive and to plan the workloads of a file, bench/peers/workloads.json: gradient and
// second derivative with dimensions as names, and plans for sizes that are known.
void print_workloads(const char* path);

}  // namespace matgrad
