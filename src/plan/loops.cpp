// SPDX-License-Identifier: MIT
#include "plan/loops.hpp"

#include <algorithm>
#include <cstdint>

#include "ops/vector_math.hpp"

#if defined(MATGRAD_WIDE)
#include <immintrin.h>
#endif

namespace matgrad::loops {
namespace {

using Index = std::ptrdiff_t;

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
  MATGRAD_COPIES void outer_sum(Index rows, Index cols, Index terms, const T* v, const T* u, bool adds, T* to) {    \
    for (Index j = 0; j < cols; ++j) outer_column(rows, cols, terms, v, u + j, adds, to + j * rows);                \
  }                                                                                                                 \
  MATGRAD_COPIES void invert_lower(Index n, T* a, Index stride) {                                                   \
    inverse_of_lower(n, a, stride);                                                                                 \
  }                                                                                                                 \
  MATGRAD_COPIES void lower_squared(Index n, T* w, Index stride) {                                                  \
    square_of_lower(n, w, stride);                                                                                  \
  }                                                                                                                 \
  MATGRAD_COPIES void multiply_both_ways(Index m, Index n, const T* a, const T* x, const T* u, T* y, T* z) {        \
    both_ways(m, n, a, x, u, y, z);                                                                                 \
  }
MATGRAD_LOOPS(double)
MATGRAD_LOOPS(float)
#undef MATGRAD_LOOPS

}  // namespace matgrad::loops
