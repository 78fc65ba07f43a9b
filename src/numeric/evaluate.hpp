// SPDX-License-Identifier: MIT
// The value of an expression at a point: every node once, children before parents, by the kernels of the entries.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "expr/store.hpp"
#include "numeric/schedule.hpp"
#include "numeric/structural_value.hpp"
#include "ops/kernel.hpp"

namespace matgrad {

// Sizes for the dimension names (indexed by Atom) and values for the symbols (by symbol payload).
template <class T>
struct Point {
  std::vector<std::int64_t> sizes;
  std::unordered_map<std::uint32_t, Array<T>> values;
};

// The array of a node; nothing where a symbol has no value, a kernel for T is missing (no complex kernel), a size is
// not positive, an index or an exponent of a matrix is out of range, or a sum is too long. Entries that are not finite
// are returned as they come out.
template <class T>
std::optional<Array<T>> evaluate(const Store& store, NodeId root, const Point<T>& point, double disturbance = 0);

// The values of all nodes that the roots reach, kept, so that a new value of a watched symbol recomputes only what
// depends on it:
//
//   Evaluation<double> e(store, roots, sizes);
//   e.set(x, value); e.run(); e.watch({x}); e.set(x, other); e.update(); e[root]
template <class T>
class Evaluation {
 public:
  Evaluation(const Store& store, std::span<const NodeId> roots, const std::vector<std::int64_t>& sizes);
  // The same computation over other numbers, with the values that `other` has.
  template <class U>
  explicit Evaluation(const Evaluation<U>& other);

  bool conforms() const { return schedule_->conforms; }
  void limit_loop_steps(std::int64_t most) { most_loop_steps_ = most; }  // a longer computation in sums fails
  std::int64_t loop_steps() const { return loop_steps_; }                // of the last run
  // From now on every array that is computed is off by up to this relative amount, at random: whatever is sensitive to
  // it is ill-conditioned. The same amount makes the same errors, its negative the opposite ones.
  void disturb(double relative);
  void set_all(const Point<T>& point);
  void set(NodeId symbol, const Array<T>& value);
  void watch(std::span<const NodeId> symbols);
  // Whether every task that depends on a watched symbol has a kernel for T.
  bool watched_is_computable() const;
  // How many multiplications an update costs, and a run, very roughly.
  double update_cost() const;
  double run_cost() const;
  // False where something could not be computed; then the values are not to be used.
  bool run();
  // The same, and false as soon as a value outside of loops is not finite, or not below a bound.
  bool run_below(double bound);
  bool update();
  const Array<T>& operator[](NodeId id) const { return values_[place_of(id)]; }
  // Whether something holds of every value outside of loops and its operator's entry (nothing of a leaf); of every pair
  // of values of the same node.
  template <class F>
  bool every_value(F holds) const {
    for (Place place : schedule_->order) {
      if (!holds(values_[place], schedule_->tasks[place].entry)) return false;
    }
    return true;
  }
  template <class F>
  bool every_pair(const Evaluation& other, F holds) const {
    for (Place place : schedule_->order) {
      if (!holds(values_[place], other.values_[place])) return false;
    }
    return true;
  }

 private:
  template <class U>
  friend class Evaluation;
  Place place_of(NodeId id) const;
  bool computable(std::span<const Place> part) const;
  double cost_of(std::span<const Place> part) const;
  void assign(Place symbol, const Array<T>& value);
  bool compute_all(std::span<const Place> part);
  bool compute(Place place);
  bool compute_leaf(const Task& task, Array<T>& out);
  void add_disturbance(Array<T>& out);
  bool may_count(Place place) const;
  bool compute_sum(Place place);
  bool add_up(const Task& task, Place body, std::int64_t first, std::int64_t last, Array<T>& total);

  std::shared_ptr<const Schedule> schedule_;
  std::vector<Array<T>> values_;
  std::vector<Place> watched_;
  std::vector<std::uint32_t> running_;  // loops now running, outermost first
  std::int64_t most_loop_steps_ = 50'000'000;
  std::int64_t loop_steps_ = 0;
  double disturbance_ = 0;
  std::uint32_t noise_ = 1;
};

extern template std::optional<Array<double>> evaluate(const Store&, NodeId, const Point<double>&, double);
extern template std::optional<Array<std::complex<double>>> evaluate(const Store&, NodeId,
                                                                    const Point<std::complex<double>>&, double);
extern template class Evaluation<double>;
extern template class Evaluation<std::complex<double>>;

}  // namespace matgrad
