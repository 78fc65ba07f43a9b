// SPDX-License-Identifier: MIT
// How large an array is, and how a value is written where two are compared.
#pragma once

#include <cstdio>
#include <string>

#include "ops/kernel.hpp"

namespace matgrad {

inline double largest(const Array<double>& a) {
  return a.size() == 0 ? 0 : a.cwiseAbs().maxCoeff();
}

inline std::string value_text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.8g", value);
  return buffer;
}

}  // namespace matgrad
