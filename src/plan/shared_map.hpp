// SPDX-License-Identifier: MIT
// A map, by several threads where it is large: each takes a part of the columns (of a vector, of the entries), with
// memory and totals of its own; the totals are added up when all are done.
#pragma once

#include <cstddef>
#include <vector>

#include "plan/map_run.hpp"

namespace matgrad {

template <class T>
class SharedMap {
 public:
  // `dimension` gives the numbers of dimensions that the program names.
  template <class Dimension>
  SharedMap(const MapProgram& program, std::ptrdiff_t rows, std::ptrdiff_t cols, Dimension dimension)
      : program_(&program), rows_(rows) {
    runs_.emplace_back(program, rows, cols, dimension);
    const int parts = runs_[0].parts_for(threads_for(program, rows * cols));
    while (static_cast<int>(runs_.size()) < parts) runs_.emplace_back(program, rows, cols, dimension);
    lay_out_totals();
  }
  void run(const T* const* inputs, T* const* outputs);
  MapRun<T>& on_one_thread() { return runs_[0]; }
  std::size_t thread_count() const { return runs_.size(); }

 private:
  // How many threads are worth waking for so many entries.
  static int threads_for(const MapProgram& program, std::ptrdiff_t entries);
  void lay_out_totals();
  void run_part(int part);
  std::size_t length_of_total(const MapOutput& output) const;

  const MapProgram* program_;
  std::ptrdiff_t rows_;
  std::vector<MapRun<T>> runs_;           // by thread
  std::vector<T> totals_;                 // of the threads but the first
  std::vector<std::vector<T*>> outputs_;  // by thread, likewise
  const T* const* inputs_ = nullptr;      // of the call that runs
  T* const* results_ = nullptr;
};

extern template class SharedMap<double>;
extern template class SharedMap<float>;

}  // namespace matgrad
