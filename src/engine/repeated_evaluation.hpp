// SPDX-License-Identifier: MIT
// An expression, perhaps with gradients, planned once for certain data and run again and again while some of its arrays
// change where they stand.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/bind.hpp"
#include "engine/compute.hpp"
#include "plan/run.hpp"

namespace matgrad {

// An array that changes: its shape, and where it stands.
struct ChangingArray {
  std::string name;
  std::int64_t rows = 1;
  std::int64_t cols = 1;
  const double* values = nullptr;
};

class RepeatedEvaluation {
 public:
  // Errors: those of compute and bind_sizes; a size that follows from nothing; too little memory.
  static Result<std::unique_ptr<RepeatedEvaluation>> make(const ComputeRequest& request,
                                                          const std::vector<NamedArray>& data,
                                                          const std::vector<ChangingArray>& changing);
  // False where a matrix cannot be inverted, or another step fails.
  bool run() { return !runner_->run().has_value(); }
  // See Runner.
  int indefinite() const { return runner_->indefinite(); }
  ArrayView<double> output(std::size_t at) const { return runner_->output(at); }
  const Computation& computation() const { return computation_; }

 private:
  RepeatedEvaluation() = default;
  Result<void> plan(const std::vector<NamedArray>& data, const std::vector<ChangingArray>& changing);

  Computation computation_;
  Plan plan_;
  std::unique_ptr<Runner<double>> runner_;
};

}  // namespace matgrad
