// SPDX-License-Identifier: MIT
// What factors say of their matrix: its determinant and how well it is conditioned.
#include <cmath>
#include <vector>

#include "plan/blas.hpp"

namespace matgrad::dense {

template <class T>
double norm1(Matrix<const T> a) {
  std::vector<double> sums(static_cast<std::size_t>(a.cols), 0);
  const std::ptrdiff_t leading = a.leading();
  const std::ptrdiff_t stored_cols = a.transposed ? a.rows : a.cols;
  for (std::ptrdiff_t j = 0; j < stored_cols; ++j) {
    for (std::ptrdiff_t i = 0; i < leading; ++i) {
      sums[static_cast<std::size_t>(a.transposed ? i : j)] += std::abs(static_cast<double>(a.data[i + j * leading]));
    }
  }
  double largest = 0;
  for (double sum : sums) largest = sum > largest || std::isnan(sum) ? sum : largest;
  return largest;
}

template <class T>
double inverse_norm1(Factorisation kind, const T* factor, const int* pivots, std::ptrdiff_t n) {
  const auto size = static_cast<std::size_t>(n);
  std::vector<T> x(size, static_cast<T>(1.0 / static_cast<double>(n)));
  std::vector<T> signs(size);
  double estimate = 0;
  std::size_t last = size;
  for (int round = 0; round < 5; ++round) {
    solve(kind, factor, pivots, n, false, x.data(), 1);
    double norm = 0;
    for (std::size_t i = 0; i < size; ++i) {
      norm += std::abs(static_cast<double>(x[i]));
      signs[i] = x[i] < 0 ? T(-1) : T(1);
    }
    if (std::isnan(norm) || norm <= estimate) return std::isnan(norm) ? norm : estimate;
    estimate = norm;
    solve(kind, factor, pivots, n, true, signs.data(), 1);
    std::size_t largest = 0;
    for (std::size_t i = 1; i < size; ++i) {
      if (std::abs(signs[i]) > std::abs(signs[largest])) largest = i;
    }
    if (largest == last) break;
    last = largest;
    x.assign(size, T(0));
    x[largest] = 1;
  }
  return estimate;
}

// Mantissa and exponent apart, so that nothing overflows on the way to a determinant that does not.
template <class T>
T determinant(Factorisation kind, const T* factor, const int* pivots, std::ptrdiff_t n) {
  T mantissa = 1;
  int exponent = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const T entry = factor[i + i * n];
    const bool interchanged = kind == Factorisation::lu && pivots[i] != i;
    int more = 0;
    mantissa = std::frexp(mantissa * (interchanged ? -entry : entry), &more);
    exponent += more;
  }
  if (kind == Factorisation::cholesky) return std::ldexp(mantissa * mantissa, 2 * exponent);
  return std::ldexp(mantissa, exponent) + T(0);  // no -0
}

template <class T>
T log_determinant(Factorisation kind, const T* factor, std::ptrdiff_t n) {
  T sum = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i) sum += std::log(std::abs(factor[i + i * n]));
  return kind == Factorisation::cholesky ? 2 * sum : sum;
}

#define MATGRAD_INSTANTIATE(T)                                                        \
  template double norm1(Matrix<const T>);                                             \
  template double inverse_norm1(Factorisation, const T*, const int*, std::ptrdiff_t); \
  template T determinant(Factorisation, const T*, const int*, std::ptrdiff_t);        \
  template T log_determinant(Factorisation, const T*, std::ptrdiff_t);
MATGRAD_INSTANTIATE(double)
MATGRAD_INSTANTIATE(float)
#undef MATGRAD_INSTANTIATE

}  // namespace matgrad::dense
