// SPDX-License-Identifier: MIT
#include "plan/loops.hpp"

#include <algorithm>

#include "ops/vector_math.hpp"

#if defined(__GNUC__)
#define MATGRAD_PREFETCH(address) __builtin_prefetch(address)
#else
#define MATGRAD_PREFETCH(address) static_cast<void>(address)
#endif

namespace matgrad::loops {
namespace {

using Index = std::ptrdiff_t;
constexpr Index ahead = 16;  // columns that are fetched before they are read

template <class T, class F>
MATGRAD_INLINE void each(Index count, Source<T> a, Source<T> b, T* to, F f) {
  if (a.data == nullptr) {
    for (Index i = 0; i < count; ++i) to[i] = f(a.one, b.data[i]);
  } else if (b.data == nullptr) {
    for (Index i = 0; i < count; ++i) to[i] = f(a.data[i], b.one);
  } else {
    for (Index i = 0; i < count; ++i) to[i] = f(a.data[i], b.data[i]);
  }
}

template <class T, class F>
MATGRAD_INLINE void each(Index count, const T* a, T* to, F f) {
  for (Index i = 0; i < count; ++i) to[i] = f(a[i]);
}

#if defined(__GNUC__)
template <class T>
struct Line {
  using Type [[gnu::vector_size(64), gnu::aligned(sizeof(T)), gnu::may_alias]] = T;
};

// The sum of a or of a.*b. Four vectors take turns: one would wait for its own last addition.
template <bool is_product, class T>
MATGRAD_INLINE T added_up(Index count, const T* a, const T* b) {
  using Vector = typename Line<T>::Type;
  constexpr Index lanes = 64 / sizeof(T);
  Vector part[4] = {};
  auto take = [&](Index i, int which) __attribute__((always_inline)) {
    const auto& x = *reinterpret_cast<const Vector*>(a + i);
    if constexpr (is_product) {
      part[which] += x * *reinterpret_cast<const Vector*>(b + i);
    } else {
      part[which] += x;
    }
  };
  Index i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    take(i, 0);
    take(i + lanes, 1);
    take(i + 2 * lanes, 2);
    take(i + 3 * lanes, 3);
  }
  for (; i + lanes <= count; i += lanes) take(i, 0);
  const Vector all = (part[0] + part[1]) + (part[2] + part[3]);
  T sums[lanes];
  for (Index k = 0; k < lanes; ++k) sums[k] = all[k];
  for (Index half = lanes / 2; half > 0; half /= 2) {
    for (Index k = 0; k < half; ++k) sums[k] += sums[k + half];
  }
  T sum = sums[0];
  for (; i < count; ++i) sum += is_product ? a[i] * b[i] : a[i];
  return sum;
}
#else
template <bool is_product, class T>
T added_up(Index count, const T* a, const T* b) {
  T sum = 0;
#pragma omp simd reduction(+ : sum)
  for (Index i = 0; i < count; ++i) sum += is_product ? a[i] * b[i] : a[i];
  return sum;
}
#endif

template <class T>
MATGRAD_INLINE void add_squares(Index count, Source<T> a, Source<T> b, T* to) {
  auto f = [](T sum, T x, T y) { return sum + (x - y) * (x - y); };
  if (a.data == nullptr) {
    for (Index i = 0; i < count; ++i) to[i] = f(to[i], a.one, b.data[i]);
  } else if (b.data == nullptr) {
    for (Index i = 0; i < count; ++i) to[i] = f(to[i], a.data[i], b.one);
  } else {
    for (Index i = 0; i < count; ++i) to[i] = f(to[i], a.data[i], b.data[i]);
  }
}

template <class T>
MATGRAD_INLINE void add_distances(Index count, int columns, const T* a, Index stride, const T* b, T* to) {
  if (columns != 4) {
    for (int k = 0; k < columns; ++k) add_squares(count, Source<T>{a + k * stride, 0}, Source<T>{nullptr, b[k]}, to);
    return;
  }
  for (Index i = 0; i < count; ++i) {
    const T x0 = a[i] - b[0];
    const T x1 = a[i + stride] - b[1];
    const T x2 = a[i + 2 * stride] - b[2];
    const T x3 = a[i + 3 * stride] - b[3];
    to[i] += (x0 * x0 + x1 * x1) + (x2 * x2 + x3 * x3);
  }
}

template <class T>
MATGRAD_INLINE void turn_tile(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {
  constexpr Index block = 4;
  Index r = 0;
  for (; r + block <= height; r += block) {
    const T* source = from + r * from_stride;
    T* target = to + r;
    for (Index k = 0; k < block; ++k) MATGRAD_PREFETCH(source + (ahead + k) * from_stride);
    Index c = 0;
    for (; c + block <= width; c += block) {
      T tile[block][block];
      for (Index k = 0; k < block; ++k) {
        for (Index l = 0; l < block; ++l) tile[l][k] = source[k * from_stride + c + l];
      }
      for (Index l = 0; l < block; ++l) {
        for (Index k = 0; k < block; ++k) target[(c + l) * to_stride + k] = tile[l][k];
      }
    }
    for (Index l = 0; l < width % block; ++l) {
      for (Index k = 0; k < block; ++k) target[(c + l) * to_stride + k] = source[k * from_stride + c + l];
    }
  }
  for (; r < height; ++r) {
    for (Index c = 0; c < width; ++c) to[c * to_stride + r] = from[r * from_stride + c];
  }
}

template <class T>
MATGRAD_INLINE void outer_column(Index rows, Index cols, Index terms, const T* v, const T* u, bool adds, T* to) {
  const T* w = v + rows;
  if (terms == 1 && !adds) {
    const T a = u[0];
    for (Index i = 0; i < rows; ++i) to[i] = a * v[i];
  } else if (terms == 2 && !adds) {
    const T a = u[0];
    const T b = u[cols];
    for (Index i = 0; i < rows; ++i) to[i] = a * v[i] + b * w[i];
  } else if (terms == 3 && !adds) {
    const T* x = w + rows;
    const T a = u[0];
    const T b = u[cols];
    const T c = u[2 * cols];
    for (Index i = 0; i < rows; ++i) to[i] = a * v[i] + b * w[i] + c * x[i];
  } else {
    if (!adds) std::fill_n(to, rows, T(0));
    for (Index t = 0; t < terms; ++t, v += rows, u += cols) {
      const T a = *u;
      for (Index i = 0; i < rows; ++i) to[i] += a * v[i];
    }
  }
}

template <class T>
MATGRAD_INLINE void both_ways(Index m, Index n, const T* a, const T* x, const T* u, T* y, T* z) {
  std::fill_n(y, m, T(0));
  Index j = 0;
  for (; j + 4 <= n; j += 4) {
    const T* a0 = a + j * m;
    const T* a1 = a0 + m;
    const T* a2 = a1 + m;
    const T* a3 = a2 + m;
    T s0 = 0;
    T s1 = 0;
    T s2 = 0;
    T s3 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3)
    for (Index i = 0; i < m; ++i) {
      s0 += a0[i] * u[i];
      s1 += a1[i] * u[i];
      s2 += a2[i] * u[i];
      s3 += a3[i] * u[i];
      y[i] += a0[i] * x[j] + a1[i] * x[j + 1] + a2[i] * x[j + 2] + a3[i] * x[j + 3];
    }
    z[j] = s0;
    z[j + 1] = s1;
    z[j + 2] = s2;
    z[j + 3] = s3;
  }
  for (; j < n; ++j) {
    const T* column = a + j * m;
    T total = 0;
#pragma omp simd reduction(+ : total)
    for (Index i = 0; i < m; ++i) {
      total += column[i] * u[i];
      y[i] += column[i] * x[j];
    }
    z[j] = total;
  }
}

#if defined(MATGRAD_WIDE)
// Eight columns of eight entries at a time, in registers: neighbours change places, then pairs, then fours.
template <class T>
MATGRAD_INLINE void turn_eight(const T* from, Index from_stride, T* to, Index to_stride) {
  using Eight [[gnu::vector_size(8 * sizeof(T)), gnu::aligned(sizeof(T)), gnu::may_alias]] = T;
  Eight row[8];
  Eight pairs[8];
  Eight fours[8];
  for (Index i = 0; i < 8; ++i) row[i] = *reinterpret_cast<const Eight*>(from + i * from_stride);
  for (Index i = 0; i < 8; i += 2) {
    pairs[i] = __builtin_shufflevector(row[i], row[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    pairs[i + 1] = __builtin_shufflevector(row[i], row[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (Index i = 0; i < 8; i += 4) {
    for (Index k = i; k < i + 2; ++k) {
      fours[k] = __builtin_shufflevector(pairs[k], pairs[k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      fours[k + 2] = __builtin_shufflevector(pairs[k], pairs[k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (Index i = 0; i < 4; ++i) {
    *reinterpret_cast<Eight*>(to + i * to_stride) =
        __builtin_shufflevector(fours[i], fours[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    *reinterpret_cast<Eight*>(to + (i + 4) * to_stride) =
        __builtin_shufflevector(fours[i], fours[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

template <class T>
void turn_rest(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {
  if (height > 0 && width > 0) turn_tile(height, width, from, from_stride, to, to_stride);
}

template <class T>
__attribute__((target("arch=x86-64-v4"))) void turn_wide(Index height, Index width, const T* from, Index from_stride,
                                                         T* to, Index to_stride) {
  const Index tall = height / 8 * 8;
  const Index wide = width / 8 * 8;
  for (Index r = 0; r < tall; r += 8) {
    for (Index k = 0; k < 8; ++k) MATGRAD_PREFETCH(from + (r + k + ahead) * from_stride);
    for (Index c = 0; c < wide; c += 8)
      turn_eight(from + r * from_stride + c, from_stride, to + r + c * to_stride, to_stride);
  }
  turn_rest(tall, width - wide, from + wide, from_stride, to + wide * to_stride, to_stride);
  turn_rest(height - tall, width, from + tall * from_stride, from_stride, to + tall, to_stride);
}

const bool is_wide = __builtin_cpu_supports("x86-64-v4");

template <class T>
void turn_any(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {
  is_wide ? turn_wide(height, width, from, from_stride, to, to_stride)
          : turn_rest(height, width, from, from_stride, to, to_stride);
}
#else
template <class T>
void turn_any(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {
  turn_tile(height, width, from, from_stride, to, to_stride);
}
#endif

// Column by column from the last one, each times the inverse of what is right of it.
template <class T>
MATGRAD_INLINE void inverse_of_lower(Index n, T* a, Index stride) {
  for (Index j = n - 1; j >= 0; --j) {
    T* x = a + j * stride;
    const T pivot = 1 / x[j];
    for (Index k = n - 1; k > j; --k) {
      const T* column = a + k * stride;
      const T factor = x[k];
      for (Index i = k + 1; i < n; ++i) x[i] += factor * column[i];
      x[k] = factor * column[k];
    }
    for (Index i = j + 1; i < n; ++i) x[i] *= -pivot;
    x[j] = pivot;
    std::fill_n(x, j, T(0));
  }
}

template <class T>
MATGRAD_INLINE void square_of_lower(Index n, T* w, Index stride) {
  for (Index j = 0; j < n; ++j) {
    T* column = w + j * stride;
    for (Index i = 0; i <= j; ++i) {
      const T* other = w + i * stride;
      T sum = 0;
#pragma omp simd reduction(+ : sum)
      for (Index k = j; k < n; ++k) sum += other[k] * column[k];
      column[i] = sum;
    }
  }
}

template <class T>
void mirrored(Index n, T* a, bool from_upper) {
  constexpr Index tile = 32;
  for (Index j = 0; j < n; j += tile) {
    const Index width = std::min(tile, n - j);
    for (Index i = 0; i < j; i += tile) {
      T* upper = a + i + j * n;
      T* lower = a + j + i * n;
      const Index height = std::min(tile, j - i);
      from_upper ? turn_any(width, height, upper, n, lower, n) : turn_any(height, width, lower, n, upper, n);
    }
    for (Index k = j; k < j + width; ++k) {
      for (Index i = j; i < k; ++i) {
        T& upper = a[i + k * n];
        T& lower = a[k + i * n];
        (from_upper ? lower : upper) = from_upper ? upper : lower;
      }
    }
  }
}

}  // namespace

#define MATGRAD_LOOPS(T)                                                                                            \
  MATGRAD_COPIES void add(Index count, Source<T> a, Source<T> b, T* to) {                                           \
    each(count, a, b, to, [](T x, T y) { return x + y; });                                                          \
  }                                                                                                                 \
  MATGRAD_COPIES void subtract(Index count, Source<T> a, Source<T> b, T* to) {                                      \
    each(count, a, b, to, [](T x, T y) { return x - y; });                                                          \
  }                                                                                                                 \
  MATGRAD_COPIES void multiply(Index count, Source<T> a, Source<T> b, T* to) {                                      \
    each(count, a, b, to, [](T x, T y) { return x * y; });                                                          \
  }                                                                                                                 \
  MATGRAD_COPIES void divide(Index count, Source<T> a, Source<T> b, T* to) {                                        \
    each(count, a, b, to, [](T x, T y) { return x / y; });                                                          \
  }                                                                                                                 \
  MATGRAD_COPIES void power(Index count, Source<T> a, Source<T> b, T* to) {                                         \
    each(count, a, b, to, [](T x, T y) { return std::pow(x, y); });                                                 \
  }                                                                                                                 \
  MATGRAD_COPIES void negate(Index count, const T* a, T* to) {                                                      \
    each(count, a, to, [](T x) { return -x; });                                                                     \
  }                                                                                                                 \
  MATGRAD_COPIES void square(Index count, const T* a, T* to) {                                                      \
    each(count, a, to, [](T x) { return x * x; });                                                                  \
  }                                                                                                                 \
  MATGRAD_COPIES void reciprocal(Index count, const T* a, T* to) {                                                  \
    each(count, a, to, [](T x) { return 1 / x; });                                                                  \
  }                                                                                                                 \
  MATGRAD_COPIES void root(Index count, const T* a, T* to) {                                                        \
    each(count, a, to, [](T x) { return std::sqrt(x); });                                                           \
  }                                                                                                                 \
  MATGRAD_COPIES T sum(Index count, const T* a) {                                                                   \
    return added_up<false>(count, a, a);                                                                            \
  }                                                                                                                 \
  MATGRAD_COPIES T inner_product(Index count, const T* a, const T* b) {                                             \
    return added_up<true>(count, a, b);                                                                             \
  }                                                                                                                 \
  MATGRAD_COPIES void accumulate(Index count, const T* a, T* to) {                                                  \
    for (Index i = 0; i < count; ++i) to[i] += a[i];                                                                \
  }                                                                                                                 \
  MATGRAD_COPIES void accumulate_squares(Index count, Source<T> a, Source<T> b, T* to) {                            \
    add_squares(count, a, b, to);                                                                                   \
  }                                                                                                                 \
  MATGRAD_COPIES void accumulate_distances(Index count, int columns, const T* a, Index stride, const T* b, T* to) { \
    add_distances(count, columns, a, stride, b, to);                                                                \
  }                                                                                                                 \
  void turn(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {                  \
    turn_any(height, width, from, from_stride, to, to_stride);                                                      \
  }                                                                                                                 \
  MATGRAD_COPIES void outer_sum(Index rows, Index cols, Index terms, const T* v, const T* u, bool adds, T* to) {    \
    for (Index j = 0; j < cols; ++j) outer_column(rows, cols, terms, v, u + j, adds, to + j * rows);                \
  }                                                                                                                 \
  MATGRAD_COPIES void invert_lower(Index n, T* a, Index stride) {                                                   \
    inverse_of_lower(n, a, stride);                                                                                 \
  }                                                                                                                 \
  MATGRAD_COPIES void lower_squared(Index n, T* w, Index stride) {                                                  \
    square_of_lower(n, w, stride);                                                                                  \
  }                                                                                                                 \
  void mirror(Index n, T* a, bool from_upper) {                                                                     \
    mirrored(n, a, from_upper);                                                                                     \
  }                                                                                                                 \
  MATGRAD_COPIES void multiply_both_ways(Index m, Index n, const T* a, const T* x, const T* u, T* y, T* z) {        \
    both_ways(m, n, a, x, u, y, z);                                                                                 \
  }
MATGRAD_LOOPS(double)
MATGRAD_LOOPS(float)
#undef MATGRAD_LOOPS

}  // namespace matgrad::loops
