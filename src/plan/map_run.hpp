// SPDX-License-Identifier: MIT
// A map, over memory: the program runs over a few hundred entries at a time, one instruction after the other, so that
// what is between them stays in the cache nearest to the processor.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "plan/loops.hpp"
#include "plan/map_sums.hpp"

namespace matgrad {

template <class T>
class MapRun {
 public:
  struct Output {
    T* data = nullptr;
  };
  // `dimension` gives the numbers of dimensions that the program names.
  template <class Dimension>
  MapRun(const MapProgram& program, std::ptrdiff_t rows, std::ptrdiff_t cols, Dimension dimension)
      : program_(&program), sums_(program), rows_(rows), cols_(cols) {
    for (const MapInstruction& instruction : program.code) {
      constants_.push_back(instruction.op == MapOp::dimension ? static_cast<T>(dimension(instruction.dim))
                                                              : static_cast<T>(instruction.value));
    }
    lay_out();
  }
  // Of how many threads each can take a part, at most so many.
  int parts_for(int threads) const;
  void begin_totals(T* const* outputs);
  // One of so many parts of the entries, added to totals that have begun. Memory of the inputs and outputs, in the
  // program's order; both are read before anything is written of an entry.
  void run_part(const T* const* inputs, T* const* outputs, int part, int parts);
  // `count` columns from `first` on; totals are begun with the first column and added to by the others.
  void run_columns_of(const T* const* inputs, T* const* outputs, std::ptrdiff_t first, std::ptrdiff_t count);

 private:
  struct Value {
    const T* data = nullptr;  // of the entries at hand
    T one = 0;                // where all are the same
    bool uniform = true;
  };
  using Source = loops::Source<T>;
  static Source source(const Value& value) { return {value.uniform ? nullptr : value.data, value.one}; }
  void lay_out();
  void choose_run();
  T sum_over(std::size_t output, std::ptrdiff_t count) const;
  void add_to_totals(std::size_t output, std::ptrdiff_t row, std::ptrdiff_t col, std::ptrdiff_t count, T* totals) const;
  void add_to_rows(std::size_t output, const Value& value, std::ptrdiff_t count, T* totals) const;
  void run_flat(const T* const* inputs, T* const* outputs, std::ptrdiff_t begin, std::ptrdiff_t end);
  void run_columns(const T* const* inputs, T* const* outputs, std::ptrdiff_t begin, std::ptrdiff_t end);
  void run_distances(const T* const* inputs, T* totals, std::ptrdiff_t begin, std::ptrdiff_t end);
  bool run_turned_beside(const T* const* inputs, T* const* outputs, std::ptrdiff_t first, std::ptrdiff_t count) const;
  bool run_plus_its_transpose(const T* const* inputs, T* const* outputs) const;
  struct Tile {  // of an input that is not read as it stands
    T* data = nullptr;
    std::ptrdiff_t stride = 0;
  };
  struct Part {
    std::ptrdiff_t row = 0;
    std::ptrdiff_t height = 0;
    std::ptrdiff_t col = 0;
    std::ptrdiff_t width = 0;
  };
  void fetch(const T* const* inputs, const Part& part) const;
  void prepare_tiles(const T* const* inputs, T* const* outputs, const Part& part);
  void spread_vectors(const T* const* inputs, const Part& part, bool is_first);
  bool stands_in_an_input(const T* const* inputs, const T* output) const;
  bool may_stand(std::size_t k, const T* const* inputs, const T* output) const;
  void compute(std::ptrdiff_t count, T* const* direct);
  bool is_cut_by_entries() const { return is_flat_ && !has_tiles_; }
  void run_whole_columns(const T* const* inputs, T* const* outputs, std::ptrdiff_t first, std::ptrdiff_t count);
  void find_places(const T* const* inputs, T* const* outputs, std::ptrdiff_t at);
  void store(T* const* outputs, std::ptrdiff_t at, std::ptrdiff_t count);

  const MapProgram* program_;
  MapSums sums_;
  std::ptrdiff_t rows_;
  std::ptrdiff_t cols_;
  bool is_flat_ = false;  // entries are gone through in the order of memory, perhaps by whole columns
  bool has_tiles_ = false;
  std::ptrdiff_t run_ = 0;  // entries at a time
  std::vector<T> constants_;
  std::vector<T> space_;
  std::vector<T*> places_;                        // of the instructions
  std::vector<T*> tiles_;                         // space for those
  std::vector<Tile> prepared_;                    // where they are now
  std::vector<std::optional<std::size_t>> kept_;  // by input: the output that it is stored as
  std::vector<Value> values_;
  std::vector<T*> direct_;
  std::vector<bool> goes_past_caches_;  // by output
};

}  // namespace matgrad
