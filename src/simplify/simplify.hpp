// SPDX-License-Identifier: MIT
// Expressions to the form that a textbook prints: the rewrites of the entries from the leaves up, then sums factored
// where that is shorter. Ends always: every step is bounded by one budget; idempotent; nothing is assumed that was not
// declared.
#pragma once

#include <boost/container/small_vector.hpp>
#include <memory>
#include <vector>

#include "ops/operator.hpp"
#include "simplify/factor.hpp"

namespace matgrad {

// Whether sums are factored: the last word to a reader, but what another pass takes term by term is left open.
enum class Sums : std::uint8_t { factored, open };

class Simplifier {
 public:
  explicit Simplifier(Build& build, Sums sums = Sums::factored) : build_(build), factorizer_(build), sums_(sums) {}
  NodeId operator()(NodeId root);
  // Whether the budget ran out; the result is then right but may be longer than need be.
  bool exhausted() const { return budget_ <= 0; }
  // From now on the rewrites that were used are added to this list, for explanations.
  void record(std::vector<const Rewrite*>* used) { used_ = used; }

 private:
  NodeId simplified(NodeId id);
  NodeId rewritten(NodeId id);
  NodeId shorter_apart(NodeId id);
  NodeId known(NodeId id) const;
  using Order = boost::container::small_vector<NodeId, 32>;
  Order unknown_below(NodeId root);
  template <class Condition>
  std::size_t count(NodeId root, Condition holds) const;
  void remember(NodeId id, NodeId result);

  Build& build_;
  Factorizer factorizer_;
  Sums sums_;
  std::unique_ptr<Simplifier> open_;  // for what is multiplied out
  std::vector<NodeId> memo_;
  std::vector<std::uint32_t> visits_;  // by node: the last walk that came there
  std::uint32_t walks_ = 0;
  std::vector<const Rewrite*>* used_ = nullptr;
  static constexpr long full_budget = 200'000;
  long budget_ = full_budget;
  int depth_ = 0;
};

}  // namespace matgrad
