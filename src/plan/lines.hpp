// SPDX-License-Identifier: MIT
// Numbers by lines of the cache, in registers: for files of loops, in functions that are MATGRAD_INLINE.
#pragma once

#include <cstddef>
#include <cstring>

#include "ops/vector_math.hpp"

namespace matgrad::dense {

template <class T>
constexpr std::ptrdiff_t line = 64 / sizeof(T);

template <class T>
using Line [[gnu::vector_size(64)]] = T;

template <class T>
MATGRAD_INLINE void load_line(const T* from, Line<T>& numbers) {
  std::memcpy(&numbers, from, sizeof numbers);  // from anywhere: a plain load
}
template <class T>
MATGRAD_INLINE void store_line(const Line<T>& numbers, T* to) {
  std::memcpy(to, &numbers, sizeof numbers);
}

}  // namespace matgrad::dense
