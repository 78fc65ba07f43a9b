// SPDX-License-Identifier: MIT
// Functions of one number, of many numbers in a row, for the kernels of entrywise operators: real arithmetic, as exact
// as for one (to four units in the last place), and several at a time where the C library and the processor allow it.
#pragma once

#include <cstddef>

namespace matgrad::vectorised {

// to[i] = f(from[i]); `to` may be `from`.
using Function = void(const double* from, double* to, std::size_t count);

Function exp;
Function log;
Function sin;
Function cos;
Function tan;
Function sinh;
Function cosh;
Function tanh;
Function asin;
Function acos;
Function atan;
Function erf;
Function log1p;
Function expm1;
Function sigmoid;
Function softplus;

// The softmax of every row of an array, column by column; `to` may be `from`.
void softmax(const double* from, double* to, std::ptrdiff_t rows, std::ptrdiff_t cols);
// The logarithm of the sum of the exponentials of every row.
void log_sum_exp(const double* from, double* to, std::ptrdiff_t rows, std::ptrdiff_t cols);

}  // namespace matgrad::vectorised
