// SPDX-License-Identifier: MIT
// The values of the structural operators, which have no kernel of their own. Each writes into the array it is given,
// so that a re-evaluation allocates nothing. The complex ones are analytic: nothing is conjugated.
#pragma once

#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include "base/factorisations.hpp"
#include "base/result.hpp"
#include "ops/kernel.hpp"
#include "ops/structural.hpp"

namespace matgrad {

template <class T>
using Inputs = std::span<const Array<T>* const>;

// The integer that a value is; nothing where it is none, or is moved along an imaginary direction.
template <class T>
std::optional<std::int64_t> as_integer(const T& value) {
  const double real = real_part(value);
  if (T(real) != value || std::nearbyint(real) != real || std::abs(real) > 1e15) return std::nullopt;
  return static_cast<std::int64_t>(real);
}

inline double power_value(double base, double exponent) {
  return std::pow(base, exponent);
}

inline std::complex<double> power_value(std::complex<double> base, std::complex<double> exponent) {
  if (base.imag() == 0 && exponent.imag() == 0) return std::pow(base.real(), exponent.real());
  if (const auto k = as_integer(exponent)) {
    // Not by logarithms: a negative base would leave rounding errors in the imaginary part.
    std::complex<double> result = 1;
    std::complex<double> square = *k < 0 ? 1.0 / base : base;
    for (std::int64_t rest = *k < 0 ? -*k : *k; rest > 0; rest /= 2, square *= square) {
      if (rest % 2 == 1) result *= square;
    }
    return result;
  }
  // Where the real power is not defined, neither is this one.
  if (base.real() < 0) return std::numeric_limits<double>::quiet_NaN();
  if (exponent == 0.5) return std::sqrt(base);
  return std::pow(base, exponent);
}

template <class T>
void add_values(Inputs<T> a, Array<T>& out) {
  out = *a[0];
  for (const Array<T>* term : a.subspan(1)) out += *term;
}

template <class T>
void hadamard_values(Inputs<T> a, Array<T>& out) {
  out = *a[0];
  for (const Array<T>* factor : a.subspan(1)) out.array() *= factor->array();
}

// From the thin end: A*B*x is two products of a matrix and a vector.
template <class T>
void multiply_values(Inputs<T> a, Array<T>& out) {
  const std::size_t last = a.size() - 1;
  if (last == 0) {
    out = *a[0];
  } else if (a[last]->cols() < a[0]->rows()) {
    out.noalias() = *a[last - 1] * *a[last];
    for (std::size_t i = last - 1; i-- > 0;) out = (*a[i] * out).eval();
  } else {
    out.noalias() = *a[0] * *a[1];
    for (std::size_t i = 2; i <= last; ++i) out = (out * *a[i]).eval();
  }
}

template <class T>
void power_values(Inputs<T> a, Array<T>& out) {
  const Array<T>& base = *a[0];
  const Array<T>& exponent = *a[1];
  const bool one_exponent = exponent.size() == 1;
  out.resize(base.rows(), base.cols());
  for (Eigen::Index i = 0; i < base.size(); ++i) {
    out.data()[i] = power_value(base.data()[i], exponent.data()[one_exponent ? 0 : i]);
  }
}

// False where the exponent is not an integer.
template <class T>
bool matrix_power_values(Inputs<T> a, Array<T>& out) {
  const auto k = as_integer((*a[1])(0, 0));
  if (!k) return false;
  Array<T> square = *a[0];
  if (*k < 0) square = Array<T>(a[0]->inverse());
  out = Array<T>::Identity(square.rows(), square.cols());
  for (std::int64_t rest = *k < 0 ? -*k : *k; rest > 0; rest /= 2) {
    if (rest % 2 == 1) out = (out * square).eval();
    if (rest > 1) square = (square * square).eval();
  }
  return true;
}

// False where there is no such unit vector.
template <class T>
bool unit_values(Inputs<T> a, Size size, Array<T>& out) {
  const auto i = as_integer((*a[0])(0, 0));
  if (!i || *i < 1 || *i > size.rows) return false;
  out = Array<T>::Zero(size.rows, 1);
  out(static_cast<Eigen::Index>(*i - 1), 0) = 1;
  return true;
}

// K(m,n)*vec(A) = vec(A') for A m×n.
template <class T>
void commutation_values(Inputs<T> a, Array<T>& out) {
  const auto m = static_cast<Eigen::Index>(real_part((*a[0])(0, 0)));
  const auto n = static_cast<Eigen::Index>(real_part((*a[1])(0, 0)));
  out = Array<T>::Zero(m * n, m * n);
  for (Eigen::Index i = 0; i < m; ++i) {
    for (Eigen::Index j = 0; j < n; ++j) out(i * n + j, j * m + i) = 1;
  }
}

// The entries of vech(A) of a square A: their places in vech(A), in vec(A) and in vec(A').
template <class Visit>
void each_lower_entry(Eigen::Index entries, Visit visit) {
  Eigen::Index n = 0;
  while (n * n < entries) ++n;
  Eigen::Index next = 0;
  for (Eigen::Index j = 0; j < n; ++j) {
    for (Eigen::Index i = j; i < n; ++i, ++next) visit(next, j * n + i, i * n + j);
  }
}

// D(n)*vech(A) = vec(A) for A symmetric, n×n.
template <class T>
void duplication_values(Size size, Array<T>& out) {
  out = Array<T>::Zero(size.rows, size.cols);
  each_lower_entry(size.rows, [&](Eigen::Index k, Eigen::Index lower, Eigen::Index mirrored) {
    out(lower, k) = out(mirrored, k) = 1;
  });
}

// L(n)*vec(A) = vech(A) for A n×n.
template <class T>
void elimination_values(Size size, Array<T>& out) {
  out = Array<T>::Zero(size.rows, size.cols);
  each_lower_entry(size.cols, [&](Eigen::Index k, Eigen::Index lower, Eigen::Index) { out(k, lower) = 1; });
}

// The number of columns of the grid, then its parts.
template <class T>
void block_values(Inputs<T> a, Size size, Array<T>& out) {
  const auto columns = static_cast<std::size_t>(real_part((*a[0])(0, 0)));
  out.resize(size.rows, size.cols);
  Eigen::Index row = 0;
  for (std::size_t first = 1; first < a.size(); first += columns) {
    Eigen::Index col = 0;
    for (std::size_t i = first; i < first + columns; ++i) {
      out.block(row, col, a[i]->rows(), a[i]->cols()) = *a[i];
      col += a[i]->cols();
    }
    row += a[first]->rows();
  }
}

// A structural operator of arguments. False where there is no such value.
template <class T>
bool structural_values(OpId structural, Inputs<T> a, Size size, Array<T>& out) {
  switch (structural) {
    case op::transpose: out = a[0]->transpose(); return true;
    case op::add: add_values(a, out); return true;
    case op::scale: out = (*a[0])(0, 0) * *a[1]; return true;
    case op::multiply: multiply_values(a, out); return true;
    case op::times:  // of scalars: entrywise as well
    case op::hadamard: hadamard_values(a, out); return true;
    case op::power: power_values(a, out); return true;
    case op::matrix_power: return matrix_power_values(a, out);
    case op::unit: return unit_values(a, size, out);
    case op::commutation: commutation_values(a, out); return true;
    case op::duplication: duplication_values(size, out); return true;
    case op::elimination: elimination_values(size, out); return true;
    case op::blocks: block_values(a, size, out); return true;
    default:
      MATGRAD_ASSERT(structural == op::unvec);
      out = a[0]->reshaped(size.rows, size.cols);
      return true;
  }
}

}  // namespace matgrad
