// SPDX-License-Identifier: MIT
// Where a plan stands in memory, for certain sizes: what all parts of running it ask.
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "plan/arena.hpp"
#include "plan/blas.hpp"
#include "plan/memory.hpp"

namespace matgrad {

template <class T>
struct Workspace {
  using View = dense::Matrix<const T>;

  const Store& store;
  const Plan& plan;
  std::vector<std::int64_t> sizes;
  mutable std::vector<std::ptrdiff_t> extents;  // by dimension, 0 where not yet asked for: steps do all the time
  Memory memory;
  Arena<T> arena;
  std::vector<T*> places;        // by buffer; nothing for inputs
  std::vector<const T*> inputs;  // by buffer; nothing but for inputs
  std::vector<T> scratch;        // of a single step

  Workspace(const Store& s, const Plan& p, std::vector<std::int64_t> by_atom)
      : store(s), plan(p), sizes(std::move(by_atom)), memory(lay_out_memory(s, p, sizes)) {
    arena.resize(memory.numbers);
    places.assign(plan.buffers.size(), nullptr);
    inputs.assign(plan.buffers.size(), nullptr);
    for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
      if (plan.buffers[i].role != Buffer::Role::input) places[i] = arena.data() + memory.offsets[i];
    }
    scratch.resize(memory.scratch);
  }

  std::ptrdiff_t extent(Dim dim) const {
    const auto at = static_cast<std::size_t>(dim);
    if (at >= extents.size()) extents.resize(at + 1, 0);
    if (extents[at] == 0) {
      const auto value = store.dims.evaluate(dim, sizes);
      MATGRAD_ASSERT(value && *value >= 1);
      extents[at] = static_cast<std::ptrdiff_t>(*value);
    }
    return extents[at];
  }
  const T* data(BufferId buffer) const { return places[buffer] != nullptr ? places[buffer] : inputs[buffer]; }
  View view(const Operand& operand) const {
    return {data(operand.buffer), extent(operand.rows), extent(operand.cols), operand.transposed};
  }
  T scalar(const Operand& operand) const { return *data(operand.buffer); }
  std::ptrdiff_t whole_number(const Operand& operand) const {
    return static_cast<std::ptrdiff_t>(std::llround(static_cast<double>(scalar(operand))));
  }
  T alpha(const PlanStep& step) const {
    const T constant = static_cast<T>(step.alpha);
    return step.alpha_operand.is_set() ? constant * scalar(step.alpha_operand) : constant;
  }
  std::ptrdiff_t skipped(const PlanStep& step) const { return step.skipped == dim_zero ? 0 : extent(step.skipped); }
  std::size_t count_of(BufferId buffer) const {
    const Type& type = plan.buffers[buffer].type;
    return static_cast<std::size_t>(extent(type.rows) * extent(type.cols));
  }
  NodeId node_of(const PlanStep& step) const { return plan.buffers[step.out].node; }
};

}  // namespace matgrad
