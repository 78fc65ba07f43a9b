// SPDX-License-Identifier: MIT
#include "numeric/schedule.hpp"

#include <algorithm>

#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

constexpr std::int64_t largest_extent = std::int64_t{1} << 27;  // entries of one array: a gigabyte
constexpr std::size_t most_indices = 64;                        // one bit each
constexpr int deepest_nesting = 16;

}  // namespace

Size size_of(const Store& store, NodeId node, const std::vector<std::int64_t>& sizes) {
  const Type& type = store.type(node);
  const auto rows = store.dims.evaluate(type.rows, sizes);
  const auto cols = store.dims.evaluate(type.cols, sizes);
  if (!rows || !cols || *rows < 1 || *cols < 1) return {0, 0};
  if (*rows > largest_extent || *cols > largest_extent) return {0, 0};
  return {static_cast<Eigen::Index>(*rows), static_cast<Eigen::Index>(*cols)};
}

Schedule::Schedule(const Store& store, std::span<const NodeId> roots, const std::vector<std::int64_t>& sizes) {
  const std::vector<NodeId> nodes = topological(store, roots);
  slots.assign(store.size(), no_slot);
  steps.reserve(nodes.size());
  for (NodeId id : nodes) add_step(store, id, sizes);
  find_loops();
}

void Schedule::add_step(const Store& store, NodeId id, const std::vector<std::int64_t>& sizes) {
  const Node& node = store[id];
  const Slot slot = static_cast<Slot>(steps.size());
  slots[index_of(id)] = slot;
  Step step;
  step.op = node.op;
  step.size = size_of(store, id, sizes);
  step.entry = &entry_of(node.op);
  step.first = static_cast<std::uint32_t>(children.size());
  step.count = node.count;
  for (NodeId child : store.children(id)) children.push_back(slots[index_of(child)]);
  conforms = conforms && step.size.rows > 0 && step.size.rows * step.size.cols <= largest_extent;
  if (node.count == 0) step.payload = node.first;
  if (node.op == op::number) step.constant = store.number_at(node.first).as_double();
  if (node.op == op::symbol) symbols.push_back(slot);
  if (node.op == op::dimension) {
    const auto value = store.dims.evaluate(Dim{node.first}, sizes);
    conforms = conforms && value.has_value();
    step.constant = static_cast<double>(value.value_or(0));
  }
  steps.push_back(step);
}

void Schedule::find_loops() {
  std::vector<std::uint64_t> index_bit(steps.size(), 0);
  std::size_t indices = 0;
  std::vector<Slot> sums;
  for (Slot slot = 0; slot < steps.size(); ++slot) {
    if (steps[slot].op != op::sum_over) continue;
    sums.push_back(slot);
    std::uint64_t& bit = index_bit[children_of(slot)[0]];
    if (bit == 0 && indices < most_indices) bit = std::uint64_t{1} << indices++;
    conforms = conforms && bit != 0;
  }
  // The indices that a value depends on, and how deep sums nest in it.
  std::vector<std::uint64_t> bound(steps.size(), 0);
  std::vector<int> depth(steps.size(), 0);
  for (Slot slot = 0; slot < steps.size(); ++slot) {
    const auto inside = children_of(slot);
    bound[slot] = index_bit[slot];
    for (Slot child : inside) depth[slot] = std::max(depth[slot], depth[child]);
    if (steps[slot].op == op::sum_over) {
      bound[slot] = bound[inside[1]] | bound[inside[2]] | (bound[inside[3]] & ~index_bit[inside[0]]);
      conforms = conforms && ++depth[slot] <= deepest_nesting;
    } else {
      for (Slot child : inside) bound[slot] |= bound[child];
    }
    if (bound[slot] == 0) order.push_back(slot);
  }
  for (Slot sum : sums) fill_loop(sum, bound, index_bit[children_of(sum)[0]]);
}

void Schedule::fill_loop(Slot sum, const std::vector<std::uint64_t>& bound, std::uint64_t bit) {
  steps[sum].loop = static_cast<std::uint32_t>(loops.size());
  Loop loop;
  loop.index = children_of(sum)[0];
  std::vector<Slot> pending{children_of(sum)[3]};
  std::vector<bool> seen(sum, false);
  while (!pending.empty()) {
    const Slot slot = pending.back();
    pending.pop_back();
    if (seen[slot]) continue;
    seen[slot] = true;
    if ((bound[slot] & bit) == 0) {
      loop.outside.push_back(slot);
      continue;
    }
    loop.order.push_back(slot);
    const auto inside = children_of(slot);
    if (steps[slot].op != op::sum_over) {
      pending.insert(pending.end(), inside.begin(), inside.end());
    } else {
      // An inner sum needs its bounds and what its own loop reads from outside; that loop computes the rest.
      pending.push_back(inside[1]);
      pending.push_back(inside[2]);
      const auto& outside = loops[steps[slot].loop].outside;
      pending.insert(pending.end(), outside.begin(), outside.end());
    }
  }
  std::sort(loop.order.begin(), loop.order.end());
  loops.push_back(std::move(loop));
}

std::vector<Slot> Schedule::depending_on(std::span<const Slot> leaves) const {
  std::vector<bool> depends(steps.size(), false);
  for (Slot leaf : leaves) depends[leaf] = true;
  for (Slot slot = 0; slot < steps.size(); ++slot) {
    for (Slot child : children_of(slot)) depends[slot] = depends[slot] || depends[child];
  }
  std::vector<Slot> result;
  for (Slot slot : order) {
    if (depends[slot]) result.push_back(slot);
  }
  return result;
}

std::vector<Slot> Schedule::with_loops(std::span<const Slot> part) const {
  std::vector<Slot> result(part.begin(), part.end());
  std::vector<bool> seen(steps.size(), false);
  for (Slot slot : result) seen[slot] = true;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::uint32_t loop = steps[result[i]].loop;
    if (loop == no_slot) continue;
    for (Slot slot : loops[loop].order) {
      if (!seen[slot]) result.push_back(slot);
      seen[slot] = true;
    }
  }
  return result;
}

}  // namespace matgrad
