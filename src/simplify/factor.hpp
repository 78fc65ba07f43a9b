// SPDX-License-Identifier: MIT
// Sums made shorter by what their terms have in common: A'*G*B + A'*H is A'*(G*B + H), diag(u)*X + diag(v)*X is
// diag(u + v)*X, h.*A + h.*B is h.*(A + B). A greedy search: each step puts one group of terms together, the one that
// leaves the fewest operators, so it ends after at most as many steps as the sum has operators.
#pragma once

#include <unordered_map>

#include "ops/build.hpp"

namespace matgrad {

class Factorizer {
 public:
  explicit Factorizer(Build& build) : build_(build) {}
  // The sum in its factored form; any other node as it is.
  NodeId operator()(NodeId sum);

 private:
  bool is_turned_first(NodeId turned, NodeId sum) const;

  Build& build_;
  int depth_ = 0;
  std::unordered_map<NodeId, NodeId> done_;  // at depth 0
};

}  // namespace matgrad
