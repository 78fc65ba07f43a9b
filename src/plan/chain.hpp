// SPDX-License-Identifier: MIT
// In which order a product of several factors is multiplied out: dynamic programming over its runs of neighbouring
// factors, with what a product of these kinds costs (a diagonal matrix scales rows, a unit vector picks one, an inverse
// costs a solve). A run that stands in several products of a plan costs its share, so that the orders agree where that
// pays: x'*A*x multiplies A*x first where A*x + A'*x is wanted as well.
//
// A run and its transpose are one array. Runs are known by a number that both have, and built as nodes only where they
// are chosen.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ops/build.hpp"

namespace matgrad {

// Whether a factor only selects rows of what it is multiplied by: [0, I, 0].
bool selects_rows(const Build& build, NodeId factor);

class Chains {
 public:
  using Extent = std::function<double(Dim)>;
  // A number that devices which share a dimension add up costs as much as this many multiplications: at 100 GB/s a
  // device of 10 Tflop/s does so many meanwhile.
  static constexpr double exchange_cost = 1000;
  // What is known beyond the product.
  struct Surroundings {
    std::function<bool(NodeId)> has;     // whether it is computed already
    std::function<bool(NodeId)> varies;  // whether a factor is another one each time that the product is computed
    double times = 1;                    // how often that is
  };

  // `shared`: the dimension that several devices have their part of.
  Chains(Build& build, Extent extent, std::optional<Dim> shared)
      : build_(build), extent_(std::move(extent)), shared_(shared) {}
  // Those of a product, with powers written out, A^2*x as A, A, x; of a power itself likewise; of another node, itself.
  NodeList factors(NodeId node) const;
  bool is_product(NodeId node) const { return factors(node).size() > 1; }
  // Learns the runs of a product; of a trace's, also those around its end.
  void learn(NodeId product, std::span<const NodeId> factors, bool cyclic);
  // The factors before and behind the last multiplication. Of a product it stays what it was when it was first asked
  // for: what is needed for it is computed then.
  std::pair<NodeId, NodeId> split(NodeId product, const Surroundings& around);
  std::pair<NodeId, NodeId> split(std::span<const NodeId> factors, const Surroundings& around);
  // P and Q, runs of neighbours in the circle, with tr(product) = tr(P*Q).
  std::pair<NodeId, NodeId> split_cycle(std::span<const NodeId> factors, const Surroundings& around);
  // Whether it stands in several products, or beside being one by itself.
  bool is_shared(NodeId run);

 private:
  using Key = std::uint64_t;
  class Row;
  struct Entry {
    double cost = 0;
    std::size_t split = 0;
  };
  NodeId run(std::span<const NodeId> factors);
  Row row_of(std::span<const NodeId> factors) const;
  void count_apart(std::vector<std::pair<Key, std::size_t>> runs, std::size_t length, std::size_t factors);
  double combine(const Row& row, std::size_t start, std::size_t first, std::size_t length) const;
  double combine_with_one(const Row& row, std::size_t start, std::size_t first, std::size_t length) const;
  void note_built(Key key, NodeId node);
  double times_kronecker(NodeId factor, double columns) const;
  // Costs of all runs of a row of factors, [i*longest + length - 1].
  std::vector<Entry> table(const Row& row, std::size_t longest, const Surroundings& around);
  double share(const Row& row, std::size_t start, std::size_t length, const Surroundings& around) const;
  NodeId remember(const Row& row, const std::vector<Entry>& entries, std::size_t longest, std::size_t start,
                  std::size_t length);

  Build& build_;
  Extent extent_;
  std::optional<Dim> shared_;
  struct Run {
    std::uint32_t occurrences = 0;
    NodeId node = no_node;  // once it has been built
  };
  std::unordered_map<Key, Run> runs_;
  std::unordered_map<NodeId, std::pair<NodeId, NodeId>> splits_;  // of products, as parts of longer ones
};

}  // namespace matgrad
