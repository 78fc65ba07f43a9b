// SPDX-License-Identifier: MIT
#include "plan/stream.hpp"

#include <algorithm>
#include <optional>

namespace matgrad {
namespace {

class StreamFinder {
 public:
  explicit StreamFinder(const Plan& plan) : plan_(plan), readers_(plan.buffers.size(), 0) {
    for (const PlanStep& step : plan.steps) count_reads(step);
    for (const PlanOutput& output : plan.outputs) ++readers_[output.operand.buffer];
  }

  std::vector<Stream> run() {
    std::vector<Stream> found;
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      if (!begins(plan_.steps[i])) continue;
      Stream stream = from(i);
      if (stream.windows.empty()) continue;
      i = stream.end() - 1;
      found.push_back(std::move(stream));
    }
    return found;
  }

 private:
  enum class State : std::uint8_t { outside, cut, being_added };

  void count_reads(const PlanStep& step) {
    each_read(plan_, step, [&](const Operand& read) { ++readers_[read.buffer]; });
    if (step.routine != Routine::repeat) return;
    const PlanBlock& block = plan_.blocks[step.block];
    for (const Operand& read : {block.first, block.last, block.result}) ++readers_[read.buffer];
    for (const PlanStep& inner : block.steps) count_reads(inner);
  }

  static bool is_plain_product(const PlanStep& step) {
    return step.routine == Routine::product && !step.symmetric && step.triangle == Triangle::none;
  }

  bool begins(const PlanStep& step) const {
    const Operand* a = step.operands.empty() ? nullptr : &step.operands[0];
    return is_plain_product(step) && !step.adds && a->rows != dim_one && step.operands[1].cols != dim_one;
  }

  // As many steps as there are that go by the columns of the first.
  Stream from(std::size_t first) {
    Stream stream;
    stream.first = first;
    stream.columns = plan_.steps[first].operands[1].cols;
    states_.assign(plan_.buffers.size(), State::outside);
    for (std::size_t i = first; i < plan_.steps.size(); ++i) {
      const auto part = part_of(plan_.steps[i], stream.columns);
      if (!part) break;
      stream.parts.push_back(*part);
      mark(plan_.steps[i], *part);
    }
    find_windows(stream);
    return stream;
  }

  bool is_outside(const Operand& operand) const {
    return !operand.is_set() || states_[operand.buffer] == State::outside;
  }

  std::optional<StreamPart> part_of(const PlanStep& step, Dim columns) const {
    if (step.routine == Routine::map) {
      const MapProgram& program = plan_.maps[step.map];
      return fits(program, columns) ? std::optional(StreamPart::map) : std::nullopt;
    }
    if (!is_plain_product(step) || !is_outside(step.alpha_operand) || states_[step.out] != State::outside) {
      return std::nullopt;
    }
    const Operand& a = step.operands[0];
    const Operand& b = step.operands[1];
    const bool a_is_cut = states_[a.buffer] == State::cut;
    const bool b_is_cut = states_[b.buffer] == State::cut;
    if (states_[a.buffer] == State::being_added || states_[b.buffer] == State::being_added) return std::nullopt;
    if (b_is_cut && !a_is_cut && !b.transposed && b.cols == columns && !step.adds) return StreamPart::columns;
    if (!a_is_cut && !b_is_cut && b.cols == columns && a.rows != dim_one && !step.adds) return StreamPart::columns;
    if (!a_is_cut) return std::nullopt;
    if (!a.transposed && a.cols == columns && (!b_is_cut || b.transposed)) return StreamPart::added_up;
    if (a.transposed && a.rows == columns && !b_is_cut && !step.adds) return StreamPart::rows;
    return std::nullopt;
  }

  bool fits(const MapProgram& program, Dim columns) const {
    if (program.cols != columns) return false;
    return std::all_of(program.inputs.begin(), program.inputs.end(), [&](const MapInput& input) {
      if (states_[input.operand.buffer] == State::outside) return input.access != Access::diagonal;
      if (states_[input.operand.buffer] == State::being_added) return false;
      return is_read_in_order(program, input) || input.access == Access::row;
    });
  }

  void mark(const PlanStep& step, StreamPart part) {
    const bool is_cut = part == StreamPart::columns;
    if (part != StreamPart::map) {
      states_[step.out] = is_cut ? State::cut : State::being_added;
      return;
    }
    for (const MapOutput& output : plan_.maps[step.map].outputs) {
      const bool by_columns = output.collect == Collect::store || output.collect == Collect::column_totals;
      states_[output.buffer] = by_columns ? State::cut : State::being_added;
    }
  }

  // Matrices that are read inside only. Without a map between products, and what it stores, there is nothing that a
  // block saves.
  void find_windows(Stream& stream) {
    std::vector<std::uint32_t> inside(plan_.buffers.size(), 0);
    for (std::size_t i = stream.first; i < stream.end(); ++i) {
      each_read(plan_, plan_.steps[i], [&](const Operand& read) { ++inside[read.buffer]; });
    }
    const bool has_map = std::count(stream.parts.begin(), stream.parts.end(), StreamPart::map) > 0;
    for (BufferId i = 0; i < plan_.buffers.size() && has_map; ++i) {
      const Type& type = plan_.buffers[i].type;
      const bool is_matrix = type.rows != dim_one && type.cols == stream.columns;
      if (states_[i] == State::cut && is_matrix && inside[i] == readers_[i]) stream.windows.push_back(i);
    }
  }

  const Plan& plan_;
  std::vector<std::uint32_t> readers_;  // by buffer
  std::vector<State> states_;           // likewise, in the stream at hand
};

}  // namespace

std::vector<Stream> find_streams(const Plan& plan) {
  return StreamFinder(plan).run();
}

}  // namespace matgrad
