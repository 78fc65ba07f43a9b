// SPDX-License-Identifier: MIT
// In which order a product of several factors is multiplied out: dynamic programming over its runs of neighbouring
// factors, with what a product of these kinds costs (a diagonal matrix scales rows, a unit vector picks one, an inverse
// costs a solve). A run that stands in several products of a plan costs its share, so that the orders agree where that
// pays: x'*A*x multiplies A*x first where A*x + A'*x is wanted as well.
#pragma once

#include <functional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ops/build.hpp"

namespace matgrad {

class Chains {
 public:
  using Extent = std::function<double(Dim)>;
  // What share of its cost a run has to pay, by what is known beyond the product: 0 where it is computed already.
  using Share = std::function<double(NodeId)>;

  Chains(Build& build, Extent extent) : build_(build), extent_(std::move(extent)) {}
  // Learns the runs of a product; of a trace's, also those around its end.
  void learn(std::span<const NodeId> factors, bool cyclic);
  // The factors before and behind the last multiplication.
  std::pair<NodeId, NodeId> split(std::span<const NodeId> factors, const Share& share);
  // P and Q, runs of neighbours in the circle, with tr(product) = tr(P*Q).
  std::pair<NodeId, NodeId> split_cycle(std::span<const NodeId> factors, const Share& share);
  // Whether it stands in several products, or beside being one by itself.
  bool is_shared(NodeId run);

 private:
  struct Entry {
    double cost = 0;
    std::size_t split = 0;
  };
  // What a run of factors is when it is multiplied out.
  struct Run {
    double rows = 1;
    double cols = 1;
    bool is_diagonal = false;
  };
  NodeId run(std::span<const NodeId> factors);
  std::uint32_t key(NodeId node);
  void count_apart(std::vector<std::pair<std::uint32_t, std::size_t>> runs, std::size_t length, std::size_t factors);
  double combine(const Run& left, const Run& right, NodeId left_factor, NodeId right_factor) const;
  Run run_of(std::span<const NodeId> factors) const;
  // Costs of all runs of a row of factors, [i*count + length - 1].
  std::vector<Entry> table(std::span<const NodeId> factors, std::size_t longest, const Share& share);
  double weight(NodeId id, const Share& share);

  Build& build_;
  Extent extent_;
  std::unordered_map<std::uint32_t, std::uint32_t> occurrences_;  // of runs, by key
};

}  // namespace matgrad
