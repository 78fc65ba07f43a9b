// SPDX-License-Identifier: MIT
// Does an expression have the form of a rule's left side? Sums and commutative products are matched in any order,
// matrix products as runs of neighbouring factors; what the pattern does not use of them is kept around the result.
#pragma once

#include <optional>

#include "rules/rulebook.hpp"

namespace matgrad {

// A node that rewrites are tried on, with what all of them ask of it.
class Subject {
 public:
  Subject(Build& build, NodeId node);
  // False where the rewrite does not apply, for want of operators that it needs.
  bool has_what_is_needed(const KeyedRewrite& keyed) const {
    // Of a node without children, and a pattern that is no sum or product, nothing is needed.
    return operators_ == 0 || ((operators_ & keyed.needed[0]) != 0 && (operators_ & keyed.needed[1]) != 0);
  }
  // The node with the rewrite applied at its root; nothing where it does not apply, where its right side would not
  // type-check with the matched dimensions, or where it would change nothing.
  std::optional<NodeId> rewritten(const CompiledRewrite& rewrite);

  NodeId node() const { return node_; }
  // The product of its factors from `begin` up to `end`.
  NodeId run_of_factors(std::size_t begin, std::size_t end);

 private:
  Build& build_;
  NodeId node_;
  OperatorSet operators_ = 0;  // of its children and of what they transpose
  std::vector<NodeId> runs_;   // by begin and end, once they were asked for
};

}  // namespace matgrad
