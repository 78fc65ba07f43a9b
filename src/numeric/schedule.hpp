// SPDX-License-Identifier: MIT
// What there is to compute, in which order, before any number is known: one task a node, children before parents. What
// a sum's body computes with the sum's index is taken out of the main order into the sum's loop; the rest of the body
// is computed once.
//
//   sum(i, 1, m, (e(i,m)'*x) * c)   main order: x, c, m, the sum; its loop: i, e(i,m), e(i,m)'*x, the product
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "expr/store.hpp"
#include "ops/kernel.hpp"
#include "ops/operator.hpp"

namespace matgrad {

// rows × cols of a node at these sizes; 0 × 0 where they are not positive or have no value.
Size size_of(const Store& store, NodeId node, const std::vector<std::int64_t>& sizes);

using Place = std::uint32_t;  // the position of a node's value; ascending places are a topological order
inline constexpr Place no_place = 0xffffffffu;

struct Task {
  OpId op{};
  Size size;
  std::uint32_t payload = 0;  // of leaves
  std::uint32_t first = 0;    // into Schedule::children
  std::uint32_t count = 0;
  std::uint32_t loop = no_place;  // into Schedule::loops, for sums
  double constant = 0;            // of numbers and dimensions
  const Operator* entry = nullptr;
};

struct Loop {
  Place index = no_place;
  std::vector<Place> order;    // recomputed for every value of the index
  std::vector<Place> outside;  // what the loop reads and does not compute
};

struct Schedule {
  std::vector<Task> tasks;
  std::vector<Place> children;
  std::vector<Place> order;  // without what belongs to loops
  std::vector<Loop> loops;
  std::vector<Place> places;  // by handle
  std::vector<Place> symbols;
  bool conforms = true;  // every size is positive and of reasonable extent, sums nest reasonably deep

  Schedule(const Store& store, std::span<const NodeId> roots, const std::vector<std::int64_t>& sizes);

  std::span<const Place> children_of(Place place) const {
    return {children.data() + tasks[place].first, tasks[place].count};
  }
  // The part of the main order that depends on a leaf.
  std::vector<Place> depending_on(std::span<const Place> leaves) const;
  // Every task that computing `part` runs, those of loops included.
  std::vector<Place> with_loops(std::span<const Place> part) const;

 private:
  void add_task(const Store& store, NodeId id, const std::vector<std::int64_t>& sizes);
  void find_loops();
  void fill_loop(Place sum, const std::vector<std::uint64_t>& bound, std::uint64_t bit);
};

}  // namespace matgrad
