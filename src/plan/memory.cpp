// SPDX-License-Identifier: MIT
#include "plan/memory.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "plan/pair.hpp"

namespace matgrad {
namespace {

constexpr std::size_t alignment = 8;  // numbers: a line of the cache
// Numbers in a block, and how many there have to be for blocks to be worth their calls.
constexpr std::size_t block_size = 8192;
constexpr std::size_t least_streamed = 2 * block_size;
constexpr std::size_t least_width = 16;
// Where more than so many products are added up for an entry, arithmetic takes longer than memory does.
constexpr std::size_t widest_inside = 32;

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
      : store_(store),
        plan_(plan),
        sizes_(sizes),
        lives_(plan.buffers.size()),
        read_in_order_(plan.buffers.size(), 0),
        stored_in_order_(plan.buffers.size(), 0) {}

  Memory run() {
    memory_.readers.assign(plan_.buffers.size(), 0);
    choose_streams();
    // What happens inside of a repeat happens at the step of the repeat; nothing inside shares memory.
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      visit(plan_.steps[i], i);
      join_passes(i);
    }
    for (BufferId i = 0; i < plan_.buffers.size(); ++i) {  // the condition is asked for when all is done
      if (plan_.buffers[i].role == Buffer::Role::factorisation) lives_[i].at(plan_.steps.size());
    }
    for (const Stream& stream : memory_.streams) keep_together(stream);
    for (const PlanOutput& output : plan_.outputs) {
      lives_[output.operand.buffer].at(plan_.steps.size());
      ++memory_.readers[output.operand.buffer];
    }
    place();
    return std::move(memory_);
  }

 private:
  std::size_t extent(Dim dim) const {
    return static_cast<std::size_t>(std::max<std::int64_t>(1, store_.dims.evaluate(dim, sizes_).value_or(1)));
  }
  std::size_t size_of(BufferId buffer) const {
    const Type& type = plan_.buffers[buffer].type;
    // What nobody has is enough to be refused; sums of such sizes do not overflow.
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max() >> 14U;
    const std::size_t rows = extent(type.rows);
    const std::size_t width = window_widths_.empty() ? 0 : window_widths_[buffer];
    const std::size_t cols = width > 0 ? width : extent(type.cols);
    return rows > most / cols ? most : rows * cols;
  }

  // The streams that are worth it: large arrays, and little arithmetic for each entry.
  void choose_streams() {
    memory_.is_window.assign(plan_.buffers.size(), false);
    for (Stream& stream : find_streams(plan_)) {
      const std::size_t columns = extent(stream.columns);
      std::size_t rows = 1;
      for (BufferId window : stream.windows) rows = std::max(rows, extent(plan_.buffers[window].type.rows));
      const std::size_t width = std::max(least_width, block_size / rows / alignment * alignment);
      if (rows * columns < least_streamed || columns < 2 * width || !is_narrow(stream)) continue;
      window_widths_.resize(plan_.buffers.size(), 0);
      for (BufferId window : stream.windows) {
        window_widths_[window] = width;
        memory_.is_window[window] = true;
      }
      memory_.widths.push_back(static_cast<std::ptrdiff_t>(width));
      memory_.streams.push_back(std::move(stream));
    }
  }

  bool is_narrow(const Stream& stream) const {
    for (std::size_t i = stream.first; i < stream.end(); ++i) {
      const PlanStep& step = plan_.steps[i];
      if (step.routine != Routine::product) continue;
      const StreamPart part = stream.parts[i - stream.first];
      const Dim inside = part == StreamPart::columns ? step.operands[0].cols : step.operands[1].cols;
      if (extent(inside) > widest_inside) return false;
    }
    return true;
  }

  // All of a stream happens at once, but for windows: every block goes through the steps in their order.
  void keep_together(const Stream& stream) {
    auto keep = [&](BufferId buffer) {
      if (memory_.is_window[buffer]) return;
      lives_[buffer].at(stream.first);
      lives_[buffer].at(stream.end() - 1);
    };
    for (std::size_t i = stream.first; i < stream.end(); ++i) {
      each_read(plan_, plan_.steps[i], [&](const Operand& operand) { keep(operand.buffer); });
      each_written(plan_, plan_.steps[i], keep);
    }
  }

  void visit(const PlanStep& step, std::size_t at) {
    auto read = [&](const Operand& operand) {
      lives_[operand.buffer].at(at);
      ++memory_.readers[operand.buffer];
    };
    each_read(plan_, step, read);
    each_written(plan_, step, [&](BufferId buffer) { lives_[buffer].at(at); });
    if (step.routine == Routine::map) note_in_place(plan_.maps[step.map], at);
    if (&step == &plan_.steps[at] && step.routine == Routine::factorise && !step.operands[0].transposed) {
      read_in_order_[step.operands[0].buffer] = stored_in_order_[step.out] = at + 1;
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

  // Steps that run as one pass read and write at the same time.
  void join_passes(std::size_t i) {
    const PlanStep& step = plan_.steps[i];
    if (i > 0 && is_pair(plan_.steps[i - 1], step)) {
      lives_[step.out].at(i - 1);
      visit(plan_.steps[i - 1], i);
    }
    if (step.routine != Routine::commute) return;
    for (std::size_t k = i; k-- > 0 && plan_.steps[k].routine == Routine::kronecker;) {
      if (plan_.steps[k].out == step.operands[0].buffer) lives_[step.out].at(k);
    }
  }

  // A factorisation may take the place of its matrix, and a map may store an array where it read one for the last time,
  // entry for entry: an entry is read before it is written. Inside of repeats the array may be read again in the next
  // round.
  void note_in_place(const MapProgram& program, std::size_t at) {
    if (at >= plan_.steps.size() || plan_.steps[at].routine != Routine::map) return;
    for (const MapInput& input : program.inputs) {
      read_in_order_[input.operand.buffer] = is_read_in_order(program, input) ? at + 1 : 0;
    }
    // Read in two ways, it is not read entry for entry.
    for (const MapInput& input : program.inputs) {
      if (!is_read_in_order(program, input)) read_in_order_[input.operand.buffer] = 0;
    }
    for (const MapOutput& output : program.outputs) {
      stored_in_order_[output.buffer] = output.collect == Collect::store ? at + 1 : 0;
      // An output that is an input as it stands is taken from there when others are written already.
      if (output.from < program.inputs.size()) read_in_order_[program.inputs[output.from].operand.buffer] = 0;
    }
  }

  struct Piece {
    std::size_t offset = 0;
    std::size_t size = 0;
    std::size_t free_from = 0;  // the step after which it is free
    BufferId holds = no_buffer;
  };

  // In the order in which they begin to live, each in the smallest free piece that is large enough.
  void place() {
    std::vector<BufferId> order;
    for (BufferId i = 0; i < plan_.buffers.size(); ++i) {
      if (lives_[i].used && plan_.buffers[i].role != Buffer::Role::input) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](BufferId a, BufferId b) { return lives_[a].first < lives_[b].first; });
    memory_.offsets.assign(plan_.buffers.size(), 0);
    std::vector<Piece> pieces;
    for (BufferId buffer : order) {
      const std::size_t size = (size_of(buffer) + alignment - 1) / alignment * alignment;
      const Life& life = lives_[buffer];
      Piece* best = nullptr;
      for (Piece& piece : pieces) {
        const bool in_place = piece.free_from == life.first && piece.holds != no_buffer &&
                              stored_in_order_[buffer] == life.first + 1 &&
                              read_in_order_[piece.holds] == life.first + 1;
        if ((piece.free_from >= life.first && !in_place) || piece.size < size || piece.size > 2 * size + 64) continue;
        if (best == nullptr || piece.size < best->size) best = &piece;
      }
      if (best == nullptr) {
        pieces.push_back({memory_.numbers, size, 0, no_buffer});
        memory_.numbers += size;
        best = &pieces.back();
      }
      best->free_from = life.last;
      best->holds = buffer;
      memory_.offsets[buffer] = best->offset;
    }
  }

  const Store& store_;
  const Plan& plan_;
  const std::vector<std::int64_t>& sizes_;
  std::vector<Life> lives_;
  std::vector<std::size_t> read_in_order_;    // by buffer: one more than the last step that does
  std::vector<std::size_t> stored_in_order_;  // likewise
  std::vector<std::size_t> window_widths_;    // by buffer; 0: no window
  Memory memory_;
};

}  // namespace

Memory lay_out_memory(const Store& store, const Plan& plan, const std::vector<std::int64_t>& sizes) {
  return Layout(store, plan, sizes).run();
}

}  // namespace matgrad
