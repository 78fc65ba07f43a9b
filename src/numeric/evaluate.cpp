// SPDX-License-Identifier: MIT
#include "numeric/evaluate.hpp"

#include <boost/container/small_vector.hpp>
#include <cmath>
#include <cstring>

#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

const Kernel& kernel_of(const Task& task) {
  return task.entry->kernel;
}

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
    : schedule_(std::make_shared<const Schedule>(store, roots, sizes)), values_(schedule_->tasks.size()) {}

template <class T>
template <class U>
Evaluation<T>::Evaluation(const Evaluation<U>& other)
    : schedule_(other.schedule_),
      values_(other.values_.size()),
      watched_(other.watched_),
      most_loop_steps_(other.most_loop_steps_),
      disturbance_(other.disturbance_) {
  for (Place place : schedule_->order) values_[place] = other.values_[place].template cast<T>();
}

template <class T>
Place Evaluation<T>::place_of(NodeId id) const {
  const Place place = index_of(id) < schedule_->places.size() ? schedule_->places[index_of(id)] : no_place;
  MATGRAD_ASSERT(place != no_place);
  return place;
}

template <class T>
void Evaluation<T>::assign(Place symbol, const Array<T>& value) {
  const Task& task = schedule_->tasks[symbol];
  MATGRAD_ASSERT(task.op == op::symbol && value.rows() == task.size.rows && value.cols() == task.size.cols);
  values_[symbol] = value;
}

template <class T>
void Evaluation<T>::set(NodeId symbol, const Array<T>& value) {
  assign(place_of(symbol), value);
}

template <class T>
void Evaluation<T>::set_all(const Point<T>& point) {
  for (Place place : schedule_->symbols) {
    const auto at = point.values.find(schedule_->tasks[place].payload);
    if (at != point.values.end()) assign(place, at->second);
  }
}

template <class T>
void Evaluation<T>::watch(std::span<const NodeId> symbols) {
  std::vector<Place> leaves;
  for (NodeId symbol : symbols) leaves.push_back(place_of(symbol));
  watched_ = schedule_->depending_on(leaves);
}

template <class T>
bool Evaluation<T>::computable(std::span<const Place> part) const {
  for (Place place : schedule_->with_loops(part)) {
    const Task& task = schedule_->tasks[place];
    if (!task.entry->structural && kernel_function<T>(kernel_of(task)) == nullptr) return false;
  }
  return true;
}

template <class T>
bool Evaluation<T>::watched_is_computable() const {
  return computable(watched_);
}

template <class T>
double Evaluation<T>::update_cost() const {
  return cost_of(schedule_->with_loops(watched_));
}

template <class T>
double Evaluation<T>::run_cost() const {
  return cost_of(schedule_->order);
}

template <class T>
double Evaluation<T>::cost_of(std::span<const Place> part) const {
  double total = 1;
  for (Place place : part) {
    const Size size = schedule_->tasks[place].size;
    Eigen::Index inner = 1;
    for (Place child : schedule_->children_of(place)) {
      const Size of_child = schedule_->tasks[child].size;
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
bool Evaluation<T>::run_below(double bound) {
  if (!conforms() || !computable(schedule_->order)) return false;
  loop_steps_ = 0;
  for (Place place : schedule_->order) {
    if (!compute(place)) return false;
    const Array<T>& value = values_[place];
    if (!value.allFinite() || !(value.size() == 0 || value.cwiseAbs().maxCoeff() < bound)) return false;
  }
  return true;
}

template <class T>
bool Evaluation<T>::update() {
  return compute_all(watched_);
}

template <class T>
bool Evaluation<T>::compute_all(std::span<const Place> part) {
  loop_steps_ = 0;
  for (Place place : part) {
    if (!compute(place)) return false;
  }
  return true;
}

template <class T>
bool Evaluation<T>::compute(Place place) {
  const Task& task = schedule_->tasks[place];
  Array<T>& out = values_[place];
  if (task.op == op::sum_over) return compute_sum(place);
  boost::container::small_vector<const Array<T>*, 8> inputs;
  for (Place child : schedule_->children_of(place)) inputs.push_back(&values_[child]);
  if (!task.entry->structural) {
    out = kernel_function<T>(kernel_of(task))(Arguments<T>({inputs.data(), inputs.size()}), task.size);
  } else if (inputs.empty()) {
    if (!compute_leaf(task, out)) return false;
  } else if (!structural_values(task.op, Inputs<T>{inputs.data(), inputs.size()}, task.size, out)) {
    return false;
  }
  MATGRAD_ASSERT(out.rows() == task.size.rows && out.cols() == task.size.cols);
  if (disturbance_ != 0 && !inputs.empty() && !may_count(place)) add_disturbance(out);
  return true;
}

// Scalars that may be an index, an exponent or a bound of a sum have to stay whole. What is made of others is none:
// 1 + 1e-20 only happens to come out as 1.
template <class T>
bool Evaluation<T>::may_count(Place place) const {
  auto is_whole = [&](Place at) {
    const Array<T>& value = values_[at];
    return value.size() == 1 && as_integer(value(0, 0)).has_value();
  };
  const Task& task = schedule_->tasks[place];
  if (!task.entry->structural || task.op == op::multiply || !is_whole(place)) return false;
  for (Place child : schedule_->children_of(place)) {
    if (schedule_->tasks[child].op != op::number && !is_whole(child)) return false;
  }
  return true;
}

template <class T>
void Evaluation<T>::disturb(double relative) {
  disturbance_ = relative;
  const double amount = std::abs(relative);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &amount, sizeof bits);
  noise_ = static_cast<std::uint32_t>((bits * 0x9E3779B97F4A7C15u) >> 32);
}

template <class T>
void Evaluation<T>::add_disturbance(Array<T>& out) {
  for (Eigen::Index i = 0; i < out.size(); ++i) {
    noise_ = noise_ * 1664525u + 1013904223u;
    out.data()[i] *= 1 + disturbance_ * (static_cast<double>(noise_ >> 8) * 0x1p-23 - 1);
  }
}

template <class T>
bool Evaluation<T>::compute_leaf(const Task& task, Array<T>& out) {
  const auto [rows, cols] = task.size;
  switch (task.op) {
    case op::number:
    case op::dimension: out = Array<T>::Constant(1, 1, T(task.constant)); return true;
    case op::zeros: out = Array<T>::Zero(rows, cols); return true;
    case op::ones: out = Array<T>::Ones(rows, cols); return true;
    case op::identity: out = Array<T>::Identity(rows, cols); return true;
    default:
      MATGRAD_ASSERT(task.op == op::symbol);
      return out.size() > 0;  // a symbol has the value it was given, or none
  }
}

template <class T>
bool Evaluation<T>::compute_sum(Place place) {
  const Task& task = schedule_->tasks[place];
  const auto inside = schedule_->children_of(place);
  const auto first = as_integer(values_[inside[1]](0, 0));
  const auto last = as_integer(values_[inside[2]](0, 0));
  if (!first || !last) return false;
  const Loop& loop = schedule_->loops[task.loop];
  // A loop over an index that an outer loop has in use hands back what it overwrites.
  bool nested = false;
  for (std::uint32_t other : running_) nested = nested || schedule_->loops[other].index == loop.index;
  std::vector<Array<T>> saved;
  if (nested) {
    saved.push_back(values_[loop.index]);
    for (Place inner : loop.order) saved.push_back(values_[inner]);
  }
  running_.push_back(task.loop);
  Array<T> total = Array<T>::Zero(task.size.rows, task.size.cols);
  const bool done = add_up(task, inside[3], *first, *last, total);
  running_.pop_back();
  if (nested) {
    for (std::size_t i = 0; i < loop.order.size(); ++i) values_[loop.order[i]].swap(saved[i + 1]);
    values_[loop.index].swap(saved[0]);
  }
  values_[place].swap(total);
  return done;
}

template <class T>
bool Evaluation<T>::add_up(const Task& task, Place body, std::int64_t first, std::int64_t last, Array<T>& total) {
  const Loop& loop = schedule_->loops[task.loop];
  const auto cost = static_cast<std::int64_t>(loop.order.size()) + 1;
  // What will be too much is not begun.
  const double all = (static_cast<double>(last) - static_cast<double>(first) + 1) * static_cast<double>(cost);
  if (all > static_cast<double>(most_loop_steps_ - loop_steps_)) return false;
  const std::int64_t before = loop_steps_;
  // From the end, where a sum within it is longest if it is one to i: the first step then tells enough of all.
  for (std::int64_t i = last; i >= first; --i) {
    loop_steps_ += cost;
    if (loop_steps_ > most_loop_steps_) return false;
    values_[loop.index] = Array<T>::Constant(1, 1, T(static_cast<double>(i)));
    for (Place place : loop.order) {
      if (place != loop.index && !compute(place)) return false;
    }
    total += values_[body];
    const double each = static_cast<double>(loop_steps_ - before) / static_cast<double>(last - i + 1);
    if (each * static_cast<double>(last - first + 1) > 3 * static_cast<double>(most_loop_steps_ - before)) return false;
  }
  return true;
}

template <class T>
std::optional<Array<T>> evaluate(const Store& store, NodeId root, const Point<T>& point, double disturbance) {
  Evaluation<T> evaluation(store, std::span<const NodeId>(&root, 1), point.sizes);
  evaluation.set_all(point);
  evaluation.disturb(disturbance);
  if (!evaluation.conforms() || !evaluation.run()) return std::nullopt;
  return evaluation[root];
}

template class Evaluation<double>;
template class Evaluation<std::complex<double>>;
template Evaluation<std::complex<double>>::Evaluation(const Evaluation<double>&);
template std::optional<Array<double>> evaluate(const Store&, NodeId, const Point<double>&, double);
template std::optional<Array<std::complex<double>>> evaluate(const Store&, NodeId, const Point<std::complex<double>>&,
                                                             double);

}  // namespace matgrad
