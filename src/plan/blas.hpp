// SPDX-License-Identifier: MIT
// Products, factorisations and solves on plain memory, column by column: by BLAS and LAPACK where the build has them,
// by Eigen otherwise.
#pragma once

#include <cstddef>

#include "plan/plan.hpp"

namespace matgrad::dense {

// A matrix in memory, or the transpose of it.
template <class T>
struct Matrix {
  T* data = nullptr;
  std::ptrdiff_t rows = 0;  // after the transposition
  std::ptrdiff_t cols = 0;
  bool transposed = false;
  std::ptrdiff_t stride = 0;  // between columns in memory; 0: none of it is left out
  std::ptrdiff_t leading() const { return stride != 0 ? stride : transposed ? cols : rows; }
  Matrix turned() const { return {data, cols, rows, !transposed, leading()}; }
  Matrix columns(std::ptrdiff_t first, std::ptrdiff_t count) const {
    return {data + first * (transposed ? 1 : leading()), rows, count, transposed, leading()};
  }
};

// Multiplications from which waking other threads costs less than it gains.
inline constexpr double least_product_for_threads = 1e7;

// C = alpha*A*B, or C += alpha*A*B. Where the result is symmetric and has so many rows, half of it is computed and
// mirrored.
inline constexpr std::ptrdiff_t least_rows_of_half = 48;
template <class T>
void multiply(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, bool symmetric, T* c);
// The same into columns that are `leading` numbers apart.
template <class T>
void multiply_into(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c,
                   std::ptrdiff_t leading);

// The same with a triangular factor: what is zero in it is left out, by strips.
template <class T>
void multiply_triangular(Triangle triangle, T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds,
                         T* c);

// A factorisation stored in `factor` (n×n), with pivots for LU. False where the matrix is not positive definite and
// should be.
template <class T>
bool factorise(Factorisation kind, Matrix<const T> a, T* factor, int* pivots);

// Whether a solution by it exists: no pivot is 0.
template <class T>
bool is_regular(const T* factor, std::ptrdiff_t n);

// X = inv(F)*B or inv(F')*B, in place of B (n×cols).
template <class T>
void solve(Factorisation kind, const T* factor, const int* pivots, std::ptrdiff_t n, bool transposed, T* b,
           std::ptrdiff_t cols);

template <class T>
void invert(Factorisation kind, const T* factor, const int* pivots, std::ptrdiff_t n, T* inverse);

// The largest sum of absolute values in a column.
template <class T>
double norm1(Matrix<const T> a);
// The same of inv(F), from a few solves: a lower bound that is rarely off by more than a factor of three (Higham
// (2002), Accuracy and Stability of Numerical Algorithms, algorithm 15.1).
template <class T>
double inverse_norm1(Factorisation kind, const T* factor, const int* pivots, std::ptrdiff_t n);

template <class T>
T determinant(Factorisation kind, const T* factor, const int* pivots, std::ptrdiff_t n);
// Of its absolute value.
template <class T>
T log_determinant(Factorisation kind, const T* factor, std::ptrdiff_t n);

}  // namespace matgrad::dense
