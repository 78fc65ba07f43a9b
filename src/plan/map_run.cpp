// SPDX-License-Identifier: MIT
#include "plan/map_run.hpp"

#include <algorithm>

#include "ops/table.hpp"
#include "plan/loops.hpp"
#include "plan/moves.hpp"

namespace matgrad {
namespace {

constexpr std::ptrdiff_t chunk = 256;               // entries at a time
constexpr std::ptrdiff_t longest_run = 1024;        // in the order of memory, where there is little between them
constexpr std::ptrdiff_t at_hand = 4096;            // that the cache nearest to the processor has room for
constexpr std::ptrdiff_t tile_width = 8;            // columns that are transposed together
constexpr std::ptrdiff_t largest_nearby = 100'000;  // entries that a cache of one processor has room for
constexpr std::ptrdiff_t largest_in_cache = std::ptrdiff_t{1} << 24;  // bytes of an array that may be found there again
constexpr std::ptrdiff_t longest_tile = 2048;                         // rows of columns that are transposed together
constexpr std::ptrdiff_t longest_spread = 64;  // rows, where vectors are repeated rather than columns taken one by one

template <class T>
void call(OpId op, const T* from, T* to, std::ptrdiff_t count) {
  const Kernel& kernel = entry_of(op).kernel;
  if constexpr (std::is_same_v<T, double>) {
    kernel.entries(from, to, static_cast<std::size_t>(count));
  } else {
    kernel.entries_single(from, to, static_cast<std::size_t>(count));
  }
}

}  // namespace

template <class T>
void MapRun<T>::lay_out() {
  const MapProgram& program = *program_;
  bool in_order = true;
  bool is_spread = false;
  for (const MapInput& input : program.inputs) {
    has_tiles_ = has_tiles_ || is_read_by_rows(*program_, input) || input.access == Access::diagonal;
    is_spread = is_spread || input.access == Access::row || input.access == Access::column;
    in_order = in_order && input.access != Access::diagonal;
  }
  for (const MapOutput& output : program.outputs) {
    in_order = in_order && (output.collect == Collect::store || output.collect == Collect::total);
  }
  const std::size_t inputs = program.inputs.size();
  is_flat_ = in_order && (is_spread ? rows_ <= longest_spread : !has_tiles_ || rows_ <= chunk);
  has_tiles_ = has_tiles_ || (is_flat_ && is_spread);
  choose_run();
  const std::size_t tile_count = has_tiles_ ? inputs : 0;
  const auto tile = static_cast<std::size_t>(is_flat_ ? run_ : run_ * tile_width);
  const auto each_one = static_cast<std::size_t>(std::min(run_, std::max<std::ptrdiff_t>(1, rows_ * cols_)));
  space_.resize(program.code.size() * each_one + tile_count * tile);
  for (std::size_t i = 0; i < program.code.size(); ++i) places_.push_back(space_.data() + i * each_one);
  T* tiles = space_.data() + program.code.size() * each_one;
  for (std::size_t i = 0; i < tile_count; ++i) tiles_.push_back(tiles + i * tile);
  prepared_.resize(tile_count);
  kept_.resize(inputs);
  for (std::size_t o = 0; o < program.outputs.size(); ++o) {
    const MapOutput& output = program.outputs[o];
    if (output.collect == Collect::store && output.from < inputs) kept_[output.from] = o;
  }
  values_.resize(inputs + program.code.size());
  direct_.resize(program.code.size());
  goes_past_caches_.assign(program.outputs.size(), false);
}

// How many entries are computed at a time: of whole columns where some of them are prepared first.
template <class T>
void MapRun<T>::choose_run() {
  const auto registers = static_cast<std::ptrdiff_t>(program_->inputs.size() + program_->code.size());
  const std::ptrdiff_t room = std::clamp(at_hand / std::max<std::ptrdiff_t>(registers, 1), chunk, longest_run);
  if (!has_tiles_) {
    run_ = room;
  } else {
    run_ =
        is_flat_ ? std::max(tile_width, room / rows_ / tile_width * tile_width) * rows_ : std::min(rows_, longest_tile);
  }
}

// Of the entries at hand.
template <class T>
T MapRun<T>::sum_over(std::size_t output, std::ptrdiff_t count) const {
  auto sum = [&](const Value& value) {
    return value.uniform ? value.one * static_cast<T>(count) : loops::sum(count, value.data);
  };
  if (!sums_.inner[output]) return sum(values_[program_->outputs[output].from]);
  const Value& a = values_[sums_.inner[output]->first];
  const Value& b = values_[sums_.inner[output]->second];
  if (a.uniform) return a.one * sum(b);
  return b.uniform ? b.one * sum(a) : loops::inner_product(count, a.data, b.data);
}

template <class T>
void MapRun<T>::begin_totals(T* const* outputs) {
  for (std::size_t i = 0; i < program_->outputs.size(); ++i) {
    switch (program_->outputs[i].collect) {
      case Collect::store: break;
      case Collect::total: *outputs[i] = 0; break;
      case Collect::row_totals: std::fill_n(outputs[i], rows_, T(0)); break;
      case Collect::column_totals: std::fill_n(outputs[i], cols_, T(0)); break;
    }
  }
}

template <class T>
void MapRun<T>::compute(std::ptrdiff_t count, T* const* direct) {
  for (std::size_t k = 0; k < program_->code.size(); ++k) {
    const MapInstruction& i = program_->code[k];
    Value& out = values_[program_->inputs.size() + k];
    if (i.op == MapOp::constant || i.op == MapOp::dimension) {
      out = {nullptr, constants_[k], true};
      continue;
    }
    if (sums_.is_collected[k]) continue;
    const Value& a = values_[i.a];
    const Value& b = values_[i.b];
    const bool uniform = a.uniform && (!is_binary(i.op) || b.uniform);
    T one = 0;
    T* to = uniform ? &one : direct[k] != nullptr ? direct[k] : places_[k];
    const std::ptrdiff_t n = uniform ? 1 : count;
    // Of what is the same everywhere, the one number.
    const Source x = uniform ? Source{&a.one, 0} : source(a);
    const Source y = uniform ? Source{&b.one, 0} : source(b);
    switch (i.op) {
      case MapOp::constant:
      case MapOp::dimension: break;
      case MapOp::add: loops::add(n, x, y, to); break;
      case MapOp::subtract: loops::subtract(n, x, y, to); break;
      case MapOp::multiply: loops::multiply(n, x, y, to); break;
      case MapOp::divide: loops::divide(n, x, y, to); break;
      case MapOp::negate: loops::negate(n, x.data, to); break;
      case MapOp::square: loops::square(n, x.data, to); break;
      case MapOp::reciprocal: loops::reciprocal(n, x.data, to); break;
      case MapOp::root: loops::root(n, x.data, to); break;
      case MapOp::power: loops::power(n, x, y, to); break;
      case MapOp::call: call(i.call, x.data, to, n); break;
    }
    out = {to, one, uniform};
    if (uniform) out.data = nullptr;
  }
}

template <class T>
int MapRun<T>::parts_for(int threads) const {
  const std::ptrdiff_t pieces = is_cut_by_entries() ? rows_ * cols_ / run_ : cols_ / tile_width;
  return static_cast<int>(std::clamp<std::ptrdiff_t>(pieces, 1, threads));
}

template <class T>
void MapRun<T>::run_part(const T* const* inputs, T* const* outputs, int part, int parts) {
  const bool is_large = rows_ * cols_ > largest_in_cache / static_cast<std::ptrdiff_t>(sizeof(T));
  for (std::size_t o = 0; o < program_->outputs.size() && is_large; ++o) {
    goes_past_caches_[o] = program_->outputs[o].collect == Collect::store && !stands_in_an_input(inputs, outputs[o]);
  }
  // Parts begin where a line of memory may.
  const std::ptrdiff_t length = is_cut_by_entries() ? rows_ * cols_ : cols_;
  auto border = [&](int at) { return at == parts ? length : length * at / parts / tile_width * tile_width; };
  const std::ptrdiff_t begin = border(part);
  const std::ptrdiff_t end = border(part + 1);
  if (parts == 1 && run_plus_its_transpose(inputs, outputs)) return;
  is_cut_by_entries() ? run_flat(inputs, outputs, begin, end) : run_whole_columns(inputs, outputs, begin, end - begin);
}

template <class T>
void MapRun<T>::run_columns_of(const T* const* inputs, T* const* outputs, std::ptrdiff_t first, std::ptrdiff_t count) {
  if (first == 0) begin_totals(outputs);
  run_whole_columns(inputs, outputs, first, count);
}

template <class T>
void MapRun<T>::run_whole_columns(const T* const* inputs, T* const* outputs, std::ptrdiff_t first,
                                  std::ptrdiff_t count) {
  if (sums_.turned_beside && run_turned_beside(inputs, outputs, first, count)) return;
  if (is_flat_) {
    run_flat(inputs, outputs, first * rows_, (first + count) * rows_);
  } else if (sums_.distances) {
    run_distances(inputs, outputs[0], first, first + count);
  } else {
    run_columns(inputs, outputs, first, first + count);
  }
}

template <class T>
void MapRun<T>::run_flat(const T* const* inputs, T* const* outputs, std::ptrdiff_t begin, std::ptrdiff_t end) {
  const MapProgram& program = *program_;
  const std::size_t input_count = program.inputs.size();
  for (std::ptrdiff_t at = begin; at < end; at += run_) {
    const std::ptrdiff_t count = std::min(run_, end - at);
    if (has_tiles_) {
      const Part part{0, rows_, at / rows_, count / rows_};
      prepare_tiles(inputs, outputs, part);
      spread_vectors(inputs, part, at == begin);
    }
    for (std::size_t i = 0; i < input_count; ++i) {
      const MapInput& input = program.inputs[i];
      if (input.access == Access::scalar) {
        values_[i] = {nullptr, *inputs[i], true};
      } else {
        values_[i] = {is_read_in_order(program, input) ? inputs[i] + at : prepared_[i].data, T(0), false};
      }
    }
    find_places(inputs, outputs, at);
    compute(count, direct_.data());
    // Inner products read their inputs now, and what is stored may take the place of one.
    for (std::size_t o = 0; o < program.outputs.size(); ++o) {
      if (program.outputs[o].collect == Collect::total) *outputs[o] += sum_over(o, count);
    }
    store(outputs, at, count);
  }
}

// Where instructions write what is stored, of the entries from `at` on.
template <class T>
void MapRun<T>::find_places(const T* const* inputs, T* const* outputs, std::ptrdiff_t at) {
  const std::size_t input_count = program_->inputs.size();
  std::fill(direct_.begin(), direct_.end(), nullptr);
  for (std::size_t o = 0; o < program_->outputs.size(); ++o) {
    const MapOutput& output = program_->outputs[o];
    if (output.collect != Collect::store || output.from < input_count || goes_past_caches_[o]) continue;
    const std::size_t k = output.from - input_count;
    if (may_stand(k, inputs, outputs[o])) direct_[k] = outputs[o] + at;
  }
}

// What is stored and does not stand there yet.
template <class T>
void MapRun<T>::store(T* const* outputs, std::ptrdiff_t at, std::ptrdiff_t count) {
  for (std::size_t o = 0; o < program_->outputs.size(); ++o) {
    if (program_->outputs[o].collect != Collect::store) continue;
    const Value& value = values_[program_->outputs[o].from];
    T* place = outputs[o] + at;
    if (value.uniform) {
      std::fill_n(place, count, value.one);
    } else if (goes_past_caches_[o]) {
      loops::copy_past_caches(count, value.data, place);
    } else if (value.data != place) {
      std::copy_n(value.data, count, place);
    }
  }
}

// Then what is computed must not be written before the whole program has read its entries.
template <class T>
bool MapRun<T>::stands_in_an_input(const T* const* inputs, const T* output) const {
  return std::any_of(inputs, inputs + program_->inputs.size(), [&](const T* input) { return input == output; });
}

// Whether instruction k may write where its result is to stand: an entry takes the place of one that is read no later.
template <class T>
bool MapRun<T>::may_stand(std::size_t k, const T* const* inputs, const T* output) const {
  for (std::size_t i = 0; i < program_->inputs.size(); ++i) {
    if (inputs[i] == output && (sums_.last_reader[i] > k || program_->code[k].op == MapOp::call)) return false;
  }
  return true;
}

// Tiles of the inputs that are read transposed, so that memory is read in pieces that are wide enough. What is stored
// as it is read is turned where it is to stand.
template <class T>
void MapRun<T>::prepare_tiles(const T* const* inputs, T* const* outputs, const Part& part) {
  for (std::size_t i = 0; i < program_->inputs.size(); ++i) {
    const MapInput& input = program_->inputs[i];
    Tile& tile = prepared_[i];
    tile = {tiles_[i], part.height};
    if (input.access == Access::diagonal) {
      for (std::ptrdiff_t r = 0; r < part.height; ++r) tile.data[r] = inputs[i][(part.row + r) * (rows_ + 1)];
      continue;
    }
    if (!is_read_by_rows(*program_, input)) continue;
    if (kept_[i] && !goes_past_caches_[*kept_[i]] && !stands_in_an_input(inputs, outputs[*kept_[i]])) {
      tile = {outputs[*kept_[i]] + part.row + part.col * rows_, rows_};
    }
    const T* from = inputs[i] + part.col + part.row * cols_;
    loops::turn(part.height, part.width, from, cols_, tile.data, tile.stride);
  }
}

// What is read in order comes in short pieces beside tiles: too short for the processor to see what comes next.
template <class T>
void MapRun<T>::fetch(const T* const* inputs, const Part& part) const {
  for (std::size_t i = 0; i < program_->inputs.size(); ++i) {
    const MapInput& input = program_->inputs[i];
    if (!is_read_in_order(*program_, input)) continue;
    loops::fetch(part.height, part.width, inputs[i] + part.row + part.col * rows_, rows_);
  }
}

// What is the same along columns or rows, for whole columns of entries.
template <class T>
void MapRun<T>::spread_vectors(const T* const* inputs, const Part& part, bool is_first) {
  for (std::size_t i = 0; i < program_->inputs.size(); ++i) {
    T* to = prepared_[i].data;
    const Access access = program_->inputs[i].access;
    if (access == Access::column && is_first) {
      for (std::ptrdiff_t c = 0; c < part.width; ++c) std::copy_n(inputs[i], rows_, to + c * rows_);
    } else if (access == Access::row) {
      for (std::ptrdiff_t c = 0; c < part.width; ++c) std::fill_n(to + c * rows_, rows_, inputs[i][part.col + c]);
    }
  }
}

template <class T>
void MapRun<T>::add_to_rows(std::size_t output, const Value& value, std::ptrdiff_t count, T* totals) const {
  if (sums_.squares[output].has_value()) {
    const auto [a, b] = *sums_.squares[output];
    if (!values_[a].uniform || !values_[b].uniform) {
      loops::accumulate_squares(count, source(values_[a]), source(values_[b]), totals);
      return;
    }
    const T difference = values_[a].one - values_[b].one;
    const T square = difference * difference;
    loops::add(count, Source{totals, 0}, Source{nullptr, square}, totals);
  } else if (value.uniform) {
    loops::add(count, Source{totals, 0}, Source{nullptr, value.one}, totals);
  } else {
    loops::accumulate(count, value.data, totals);
  }
}

template <class T>
void MapRun<T>::add_to_totals(std::size_t output, std::ptrdiff_t row, std::ptrdiff_t col, std::ptrdiff_t count,
                              T* totals) const {
  const MapOutput& what = program_->outputs[output];
  const Value& value = values_[what.from];
  if (what.collect == Collect::row_totals) return add_to_rows(output, value, count, totals + row);
  if (what.collect != Collect::total && what.collect != Collect::column_totals) return;
  totals[what.collect == Collect::total ? 0 : col] += sum_over(output, count);
}

template <class T>
void MapRun<T>::run_columns(const T* const* inputs, T* const* outputs, std::ptrdiff_t begin, std::ptrdiff_t end) {
  const MapProgram& program = *program_;
  const std::size_t input_count = program.inputs.size();
  for (std::ptrdiff_t first = begin; first < end; first += tile_width) {
    const std::ptrdiff_t width = std::min(tile_width, end - first);
    for (std::ptrdiff_t row = 0; row < rows_; row += run_) {
      const std::ptrdiff_t count = std::min(run_, rows_ - row);
      const Part part{row, count, first, width};
      if (has_tiles_ && rows_ * cols_ > largest_nearby) fetch(inputs, part);
      if (has_tiles_) prepare_tiles(inputs, outputs, part);
      for (std::ptrdiff_t col = first; col < first + width; ++col) {
        for (std::size_t i = 0; i < input_count; ++i) {
          const MapInput& input = program.inputs[i];
          switch (input.access) {
            case Access::scalar: values_[i] = {nullptr, *inputs[i], true}; break;
            case Access::diagonal: values_[i] = {prepared_[i].data, T(0), false}; break;
            case Access::row: values_[i] = {nullptr, inputs[i][col], true}; break;
            case Access::column: values_[i] = {inputs[i] + row, T(0), false}; break;
            case Access::entry:
              values_[i] = is_read_by_rows(*program_, input)
                               ? Value{prepared_[i].data + (col - first) * prepared_[i].stride, T(0), false}
                               : Value{inputs[i] + row + col * rows_, T(0), false};
              break;
          }
        }
        const std::ptrdiff_t at = row + col * rows_;
        find_places(inputs, outputs, at);
        compute(count, direct_.data());
        // Sums of squares read their inputs now, and what is stored may take the place of one.
        for (std::size_t o = 0; o < program.outputs.size(); ++o) add_to_totals(o, row, col, count, outputs[o]);
        store(outputs, at, count);
      }
    }
  }
}

template class MapRun<double>;
template class MapRun<float>;

}  // namespace matgrad
