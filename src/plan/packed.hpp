// SPDX-License-Identifier: MIT
// Products all of whose dimensions are large: both factors are copied into panels in the order in which they are read,
// and tiles of the result stay in registers while a panel of each passes by (Goto and van de Geijn (2008), Anatomy of
// high-performance matrix multiplication).
#pragma once

#include "plan/blas.hpp"
#include "plan/blas_library.hpp"

namespace matgrad::dense {

// Which entries of a product are computed: those on and below (above) the diagonal, where the others follow from them.
enum class Half { both, lower, upper };

// C = alpha*A*diag(weights)*B, or C += …; the columns of C are `leading` numbers apart.
template <class T>
struct PackedProduct {
  T alpha = 1;
  Matrix<const T> a;
  Matrix<const T> b;
  const T* weights = nullptr;  // nullptr: all are 1
  bool adds = false;
  T* c = nullptr;
  std::ptrdiff_t leading = 0;
  Half half = Half::both;  // the other one is left as it is
};

// False where the processor has no vectors of eight numbers, or where the product is too small for it to pay; nothing
// has been done then. Large ones are shared by the team of threads.
template <class T>
bool multiply_packed(const PackedProduct<T>& product);

// A half of C = alpha*A*A', or C += …, so, or else by the library.
template <class T>
void multiply_half(const BlasRoutines<T>& blas, Half half, T alpha, const Matrix<const T>& a, bool adds, T* c,
                   std::ptrdiff_t leading);

}  // namespace matgrad::dense
