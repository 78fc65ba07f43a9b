// SPDX-License-Identifier: MIT
#include "plan/small_triangles.hpp"

#include <algorithm>
#include <cmath>

#include "plan/lines.hpp"

namespace matgrad::dense {
namespace {

using Index = std::ptrdiff_t;

constexpr Index lines_at_once = 2;    // of rows
constexpr Index columns_at_once = 8;  // unknown ones: with the lines, as many as there are registers for
constexpr Index products_at_once = 4;

// Column by column, each less what the columns before it make of its rows.
template <class T>
MATGRAD_INLINE bool small_factor(Index n, T* a, Index stride) {
  for (Index j = 0; j < n; ++j) {
    T* column = a + j * stride;
    for (Index k = 0; k < j; ++k) {
      const T* before = a + k * stride;
      const T factor = before[j];
      for (Index i = j; i < n; ++i) column[i] -= factor * before[i];
    }
    if (!(column[j] > 0)) return false;
    const T root = std::sqrt(column[j]);
    const T reciprocal = 1 / root;
    column[j] = root;
    for (Index i = j + 1; i < n; ++i) column[i] *= reciprocal;
  }
  return true;
}

// Column by column of what is stored: either what it takes from the other unknowns, or what they take from its own.
template <class T>
MATGRAD_INLINE void substitution(Index n, const T* f, Index stride, bool upper, bool transposed, bool unit, T* x) {
  const bool forwards = upper == transposed;
  for (Index s = 0; s < n; ++s) {
    const Index j = forwards ? s : n - 1 - s;
    const T* column = f + j * stride;
    const Index first = upper ? 0 : j + 1;
    const Index end = upper ? j : n;
    if (transposed) {
      T sum = 0;
#pragma omp simd reduction(+ : sum)
      for (Index i = first; i < end; ++i) sum += column[i] * x[i];
      x[j] -= sum;
      if (!unit) x[j] /= column[j];
    } else {
      if (!unit) x[j] /= column[j];
      const T known = x[j];
      for (Index i = first; i < end; ++i) x[i] -= known * column[i];
    }
  }
}

// Columns j, …, j + width - 1 of X in X*L' = B, of some lines of rows, where those before them are known.
template <class T, Index width>
MATGRAD_INLINE void unknown_columns(Index j, const T* l, Index l_stride, T* b, Index b_stride) {
  Line<T> x[width][lines_at_once];
  for (Index c = 0; c < width; ++c) {
    for (Index v = 0; v < lines_at_once; ++v) load_line<T>(b + (j + c) * b_stride + v * line<T>, x[c][v]);
  }
  for (Index k = 0; k < j; ++k) {
    Line<T> known[lines_at_once];
    for (Index v = 0; v < lines_at_once; ++v) load_line<T>(b + k * b_stride + v * line<T>, known[v]);
    for (Index c = 0; c < width; ++c) {
      const T factor = l[j + c + k * l_stride];
      for (Index v = 0; v < lines_at_once; ++v) x[c][v] -= factor * known[v];
    }
  }
  for (Index c = 0; c < width; ++c) {
    const T* column = l + j + (j + c) * l_stride;
    const T reciprocal = 1 / column[c];
    for (Index v = 0; v < lines_at_once; ++v) x[c][v] *= reciprocal;
    for (Index d = c + 1; d < width; ++d) {
      for (Index v = 0; v < lines_at_once; ++v) x[d][v] -= column[d] * x[c][v];
    }
  }
  for (Index c = 0; c < width; ++c) {
    for (Index v = 0; v < lines_at_once; ++v) store_line<T>(x[c][v], b + (j + c) * b_stride + v * line<T>);
  }
}

template <class T>
MATGRAD_INLINE void unknown_strip(Index n, const T* l, Index l_stride, T* b, Index b_stride) {
  Index j = 0;
  for (; j + columns_at_once <= n; j += columns_at_once) {
    unknown_columns<T, columns_at_once>(j, l, l_stride, b, b_stride);
  }
  for (; j < n; ++j) unknown_columns<T, 1>(j, l, l_stride, b, b_stride);
}

template <class T>
MATGRAD_INLINE void beside(Index rows, Index n, const T* l, Index l_stride, T* b, Index b_stride) {
  constexpr Index height = lines_at_once * line<T>;
  Index row = 0;
  for (; row + height <= rows; row += height) unknown_strip(n, l, l_stride, b + row, b_stride);
  if (row == rows) return;
  alignas(64) T rest[smallest_triangle * height] = {};
  for (Index j = 0; j < n; ++j) std::copy_n(b + row + j * b_stride, rows - row, rest + j * height);
  unknown_strip(n, l, l_stride, rest, height);
  for (Index j = 0; j < n; ++j) std::copy_n(rest + j * height, rows - row, b + row + j * b_stride);
}

// W*L' = I, in whole strips: rows past n come out zero.
template <class T>
MATGRAD_INLINE void inverse_of_transpose(Index n, const T* l, T* w) {
  constexpr Index stride = smallest_triangle;
  std::fill_n(w, stride * n, T(0));
  for (Index j = 0; j < n; ++j) w[j + j * stride] = 1;
  for (Index row = 0; row < n; row += lines_at_once * line<T>) unknown_strip(n, l, stride, w + row, stride);
}

template <class T, Index width>
MATGRAD_INLINE void small_products(Index n, const T* w, T* b, Index b_stride) {
  constexpr Index lines = smallest_triangle / line<T>;
  alignas(64) T before[width * smallest_triangle];
  for (Index c = 0; c < width; ++c) std::copy_n(b + c * b_stride, n, before + c * smallest_triangle);
  Line<T> sums[width][lines] = {};
  for (Index k = 0; k < n; ++k) {
    Line<T> column[lines];
    for (Index v = 0; v < lines; ++v) load_line<T>(w + k * smallest_triangle + v * line<T>, column[v]);
    for (Index c = 0; c < width; ++c) {
      const T factor = before[c * smallest_triangle + k];
      for (Index v = 0; v < lines; ++v) sums[c][v] += factor * column[v];
    }
  }
  for (Index c = 0; c < width; ++c) {
    alignas(64) T after[smallest_triangle];
    for (Index v = 0; v < lines; ++v) store_line<T>(sums[c][v], after + v * line<T>);
    std::copy_n(after, n, b + c * b_stride);
  }
}

template <class T>
MATGRAD_INLINE void all_products(Index n, const T* w, Index cols, T* b, Index b_stride) {
  Index j = 0;
  for (; j + products_at_once <= cols; j += products_at_once) {
    small_products<T, products_at_once>(n, w, b + j * b_stride, b_stride);
  }
  for (; j < cols; ++j) small_products<T, 1>(n, w, b + j * b_stride, b_stride);
}

}  // namespace

#define MATGRAD_TRIANGLES(T)                                                                                      \
  MATGRAD_COPIES bool factorise_small(Index n, T* a, Index stride) {                                              \
    return small_factor(n, a, stride);                                                                            \
  }                                                                                                               \
  MATGRAD_COPIES void solve_beside(Index rows, Index n, const T* l, Index l_stride, T* b, Index b_stride) {       \
    beside(rows, n, l, l_stride, b, b_stride);                                                                    \
  }                                                                                                               \
  MATGRAD_COPIES void invert_transpose(Index n, const T* l, T* w) {                                               \
    inverse_of_transpose(n, l, w);                                                                                \
  }                                                                                                               \
  MATGRAD_COPIES void substitute_small(Index n, const T* f, Index stride, bool upper, bool transposed, bool unit, \
                                       T* x) {                                                                    \
    substitution(n, f, stride, upper, transposed, unit, x);                                                       \
  }                                                                                                               \
  MATGRAD_COPIES void multiply_small(Index n, const T* w, Index cols, T* b, Index b_stride) {                     \
    all_products(n, w, cols, b, b_stride);                                                                        \
  }
MATGRAD_TRIANGLES(double)
MATGRAD_TRIANGLES(float)
#undef MATGRAD_TRIANGLES

}  // namespace matgrad::dense
