// SPDX-License-Identifier: MIT
// Maps of a plan, whole or by blocks of columns, and the streams that they are part of.
#pragma once

#include <vector>

#include "plan/shared_map.hpp"
#include "plan/workspace.hpp"

namespace matgrad {

template <class T>
class StreamRun {
 public:
  explicit StreamRun(Workspace<T>& space);
  void run_map(const PlanStep& step);
  void run(const Stream& stream, std::ptrdiff_t width);

 private:
  using View = dense::Matrix<const T>;
  void run_block(const PlanStep& step, StreamPart part, std::ptrdiff_t j, std::ptrdiff_t count);
  T* block_base(BufferId buffer, std::ptrdiff_t j) const;
  const T* block_data(BufferId buffer, std::ptrdiff_t j) const;
  View block_view(const Operand& operand, std::ptrdiff_t j) const;

  Workspace<T>& space_;
  std::vector<SharedMap<T>> maps_;
  std::vector<std::vector<const T*>> inputs_;  // by map, kept for the next call
  std::vector<std::vector<T*>> outputs_;
};

extern template class StreamRun<double>;
extern template class StreamRun<float>;

}  // namespace matgrad
