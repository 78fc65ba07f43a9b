// SPDX-License-Identifier: MIT
// Plans for the sizes that a user of the library names, and what can go wrong when they run.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "matgrad/matgrad.hpp"
#include "plan/lower.hpp"
#include "plan/run.hpp"

namespace matgrad {

struct SizedPlan {
  Plan plan;
  std::vector<std::int64_t> sizes;  // by atom
};

// By atom; 0 where no size is given.
std::vector<std::int64_t> sizes_by_atom(const Store& store, const std::map<std::string, std::int64_t>& sizes);

// Error: a dimension that the plan has to know and that has no size.
tl::expected<SizedPlan, Error> sized_plan(Store& store, const std::vector<PlanRequest::Output>& outputs,
                                          const std::map<std::string, std::int64_t>& sizes, Language language);

// The names of the plan's inputs.
std::vector<std::string> input_names(const Store& store, const Plan& plan);

Message message_of(PlanFailure::Kind kind);
Error error_of(const Store& store, const PlanFailure& failure, Language language);

}  // namespace matgrad
