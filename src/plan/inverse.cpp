// SPDX-License-Identifier: MIT
#include "plan/inverse.hpp"

#include <algorithm>

#include "plan/loops.hpp"
#include "plan/moves.hpp"
#include "plan/packed.hpp"

namespace matgrad::dense {
namespace {

using Index = std::ptrdiff_t;
constexpr Index smallest = 40;  // blocks that are not cut

template <class T>
class BlockInverse {
 public:
  BlockInverse(const BlasRoutines<T>& blas, Index leading) : blas_(blas), leading_(leading) {}

  // W = inv(L) in the place of L, with zeros above it.
  // [A 0; B C] becomes [inv(A) 0; -inv(C)*B*inv(A) inv(C)].
  void invert_lower(T* a, Index n) const {
    if (n <= smallest) return loops::invert_lower(n, a, leading_);
    const Blocks blocks = cut(a, n);
    const Index m = blocks.m;
    T* below = blocks.below;
    T* above = blocks.above;
    T* last = blocks.last;
    invert_lower(a, m);
    invert_lower(last, n - m);
    // The block above is free: it holds (B*inv(A))' for a while.
    each_block(0, m, [&](Range i, Range j, T beta) {
      const T* factor = a + i.first + j.first * leading_;
      const Matrix<const T> beside = block(below + i.first * leading_, n - m, i.count);
      multiply(block(factor, i.count, j.count).turned(), beside.turned(), 1, beta, above + j.first);
    });
    each_block(0, n - m, [&](Range i, Range j, T beta) {
      const T* factor = last + i.first + j.first * leading_;
      const Matrix<const T> over = block(above + j.first * leading_, m, j.count);
      multiply(block(factor, i.count, j.count), over.turned(), -1, beta, below + i.first);
    });
    for (Index j = 0; j < n - m; ++j) std::fill_n(above + j * leading_, m, T(0));
  }

  // W'*W in the place of W, its upper half.
  void multiply_by_transpose(T* w, Index n) const {
    if (n <= smallest) return loops::lower_squared(n, w, leading_);
    const Blocks blocks = cut(w, n);
    const Index m = blocks.m;
    T* last = blocks.last;
    multiply_by_transpose(w, m);
    add_square(m, n - m, blocks.below, w);
    each_block(0, n - m, [&](Range i, Range j, T beta) {
      const T* factor = last + i.first + j.first * leading_;
      const Matrix<const T> under = block(blocks.below + i.first, i.count, m);
      multiply(under.turned(), block(factor, i.count, j.count), 1, beta, blocks.above + j.first * leading_);
    });
    multiply_by_transpose(last, n - m);
  }

 private:
  // The blocks beside the first one, which is m×m.
  struct Blocks {
    Index m;
    T* below;
    T* above;
    T* last;
  };
  Blocks cut(T* a, Index n) const {
    const Index m = (n / 2 + 7) / 8 * 8;
    return {m, a + m, a + m * leading_, a + m * leading_ + m};
  }

  struct Range {
    Index first;
    Index count;
  };
  // The blocks of a lower triangular factor of a product that are not zero, those on the diagonal first: beta is 0 for
  // them and 1 for what is added to theirs.
  template <class Visit>
  void each_block(Index first, Index n, const Visit& visit) const {
    if (n <= smallest) return visit(Range{first, n}, Range{first, n}, T(0));
    const Index m = (n / 2 + 7) / 8 * 8;
    each_block(first, m, visit);
    each_block(first + m, n - m, visit);
    visit(Range{first + m, n - m}, Range{first, m}, T(1));
  }

  // The upper half of C + B'*B, B being rows × n.
  void add_square(Index n, Index rows, const T* b, T* c) const {
    multiply_half<T>(blas_, Half::upper, 1, block(b, rows, n).turned(), true, c, leading_);
  }

  // C = alpha*A*B + beta*C.
  void multiply(const Matrix<const T>& a, const Matrix<const T>& b, T alpha, T beta, T* c) const {
    if (multiply_packed<T>({alpha, a, b, nullptr, beta != 0, c, leading_})) return;
    const int m = static_cast<int>(a.rows);
    const int n = static_cast<int>(b.cols);
    const int k = static_cast<int>(a.cols);
    const int leading = static_cast<int>(leading_);
    blas_.gemm(a.transposed ? "T" : "N", b.transposed ? "T" : "N", &m, &n, &k, &alpha, a.data, &leading, b.data,
               &leading, &beta, c, &leading);
  }
  Matrix<const T> block(const T* from, Index rows, Index cols) const { return {from, rows, cols, false, leading_}; }

  const BlasRoutines<T>& blas_;
  Index leading_;
};

}  // namespace

template <class T>
void invert_from_cholesky(const BlasRoutines<T>& blas, std::ptrdiff_t n, T* a) {
  const BlockInverse<T> blocks(blas, n);
  blocks.invert_lower(a, n);
  blocks.multiply_by_transpose(a, n);
  loops::mirror(n, a, true);
}

template void invert_from_cholesky(const BlasRoutines<double>&, std::ptrdiff_t, double*);
template void invert_from_cholesky(const BlasRoutines<float>&, std::ptrdiff_t, float*);

}  // namespace matgrad::dense
