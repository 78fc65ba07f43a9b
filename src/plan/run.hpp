// SPDX-License-Identifier: MIT
// Plans with numbers. A Runner is made once for certain sizes: it lays out all memory, so that running it again and
// again allocates nothing (kernels of operators that a plan only knows by their entry excepted).
//
//   Runner<double> runner(store, plan, sizes);
//   runner.set_input(0, x.data());                 // column by column, in the order of plan.inputs
//   if (const auto failure = runner.run()) …       // a singular matrix
//   runner.output(0)                               // until the next run
#pragma once

#include <Eigen/Core>
#include <complex>
#include <memory>
#include <optional>
#include <vector>

#include "plan/plan.hpp"

namespace matgrad {

template <class T>
using ArrayView = Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>>;

struct PlanFailure {
  enum class Kind : std::uint8_t {
    singular,               // a matrix that has to be inverted is not invertible, as far as these numbers tell
    not_positive_definite,  // a matrix that was declared or derived to be is not
    bad_index,              // an index or a bound of a sum that is no integer, or out of range
  };
  Kind kind = Kind::singular;
  NodeId node = no_node;  // of that matrix, or of what could not be computed
};

struct Conditioning {
  NodeId node = no_node;
  double condition = 1;
};

template <class T>
class Runner {
 public:
  // `sizes` by atom. Sizes that are not positive are a Bug; ask memory_needed() first where they may be large.
  Runner(const Store& store, const Plan& plan, std::vector<std::int64_t> sizes);
  ~Runner();
  Runner(Runner&&) noexcept;
  Runner& operator=(Runner&&) noexcept;

  // Where input number `at` of the plan stands, column by column; it must stay there until the end of run().
  void set_input(std::size_t at, const T* values);
  std::optional<PlanFailure> run();
  ArrayView<T> output(std::size_t at) const;
  // How many symmetric matrices that the last run factorised turned out not to be positive definite.
  int indefinite() const;
  // From now on what conditioning() needs is kept: a pass over each matrix that is factorised.
  void watch_conditioning();
  // Of the matrices that the last run inverted or solved with (outside of sums), if that was asked for: estimates of
  // their condition numbers in the 1-norm, infinite where one is singular.
  std::vector<Conditioning> conditioning() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Bytes that a Runner takes, inputs apart.
double memory_needed(const Store& store, const Plan& plan, const std::vector<std::int64_t>& sizes,
                     std::size_t bytes_per_number);

extern template class Runner<double>;
extern template class Runner<float>;

}  // namespace matgrad
