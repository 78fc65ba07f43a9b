// SPDX-License-Identifier: MIT
// Matrices that leave the caches, times a vector: bound by how fast memory is read, so eight columns are read side by
// side, which the libraries do not.
#pragma once

#include "plan/blas.hpp"

namespace matgrad::dense {

// C = alpha*A*B, or C += alpha*A*B, where A is large and B is a column, or A a row and B large. False, and nothing
// done, elsewhere.
template <class T>
bool multiply_large_by_vector(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c,
                              std::ptrdiff_t leading);

// y = A*x and z = A'*u in one pass over A, m×n.
template <class T>
void multiply_both_ways(std::ptrdiff_t m, std::ptrdiff_t n, const T* a, const T* x, const T* u, T* y, T* z);

}  // namespace matgrad::dense
