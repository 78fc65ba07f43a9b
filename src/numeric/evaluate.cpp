// SPDX-License-Identifier: MIT
#include "numeric/evaluate.hpp"

#include <boost/container/small_vector.hpp>

#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

const Kernel& kernel_of(const Step& step) { return step.entry->kernel; }

// The structural operators are the first rows of the table and are computed here.
bool is_structural(OpId op) { return op <= op::unvec; }

template <class T>
auto kernel_function(const Kernel& kernel) {
  if constexpr (std::is_same_v<T, double>) {
    return kernel.real;
  } else {
    return kernel.complex;
  }
}

}  // namespace

template <class T>
Evaluation<T>::Evaluation(const Store& store, std::span<const NodeId> roots, const std::vector<std::int64_t>& sizes)
    : schedule_(std::make_shared<const Schedule>(store, roots, sizes)), values_(schedule_->steps.size()) {}

template <class T>
template <class U>
Evaluation<T>::Evaluation(const Evaluation<U>& other)
    : schedule_(other.schedule_),
      values_(other.values_.size()),
      watched_(other.watched_),
      most_loop_steps_(other.most_loop_steps_) {
  for (Slot slot : schedule_->order) values_[slot] = other.values_[slot].template cast<T>();
}

template <class T>
Slot Evaluation<T>::slot_of(NodeId id) const {
  const Slot slot = index_of(id) < schedule_->slots.size() ? schedule_->slots[index_of(id)] : no_slot;
  MATGRAD_ASSERT(slot != no_slot);
  return slot;
}

template <class T>
void Evaluation<T>::assign(Slot symbol, const Array<T>& value) {
  const Step& step = schedule_->steps[symbol];
  MATGRAD_ASSERT(step.op == op::symbol && value.rows() == step.size.rows && value.cols() == step.size.cols);
  values_[symbol] = value;
}

template <class T>
void Evaluation<T>::set(NodeId symbol, const Array<T>& value) {
  assign(slot_of(symbol), value);
}

template <class T>
void Evaluation<T>::set_all(const Point<T>& point) {
  for (Slot slot : schedule_->symbols) {
    const auto at = point.values.find(schedule_->steps[slot].payload);
    if (at != point.values.end()) assign(slot, at->second);
  }
}

template <class T>
void Evaluation<T>::watch(std::span<const NodeId> symbols) {
  std::vector<Slot> leaves;
  for (NodeId symbol : symbols) leaves.push_back(slot_of(symbol));
  watched_ = schedule_->depending_on(leaves);
}

template <class T>
bool Evaluation<T>::computable(std::span<const Slot> part) const {
  for (Slot slot : schedule_->with_loops(part)) {
    const Step& step = schedule_->steps[slot];
    if (!is_structural(step.op) && kernel_function<T>(kernel_of(step)) == nullptr) return false;
  }
  return true;
}

template <class T>
bool Evaluation<T>::watched_is_computable() const {
  return computable(watched_);
}

template <class T>
double Evaluation<T>::update_cost() const {
  double total = 1;
  for (Slot slot : schedule_->with_loops(watched_)) {
    const Size size = schedule_->steps[slot].size;
    Eigen::Index inner = 1;
    for (Slot child : schedule_->children_of(slot)) {
      const Size of_child = schedule_->steps[child].size;
      inner = std::max(inner, std::min(of_child.rows, of_child.cols));
    }
    total += 20 + static_cast<double>(size.rows) * static_cast<double>(size.cols) * static_cast<double>(inner);
  }
  return total;
}

template <class T>
bool Evaluation<T>::run() {
  return conforms() && computable(schedule_->order) && compute_all(schedule_->order);
}

template <class T>
bool Evaluation<T>::update() {
  return compute_all(watched_);
}

template <class T>
bool Evaluation<T>::compute_all(std::span<const Slot> part) {
  loop_steps_ = 0;
  for (Slot slot : part) {
    if (!compute(slot)) return false;
  }
  return true;
}

template <class T>
bool Evaluation<T>::compute(Slot slot) {
  const Step& step = schedule_->steps[slot];
  Array<T>& out = values_[slot];
  if (step.op == op::sum_over) return compute_sum(slot);
  boost::container::small_vector<const Array<T>*, 8> inputs;
  for (Slot child : schedule_->children_of(slot)) inputs.push_back(&values_[child]);
  if (!is_structural(step.op)) {
    out = kernel_function<T>(kernel_of(step))(Arguments<T>({inputs.data(), inputs.size()}), step.size);
  } else if (inputs.empty()) {
    compute_leaf(step, out);
  } else if (!compute_inner(step, {inputs.data(), inputs.size()}, out)) {
    return false;
  }
  MATGRAD_ASSERT(out.rows() == step.size.rows && out.cols() == step.size.cols);
  return true;
}

template <class T>
void Evaluation<T>::compute_leaf(const Step& step, Array<T>& out) {
  const auto [rows, cols] = step.size;
  switch (step.op) {
    case op::number:
    case op::dimension:
      out = Array<T>::Constant(1, 1, T(step.constant));
      return;
    case op::zeros:
      out = Array<T>::Zero(rows, cols);
      return;
    case op::ones:
      out = Array<T>::Ones(rows, cols);
      return;
    case op::identity:
      out = Array<T>::Identity(rows, cols);
      return;
    default:
      // A symbol has been given its value; the caller sees to that.
      MATGRAD_ASSERT(step.op == op::symbol && out.size() > 0);
  }
}

template <class T>
bool Evaluation<T>::compute_inner(const Step& step, Inputs<T> a, Array<T>& out) {
  switch (step.op) {
    case op::transpose:
      out = a[0]->transpose();
      return true;
    case op::add:
      add_values(a, out);
      return true;
    case op::scale:
      out = (*a[0])(0, 0) * *a[1];
      return true;
    case op::multiply:
      multiply_values(a, out);
      return true;
    case op::times:  // of scalars: entrywise as well
    case op::hadamard:
      hadamard_values(a, out);
      return true;
    case op::power:
      power_values(a, out);
      return true;
    case op::matrix_power:
      return matrix_power_values(a, out);
    case op::unit:
      return unit_values(a, step.size, out);
    case op::commutation:
      commutation_values(a, out);
      return true;
    default:
      MATGRAD_ASSERT(step.op == op::unvec);
      out = a[0]->reshaped(step.size.rows, step.size.cols);
      return true;
  }
}

template <class T>
bool Evaluation<T>::compute_sum(Slot slot) {
  const Step& step = schedule_->steps[slot];
  const auto inside = schedule_->children_of(slot);
  const auto first = as_integer(values_[inside[1]](0, 0));
  const auto last = as_integer(values_[inside[2]](0, 0));
  if (!first || !last) return false;
  const Loop& loop = schedule_->loops[step.loop];
  // A loop over an index that an outer loop has in use hands back what it overwrites.
  bool nested = false;
  for (std::uint32_t other : running_) nested = nested || schedule_->loops[other].index == loop.index;
  std::vector<Array<T>> saved;
  if (nested) {
    saved.push_back(values_[loop.index]);
    for (Slot inner : loop.order) saved.push_back(values_[inner]);
  }
  running_.push_back(step.loop);
  Array<T> total = Array<T>::Zero(step.size.rows, step.size.cols);
  const bool done = add_up(step, inside[3], *first, *last, total);
  running_.pop_back();
  if (nested) {
    for (std::size_t i = 0; i < loop.order.size(); ++i) values_[loop.order[i]].swap(saved[i + 1]);
    values_[loop.index].swap(saved[0]);
  }
  values_[slot].swap(total);
  return done;
}

template <class T>
bool Evaluation<T>::add_up(const Step& step, Slot body, std::int64_t first, std::int64_t last, Array<T>& total) {
  const Loop& loop = schedule_->loops[step.loop];
  const auto cost = static_cast<std::int64_t>(loop.order.size()) + 1;
  for (std::int64_t i = first; i <= last; ++i) {
    loop_steps_ += cost;
    if (loop_steps_ > most_loop_steps_) return false;
    values_[loop.index] = Array<T>::Constant(1, 1, T(static_cast<double>(i)));
    for (Slot slot : loop.order) {
      if (slot != loop.index && !compute(slot)) return false;
    }
    total += values_[body];
  }
  return true;
}

template <class T>
std::optional<Array<T>> evaluate(const Store& store, NodeId root, const Point<T>& point) {
  Evaluation<T> evaluation(store, std::span<const NodeId>(&root, 1), point.sizes);
  evaluation.set_all(point);
  if (!evaluation.conforms() || !evaluation.run()) return std::nullopt;
  return evaluation[root];
}

template class Evaluation<double>;
template class Evaluation<std::complex<double>>;
template Evaluation<std::complex<double>>::Evaluation(const Evaluation<double>&);
template std::optional<Array<double>> evaluate(const Store&, NodeId, const Point<double>&);
template std::optional<Array<std::complex<double>>> evaluate(const Store&, NodeId, const Point<std::complex<double>>&);

}  // namespace matgrad
