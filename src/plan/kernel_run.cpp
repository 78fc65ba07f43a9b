// SPDX-License-Identifier: MIT
#include "plan/kernel_run.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "numeric/structural_value.hpp"
#include "ops/table.hpp"
#include "plan/parts.hpp"

namespace matgrad {
namespace {

// The parts of a block matrix, row by row, behind the number of those that stand beside each other.
template <class T>
void assemble(std::span<const dense::Matrix<const T>> parts, std::ptrdiff_t rows, T* out) {
  const auto columns = static_cast<std::size_t>(std::llround(static_cast<double>(*parts[0].data)));
  std::ptrdiff_t row = 0;
  std::ptrdiff_t column = 0;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    dense::copy(parts[i], out + row + column * rows, rows);
    const bool ends_row = i % columns == 0;
    column = ends_row ? 0 : column + parts[i].cols;
    row += ends_row ? parts[i].rows : 0;
  }
}

}  // namespace

template <class T>
void KernelRun<T>::convert(std::span<const dense::Matrix<const T>> arguments) {
  using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  if (converted_.size() < arguments.size()) converted_.resize(arguments.size());
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const dense::Matrix<const T>& from = arguments[i];
    if (from.transposed) {
      converted_[i] = Eigen::Map<const Dense>(from.data, from.cols, from.rows).transpose().template cast<double>();
    } else {
      converted_[i] = Eigen::Map<const Dense>(from.data, from.rows, from.cols).template cast<double>();
    }
  }
}

// The kernels are written for double, and most return arrays of their own.
template <class T>
bool KernelRun<T>::run(OpId op, std::span<const dense::Matrix<const T>> arguments, std::ptrdiff_t rows,
                       std::ptrdiff_t cols, T* out) {
  if (op == op::blocks) {
    assemble(arguments, rows, out);
    return true;
  }
  if (op == op::identity) {
    std::fill_n(out, rows * cols, T(0));
    for (std::ptrdiff_t i = 0; i < rows; ++i) out[i * (rows + 1)] = 1;
    return true;
  }
  const Operator& entry = entry_of(op);
  const Size size{rows, cols};
  if constexpr (std::is_same_v<T, double>) {
    if (entry.kernel.array != nullptr && !arguments[0].transposed) {
      entry.kernel.array(arguments[0].data, out, {arguments[0].rows, arguments[0].cols});
      return true;
    }
  }
  convert(arguments);
  if (entry.kernel.array != nullptr) {
    Array<double>& array = converted_[0];
    entry.kernel.array(array.data(), array.data(), {array.rows(), array.cols()});
    std::transform(array.data(), array.data() + rows * cols, out, [](double x) { return static_cast<T>(x); });
    return true;
  }
  std::vector<const Array<double>*> pointers;
  for (std::size_t i = 0; i < arguments.size(); ++i) pointers.push_back(&converted_[i]);
  Array<double> result;
  if (!entry.structural) {
    result = entry.kernel.real(Arguments<double>({pointers.data(), pointers.size()}), size);
  } else if (!structural_values(op, Inputs<double>{pointers.data(), pointers.size()}, size, result)) {
    return false;
  }
  MATGRAD_ASSERT(result.rows() == rows && result.cols() == cols);
  std::transform(result.data(), result.data() + result.size(), out, [](double x) { return static_cast<T>(x); });
  return true;
}

template class KernelRun<double>;
template class KernelRun<float>;

}  // namespace matgrad
