// SPDX-License-Identifier: MIT
// The small triangles that large ones are cut into: at most `smallest_triangle` rows, columns `stride` apart.
#pragma once

#include <cstddef>

namespace matgrad::dense {

constexpr std::ptrdiff_t smallest_triangle = 32;

// L in the place of the lower half of A; false where it is not positive definite.
bool factorise_small(std::ptrdiff_t n, double* a, std::ptrdiff_t stride);
bool factorise_small(std::ptrdiff_t n, float* a, std::ptrdiff_t stride);

// B*inv(L') in the place of B, rows×n.
void solve_beside(std::ptrdiff_t rows, std::ptrdiff_t n, const double* l, std::ptrdiff_t l_stride, double* b,
                  std::ptrdiff_t b_stride);
void solve_beside(std::ptrdiff_t rows, std::ptrdiff_t n, const float* l, std::ptrdiff_t l_stride, float* b,
                  std::ptrdiff_t b_stride);

// W = inv(L') of a lower triangular matrix, zeros below its diagonal; both smallest_triangle × smallest_triangle, of
// which n×n are read and written.
void invert_transpose(std::ptrdiff_t n, const double* l, double* w);
void invert_transpose(std::ptrdiff_t n, const float* l, float* w);

// inv(F)*x in the place of x, F being one half of the memory it is read from, transposed or with ones on its diagonal.
void substitute_small(std::ptrdiff_t n, const double* f, std::ptrdiff_t stride, bool upper, bool transposed, bool unit,
                      double* x);
void substitute_small(std::ptrdiff_t n, const float* f, std::ptrdiff_t stride, bool upper, bool transposed, bool unit,
                      float* x);

// W*B in the place of B, n×cols. W is smallest_triangle × smallest_triangle, zero past n.
void multiply_small(std::ptrdiff_t n, const double* w, std::ptrdiff_t cols, double* b, std::ptrdiff_t b_stride);
void multiply_small(std::ptrdiff_t n, const float* w, std::ptrdiff_t cols, float* b, std::ptrdiff_t b_stride);

}  // namespace matgrad::dense
