// SPDX-License-Identifier: MIT
#include "plan/stream_run.hpp"

#include <algorithm>

namespace matgrad {

template <class T>
StreamRun<T>::StreamRun(Workspace<T>& space) : space_(space) {
  for (const MapProgram& program : space.plan.maps) {
    maps_.emplace_back(program, space.extent(program.rows), space.extent(program.cols),
                       [&space](Dim dim) { return space.extent(dim); });
    inputs_.emplace_back(program.inputs.size());
    outputs_.emplace_back(program.outputs.size());
  }
}

template <class T>
void StreamRun<T>::run_map(const PlanStep& step) {
  const MapProgram& program = space_.plan.maps[step.map];
  auto& from = inputs_[step.map];
  auto& to = outputs_[step.map];
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = space_.data(program.inputs[i].operand.buffer);
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = space_.places[program.outputs[i].buffer];
  maps_[step.map].run(from.data(), to.data());
}

template <class T>
void StreamRun<T>::run(const Stream& stream, std::ptrdiff_t width) {
  const std::ptrdiff_t columns = space_.extent(stream.columns);
  for (std::ptrdiff_t j = 0; j < columns; j += width) {
    const std::ptrdiff_t count = std::min(width, columns - j);
    for (std::size_t i = stream.first; i < stream.end(); ++i) {
      run_block(space_.plan.steps[i], stream.parts[i - stream.first], j, count);
    }
  }
}

// Columns from j on of what is cut into blocks.
template <class T>
void StreamRun<T>::run_block(const PlanStep& step, StreamPart part, std::ptrdiff_t j, std::ptrdiff_t count) {
  if (part == StreamPart::map) {
    const MapProgram& program = space_.plan.maps[step.map];
    auto& from = inputs_[step.map];
    auto& to = outputs_[step.map];
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = block_data(program.inputs[i].operand.buffer, j);
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = block_base(program.outputs[i].buffer, j);
    maps_[step.map].on_one_thread().run_columns_of(from.data(), to.data(), j, count);
    return;
  }
  const View a = block_view(step.operands[0], j);
  const View b = block_view(step.operands[1], j);
  T* out = block_base(step.out, j);
  const std::ptrdiff_t leading = space_.extent(space_.plan.buffers[step.out].type.rows);
  if (part == StreamPart::columns) {
    dense::multiply_into<T>(space_.alpha(step), a, b.columns(j, count), step.adds, out + j * leading, leading);
  } else if (part == StreamPart::added_up) {
    dense::multiply_into<T>(space_.alpha(step), a.columns(j, count), b.turned().columns(j, count).turned(),
                            step.adds || j > 0, out, leading);
  } else {
    dense::multiply_into<T>(space_.alpha(step), a.turned().columns(j, count).turned(), b, step.adds, out + j, leading);
  }
}

// Where column 0 would stand if the columns from j on stood in the window.
template <class T>
T* StreamRun<T>::block_base(BufferId buffer, std::ptrdiff_t j) const {
  T* base = space_.places[buffer];
  return space_.memory.is_window[buffer] ? base - j * space_.extent(space_.plan.buffers[buffer].type.rows) : base;
}

template <class T>
const T* StreamRun<T>::block_data(BufferId buffer, std::ptrdiff_t j) const {
  return space_.places[buffer] != nullptr ? block_base(buffer, j) : space_.inputs[buffer];
}

template <class T>
typename StreamRun<T>::View StreamRun<T>::block_view(const Operand& operand, std::ptrdiff_t j) const {
  return {block_data(operand.buffer, j), space_.extent(operand.rows), space_.extent(operand.cols), operand.transposed};
}

template class StreamRun<double>;
template class StreamRun<float>;

}  // namespace matgrad
