// SPDX-License-Identifier: MIT
#include "plan/triangles.hpp"

#include <algorithm>

#include "plan/packed.hpp"
#include "plan/small_triangles.hpp"

namespace matgrad::dense {
namespace {

using Index = std::ptrdiff_t;

// The first half of n rows, by whole lines of the cache.
Index half(Index n) {
  return (n / 2 + 7) / 8 * 8;
}

// [A .; B C] becomes [L .; B*inv(L') M], with M*M' = C less the square of what B has become.
template <class T>
class BlockCholesky {
 public:
  BlockCholesky(const BlasRoutines<T>& blas, Index leading) : blas_(blas), leading_(leading) {}

  bool factorise(T* a, Index n) const {
    if (n <= smallest_triangle) return factorise_small(n, a, leading_);
    const Index m = half(n);
    T* below = a + m;
    T* last = below + m * leading_;
    if (!factorise(a, m)) return false;
    solve_from_right(n - m, m, a, below);
    subtract_square(n - m, m, below, last);
    return factorise(last, n - m);
  }

 private:
  // B*inv(L') in the place of B, rows × n.
  void solve_from_right(Index rows, Index n, const T* l, T* b) const {
    if (n <= smallest_triangle) return solve_beside(rows, n, l, leading_, b, leading_);
    const Index m = half(n);
    T* last = b + m * leading_;
    solve_from_right(rows, m, l, b);
    const Matrix<const T> solved{b, rows, m, false, leading_};
    const Matrix<const T> beside{l + m, m, n - m, true, leading_};
    multiply_into<T>(-1, solved, beside, true, last, leading_);
    solve_from_right(rows, n - m, l + m + m * leading_, last);
  }

  // The lower half of C - B*B', n×n.
  void subtract_square(Index n, Index inner, const T* b, T* c) const {
    const Matrix<const T> factor{b, n, inner, false, leading_};
    multiply_half<T>(blas_, Half::lower, -1, factor, true, c, leading_);
  }

  const BlasRoutines<T>& blas_;
  Index leading_;
};

template <class T>
class BlockSolve {
 public:
  BlockSolve(const TriangularFactor<T>& factor, Index cols) : factor_(factor), cols_(cols) {}

  // Rows first, …, first + n - 1 of B, which begin at `b`.
  void solve(Index first, Index n, T* b) const {
    if (n <= smallest_triangle) return cols_ == 1 ? substitute(first, n, b) : solve_small(first, n, b);
    const Index m = half(n);
    T* last = b + m;
    if (is_lower()) {
      solve(first, m, b);
      subtract(block(first + m, first, n - m, m), b, last);
      solve(first + m, n - m, last);
    } else {
      solve(first + m, n - m, last);
      subtract(block(first, first + m, m, n - m), last, b);
      solve(first, m, b);
    }
  }

 private:
  bool is_lower() const { return factor_.upper == factor_.transposed; }  // as it is read
  // A block as it is read.
  Matrix<const T> block(Index row, Index col, Index rows, Index cols) const {
    const T* from = factor_.data + (factor_.transposed ? col + row * factor_.n : row + col * factor_.n);
    return {from, rows, cols, factor_.transposed, factor_.n};
  }
  void subtract(const Matrix<const T>& a, const T* known, T* b) const {
    multiply_into<T>(-1, a, {known, a.cols, cols_, false, factor_.n}, true, b, factor_.n);
  }

  void substitute(Index first, Index n, T* x) const {
    substitute_small(n, factor_.data + first * (factor_.n + 1), factor_.n, factor_.upper, factor_.transposed,
                     factor_.unit, x);
  }

  // By the inverse of the block, which serves all columns.
  void solve_small(Index first, Index n, T* b) const {
    constexpr Index stride = smallest_triangle;
    T lower[stride * stride] = {};
    T inverse[stride * stride];
    const T* from = factor_.data + first * (factor_.n + 1);
    for (Index j = 0; j < n; ++j) {
      // Below the diagonal: an upper block is turned for it.
      for (Index i = j; i < n; ++i) {
        lower[i + j * stride] = factor_.upper ? from[j + i * factor_.n] : from[i + j * factor_.n];
      }
      if (factor_.unit) lower[j + j * stride] = 1;
    }
    invert_transpose(n, lower, inverse);
    if (is_lower()) {
      for (Index j = 0; j < n; ++j) {
        for (Index i = 0; i < j; ++i) std::swap(inverse[i + j * stride], inverse[j + i * stride]);
      }
    }
    multiply_small(n, inverse, cols_, b, factor_.n);
  }

  const TriangularFactor<T>& factor_;
  Index cols_;
};

}  // namespace

template <class T>
bool factorise_cholesky(const BlasRoutines<T>& blas, std::ptrdiff_t n, T* a) {
  return BlockCholesky<T>(blas, n).factorise(a, n);
}

template <class T>
void solve_triangular(const TriangularFactor<T>& factor, T* b, std::ptrdiff_t cols) {
  BlockSolve<T>(factor, cols).solve(0, factor.n, b);
}

#define MATGRAD_INSTANTIATE(T)                                                  \
  template bool factorise_cholesky(const BlasRoutines<T>&, std::ptrdiff_t, T*); \
  template void solve_triangular(const TriangularFactor<T>&, T*, std::ptrdiff_t);
MATGRAD_INSTANTIATE(double)
MATGRAD_INSTANTIATE(float)
#undef MATGRAD_INSTANTIATE

}  // namespace matgrad::dense
