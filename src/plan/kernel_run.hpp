// SPDX-License-Identifier: MIT
// The kernels of operators that a plan only knows by their entry, on plain memory.
#pragma once

#include <span>
#include <vector>

#include "ops/operator.hpp"
#include "plan/blas.hpp"

namespace matgrad {

template <class T>
class KernelRun {
 public:
  // The value of an operator of these arguments, of rows × cols, to `out`. False where an index is out of range.
  bool run(OpId op, std::span<const dense::Matrix<const T>> arguments, std::ptrdiff_t rows, std::ptrdiff_t cols,
           T* out);

 private:
  void convert(std::span<const dense::Matrix<const T>> arguments);
  std::vector<Array<double>> converted_;  // kept for the next call
};

extern template class KernelRun<double>;
extern template class KernelRun<float>;

}  // namespace matgrad
