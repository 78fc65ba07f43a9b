// SPDX-License-Identifier: MIT
#include "plan/inverse.hpp"

#include <algorithm>

#include "plan/loops.hpp"

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
    const auto [m, below, above, last] = cut(a, n);
    invert_lower(a, m);
    invert_lower(last, n - m);
    // The block above is free: it holds (B*inv(A))' for a while.
    multiply("T", "T", m, n - m, m, 1, a, below, 0, above);
    multiply("N", "T", n - m, m, n - m, -1, last, above, 0, below);
    for (Index j = 0; j < n - m; ++j) std::fill_n(above + j * leading_, m, T(0));
  }

  // W'*W in the place of W, its upper half.
  void multiply_by_transpose(T* w, Index n) const {
    if (n <= smallest) return loops::lower_squared(n, w, leading_);
    const auto [m, below, above, last] = cut(w, n);
    multiply_by_transpose(w, m);
    multiply("T", "N", m, m, n - m, 1, below, below, 1, w);
    multiply("T", "N", m, n - m, n - m, 1, below, last, 0, above);
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

  void multiply(const char* a_turned, const char* b_turned, Index rows, Index cols, Index inner, T alpha, const T* a,
                const T* b, T beta, T* c) const {
    const int m = static_cast<int>(rows);
    const int n = static_cast<int>(cols);
    const int k = static_cast<int>(inner);
    const int leading = static_cast<int>(leading_);
    blas_.gemm(a_turned, b_turned, &m, &n, &k, &alpha, a, &leading, b, &leading, &beta, c, &leading);
  }

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
