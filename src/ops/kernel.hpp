// SPDX-License-Identifier: MIT
// How an operator computes on arrays: one generic lambda, instantiated for double and complex<double>. Complex
// kernels must be analytic (no conjugation, comparisons on the real part), since the complex step differentiates with
// them; what cannot be analytic has a real kernel only.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <complex>
#include <span>
#include <utility>

#include "ops/vectorised.hpp"

namespace matgrad {

template <class T>
using Array = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

struct Size {
  Eigen::Index rows = 1;
  Eigen::Index cols = 1;
};

// The values of the arguments: a[0], a[1], …
template <class T>
class Arguments {
 public:
  using Scalar = T;
  explicit Arguments(std::span<const Array<T>* const> values) : values_(values) {}
  const Array<T>& operator[](std::size_t at) const { return *values_[at]; }
  T scalar(std::size_t at) const { return (*values_[at])(0, 0); }
  std::size_t size() const { return values_.size(); }

 private:
  std::span<const Array<T>* const> values_;
};

struct Kernel {
  Array<double> (*real)(Arguments<double>, Size) = nullptr;
  Array<std::complex<double>> (*complex)(Arguments<std::complex<double>>, Size) = nullptr;
  // Of a function applied to every entry: to many numbers in a row.
  void (*entries)(const double* from, double* to, std::size_t count) = nullptr;
  void (*entries_single)(const float* from, float* to, std::size_t count) = nullptr;
  // Of a function of one array, of the size given, whose result is not larger: without memory of its own, column by
  // column. The result may stand in its place.
  void (*array)(const double* from, double* to, Size size) = nullptr;
};

template <class F>
constexpr Kernel kernel(F) {
  return {[](Arguments<double> a, Size size) -> Array<double> { return F{}(a, size); },
          [](Arguments<std::complex<double>> a, Size size) -> Array<std::complex<double>> { return F{}(a, size); }};
}

constexpr Kernel with_array(Kernel kernel, void (*array)(const double*, double*, Size)) {
  kernel.array = array;
  return kernel;
}

template <class F>
constexpr Kernel real_kernel(F) {
  return {[](Arguments<double> a, Size size) -> Array<double> { return F{}(a, size); }, nullptr};
}

// Where the best computation on real numbers is not analytic: one for values, one for the complex step.
template <class Real, class Complex>
constexpr Kernel kernel_pair(Real, Complex) {
  return {
      [](Arguments<double> a, Size size) -> Array<double> { return Real{}(a, size); },
      [](Arguments<std::complex<double>> a, Size size) -> Array<std::complex<double>> { return Complex{}(a, size); }};
}

// A function applied to every entry; `many` is the same one of many real numbers in a row, where there is one that is
// faster. Single precision is computed in double, which the functions are written for.
template <vectorised::Function* many = nullptr, class F>
constexpr Kernel entrywise(F) {
  Kernel result = kernel([](auto a, Size) { return a[0].unaryExpr([](auto x) { return F{}(x); }).eval(); });
  result.entries = [](const double* from, double* to, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) to[i] = F{}(from[i]);
  };
  if constexpr (many != nullptr) result.entries = many;
  result.entries_single = [](const float* from, float* to, std::size_t count) {
    constexpr std::size_t longest = 256;
    double numbers[longest];
    for (std::size_t at = 0; at < count; at += longest) {
      const std::size_t here = std::min(longest, count - at);
      for (std::size_t i = 0; i < here; ++i) numbers[i] = static_cast<double>(from[at + i]);
      if constexpr (many != nullptr) {
        many(numbers, numbers, here);
      } else {
        for (std::size_t i = 0; i < here; ++i) numbers[i] = F{}(numbers[i]);
      }
      for (std::size_t i = 0; i < here; ++i) to[at + i] = static_cast<float>(numbers[i]);
    }
  };
  return result;
}

inline double real_part(double x) {
  return x;
}
inline double real_part(std::complex<double> x) {
  return x.real();
}

}  // namespace matgrad
