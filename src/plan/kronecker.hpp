// SPDX-License-Identifier: MIT
// Sums of Kronecker products, and K(m,n) times them, in one pass over the result.
#pragma once

#include <vector>

#include "plan/blas.hpp"

namespace matgrad::dense {

template <class T>
struct KroneckerTerm {  // alpha*kron(A,B)
  T alpha = 1;
  Matrix<const T> a;
  Matrix<const T> b;
  bool b_is_identity = false;
};

// out = (and with `adds` out +=) the sum of the terms, all of whose A and all of whose B have one shape; `commuted`:
// K(p,m) times it, where A has m rows and B has p. `scratch` is kept for the next call.
template <class T>
void kronecker_sum(const std::vector<KroneckerTerm<T>>& terms, bool commuted, bool adds, T* out,
                   std::vector<T>& scratch);

// K(m,n)*A: every column is vec(B) with B m×n, and becomes vec(B').
template <class T>
void commute(const Matrix<const T>& a, std::ptrdiff_t m, std::ptrdiff_t n, T* out);

}  // namespace matgrad::dense
