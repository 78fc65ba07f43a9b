// SPDX-License-Identifier: MIT
// Products one of whose dimensions is a handful: what is small stays in registers while the rest passes by once. A
// general product packs its factors first, which costs more than the multiplications here.
#pragma once

#include "plan/blas.hpp"

namespace matgrad::dense {

// C = alpha*A*B, or C += alpha*A*B, where A*B is of this kind and the processor has vectors of four numbers or more;
// false otherwise. The columns of C are `leading` numbers apart.
template <class T>
bool multiply_narrow(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c,
                     std::ptrdiff_t leading);

// C = V*U', or C += V*U', where V and U have a few columns each, that stand behind one another; `cols` rows of U.
template <class T>
void multiply_outer(std::ptrdiff_t rows, std::ptrdiff_t cols, std::ptrdiff_t terms, const T* v, const T* u, bool adds,
                    T* c);

}  // namespace matgrad::dense
