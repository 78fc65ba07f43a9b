// SPDX-License-Identifier: MIT
// A matrix as data with a name.
#pragma once

#include <Eigen/Core>
#include <string>

#include "engine/bind.hpp"

namespace matgrad {

inline NamedArray named_array(const std::string& name, const Eigen::MatrixXd& values) {
  NamedArray array{name, name, {}};
  array.array.rows = values.rows();
  array.array.cols = values.cols();
  array.array.dimensions = values.size() == 1 ? 0 : values.cols() == 1 ? 1 : 2;
  array.array.values.assign(values.data(), values.data() + values.size());
  return array;
}

}  // namespace matgrad
