// SPDX-License-Identifier: MIT
// Sums made shorter by what their terms have in common: A'*G*B + A'*H is A'*(G*B + H), diag(u)*X + diag(v)*X is
// diag(u + v)*X, h.*A + h.*B is h.*(A + B). A greedy search: each step puts one group of terms together, the one that
// leaves the fewest operators, so it ends after at most as many steps as the sum has operators.
#pragma once

#include <array>
#include <unordered_map>

#include "simplify/term.hpp"

namespace matgrad {

struct ReadTerm {
  Term term;
  std::vector<TermReading> readings;
};

class Factorizer {
 public:
  explicit Factorizer(Build& build) : build_(build) {}
  // The sum in its factored form; any other node as it is.
  NodeId operator()(NodeId sum);
  // A term of a sum, taken apart once.
  const ReadTerm& read(NodeId term);

 private:
  NodeId either_way(NodeId sum);
  NodeId factored(NodeId sum);

  Build& build_;
  std::unordered_map<NodeId, ReadTerm> terms_;
  std::size_t depth_ = 0;
  // What is left in brackets is factored in turn to see how short it gets, but not for ever deeper: that would visit
  // every set of terms. The simplifier comes back to the brackets that stay.
  static constexpr std::size_t deepest = 2;
  std::array<std::unordered_map<NodeId, NodeId>, deepest + 1> done_;  // by depth
};

}  // namespace matgrad
