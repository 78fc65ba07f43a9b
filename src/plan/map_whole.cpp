// SPDX-License-Identifier: MIT
// Maps that are one loop of their own.
#include <algorithm>

#include "plan/loops.hpp"
#include "plan/map_run.hpp"
#include "plan/moves.hpp"

namespace matgrad {

// The squared distances of the rows of a matrix from one row.
template <class T>
void MapRun<T>::run_distances(const T* const* inputs, T* totals, std::ptrdiff_t begin, std::ptrdiff_t end) {
  constexpr std::ptrdiff_t together = 4;
  const T* matrix = inputs[sums_.distances->first];
  const T* row_vector = inputs[sums_.distances->second];
  for (std::ptrdiff_t row = 0; row < rows_; row += run_) {
    const std::ptrdiff_t count = std::min(run_, rows_ - row);
    for (std::ptrdiff_t col = begin; col < end; col += together) {
      const auto columns = static_cast<int>(std::min(together, end - col));
      loops::accumulate_distances(count, columns, matrix + row + col * rows_, rows_, row_vector + col, totals + row);
    }
  }
}

// One pass over three arrays, of which nothing is kept in between. Not where the result stands in one that it is read
// from.
template <class T>
bool MapRun<T>::run_turned_beside(const T* const* inputs, T* const* outputs, std::ptrdiff_t first,
                                  std::ptrdiff_t count) const {
  const std::size_t stored = *kept_[sums_.turned_beside->first];
  if (stands_in_an_input(inputs, outputs[stored])) return false;
  const T* turned = inputs[sums_.turned_beside->first] + first;
  const std::ptrdiff_t begin = first * rows_;
  *outputs[1 - stored] += loops::turn_beside(rows_, count, turned, cols_, inputs[sums_.turned_beside->second] + begin,
                                             outputs[stored] + begin, rows_, goes_past_caches_[stored]);
  return true;
}

template <class T>
bool MapRun<T>::run_plus_its_transpose(const T* const* inputs, T* const* outputs) const {
  if (!sums_.plus_its_transpose || outputs[0] == inputs[0]) return false;
  loops::add_turned(rows_, inputs[0], outputs[0], goes_past_caches_[0]);
  return true;
}

#define MATGRAD_WHOLE_MAPS(T)                                                                                   \
  template void MapRun<T>::run_distances(const T* const*, T*, std::ptrdiff_t, std::ptrdiff_t);                  \
  template bool MapRun<T>::run_turned_beside(const T* const*, T* const*, std::ptrdiff_t, std::ptrdiff_t) const; \
  template bool MapRun<T>::run_plus_its_transpose(const T* const*, T* const*) const;
MATGRAD_WHOLE_MAPS(double)
MATGRAD_WHOLE_MAPS(float)
#undef MATGRAD_WHOLE_MAPS

}  // namespace matgrad
