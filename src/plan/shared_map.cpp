// SPDX-License-Identifier: MIT
#include "plan/shared_map.hpp"

#include <algorithm>

#include "plan/team.hpp"

namespace matgrad {
namespace {

constexpr std::ptrdiff_t least_for_threads = 500'000;  // entries read and written once; about as long as waking takes,
                                                       // ten times over
constexpr std::ptrdiff_t weight_of_call = 8;           // of a function of an entry, in such entries

}  // namespace

template <class T>
int SharedMap<T>::threads_for(const MapProgram& program, std::ptrdiff_t entries) {
  const auto calls = std::count_if(program.code.begin(), program.code.end(), [](const MapInstruction& instruction) {
    return instruction.op == MapOp::call || instruction.op == MapOp::power;
  });
  return entries * (1 + weight_of_call * calls) < least_for_threads ? 1 : Team::get().size();
}

// What the threads add up to by themselves; a total of a column belongs to one of them.
template <class T>
std::size_t SharedMap<T>::length_of_total(const MapOutput& output) const {
  return output.collect == Collect::row_totals ? static_cast<std::size_t>(rows_)
                                               : static_cast<std::size_t>(output.collect == Collect::total);
}

template <class T>
void SharedMap<T>::lay_out_totals() {
  std::size_t length = 0;
  for (const MapOutput& output : program_->outputs) length += length_of_total(output);
  totals_.resize(length * (runs_.size() - 1));
  outputs_.assign(runs_.size() - 1, std::vector<T*>(program_->outputs.size(), nullptr));
  T* next = totals_.data();
  for (std::vector<T*>& outputs : outputs_) {
    for (std::size_t o = 0; o < outputs.size(); ++o) {
      const std::size_t count = length_of_total(program_->outputs[o]);
      if (count > 0) outputs[o] = next;
      next += count;
    }
  }
}

template <class T>
void SharedMap<T>::run_part(int part) {
  const auto at = static_cast<std::size_t>(part);
  T* const* outputs = part == 0 ? results_ : outputs_[at - 1].data();
  runs_[at].run_part(inputs_, outputs, part, static_cast<int>(runs_.size()));
}

template <class T>
void SharedMap<T>::run(const T* const* inputs, T* const* outputs) {
  runs_[0].begin_totals(outputs);
  if (runs_.size() == 1) {
    runs_[0].run_part(inputs, outputs, 0, 1);
    return;
  }
  inputs_ = inputs;
  results_ = outputs;
  std::fill(totals_.begin(), totals_.end(), T(0));
  for (std::vector<T*>& own : outputs_) {
    for (std::size_t o = 0; o < own.size(); ++o) {
      if (length_of_total(program_->outputs[o]) == 0) own[o] = outputs[o];
    }
  }
  Team::get().run(
      static_cast<int>(runs_.size()), [](void* map, int part) { static_cast<SharedMap*>(map)->run_part(part); }, this);
  for (std::size_t o = 0; o < program_->outputs.size(); ++o) {
    const std::size_t count = length_of_total(program_->outputs[o]);
    for (const std::vector<T*>& own : outputs_) {
      for (std::size_t i = 0; i < count; ++i) outputs[o][i] += own[o][i];
    }
  }
}

template class SharedMap<double>;
template class SharedMap<float>;

}  // namespace matgrad
