// SPDX-License-Identifier: MIT
// From expressions to a plan. The expression DAG itself says what is structured: the node of a diagonal matrix, of an
// inverse or of a Kronecker product is looked through by whatever uses it, and computed as an array only where somebody
// needs its entries. Which nodes are of which kind is in the entries of their operators (Operator::computed).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ops/build.hpp"
#include "plan/plan.hpp"

namespace matgrad {

struct PlanRequest {
  struct Output {
    std::string name;
    NodeId node = no_node;
  };
  std::vector<Output> outputs;
  // By atom: the sizes that products are ordered for. An atom without one counts as nominal_size.
  std::vector<std::int64_t> sizes;
  std::optional<Dim> shared = std::nullopt;  // by several devices, which tell each other as little as may be
};

inline constexpr std::int64_t nominal_size = 1000;

// Every shape must conform (what elaborate and derive return does). New nodes are built in the store of `build`.
Plan make_plan(Build& build, const PlanRequest& request);

}  // namespace matgrad
