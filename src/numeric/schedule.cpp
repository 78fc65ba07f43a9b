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
  places.assign(store.size(), no_place);
  tasks.reserve(nodes.size());
  for (NodeId id : nodes) add_task(store, id, sizes);
  find_loops();
}

void Schedule::add_task(const Store& store, NodeId id, const std::vector<std::int64_t>& sizes) {
  const Node& node = store[id];
  const Place place = static_cast<Place>(tasks.size());
  places[index_of(id)] = place;
  Task task;
  task.op = node.op;
  task.size = size_of(store, id, sizes);
  task.entry = &entry_of(node.op);
  task.first = static_cast<std::uint32_t>(children.size());
  task.count = node.count;
  for (NodeId child : store.children(id)) children.push_back(places[index_of(child)]);
  conforms = conforms && task.size.rows > 0 && task.size.rows * task.size.cols <= largest_extent;
  if (node.count == 0) task.payload = node.first;
  if (node.op == op::number) task.constant = store.number_at(node.first).as_double();
  if (node.op == op::symbol) symbols.push_back(place);
  if (node.op == op::dimension) {
    const auto value = store.dims.evaluate(Dim{node.first}, sizes);
    conforms = conforms && value.has_value();
    task.constant = static_cast<double>(value.value_or(0));
  }
  tasks.push_back(task);
}

void Schedule::find_loops() {
  std::vector<std::uint64_t> index_bit(tasks.size(), 0);
  std::size_t indices = 0;
  std::vector<Place> sums;
  for (Place place = 0; place < tasks.size(); ++place) {
    if (tasks[place].op != op::sum_over) continue;
    sums.push_back(place);
    std::uint64_t& bit = index_bit[children_of(place)[0]];
    if (bit == 0 && indices < most_indices) bit = std::uint64_t{1} << indices++;
    conforms = conforms && bit != 0;
  }
  // The indices that a value depends on, and how deep sums nest in it.
  std::vector<std::uint64_t> bound(tasks.size(), 0);
  std::vector<int> depth(tasks.size(), 0);
  for (Place place = 0; place < tasks.size(); ++place) {
    const auto inside = children_of(place);
    bound[place] = index_bit[place];
    for (Place child : inside) depth[place] = std::max(depth[place], depth[child]);
    if (tasks[place].op == op::sum_over) {
      bound[place] = bound[inside[1]] | bound[inside[2]] | (bound[inside[3]] & ~index_bit[inside[0]]);
      conforms = conforms && ++depth[place] <= deepest_nesting;
    } else {
      for (Place child : inside) bound[place] |= bound[child];
    }
    if (bound[place] == 0) order.push_back(place);
  }
  for (Place sum : sums) fill_loop(sum, bound, index_bit[children_of(sum)[0]]);
}

void Schedule::fill_loop(Place sum, const std::vector<std::uint64_t>& bound, std::uint64_t bit) {
  tasks[sum].loop = static_cast<std::uint32_t>(loops.size());
  Loop loop;
  loop.index = children_of(sum)[0];
  std::vector<Place> pending{children_of(sum)[3]};
  std::vector<bool> seen(sum, false);
  while (!pending.empty()) {
    const Place place = pending.back();
    pending.pop_back();
    if (seen[place]) continue;
    seen[place] = true;
    if ((bound[place] & bit) == 0) {
      loop.outside.push_back(place);
      continue;
    }
    loop.order.push_back(place);
    const auto inside = children_of(place);
    if (tasks[place].op != op::sum_over) {
      pending.insert(pending.end(), inside.begin(), inside.end());
    } else {
      // An inner sum needs its bounds and what its own loop reads from outside; that loop computes the rest.
      pending.push_back(inside[1]);
      pending.push_back(inside[2]);
      const auto& outside = loops[tasks[place].loop].outside;
      pending.insert(pending.end(), outside.begin(), outside.end());
    }
  }
  std::sort(loop.order.begin(), loop.order.end());
  loops.push_back(std::move(loop));
}

std::vector<Place> Schedule::depending_on(std::span<const Place> leaves) const {
  std::vector<bool> depends(tasks.size(), false);
  for (Place leaf : leaves) depends[leaf] = true;
  for (Place place = 0; place < tasks.size(); ++place) {
    for (Place child : children_of(place)) depends[place] = depends[place] || depends[child];
  }
  std::vector<Place> result;
  for (Place place : order) {
    if (depends[place]) result.push_back(place);
  }
  return result;
}

std::vector<Place> Schedule::with_loops(std::span<const Place> part) const {
  std::vector<Place> result(part.begin(), part.end());
  std::vector<bool> seen(tasks.size(), false);
  for (Place place : result) seen[place] = true;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::uint32_t loop = tasks[result[i]].loop;
    if (loop == no_place) continue;
    for (Place place : loops[loop].order) {
      if (!seen[place]) result.push_back(place);
      seen[place] = true;
    }
  }
  return result;
}

}  // namespace matgrad
