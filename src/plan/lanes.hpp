// SPDX-License-Identifier: MIT
// Vectors of numbers as the compiler knows them, wherever in memory. For files of loops over numbers only.
#pragma once

#include <utility>

#include "ops/vector_math.hpp"

#if defined(MATGRAD_WIDE)
namespace matgrad::dense {

template <class T, int lanes>
struct Lanes {
  using Type [[gnu::vector_size(lanes * sizeof(T)), gnu::aligned(sizeof(T)), gnu::may_alias]] = T;
};
template <class T, int lanes>
using Vector = typename Lanes<T, lanes>::Type;

template <int lanes, class T>
MATGRAD_INLINE const Vector<T, lanes>& read(const T* from) {
  return *reinterpret_cast<const Vector<T, lanes>*>(from);
}
template <int lanes, class T>
MATGRAD_INLINE Vector<T, lanes>& written(T* to) {
  return *reinterpret_cast<Vector<T, lanes>*>(to);
}

}  // namespace matgrad::dense
#endif
