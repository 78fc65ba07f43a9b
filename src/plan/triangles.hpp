// SPDX-License-Identifier: MIT
// Triangular matrices: Cholesky's factor and systems with many right sides, cut into blocks down to small ones so that
// matrix products do nearly all of the work, which libraries do best; the small ones are done in registers.
#pragma once

#include <cstddef>

#include "plan/blas_library.hpp"

namespace matgrad::dense {

// `a`, n×n, holds the lower half of a symmetric matrix, then L with L*L' = A there; what is above the diagonal is left
// alone. False where A is not positive definite.
template <class T>
bool factorise_cholesky(const BlasRoutines<T>& blas, std::ptrdiff_t n, T* a);

// A triangular matrix, n×n, in one half of the memory it is read from.
template <class T>
struct TriangularFactor {
  const T* data = nullptr;
  std::ptrdiff_t n = 0;
  bool upper = false;
  bool transposed = false;
  bool unit = false;  // ones on the diagonal, whatever stands there
};

// inv(F)*B in the place of B, n×cols.
template <class T>
void solve_triangular(const TriangularFactor<T>& factor, T* b, std::ptrdiff_t cols);

}  // namespace matgrad::dense
