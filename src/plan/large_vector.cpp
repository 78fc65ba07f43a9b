// SPDX-License-Identifier: MIT
#include "plan/large_vector.hpp"

#include <algorithm>

#include "plan/lines.hpp"
#include "plan/loops.hpp"
#include "plan/team.hpp"

namespace matgrad::dense {
namespace {

using Index = std::ptrdiff_t;

constexpr Index least_entries = 250'000;        // more than the cache of one processor holds
constexpr Index least_for_threads = 1'000'000;  // about as long as waking takes, ten times over
constexpr Index block_rows = 4096;              // of the result: it stays in the nearest cache meanwhile
constexpr Index together = 8;                   // columns
// y += alpha*A*x of a block of rows.
template <class T>
MATGRAD_INLINE void add_columns(Index rows, Index cols, const T* a, Index stride, T alpha, const T* x, T* y) {
  Index j = 0;
  for (; j + together <= cols; j += together) {
    const T* column = a + j * stride;
    T factor[together];
    for (Index k = 0; k < together; ++k) factor[k] = alpha * x[j + k];
    Index i = 0;
    for (; i + line<T> <= rows; i += line<T>) {
      Line<T> sum;
      load_line<T>(y + i, sum);
      for (Index k = 0; k < together; ++k) {
        Line<T> entries;
        load_line<T>(column + k * stride + i, entries);
        sum += factor[k] * entries;
      }
      store_line<T>(sum, y + i);
    }
    for (; i < rows; ++i) {
      for (Index k = 0; k < together; ++k) y[i] += factor[k] * column[k * stride + i];
    }
  }
  for (; j < cols; ++j) {
    const T factor = alpha * x[j];
    for (Index i = 0; i < rows; ++i) y[i] += factor * a[j * stride + i];
  }
}

// z(j) += alpha*A(:,j)'*u.
template <class T>
MATGRAD_INLINE void add_inner_products(Index rows, Index cols, const T* a, Index stride, T alpha, const T* u, T* z) {
  Index j = 0;
  for (; j + together <= cols; j += together) {
    const T* column = a + j * stride;
    Line<T> sums[together] = {};
    Index i = 0;
    for (; i + line<T> <= rows; i += line<T>) {
      Line<T> factor;
      load_line<T>(u + i, factor);
      for (Index k = 0; k < together; ++k) {
        Line<T> entries;
        load_line<T>(column + k * stride + i, entries);
        sums[k] += factor * entries;
      }
    }
    for (Index k = 0; k < together; ++k) {
      T sum = 0;
      for (Index l = 0; l < line<T>; ++l) sum += sums[k][l];
      for (Index l = i; l < rows; ++l) sum += column[k * stride + l] * u[l];
      z[j + k] += alpha * sum;
    }
  }
  for (; j < cols; ++j) {
    T sum = 0;
    for (Index i = 0; i < rows; ++i) sum += a[j * stride + i] * u[i];
    z[j] += alpha * sum;
  }
}

// y += A*x of a block of rows, and z += A'*u of it.
template <class T>
MATGRAD_INLINE void add_both_ways(Index rows, Index cols, const T* a, Index stride, const T* x, const T* u, T* y,
                                  T* z) {
  Index j = 0;
  for (; j + together <= cols; j += together) {
    const T* column = a + j * stride;
    Line<T> sums[together] = {};
    Index i = 0;
    for (; i + line<T> <= rows; i += line<T>) {
      Line<T> factor;
      Line<T> sum;
      load_line<T>(u + i, factor);
      load_line<T>(y + i, sum);
      for (Index k = 0; k < together; ++k) {
        Line<T> entries;
        load_line<T>(column + k * stride + i, entries);
        sums[k] += factor * entries;
        sum += x[j + k] * entries;
      }
      store_line<T>(sum, y + i);
    }
    for (Index k = 0; k < together; ++k) {
      T sum = 0;
      for (Index l = 0; l < line<T>; ++l) sum += sums[k][l];
      for (Index l = i; l < rows; ++l) {
        sum += column[k * stride + l] * u[l];
        y[l] += column[k * stride + l] * x[j + k];
      }
      z[j + k] += sum;
    }
  }
  for (; j < cols; ++j) {
    for (Index i = 0; i < rows; ++i) {
      z[j] += a[j * stride + i] * u[i];
      y[i] += a[j * stride + i] * x[j];
    }
  }
}

#define MATGRAD_LARGE(T)                                                                                            \
  MATGRAD_COPIES void columns(Index rows, Index cols, const T* a, Index stride, T alpha, const T* x, T* y) {        \
    for (Index i = 0; i < rows; i += block_rows) {                                                                  \
      add_columns(std::min(block_rows, rows - i), cols, a + i, stride, alpha, x, y + i);                            \
    }                                                                                                               \
  }                                                                                                                 \
  MATGRAD_COPIES void inner_products(Index rows, Index cols, const T* a, Index stride, T alpha, const T* u, T* z) { \
    add_inner_products(rows, cols, a, stride, alpha, u, z);                                                         \
  }                                                                                                                 \
  MATGRAD_COPIES void both_ways(Index rows, Index cols, const T* a, const T* x, const T* u, T* y, T* z) {           \
    for (Index i = 0; i < rows; i += block_rows) {                                                                  \
      add_both_ways(std::min(block_rows, rows - i), cols, a + i, rows, x, u + i, y + i, z);                         \
    }                                                                                                               \
  }
MATGRAD_LARGE(double)
MATGRAD_LARGE(float)
#undef MATGRAD_LARGE

// One product, cut into parts of the result.
template <class T>
struct Task {
  Matrix<const T> matrix;
  const T* vector = nullptr;
  T alpha = 1;
  bool adds = false;
  T* result = nullptr;
  int parts = 1;

  void run(int part) const {
    const Index length = matrix.rows;
    auto border = [&](int at) { return at == parts ? length : length * at / parts / line<T> * line<T>; };
    const Index first = border(part);
    const Index count = border(part + 1) - first;
    T* to = result + first;
    if (!adds) std::fill_n(to, count, T(0));
    const Index stride = matrix.leading();
    if (matrix.transposed) {
      inner_products(matrix.cols, count, matrix.data + first * stride, stride, alpha, vector, to);
    } else {
      columns(count, matrix.cols, matrix.data + first, stride, alpha, vector, to);
    }
  }
};

}  // namespace

template <class T>
bool multiply_large_by_vector(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c,
                              std::ptrdiff_t leading) {
  const bool is_column = b.cols == 1;
  if (!is_column && (a.rows != 1 || leading != 1)) return false;
  const Matrix<const T> matrix = is_column ? a : b.turned();
  const Matrix<const T> vector = is_column ? b : a.turned();
  const bool is_dense = !vector.transposed || vector.leading() == 1;  // one entry behind the other
  const Index entries = matrix.rows * matrix.cols;
  if (entries < least_entries || !is_dense || matrix.rows == 1 || matrix.cols < together) return false;
  Task<T> task{matrix, vector.data, alpha, adds, c, 1};
  if (entries >= least_for_threads) task.parts = Team::get().size();
  if (task.parts == 1) {
    task.run(0);
  } else {
    Team::get().run(
        task.parts, [](void* context, int part) { static_cast<Task<T>*>(context)->run(part); }, &task);
  }
  return true;
}

template <class T>
void multiply_both_ways(Index rows, Index cols, const T* a, const T* x, const T* u, T* y, T* z) {
  if (rows * cols < least_entries) return loops::multiply_both_ways(rows, cols, a, x, u, y, z);
  std::fill_n(y, rows, T(0));
  std::fill_n(z, cols, T(0));
  both_ways(rows, cols, a, x, u, y, z);
}

template void multiply_both_ways(Index, Index, const double*, const double*, const double*, double*, double*);
template void multiply_both_ways(Index, Index, const float*, const float*, const float*, float*, float*);
template bool multiply_large_by_vector(double, const Matrix<const double>&, const Matrix<const double>&, bool, double*,
                                       std::ptrdiff_t);
template bool multiply_large_by_vector(float, const Matrix<const float>&, const Matrix<const float>&, bool, float*,
                                       std::ptrdiff_t);

}  // namespace matgrad::dense
