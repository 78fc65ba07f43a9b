// SPDX-License-Identifier: MIT
// How long matgrad takes to derive and to plan, each apart from the other and from verification.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/compute.hpp"

namespace matgrad {

// Orders them.
double median(std::vector<double>& times);

struct WorkloadTimes {  // medians, in microseconds
  double derivation = 0;
  double planning = 0;
};

// `rounds` times from the text to expressions, and from these to a plan for the given sizes; nothing where the request
// is refused.
std::optional<WorkloadTimes> time_workload(ComputeRequest request, const std::map<std::string, std::int64_t>& sizes,
                                           int rounds);

}  // namespace matgrad
