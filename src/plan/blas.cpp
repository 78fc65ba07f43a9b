// SPDX-License-Identifier: MIT
#include "plan/blas.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Dense>
#include <Eigen/LU>
#include <cmath>

#include "plan/blas_library.hpp"
#include "plan/inverse.hpp"
#include "plan/large_vector.hpp"
#include "plan/loops.hpp"
#include "plan/moves.hpp"
#include "plan/narrow.hpp"
#include "plan/packed.hpp"
#include "plan/triangles.hpp"

namespace matgrad::dense {
namespace {

template <class T>
using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
template <class T>
using In = Eigen::Map<const Dense<T>>;
template <class T>
using Out = Eigen::Map<Dense<T>>;

template <class T>
using Strided = Eigen::Map<const Dense<T>, 0, Eigen::OuterStride<>>;

template <class T>
Strided<T> stored(const Matrix<const T>& a) {
  const Eigen::OuterStride<> stride(a.leading());
  return a.transposed ? Strided<T>(a.data, a.cols, a.rows, stride) : Strided<T>(a.data, a.rows, a.cols, stride);
}

// Calls with Eigen expressions of A and B as they are read.
template <class T, class Use>
void with_factors(const Matrix<const T>& a, const Matrix<const T>& b, Use use) {
  const Strided<T> x = stored(a);
  const Strided<T> y = stored(b);
  if (a.transposed) {
    if (b.transposed) {
      use(x.transpose(), y.transpose());
    } else {
      use(x.transpose(), y);
    }
  } else if (b.transposed) {
    use(x, y.transpose());
  } else {
    use(x, y);
  }
}

constexpr std::ptrdiff_t strip = 96;
constexpr double least_for_blas = 4096;  // multiplications: below, a call costs more than it gains

// The library's routines for a task of so many multiplications; nullptr where Eigen is to do it.
template <class T>
const BlasRoutines<T>* routines_for(double multiplications) {
  if (multiplications < least_for_blas) return nullptr;
  const BlasLibrary* library = blas_library();
  if (library == nullptr) return nullptr;
  if (library->set_threads != nullptr) {
    thread_local int now = 0;
    const int threads = multiplications < least_product_for_threads ? 1 : library->threads;
    if (threads != now) library->set_threads(threads);
    now = threads;
  }
  return &routines<T>(*library);
}

int as_int(std::ptrdiff_t n) {
  return static_cast<int>(n);
}

template <class T>
void multiply_by_blas(const BlasRoutines<T>& blas, T alpha, const Matrix<const T>& a, const Matrix<const T>& b,
                      bool adds, T* c, std::ptrdiff_t leading) {
  const int m = as_int(a.rows);
  const int n = as_int(b.cols);
  const int k = as_int(a.cols);
  const int lda = as_int(a.leading());
  const int ldb = as_int(b.leading());
  const int ldc = as_int(leading);
  const int one = 1;
  const T beta = adds ? 1 : 0;
  if (n == 1) {
    blas.gemv(a.transposed ? "T" : "N", a.transposed ? &k : &m, a.transposed ? &m : &k, &alpha, a.data, &lda, b.data,
              b.transposed ? &ldb : &one, &beta, c, &one);
  } else if (m == 1 && leading == 1) {
    blas.gemv(b.transposed ? "N" : "T", b.transposed ? &n : &k, b.transposed ? &k : &n, &alpha, b.data, &ldb, a.data,
              a.transposed ? &one : &lda, &beta, c, &one);
  } else {
    blas.gemm(a.transposed ? "T" : "N", b.transposed ? "T" : "N", &m, &n, &k, &alpha, a.data, &lda, b.data, &ldb, &beta,
              c, &ldc);
  }
}

// Where there is no library, or a call of it would cost more than it gains.
template <class T>
void multiply_by_eigen(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c,
                       std::ptrdiff_t leading) {
  Eigen::Map<Dense<T>, 0, Eigen::OuterStride<>> out(c, a.rows, b.cols, Eigen::OuterStride<>(leading));
  if (!adds) out.setZero();
  with_factors(a, b, [&](const auto& x, const auto& y) {
    if (b.cols == 1) {
      out.col(0).noalias() += alpha * (x * y.col(0));
    } else if (a.rows == 1) {
      out.row(0).noalias() += alpha * (x.row(0) * y);
    } else {
      out.noalias() += alpha * (x * y);
    }
  });
}

// Rows from `row` on, columns from `col` on, of a matrix as it is read.
template <class T>
const T* corner(const Matrix<const T>& a, std::ptrdiff_t row, std::ptrdiff_t col) {
  return a.data + (a.transposed ? col + row * a.leading() : row + col * a.leading());
}

struct Range {
  std::ptrdiff_t first = 0;
  std::ptrdiff_t count = 0;
};

// The entries in these rows and columns of C = alpha*A*B, or C += alpha*A*B, from a part of the inner dimension.
template <class T>
void multiply_part(const BlasRoutines<T>* blas, T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds,
                   Range rows, Range inner, Range cols, T* c) {
  const Matrix<const T> left{corner(a, rows.first, inner.first), rows.count, inner.count, a.transposed, a.leading()};
  const Matrix<const T> above{corner(b, inner.first, cols.first), inner.count, cols.count, b.transposed, b.leading()};
  T* part = c + rows.first + cols.first * a.rows;
  if (multiply_packed<T>({alpha, left, above, nullptr, adds, part, a.rows})) return;
  if (blas != nullptr) return multiply_by_blas(*blas, alpha, left, above, adds, part, a.rows);
  multiply_by_eigen(alpha, left, above, adds, part, a.rows);
}

// How many rows or columns of n are computed at a time, where not all of them are to be.
template <class T>
std::ptrdiff_t strip_of(const BlasRoutines<T>* blas, std::ptrdiff_t n) {
  return blas != nullptr ? std::max(strip, n / 8) : strip;
}

// The lower half by strips of columns, then the mirror image.
template <class T>
void multiply_symmetric(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c) {
  const std::ptrdiff_t n = a.rows;
  if (multiply_packed<T>({alpha, a, b, nullptr, adds, c, n, Half::lower})) return loops::mirror(n, c, false);
  const double all = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(a.cols);
  const BlasRoutines<T>* blas = routines_for<T>(all);
  if (blas != nullptr && a.data == b.data && a.transposed != b.transposed) {
    multiply_half(*blas, Half::lower, alpha, a, adds, c, n);
    return loops::mirror(n, c, false);
  }
  const std::ptrdiff_t step = strip_of(blas, n);
  for (std::ptrdiff_t j = 0; j < n; j += step) {
    multiply_part(blas, alpha, a, b, adds, {j, n - j}, {0, a.cols}, {j, std::min(step, n - j)}, c);
  }
  loops::mirror(n, c, false);
}

// Row interchanges as Eigen's factorisation writes them, in memory that is there.
struct Interchanges {
  using StorageIndex = int;
  int* rows;
  std::ptrdiff_t count;
  std::ptrdiff_t size() const { return count; }
  int& coeffRef(std::ptrdiff_t i) const { return rows[i]; }
};

bool is_triangular(Factorisation kind) {
  return kind == Factorisation::lower_triangular || kind == Factorisation::upper_triangular;
}

// Row interchanges of LAPACK's kind: row k with row pivots[k].
template <class T>
void interchange(const int* pivots, std::ptrdiff_t n, T* b, std::ptrdiff_t cols, bool forwards) {
  for (std::ptrdiff_t j = 0; j < cols; ++j) {
    T* column = b + j * n;
    for (std::ptrdiff_t s = 0; s < n; ++s) {
      const std::ptrdiff_t k = forwards ? s : n - 1 - s;
      if (pivots[k] != k) std::swap(column[k], column[pivots[k]]);
    }
  }
}

}  // namespace

template <class T>
void multiply(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, bool symmetric, T* c) {
  if (symmetric && a.rows >= least_rows_of_half) {
    multiply_symmetric(alpha, a, b, adds, c);
    return;
  }
  multiply_into(alpha, a, b, adds, c, a.rows);
}

template <class T>
void multiply_into(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c,
                   std::ptrdiff_t leading) {
  if (multiply_narrow(alpha, a, b, adds, c, leading)) return;
  if (multiply_large_by_vector(alpha, a, b, adds, c, leading)) return;
  if (multiply_packed<T>({alpha, a, b, nullptr, adds, c, leading})) return;
  const double all = static_cast<double>(a.rows) * static_cast<double>(a.cols) * static_cast<double>(b.cols);
  if (const BlasRoutines<T>* blas = routines_for<T>(all)) {
    multiply_by_blas(*blas, alpha, a, b, adds, c, leading);
    return;
  }
  multiply_by_eigen(alpha, a, b, adds, c, leading);
}

template <class T>
void multiply_triangular(Triangle triangle, T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds,
                         T* c) {
  const bool from_left = triangle == Triangle::left_lower || triangle == Triangle::left_upper;
  // Whether what a strip of rows (columns) meets in the triangle lies before its end, or behind its beginning.
  const bool is_before = triangle == Triangle::left_lower || triangle == Triangle::right_upper;
  const std::ptrdiff_t n = a.cols;
  const double all = static_cast<double>(a.rows) * static_cast<double>(n) * static_cast<double>(b.cols);
  const BlasRoutines<T>* blas = routines_for<T>(all);
  const std::ptrdiff_t step = strip_of(blas, n);
  if (n <= step) {
    multiply(alpha, a, b, adds, false, c);
    return;
  }
  for (std::ptrdiff_t i = 0; i < n; i += step) {
    const Range part{i, std::min(step, n - i)};
    const Range inner = is_before ? Range{0, i + part.count} : Range{i, n - i};
    multiply_part(blas, alpha, a, b, adds, from_left ? part : Range{0, a.rows}, inner,
                  from_left ? Range{0, b.cols} : part, c);
  }
}

template <class T>
bool factorise(Factorisation kind, Matrix<const T> a, T* factor, int* pivots) {
  const std::ptrdiff_t n = a.rows;
  Out<T> f(factor, n, n);
  if (a.transposed) {
    f = stored(a).transpose();
  } else if (a.data != factor) {
    if (kind == Factorisation::cholesky) {
      loops::copy_lower(n, a.data, a.leading(), factor);
    } else {
      f = stored(a);
    }
  }
  if (is_triangular(kind)) return true;
  const double cubed = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n) / 3;
  if (const BlasRoutines<T>* blas = routines_for<T>(cubed)) {
    if (kind == Factorisation::cholesky) return factorise_cholesky(*blas, n, factor);
    const int size = as_int(n);
    int info = 0;
    blas->getrf(&size, &size, factor, &size, pivots, &info);
    for (std::ptrdiff_t i = 0; i < n; ++i) --pivots[i];  // LAPACK counts from 1
    return true;
  }
  Eigen::Ref<Dense<T>> in_place(f);
  if (kind == Factorisation::cholesky) {
    const Eigen::LLT<Eigen::Ref<Dense<T>>> cholesky(in_place);
    return cholesky.info() == Eigen::Success;
  }
  // As PartialPivLU does, without memory of its own.
  int count = 0;
  Interchanges transpositions{pivots, n};
  Eigen::internal::partial_lu_inplace(in_place, transpositions, count);
  return true;
}

template <class T>
bool is_regular(const T* factor, std::ptrdiff_t n) {
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const T entry = factor[i + i * n];
    if (entry == 0 || !std::isfinite(entry)) return false;
  }
  return true;
}

template <class T>
void solve(Factorisation kind, const T* factor, const int* pivots, std::ptrdiff_t n, bool transposed, T* b,
           std::ptrdiff_t cols) {
  auto triangle = [&](bool upper, bool turned, bool unit) {
    solve_triangular<T>({factor, n, upper, turned, unit}, b, cols);
  };
  switch (kind) {
    case Factorisation::cholesky:
      triangle(false, false, false);
      triangle(false, true, false);
      return;
    case Factorisation::lower_triangular: triangle(false, transposed, false); return;
    case Factorisation::upper_triangular: triangle(true, transposed, false); return;
    case Factorisation::symmetric:
    case Factorisation::lu: break;
  }
  if (transposed) {
    triangle(true, true, false);
    triangle(false, true, true);
    interchange(pivots, n, b, cols, false);
  } else {
    interchange(pivots, n, b, cols, true);
    triangle(false, false, true);
    triangle(true, false, false);
  }
}

template <class T>
void invert(Factorisation kind, const T* factor, const int* pivots, std::ptrdiff_t n, T* inverse) {
  const double cubed = static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n);
  const BlasRoutines<T>* blas = kind == Factorisation::cholesky ? routines_for<T>(cubed) : nullptr;
  if (blas != nullptr) {
    loops::copy_lower(n, factor, n, inverse);
    invert_from_cholesky(*blas, n, inverse);
    return;
  }
  Out<T>(inverse, n, n).setIdentity();
  solve(kind, factor, pivots, n, false, inverse, n);
  if (kind == Factorisation::cholesky) loops::mirror(n, inverse, false);  // what is symmetric is so to the last bit
}

#define MATGRAD_INSTANTIATE(T)                                                                              \
  template void multiply(T, const Matrix<const T>&, const Matrix<const T>&, bool, bool, T*);                \
  template void multiply_into(T, const Matrix<const T>&, const Matrix<const T>&, bool, T*, std::ptrdiff_t); \
  template void multiply_triangular(Triangle, T, const Matrix<const T>&, const Matrix<const T>&, bool, T*); \
  template bool is_regular(const T*, std::ptrdiff_t);                                                       \
  template bool factorise(Factorisation, Matrix<const T>, T*, int*);                                        \
  template void solve(Factorisation, const T*, const int*, std::ptrdiff_t, bool, T*, std::ptrdiff_t);       \
  template void invert(Factorisation, const T*, const int*, std::ptrdiff_t, T*);
MATGRAD_INSTANTIATE(double)
MATGRAD_INSTANTIATE(float)
#undef MATGRAD_INSTANTIATE

}  // namespace matgrad::dense
