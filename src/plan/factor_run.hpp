// SPDX-License-Identifier: MIT
// The factorisations of a plan and what is done with them.
#pragma once

#include <optional>
#include <vector>

#include "plan/run.hpp"
#include "plan/workspace.hpp"

namespace matgrad {

template <class T>
class FactorRun {
 public:
  explicit FactorRun(Workspace<T>& space);
  // A step that factorises, solves, inverts or takes a determinant.
  std::optional<PlanFailure> run(const PlanStep& step);
  // Of a step that is inv(F)*B with F = L*L': inv(L)*B, or of B*inv(F) the same of B'. nullptr where F has no such
  // factor or cannot be inverted.
  const T* solve_half(const PlanStep& step);
  // See Runner.
  int indefinite() const { return indefinite_; }
  void begin_run() { indefinite_ = 0; }
  void watch_conditioning() { keeps_norms_ = true; }
  std::vector<Conditioning> conditioning() const;

 private:
  std::optional<PlanFailure> factorise(const PlanStep& step);
  void factorise_symmetric(const PlanStep& step);
  void solve(const PlanStep& step);
  void from_factors(const PlanStep& step);

  Workspace<T>& space_;
  std::vector<int> pivots_;                 // of all LU factorisations
  std::vector<std::size_t> first_pivot_;    // by buffer
  std::vector<Factorisation> factored_as_;  // by buffer
  std::vector<double> norms_;               // by buffer, of what was factorised
  std::vector<T> diagonal_;                 // of a matrix that its factor takes the place of
  bool keeps_norms_ = false;
  int indefinite_ = 0;
};

extern template class FactorRun<double>;
extern template class FactorRun<float>;

}  // namespace matgrad
