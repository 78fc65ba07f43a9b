// SPDX-License-Identifier: MIT
#include "plan/memory.hpp"

#include <algorithm>

namespace matgrad {
namespace {

constexpr std::size_t alignment = 8;  // numbers: a line of the cache

struct Life {
  std::size_t first = 0;
  std::size_t last = 0;
  bool used = false;

  void at(std::size_t step) {
    first = used ? std::min(first, step) : step;
    last = used ? std::max(last, step) : step;
    used = true;
  }
};

class Layout {
 public:
  Layout(const Store& store, const Plan& plan, const std::vector<std::int64_t>& sizes)
      : store_(store), plan_(plan), sizes_(sizes), lives_(plan.buffers.size()) {}

  Memory run() {
    // What happens inside of a repeat happens at the step of the repeat; nothing inside shares memory.
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) visit(plan_.steps[i], i);
    for (BufferId i = 0; i < plan_.buffers.size(); ++i) {  // the condition is asked for when all is done
      if (plan_.buffers[i].role == Buffer::Role::factorisation) lives_[i].at(plan_.steps.size());
    }
    for (const PlanOutput& output : plan_.outputs) lives_[output.operand.buffer].at(plan_.steps.size());
    place();
    return std::move(memory_);
  }

 private:
  std::size_t extent(Dim dim) const {
    return static_cast<std::size_t>(std::max<std::int64_t>(1, store_.dims.evaluate(dim, sizes_).value_or(1)));
  }
  std::size_t size_of(BufferId buffer) const {
    const Type& type = plan_.buffers[buffer].type;
    return extent(type.rows) * extent(type.cols);
  }

  void visit(const PlanStep& step, std::size_t at) {
    auto read = [&](const Operand& operand) {
      if (operand.is_set()) lives_[operand.buffer].at(at);
    };
    for (const Operand& operand : step.operands) read(operand);
    read(step.alpha_operand);
    if (step.out != no_buffer) lives_[step.out].at(at);
    if (step.routine == Routine::map) {
      for (const MapInput& input : plan_.maps[step.map].inputs) read(input.operand);
      for (const MapOutput& output : plan_.maps[step.map].outputs) lives_[output.buffer].at(at);
    }
    if (step.routine == Routine::solve || step.routine == Routine::inverse) {
      memory_.scratch = std::max(memory_.scratch, size_of(step.out));
    }
    if (step.routine != Routine::repeat) return;
    const PlanBlock& block = plan_.blocks[step.block];
    lives_[block.index].at(at);
    read(block.first);
    read(block.last);
    read(block.result);
    for (const PlanStep& inner : block.steps) visit(inner, at);
  }

  struct Piece {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::size_t free_from = 0;  // the step after which it is free
  };

  // In the order in which they begin to live, each in the smallest free piece that is large enough.
  void place() {
    std::vector<BufferId> order;
    for (BufferId i = 0; i < plan_.buffers.size(); ++i) {
      if (lives_[i].used && plan_.buffers[i].role != Buffer::Role::input) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](BufferId a, BufferId b) { return lives_[a].first < lives_[b].first; });
    memory_.offsets.assign(plan_.buffers.size(), 0);
    std::vector<Piece> pieces;
    for (BufferId buffer : order) {
      const std::size_t size = (size_of(buffer) + alignment - 1) / alignment * alignment;
      const Life& life = lives_[buffer];
      Piece* best = nullptr;
      for (Piece& piece : pieces) {
        if (piece.free_from >= life.first || piece.size < size || piece.size > 2 * size + 64) continue;
        if (best == nullptr || piece.size < best->size) best = &piece;
      }
      if (best == nullptr) {
        pieces.push_back({memory_.numbers, size, 0});
        memory_.numbers += size;
        best = &pieces.back();
      }
      best->free_from = life.last;
      memory_.offsets[buffer] = best->offset;
    }
  }

  const Store& store_;
  const Plan& plan_;
  const std::vector<std::int64_t>& sizes_;
  std::vector<Life> lives_;
  Memory memory_;
};

}  // namespace

Memory lay_out_memory(const Store& store, const Plan& plan, const std::vector<std::int64_t>& sizes) {
  return Layout(store, plan, sizes).run();
}

}  // namespace matgrad
