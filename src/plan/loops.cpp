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

// In several rows, which is faster and more exact than one.
template <class T>
MATGRAD_INLINE T sum_in_rows(Index count, const T* a) {
  constexpr Index rows = 32;
  T sums[rows] = {};
  Index i = 0;
  for (; i + rows <= count; i += rows) {
    for (Index k = 0; k < rows; ++k) sums[k] += a[i + k];
  }
  for (Index k = 0; i < count; ++i, ++k) sums[k] += a[i];
  for (Index half = rows / 2; half > 0; half /= 2) {
    for (Index k = 0; k < half; ++k) sums[k] += sums[k + half];
  }
  return sums[0];
}

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
    for (; c < width; ++c) {
      for (Index k = 0; k < block; ++k) target[c * to_stride + k] = source[k * from_stride + c];
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
  constexpr Index lanes = 16;
  std::fill_n(y, m, T(0));
  Index j = 0;
  for (; j + 4 <= n; j += 4) {
    const T* a0 = a + j * m;
    const T* a1 = a0 + m;
    const T* a2 = a1 + m;
    const T* a3 = a2 + m;
    const T x0 = x[j];
    const T x1 = x[j + 1];
    const T x2 = x[j + 2];
    const T x3 = x[j + 3];
    T s[4][lanes] = {};
    Index i = 0;
    for (; i + lanes <= m; i += lanes) {
      for (Index k = 0; k < lanes; ++k) {
        const T w = u[i + k];
        s[0][k] += a0[i + k] * w;
        s[1][k] += a1[i + k] * w;
        s[2][k] += a2[i + k] * w;
        s[3][k] += a3[i + k] * w;
        y[i + k] += a0[i + k] * x0 + a1[i + k] * x1 + a2[i + k] * x2 + a3[i + k] * x3;
      }
    }
    for (Index k = 0; i < m; ++i, ++k) {
      s[0][k] += a0[i] * u[i];
      s[1][k] += a1[i] * u[i];
      s[2][k] += a2[i] * u[i];
      s[3][k] += a3[i] * u[i];
      y[i] += a0[i] * x0 + a1[i] * x1 + a2[i] * x2 + a3[i] * x3;
    }
    for (Index c = 0; c < 4; ++c) {
      T total = 0;
      for (Index k = 0; k < lanes; ++k) total += s[c][k];
      z[j + c] = total;
    }
  }
  for (; j < n; ++j) {
    const T* column = a + j * m;
    T total = 0;
    for (Index i = 0; i < m; ++i) {
      total += column[i] * u[i];
      y[i] += column[i] * x[j];
    }
    z[j] = total;
  }
}

}  // namespace

#define MATGRAD_LOOPS(T)                                                                                          \
  MATGRAD_COPIES void add(Index count, Source<T> a, Source<T> b, T* to) {                                         \
    each(count, a, b, to, [](T x, T y) { return x + y; });                                                        \
  }                                                                                                               \
  MATGRAD_COPIES void subtract(Index count, Source<T> a, Source<T> b, T* to) {                                    \
    each(count, a, b, to, [](T x, T y) { return x - y; });                                                        \
  }                                                                                                               \
  MATGRAD_COPIES void multiply(Index count, Source<T> a, Source<T> b, T* to) {                                    \
    each(count, a, b, to, [](T x, T y) { return x * y; });                                                        \
  }                                                                                                               \
  MATGRAD_COPIES void divide(Index count, Source<T> a, Source<T> b, T* to) {                                      \
    each(count, a, b, to, [](T x, T y) { return x / y; });                                                        \
  }                                                                                                               \
  MATGRAD_COPIES void power(Index count, Source<T> a, Source<T> b, T* to) {                                       \
    each(count, a, b, to, [](T x, T y) { return std::pow(x, y); });                                               \
  }                                                                                                               \
  MATGRAD_COPIES void negate(Index count, const T* a, T* to) {                                                    \
    each(count, a, to, [](T x) { return -x; });                                                                   \
  }                                                                                                               \
  MATGRAD_COPIES void square(Index count, const T* a, T* to) {                                                    \
    each(count, a, to, [](T x) { return x * x; });                                                                \
  }                                                                                                               \
  MATGRAD_COPIES void reciprocal(Index count, const T* a, T* to) {                                                \
    each(count, a, to, [](T x) { return 1 / x; });                                                                \
  }                                                                                                               \
  MATGRAD_COPIES void root(Index count, const T* a, T* to) {                                                      \
    each(count, a, to, [](T x) { return std::sqrt(x); });                                                         \
  }                                                                                                               \
  MATGRAD_COPIES T sum(Index count, const T* a) {                                                                 \
    return sum_in_rows(count, a);                                                                                 \
  }                                                                                                               \
  MATGRAD_COPIES void accumulate(Index count, const T* a, T* to) {                                                \
    for (Index i = 0; i < count; ++i) to[i] += a[i];                                                              \
  }                                                                                                               \
  MATGRAD_COPIES void accumulate_squares(Index count, Source<T> a, Source<T> b, T* to) {                          \
    add_squares(count, a, b, to);                                                                                 \
  }                                                                                                               \
  MATGRAD_COPIES void turn(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) { \
    turn_tile(height, width, from, from_stride, to, to_stride);                                                   \
  }                                                                                                               \
  MATGRAD_COPIES void outer_sum(Index rows, Index cols, Index terms, const T* v, const T* u, bool adds, T* to) {  \
    for (Index j = 0; j < cols; ++j) outer_column(rows, cols, terms, v, u + j, adds, to + j * rows);              \
  }                                                                                                               \
  MATGRAD_COPIES void multiply_both_ways(Index m, Index n, const T* a, const T* x, const T* u, T* y, T* z) {      \
    both_ways(m, n, a, x, u, y, z);                                                                               \
  }
MATGRAD_LOOPS(double)
MATGRAD_LOOPS(float)
#undef MATGRAD_LOOPS

}  // namespace matgrad::loops
