// SPDX-License-Identifier: MIT
// Numbers moved from one place to another. For double and float.
#pragma once

#include <cstddef>

namespace matgrad::loops {

// Column c of `to` (its columns are to_stride apart) is row c of `from`, whose columns are from_stride apart: height
// columns of width entries.
template <class T>
void turn(std::ptrdiff_t height, std::ptrdiff_t width, const T* from, std::ptrdiff_t from_stride, T* to,
          std::ptrdiff_t to_stride);
// The same, and the sum of what was turned times what stands at the same place beside it (columns to_stride apart as
// well); past the caches where it will not be read soon.
template <class T>
T turn_beside(std::ptrdiff_t height, std::ptrdiff_t width, const T* from, std::ptrdiff_t from_stride, const T* beside,
              T* to, std::ptrdiff_t to_stride, bool past_caches);
// A + A', n×n, into another place; both triangles at once.
template <class T>
void add_turned(std::ptrdiff_t n, const T* a, T* to, bool past_caches);
// Has a part of a matrix brought into the caches, whose columns are `stride` apart.
template <class T>
void fetch(std::ptrdiff_t height, std::ptrdiff_t width, const T* from, std::ptrdiff_t stride);
// Copies what will not be read soon: it does not take the place of something else in the caches.
template <class T>
void copy_past_caches(std::ptrdiff_t count, const T* from, T* to);
// The lower half of a matrix, n×n, whose columns are from_stride apart, into another place.
template <class T>
void copy_lower(std::ptrdiff_t n, const T* from, std::ptrdiff_t from_stride, T* to);
// One half of a symmetric matrix, n×n, from the other.
template <class T>
void mirror(std::ptrdiff_t n, T* a, bool from_upper);

}  // namespace matgrad::loops
