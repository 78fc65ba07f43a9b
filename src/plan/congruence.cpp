// SPDX-License-Identifier: MIT
#include "plan/congruence.hpp"

#include <cmath>

#include "plan/moves.hpp"
#include "plan/packed.hpp"

namespace matgrad {
namespace {

struct Weighted {
  const MapInput* weights = nullptr;
  const MapInput* matrix = nullptr;
};

// d(i) .* A or A .* d'(j), nothing else.
std::optional<Weighted> weighted(const Plan& plan, const PlanStep& step) {
  if (step.routine != Routine::map) return std::nullopt;
  const MapProgram& program = plan.maps[step.map];
  if (program.inputs.size() != 2 || program.code.size() != 1 || program.outputs.size() != 1 || is_vector(program)) {
    return std::nullopt;
  }
  if (program.code[0].op != MapOp::multiply || program.code[0].a == program.code[0].b) return std::nullopt;
  if (program.outputs[0].collect != Collect::store || program.outputs[0].from != 2) return std::nullopt;
  Weighted result;
  for (const MapInput& input : program.inputs) {
    const bool is_weight = input.access == Access::column || input.access == Access::row;
    if (is_weight) result.weights = &input;
    if (input.access == Access::entry) result.matrix = &input;
  }
  if (result.weights == nullptr || result.matrix == nullptr) return std::nullopt;
  return result;
}

// What a step multiplies by the middle of a congruence from one side.
std::optional<Operand> outer_factor(const Plan& plan, const PlanStep& step, bool& from_left) {
  if (step.routine == Routine::solve) {
    from_left = !step.from_right;
    return step.operands[1];
  }
  const auto found = weighted(plan, step);
  if (!found) return std::nullopt;
  from_left = found->weights->access == Access::column;
  return found->matrix->operand;
}

}  // namespace

bool is_congruence(const Plan& plan, const PlanStep& first, const PlanStep& second) {
  if (second.routine != Routine::product || !second.symmetric) return false;
  bool from_left = false;
  const auto outer = outer_factor(plan, first, from_left);
  if (!outer || outer->buffer == first.out) return false;
  // A' times M*A, or A*M times A'.
  const Operand& half = second.operands[from_left ? 1 : 0];
  const Operand& other = second.operands[from_left ? 0 : 1];
  return half.buffer == first.out && !half.transposed && other == outer->turned();
}

template <class T>
CongruenceRun<T>::CongruenceRun(Workspace<T>& space) : space_(space), begins_(space.plan.steps.size(), false) {
  const std::vector<PlanStep>& steps = space.plan.steps;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    if (!is_congruence(space.plan, steps[i], steps[i + 1]) || space.memory.readers[steps[i].out] != 1) continue;
    begins_[i] = space.extent(steps[i + 1].operands[0].rows) >= dense::least_rows_of_half;
    if (!begins_[i] || steps[i].routine != Routine::map) continue;
    const Operand& half = steps[i + 1].operands[0];
    const auto longest = static_cast<std::size_t>(space.extent(half.cols));
    if (order_.size() < longest) order_.resize(longest);
    if (roots_.size() < longest) roots_.resize(longest);
  }
}

template <class T>
bool CongruenceRun<T>::begins(const PlanStep& step) const {
  const PlanStep* steps = space_.plan.steps.data();
  return begins_[static_cast<std::size_t>(&step - steps)];
}

template <class T>
bool CongruenceRun<T>::run(const PlanStep& first, const PlanStep& second, FactorRun<T>& factors) {
  if (first.routine == Routine::map) {
    run_weighted(first, second);
    return true;
  }
  // inv(L)*A, as columns.
  const Operand& other = first.operands[1];
  const T* half = factors.solve_half(first);
  if (half == nullptr) return false;
  const std::ptrdiff_t rows = space_.extent(first.from_right ? other.cols : other.rows);
  const std::ptrdiff_t cols = space_.extent(first.from_right ? other.rows : other.cols);
  const View columns{half, rows, cols, false};
  dense::multiply<T>(space_.alpha(second), columns.turned(), columns, second.adds, true, space_.places[second.out]);
  return true;
}

template <class T>
void CongruenceRun<T>::order_by_sign(const T* weights, std::ptrdiff_t count) {
  positive_ = 0;
  for (std::ptrdiff_t i = 0; i < count; ++i) positive_ += weights[i] < 0 ? 0 : 1;  // also what is no number
  std::ptrdiff_t next[2] = {0, positive_};
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const std::ptrdiff_t at = next[weights[i] < 0 ? 1 : 0]++;
    order_[static_cast<std::size_t>(at)] = i;
    roots_[static_cast<std::size_t>(at)] = std::sqrt(std::abs(weights[i]));
  }
}

template <class T>
void CongruenceRun<T>::run_weighted(const PlanStep& first, const PlanStep& second) {
  const Weighted parts = *weighted(space_.plan, first);
  const bool from_left = parts.weights->access == Access::column;
  // As columns, one row for every weight.
  const View plain = space_.view(parts.matrix->operand);
  const View a = from_left ? plain : plain.turned();
  const T* weights = space_.data(parts.weights->operand.buffer);
  const T alpha = space_.alpha(second);
  T* out = space_.places[second.out];
  if (dense::multiply_packed<T>({alpha, a.turned(), a, weights, second.adds, out, a.cols, dense::Half::lower})) {
    return loops::mirror(a.cols, out, false);
  }
  order_by_sign(weights, a.rows);
  T* half = space_.places[first.out];
  a.transposed ? scale_columns(a.turned(), half) : scale_rows(a, half);
  const View all{half, a.rows, a.cols, a.transposed};
  auto part = [&](std::ptrdiff_t from, std::ptrdiff_t count) { return all.turned().columns(from, count).turned(); };
  auto add_square = [&](T factor, const View& rows, bool adds) {
    dense::multiply<T>(factor, rows.turned(), rows, adds, true, out);
  };
  if (positive_ > 0) add_square(alpha, part(0, positive_), second.adds);
  if (positive_ < a.rows) add_square(-alpha, part(positive_, a.rows - positive_), second.adds || positive_ > 0);
}

template <class T>
void CongruenceRun<T>::scale_rows(const View& a, T* out) const {
  const bool in_order = positive_ == 0 || positive_ == a.rows;
  for (std::ptrdiff_t j = 0; j < a.cols; ++j) {
    const T* from = a.data + j * a.leading();
    T* to = out + j * a.rows;
    if (in_order) {
      for (std::ptrdiff_t i = 0; i < a.rows; ++i) to[i] = roots_[static_cast<std::size_t>(i)] * from[i];
    } else {
      for (std::ptrdiff_t i = 0; i < a.rows; ++i) {
        const auto at = static_cast<std::size_t>(i);
        to[i] = roots_[at] * from[order_[at]];
      }
    }
  }
}

template <class T>
void CongruenceRun<T>::scale_columns(const View& a, T* out) const {
  for (std::ptrdiff_t j = 0; j < a.cols; ++j) {
    const T root = roots_[static_cast<std::size_t>(j)];
    const T* from = a.data + order_[static_cast<std::size_t>(j)] * a.leading();
    T* to = out + j * a.rows;
    for (std::ptrdiff_t i = 0; i < a.rows; ++i) to[i] = root * from[i];
  }
}

template class CongruenceRun<double>;
template class CongruenceRun<float>;

}  // namespace matgrad
