// SPDX-License-Identifier: MIT
// The innermost loops over memory, compiled for several kinds of processors; which one runs is found out at run time.
// Numbers that are the same for all entries come beside a null pointer.
#pragma once

#include <cstddef>

namespace matgrad::loops {

template <class T>
struct Source {
  const T* data = nullptr;  // null: `one` everywhere
  T one = 0;
};

#define MATGRAD_LOOPS(T)                                                                                                \
  void add(std::ptrdiff_t count, Source<T> a, Source<T> b, T* to);                                                      \
  void subtract(std::ptrdiff_t count, Source<T> a, Source<T> b, T* to);                                                 \
  void multiply(std::ptrdiff_t count, Source<T> a, Source<T> b, T* to);                                                 \
  void divide(std::ptrdiff_t count, Source<T> a, Source<T> b, T* to);                                                   \
  void power(std::ptrdiff_t count, Source<T> a, Source<T> b, T* to);                                                    \
  void negate(std::ptrdiff_t count, const T* a, T* to);                                                                 \
  void square(std::ptrdiff_t count, const T* a, T* to);                                                                 \
  void reciprocal(std::ptrdiff_t count, const T* a, T* to);                                                             \
  void root(std::ptrdiff_t count, const T* a, T* to);                                                                   \
  T sum(std::ptrdiff_t count, const T* a);                                                                              \
  T inner_product(std::ptrdiff_t count, const T* a, const T* b);                                                        \
  /* to += a */                                                                                                         \
  void accumulate(std::ptrdiff_t count, const T* a, T* to);                                                             \
  /* to += (a - b).^2 */                                                                                                \
  void accumulate_squares(std::ptrdiff_t count, Source<T> a, Source<T> b, T* to);                                       \
  /* to += (a - b(1)).^2 + … for columns a, a + stride, …, at most four of them */                                  \
  void accumulate_distances(std::ptrdiff_t count, int columns, const T* a, std::ptrdiff_t stride, const T* b, T* to);   \
  /* to = (and with `adds` to +=) v1*u1' + …, `terms` columns v of `rows` entries, that stand behind one another, and \
     u of `cols` entries likewise. */                                                                                   \
  void outer_sum(std::ptrdiff_t rows, std::ptrdiff_t cols, std::ptrdiff_t terms, const T* v, const T* u, bool adds,     \
                 T* to);                                                                                                \
  /* Below, matrices whose columns are `stride` apart. In the place of L (lower triangular, n×n) its inverse, with     \
     zeros above; in the place of such a W the upper half of W'*W. */                                                   \
  void invert_lower(std::ptrdiff_t n, T* a, std::ptrdiff_t stride);                                                     \
  void lower_squared(std::ptrdiff_t n, T* w, std::ptrdiff_t stride);                                                    \
  /* y = A*x and z = A'*u in one pass over A, m×n. */                                                                  \
  void multiply_both_ways(std::ptrdiff_t m, std::ptrdiff_t n, const T* a, const T* x, const T* u, T* y, T* z)
MATGRAD_LOOPS(double);
MATGRAD_LOOPS(float);
#undef MATGRAD_LOOPS

}  // namespace matgrad::loops
