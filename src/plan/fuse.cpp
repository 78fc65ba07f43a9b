// SPDX-License-Identifier: MIT
#include "plan/fuse.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace matgrad {
namespace {

constexpr std::size_t most_candidates = 8;
constexpr std::size_t most_registers = 400;

class Fusion {
 public:
  Fusion(Plan& plan, std::vector<PlanStep>& steps) : plan_(plan), steps_(steps) {}

  void run() {
    find_writers();
    for (std::size_t j = 0; j < steps_.size(); ++j) {
      if (steps_[j].routine != Routine::map) continue;
      turn_to_read(plan_.maps[steps_[j].map]);
      if (const auto i = partner(j)) {
        turn_to_share(*i, j);
        merge(*i, j);
      } else {
        candidates_.push_back(j);
      }
    }
    std::vector<PlanStep> kept;
    for (std::size_t j = 0; j < steps_.size(); ++j) {
      if (!gone_[j]) kept.push_back(std::move(steps_[j]));
    }
    steps_ = std::move(kept);
  }

 private:
  struct Writer {
    std::size_t step = 0;
    bool alone = true;  // nothing is added to the buffer later
  };

  void wrote(BufferId buffer, std::size_t step) {
    const auto [at, is_new] = writers_.try_emplace(buffer, Writer{step, true});
    if (!is_new) at->second = {step, false};
  }

  void find_writers() {
    gone_.assign(steps_.size(), false);
    for (std::size_t j = 0; j < steps_.size(); ++j) {
      if (steps_[j].routine != Routine::map) {
        wrote(steps_[j].out, j);
        continue;
      }
      for (const MapOutput& output : plan_.maps[steps_[j].map].outputs) wrote(output.buffer, j);
    }
  }

  // An earlier map that this one can be part of: all that it reads is there before, or is computed entry by entry in
  // it.
  std::optional<std::size_t> partner(std::size_t j) const {
    const MapProgram& program = plan_.maps[steps_[j].map];
    std::size_t tried = 0;
    for (std::size_t k = candidates_.size(); k-- > 0 && tried < most_candidates; ++tried) {
      const std::size_t i = candidates_[k];
      const MapProgram& other = plan_.maps[steps_[i].map];
      const bool fits_turned =
          other.rows == program.cols && other.cols == program.rows && (is_turnable(program) || is_turnable(other));
      if ((other.rows != program.rows || other.cols != program.cols) && !fits_turned) continue;
      if (other.inputs.size() + other.code.size() + program.inputs.size() + program.code.size() > most_registers) {
        continue;
      }
      const bool is_same_shape = other.rows == program.rows && other.cols == program.cols;
      if (is_same_shape || is_turnable(other) ? reads_what_is_there(program, i)
                                              : reads_what_is_there(turned(plan_, program), i)) {
        return i;
      }
    }
    return std::nullopt;
  }

  // What only adds up all entries may go through them by rows as well.
  static bool is_turnable(const MapProgram& program) {
    return std::all_of(program.outputs.begin(), program.outputs.end(),
                       [](const MapOutput& output) { return output.collect == Collect::total; }) &&
           std::none_of(program.inputs.begin(), program.inputs.end(),
                        [](const MapInput& input) { return input.access == Access::diagonal; });
  }

  static std::size_t shared_inputs(const MapProgram& a, const MapProgram& b) {
    return static_cast<std::size_t>(std::count_if(a.inputs.begin(), a.inputs.end(), [&](const MapInput& input) {
      return std::find(b.inputs.begin(), b.inputs.end(), input) != b.inputs.end();
    }));
  }

  // sum(A'.*B') is sum(A.*B), which reads nothing by rows.
  void turn_to_read(MapProgram& program) {
    if (reads_by_rows(program) && is_turnable(program)) program = turned(plan_, program);
  }

  // Of two maps that are to be one, the one that may is turned where they have more in common then: the value
  // sum(A'.*B) beside the gradient B'.
  void turn_to_share(std::size_t i, std::size_t j) {
    MapProgram& into = plan_.maps[steps_[i].map];
    MapProgram& from = plan_.maps[steps_[j].map];
    MapProgram& one = is_turnable(into) ? into : from;
    if (!is_turnable(one)) return;
    const MapProgram& other = &one == &into ? from : into;
    MapProgram by_rows = turned(plan_, one);
    const bool fits = one.rows == other.rows && one.cols == other.cols;
    // What the first map stores is at hand entry for entry only, no longer when it is read by rows.
    const bool is_readable = &one == &into || reads_what_is_there(by_rows, i);
    const bool is_better = is_readable && by_rows.rows == other.rows && by_rows.cols == other.cols &&
                           shared_inputs(by_rows, other) > shared_inputs(one, other);
    if (!fits || is_better) one = std::move(by_rows);
  }

  bool reads_what_is_there(const MapProgram& program, std::size_t i) const {
    return std::all_of(program.inputs.begin(), program.inputs.end(),
                       [&](const MapInput& input) { return is_there(input, i); });
  }

  bool is_there(const MapInput& input, std::size_t i) const {
    const auto writer = writers_.find(input.operand.buffer);
    if (writer == writers_.end() || writer->second.step < i) return true;
    return writer->second.step == i && writer->second.alone && stored_by(input, i) != nullptr;
  }

  // The output of map i that holds what an input reads, entry for entry.
  const MapOutput* stored_by(const MapInput& input, std::size_t i) const {
    if (input.access != Access::entry) return nullptr;
    const bool is_vector = input.operand.rows == dim_one || input.operand.cols == dim_one;
    if (input.operand.transposed && !is_vector) return nullptr;
    for (const MapOutput& output : plan_.maps[steps_[i].map].outputs) {
      if (output.buffer == input.operand.buffer && output.collect == Collect::store) return &output;
    }
    return nullptr;
  }

  void merge(std::size_t i, std::size_t j) {
    MapProgram& into = plan_.maps[steps_[i].map];
    MapProgram& from = plan_.maps[steps_[j].map];
    const auto old_inputs = into.inputs.size();
    std::vector<MapInput> inputs = into.inputs;
    std::vector<std::size_t> place_of_input;  // of `from`: among the inputs, or behind them among i's registers
    constexpr std::size_t computed = 1u << 20;
    for (const MapInput& input : from.inputs) {
      if (const MapOutput* output = stored_by(input, i)) {
        place_of_input.push_back(computed + output->from);
        continue;
      }
      const auto found = std::find(inputs.begin(), inputs.end(), input);
      place_of_input.push_back(static_cast<std::size_t>(found - inputs.begin()));
      if (found == inputs.end()) inputs.push_back(input);
    }
    const std::size_t shift = inputs.size() - old_inputs;
    auto old_register = [&](std::size_t r) { return static_cast<Register>(r < old_inputs ? r : r + shift); };
    const std::size_t base = inputs.size() + into.code.size();
    auto new_register = [&](Register r) {
      if (r >= from.inputs.size()) return static_cast<Register>(base + (r - from.inputs.size()));
      const std::size_t place = place_of_input[r];
      return place >= computed ? old_register(place - computed) : static_cast<Register>(place);
    };
    for (MapInstruction& instruction : into.code) {
      instruction.a = old_register(instruction.a);
      instruction.b = old_register(instruction.b);
    }
    for (MapOutput& output : into.outputs) output.from = old_register(output.from);
    for (MapInstruction instruction : from.code) {
      instruction.a = new_register(instruction.a);
      instruction.b = new_register(instruction.b);
      into.code.push_back(instruction);
    }
    for (MapOutput output : from.outputs) {
      output.from = new_register(output.from);
      into.outputs.push_back(output);
      auto& writer = writers_.at(output.buffer);
      if (writer.step == j) writer.step = i;
    }
    into.inputs = std::move(inputs);
    steps_[i].flops += steps_[j].flops;
    gone_[j] = true;
  }

  Plan& plan_;
  std::vector<PlanStep>& steps_;
  std::unordered_map<BufferId, Writer> writers_;
  std::vector<std::size_t> candidates_;
  std::vector<bool> gone_;
};

void read_by(const std::vector<PlanStep>& steps, const Plan& plan, std::vector<bool>& read) {
  for (const PlanStep& step : steps) {
    each_read(plan, step, [&](const Operand& operand) { read[operand.buffer] = true; });
    if (step.adds || step.routine == Routine::add_diagonal) read[step.out] = true;
  }
}

// Arrays that nobody reads any more need not be stored.
void drop_unread(Plan& plan) {
  std::vector<bool> read(plan.buffers.size(), false);
  read_by(plan.steps, plan, read);
  for (const PlanBlock& block : plan.blocks) {
    read_by(block.steps, plan, read);
    read[block.result.buffer] = true;
  }
  for (const PlanOutput& output : plan.outputs) read[output.operand.buffer] = true;
  auto drop = [&](std::vector<PlanStep>& steps) {
    for (PlanStep& step : steps) {
      if (step.routine != Routine::map) continue;
      auto& outputs = plan.maps[step.map].outputs;
      outputs.erase(std::remove_if(outputs.begin(), outputs.end(), [&](const MapOutput& o) { return !read[o.buffer]; }),
                    outputs.end());
      if (!outputs.empty()) step.out = outputs[0].buffer;
    }
    steps.erase(std::remove_if(steps.begin(), steps.end(),
                               [&](const PlanStep& step) {
                                 return step.routine == Routine::map && plan.maps[step.map].outputs.empty();
                               }),
                steps.end());
  };
  drop(plan.steps);
  for (PlanBlock& block : plan.blocks) drop(block.steps);
}

}  // namespace

MapProgram turned(const Plan& plan, MapProgram program) {
  std::swap(program.rows, program.cols);
  for (MapInput& input : program.inputs) {
    if (input.access == Access::scalar) continue;
    input.operand = turned(plan, input.operand);
    if (input.access != Access::entry) input.access = input.access == Access::row ? Access::column : Access::row;
  }
  return program;
}

bool reads_by_rows(const MapProgram& program) {
  if (is_vector(program)) return false;
  int by_rows = 0;
  for (const MapInput& input : program.inputs) {
    if (input.access == Access::entry) by_rows += input.operand.transposed ? 1 : -1;
  }
  return by_rows > 0;
}

void fuse_maps(Plan& plan) {
  Fusion(plan, plan.steps).run();
  for (PlanBlock& block : plan.blocks) Fusion(plan, block.steps).run();
  drop_unread(plan);
}

}  // namespace matgrad
