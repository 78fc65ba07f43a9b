// SPDX-License-Identifier: MIT
// A'*M*A with a symmetric M is the square of half of it: of sqrt(D)*A for a diagonal M, of inv(L)*A for the inverse of
// a matrix with Cholesky's factor L. Two steps of a plan are run as one for it. Where plan/packed multiplies, it takes
// the diagonal into its copies, and no root is needed.
#pragma once

#include <vector>

#include "plan/factor_run.hpp"
#include "plan/workspace.hpp"

namespace matgrad {

// Whether the first step is diag(d)*A or inv(F)*A, or the transpose, and the second, whose result is symmetric,
// multiplies that, and nothing else, by the transpose of A.
bool is_congruence(const Plan& plan, const PlanStep& first, const PlanStep& second);

template <class T>
class CongruenceRun {
 public:
  explicit CongruenceRun(Workspace<T>& space);
  // Whether the step and the one behind it are such a pair, and large enough.
  bool begins(const PlanStep& step) const;
  // False where the numbers do not allow it: nothing has been done then.
  bool run(const PlanStep& first, const PlanStep& second, FactorRun<T>& factors);

 private:
  using View = dense::Matrix<const T>;
  void run_weighted(const PlanStep& first, const PlanStep& second);
  void order_by_sign(const T* weights, std::ptrdiff_t count);
  void scale_rows(const View& a, T* out) const;
  void scale_columns(const View& a, T* out) const;

  Workspace<T>& space_;
  std::vector<bool> begins_;           // by step of the plan
  std::vector<std::ptrdiff_t> order_;  // of the weights: those that are not negative, then the others
  std::vector<T> roots_;               // of their absolute values, in that order
  std::ptrdiff_t positive_ = 0;
};

extern template class CongruenceRun<double>;
extern template class CongruenceRun<float>;

}  // namespace matgrad
