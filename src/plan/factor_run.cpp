// SPDX-License-Identifier: MIT
#include "plan/factor_run.hpp"

#include <limits>

#include "plan/moves.hpp"
#include "plan/parts.hpp"

namespace matgrad {

template <class T>
FactorRun<T>::FactorRun(Workspace<T>& space) : space_(space) {
  first_pivot_.assign(space_.plan.buffers.size(), 0);
  factored_as_.assign(space_.plan.buffers.size(), Factorisation::lu);
  norms_.assign(space_.plan.buffers.size(), 0);
  std::size_t count = 0;
  auto each = [&](const std::vector<PlanStep>& steps) {
    for (const PlanStep& step : steps) {
      if (step.routine != Routine::factorise) continue;
      factored_as_[step.out] = step.factorisation;
      first_pivot_[step.out] = count;
      const auto rows = static_cast<std::size_t>(space_.extent(step.operands[0].rows));
      count += rows;
      if (diagonal_.size() < rows) diagonal_.resize(rows);
    }
  };
  each(space_.plan.steps);
  for (const PlanBlock& block : space_.plan.blocks) each(block.steps);
  pivots_.resize(count);
}

template <class T>
std::optional<PlanFailure> FactorRun<T>::run(const PlanStep& step) {
  if (step.routine == Routine::factorise) return factorise(step);
  const bool inverts = step.routine == Routine::solve || step.routine == Routine::inverse;
  const Operand& factor = step.operands[0];
  if (inverts && !dense::is_regular<T>(space_.data(factor.buffer), space_.extent(factor.rows))) {
    return PlanFailure{PlanFailure::Kind::singular, space_.plan.buffers[factor.buffer].node};
  }
  step.routine == Routine::solve ? solve(step) : from_factors(step);
  return std::nullopt;
}

template <class T>
std::optional<PlanFailure> FactorRun<T>::factorise(const PlanStep& step) {
  if (keeps_norms_) norms_[step.out] = dense::norm1<T>(space_.view(step.operands[0]));
  if (step.factorisation == Factorisation::symmetric) {
    factorise_symmetric(step);
    return std::nullopt;
  }
  if (dense::factorise<T>(step.factorisation, space_.view(step.operands[0]), space_.places[step.out],
                          pivots_.data() + first_pivot_[step.out])) {
    return std::nullopt;
  }
  return PlanFailure{PlanFailure::Kind::not_positive_definite, space_.node_of(step)};
}

// Cholesky's factor may have taken the place of the matrix, though only of its lower half.
template <class T>
void FactorRun<T>::factorise_symmetric(const PlanStep& step) {
  const typename Workspace<T>::View matrix = space_.view(step.operands[0]);
  T* out = space_.places[step.out];
  int* interchanges = pivots_.data() + first_pivot_[step.out];
  const bool is_in_place = matrix.data == out;
  for (std::ptrdiff_t i = 0; i < matrix.rows && is_in_place; ++i) diagonal_[i] = out[i + i * matrix.rows];
  factored_as_[step.out] = Factorisation::cholesky;
  if (dense::factorise<T>(Factorisation::cholesky, matrix, out, interchanges)) return;
  factored_as_[step.out] = Factorisation::lu;
  ++indefinite_;
  if (is_in_place) {
    for (std::ptrdiff_t i = 0; i < matrix.rows; ++i) out[i + i * matrix.rows] = diagonal_[i];
    loops::mirror(matrix.rows, out, true);
  }
  dense::factorise<T>(Factorisation::lu, matrix, out, interchanges);
}

template <class T>
void FactorRun<T>::solve(const PlanStep& step) {
  const Operand& factor = step.operands[0];
  const Operand& other = step.operands[1];
  const std::ptrdiff_t n = space_.extent(factor.rows);
  const Factorisation how = factored_as_[factor.buffer];
  const int* interchanges = pivots_.data() + first_pivot_[factor.buffer];
  T* out = space_.places[step.out];
  if (!step.from_right) {
    dense::copy(space_.view(other), out);
    dense::solve<T>(how, space_.data(factor.buffer), interchanges, n, factor.transposed, out,
                    space_.extent(other.cols));
    return;
  }
  // B*inv(F) = (inv(F')*B')'.
  const std::ptrdiff_t rows = space_.extent(other.rows);
  dense::copy(space_.view(other.turned()), space_.scratch.data());
  dense::solve<T>(how, space_.data(factor.buffer), interchanges, n, !factor.transposed, space_.scratch.data(), rows);
  dense::copy<T>({space_.scratch.data(), rows, n, true}, out);
}

template <class T>
const T* FactorRun<T>::solve_half(const PlanStep& step) {
  const Operand& factor = step.operands[0];
  const std::ptrdiff_t n = space_.extent(factor.rows);
  const T* l = space_.data(factor.buffer);
  if (factored_as_[factor.buffer] != Factorisation::cholesky || !dense::is_regular<T>(l, n)) return nullptr;
  const Operand& other = step.operands[1];
  T* half = step.from_right ? space_.scratch.data() : space_.places[step.out];
  dense::copy(space_.view(step.from_right ? other.turned() : other), half);
  dense::solve<T>(Factorisation::lower_triangular, l, nullptr, n, false, half,
                  space_.extent(step.from_right ? other.rows : other.cols));
  return half;
}

template <class T>
void FactorRun<T>::from_factors(const PlanStep& step) {
  const Operand& factor = step.operands[0];
  const std::ptrdiff_t n = space_.extent(factor.rows);
  const Factorisation how = factored_as_[factor.buffer];
  const int* interchanges = pivots_.data() + first_pivot_[factor.buffer];
  T* out = space_.places[step.out];
  if (step.routine == Routine::inverse) {
    dense::invert<T>(how, space_.data(factor.buffer), interchanges, n, factor.transposed ? space_.scratch.data() : out);
    if (factor.transposed) dense::copy<T>({space_.scratch.data(), n, n, true}, out);
    return;
  }
  const T* factors = space_.data(factor.buffer);
  *out = step.routine == Routine::log_determinant ? dense::log_determinant<T>(how, factors, n)
                                                  : dense::determinant<T>(how, factors, interchanges, n);
}

template <class T>
std::vector<Conditioning> FactorRun<T>::conditioning() const {
  std::vector<Conditioning> result;
  std::vector<bool> inverted(space_.plan.buffers.size(), false);  // of a determinant alone it does not matter
  for (const PlanStep& step : space_.plan.steps) {
    if (step.routine == Routine::solve || step.routine == Routine::inverse) inverted[step.operands[0].buffer] = true;
  }
  for (const PlanStep& step : space_.plan.steps) {
    if (step.routine != Routine::factorise || !inverted[step.out]) continue;
    const std::ptrdiff_t n = space_.extent(step.operands[0].rows);
    const T* factor = space_.data(step.out);
    double condition = std::numeric_limits<double>::infinity();
    if (dense::is_regular<T>(factor, n)) {
      condition = norms_[step.out] *
                  dense::inverse_norm1<T>(factored_as_[step.out], factor, pivots_.data() + first_pivot_[step.out], n);
    }
    result.push_back({space_.plan.buffers[step.out].node, condition});
  }
  return result;
}

template class FactorRun<double>;
template class FactorRun<float>;

}  // namespace matgrad
