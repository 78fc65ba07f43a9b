// SPDX-License-Identifier: MIT
#include "ops/vectorised.hpp"

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

}  // namespace matgrad::vectorised
