// SPDX-License-Identifier: MIT
#include "ops/vectorised.hpp"

#include <limits>

#include "ops/vector_math.hpp"

namespace matgrad::vectorised {
namespace {

template <class F>
MATGRAD_INLINE void each(const double* from, double* to, std::size_t count, F f) {
  for (std::size_t i = 0; i < count; ++i) to[i] = f(from[i]);
}

MATGRAD_INLINE double sigmoid_of(double x) {
  const double small = std::exp(-std::fabs(x));  // of either sign of x, without overflow
  return (x >= 0 ? 1 : small) / (1 + small);
}

constexpr std::ptrdiff_t rows_at_once = 256;
constexpr double largest_finite = std::numeric_limits<double>::max();

// The largest entry of every row, and sums that begin with 0.
MATGRAD_INLINE void begin_rows(const double* from, std::ptrdiff_t rows, std::ptrdiff_t cols, std::ptrdiff_t stride,
                               double* largest, double* sums) {
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    largest[i] = from[i];
    sums[i] = 0;
  }
  for (std::ptrdiff_t j = 1; j < cols; ++j) {
    const double* x = from + j * stride;
    for (std::ptrdiff_t i = 0; i < rows; ++i) largest[i] = x[i] > largest[i] ? x[i] : largest[i];
  }
}

// With the largest entry of a row taken away from it: nothing overflows, and not everything vanishes.
MATGRAD_INLINE void softmax_of_rows(const double* from, double* to, std::ptrdiff_t rows, std::ptrdiff_t cols,
                                    std::ptrdiff_t stride) {
  double largest[rows_at_once];
  double sums[rows_at_once];
  begin_rows(from, rows, cols, stride, largest, sums);
  for (std::ptrdiff_t j = 0; j < cols; ++j) {
    const double* x = from + j * stride;
    double* y = to + j * stride;
    for (std::ptrdiff_t i = 0; i < rows; ++i) y[i] = std::exp(x[i] - largest[i]);
    for (std::ptrdiff_t i = 0; i < rows; ++i) sums[i] += y[i];
  }
  for (std::ptrdiff_t j = 0; j < cols; ++j) {
    double* y = to + j * stride;
    for (std::ptrdiff_t i = 0; i < rows; ++i) y[i] /= sums[i];
  }
}

// A row that is infinitely large anywhere is so as a whole, and so is one that is infinitely small everywhere.
MATGRAD_INLINE void log_sum_exp_of_rows(const double* from, double* to, std::ptrdiff_t rows, std::ptrdiff_t cols,
                                        std::ptrdiff_t stride) {
  double largest[rows_at_once];
  double sums[rows_at_once];
  begin_rows(from, rows, cols, stride, largest, sums);
  for (std::ptrdiff_t i = 0; i < rows; ++i) largest[i] = std::fabs(largest[i]) <= largest_finite ? largest[i] : 0;
  for (std::ptrdiff_t j = 0; j < cols; ++j) {
    const double* x = from + j * stride;
    for (std::ptrdiff_t i = 0; i < rows; ++i) sums[i] += std::exp(x[i] - largest[i]);
  }
  for (std::ptrdiff_t i = 0; i < rows; ++i) to[i] = largest[i] + std::log(sums[i]);
}

MATGRAD_INLINE void softmax_of_one(const double* from, double* to, std::ptrdiff_t count) {
  double largest = from[0];
  for (std::ptrdiff_t i = 1; i < count; ++i) largest = from[i] > largest ? from[i] : largest;
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < count; ++i) to[i] = std::exp(from[i] - largest);
#pragma omp simd reduction(+ : sum)
  for (std::ptrdiff_t i = 0; i < count; ++i) sum += to[i];
  for (std::ptrdiff_t i = 0; i < count; ++i) to[i] /= sum;
}

}  // namespace

// Both sides of a choice are cheap, so that no branch hides a call.
#define MATGRAD_FUNCTION(name, value)                                           \
  MATGRAD_COPIES void name(const double* from, double* to, std::size_t count) { \
    each(from, to, count, [](double x) { return value; });                      \
  }
MATGRAD_FUNCTION(exp, std::exp(x))
MATGRAD_FUNCTION(log, std::log(x))
MATGRAD_FUNCTION(sin, std::sin(x))
MATGRAD_FUNCTION(cos, std::cos(x))
MATGRAD_FUNCTION(tan, std::tan(x))
MATGRAD_FUNCTION(sinh, std::sinh(x))
MATGRAD_FUNCTION(cosh, std::cosh(x))
MATGRAD_FUNCTION(tanh, std::tanh(x))
MATGRAD_FUNCTION(asin, std::asin(x))
MATGRAD_FUNCTION(acos, std::acos(x))
MATGRAD_FUNCTION(atan, std::atan(x))
MATGRAD_FUNCTION(erf, std::erf(x))
MATGRAD_FUNCTION(log1p, std::log1p(x))
MATGRAD_FUNCTION(expm1, std::expm1(x))
MATGRAD_FUNCTION(sigmoid, sigmoid_of(x))
MATGRAD_FUNCTION(softplus, (x > 0 ? x : 0) + std::log1p(std::exp(-std::fabs(x))))
#undef MATGRAD_FUNCTION

MATGRAD_COPIES void softmax(const double* from, double* to, std::ptrdiff_t rows, std::ptrdiff_t cols) {
  if (rows == 1) {
    softmax_of_one(from, to, cols);
    return;
  }
  for (std::ptrdiff_t i = 0; i < rows; i += rows_at_once) {
    softmax_of_rows(from + i, to + i, rows - i < rows_at_once ? rows - i : rows_at_once, cols, rows);
  }
}

MATGRAD_COPIES void log_sum_exp(const double* from, double* to, std::ptrdiff_t rows, std::ptrdiff_t cols) {
  for (std::ptrdiff_t i = 0; i < rows; i += rows_at_once) {
    log_sum_exp_of_rows(from + i, to + i, rows - i < rows_at_once ? rows - i : rows_at_once, cols, rows);
  }
}

}  // namespace matgrad::vectorised
