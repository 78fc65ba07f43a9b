// SPDX-License-Identifier: MIT
// The inverse from a Cholesky factor, cut into blocks down to small ones so that matrix products do nearly all of the
// work, which libraries do best: LAPACK's potri runs at a quarter of their speed.
#pragma once

#include <cstddef>

#include "plan/blas_library.hpp"

namespace matgrad::dense {

// `a`, n×n, holds L below and on its diagonal, whatever above; then all of inv(L*L').
template <class T>
void invert_from_cholesky(const BlasRoutines<T>& blas, std::ptrdiff_t n, T* a);

}  // namespace matgrad::dense
