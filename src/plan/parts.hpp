// SPDX-License-Identifier: MIT
// Parts of matrices, copied.
#pragma once

#include <Eigen/Core>

#include "plan/blas.hpp"

namespace matgrad::dense {

// What is read as A, column by column into memory whose columns are `leading` numbers apart.
template <class T>
void copy(const Matrix<const T>& a, T* to, std::ptrdiff_t leading) {
  using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  Eigen::Map<Dense, 0, Eigen::OuterStride<>> target(to, a.rows, a.cols, Eigen::OuterStride<>(leading));
  if (a.transposed) {
    target = Eigen::Map<const Dense>(a.data, a.cols, a.rows).transpose();
  } else {
    target = Eigen::Map<const Dense>(a.data, a.rows, a.cols);
  }
}

template <class T>
void copy(const Matrix<const T>& a, T* to) {
  copy(a, to, a.rows);
}

// `count` rows of A, behind the first `skipped`, column by column.
template <class T>
void pick_rows(const Matrix<const T>& a, std::ptrdiff_t skipped, std::ptrdiff_t count, T* to) {
  using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  Eigen::Map<Dense> target(to, count, a.cols);
  if (a.transposed) {
    target = Eigen::Map<const Dense>(a.data, a.cols, a.rows).middleCols(skipped, count).transpose();
  } else {
    target = Eigen::Map<const Dense>(a.data, a.rows, a.cols).middleRows(skipped, count);
  }
}

}  // namespace matgrad::dense
