// SPDX-License-Identifier: MIT
#include "plan/run.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "numeric/structural_value.hpp"
#include "plan/blas.hpp"
#include "plan/kernel_run.hpp"
#include "plan/kronecker.hpp"
#include "plan/loops.hpp"
#include "plan/map_run.hpp"
#include "plan/memory.hpp"
#include "plan/pair.hpp"
#include "plan/parts.hpp"

namespace matgrad {

template <class T>
struct Runner<T>::State {
  using View = dense::Matrix<const T>;

  const Store& store;
  const Plan& plan;
  std::vector<std::int64_t> sizes;
  mutable std::vector<std::ptrdiff_t> extents;  // by dimension, 0 where not yet asked for: steps do all the time
  Memory memory;
  std::vector<T> arena;
  std::vector<T*> places;                  // by buffer; nothing for inputs
  std::vector<const T*> inputs;            // by buffer; nothing but for inputs
  std::vector<int> pivots;                 // of all LU factorisations
  std::vector<std::size_t> first_pivot;    // by buffer
  std::vector<Factorisation> factored_as;  // by buffer
  std::vector<double> norms;               // by buffer, of what was factorised
  std::vector<MapRun<T>> maps;
  std::vector<std::vector<const T*>> map_inputs;
  std::vector<std::vector<T*>> map_outputs;
  std::vector<T> scratch;
  bool keeps_norms = false;
  std::vector<View> arguments;  // of `apply`
  KernelRun<T> kernels;
  std::vector<dense::KroneckerTerm<T>> kronecker_terms;
  std::vector<T> kronecker_scratch;

  State(const Store& s, const Plan& p, std::vector<std::int64_t> by_atom)
      : store(s), plan(p), sizes(std::move(by_atom)), memory(lay_out_memory(s, p, sizes)) {
    arena.resize(memory.numbers);
    places.assign(plan.buffers.size(), nullptr);
    inputs.assign(plan.buffers.size(), nullptr);
    for (std::size_t i = 0; i < plan.buffers.size(); ++i) {
      if (plan.buffers[i].role != Buffer::Role::input) places[i] = arena.data() + memory.offsets[i];
    }
    prepare_factorisations();
    for (const MapProgram& program : plan.maps) {
      maps.emplace_back(program, extent(program.rows), extent(program.cols), [this](Dim dim) { return extent(dim); });
      map_inputs.emplace_back(program.inputs.size());
      map_outputs.emplace_back(program.outputs.size());
    }
    scratch.resize(memory.scratch);
  }

  void prepare_factorisations() {
    first_pivot.assign(plan.buffers.size(), 0);
    factored_as.assign(plan.buffers.size(), Factorisation::lu);
    norms.assign(plan.buffers.size(), 0);
    std::size_t count = 0;
    auto each = [&](const std::vector<PlanStep>& steps) {
      for (const PlanStep& step : steps) {
        if (step.routine != Routine::factorise) continue;
        factored_as[step.out] = step.factorisation;
        first_pivot[step.out] = count;
        count += static_cast<std::size_t>(extent(step.operands[0].rows));
      }
    };
    each(plan.steps);
    for (const PlanBlock& block : plan.blocks) each(block.steps);
    pivots.resize(count);
  }

  std::ptrdiff_t extent(Dim dim) const {
    const auto at = static_cast<std::size_t>(dim);
    if (at >= extents.size()) extents.resize(at + 1, 0);
    if (extents[at] == 0) {
      const auto value = store.dims.evaluate(dim, sizes);
      MATGRAD_ASSERT(value && *value >= 1);
      extents[at] = static_cast<std::ptrdiff_t>(*value);
    }
    return extents[at];
  }
  const T* data(BufferId buffer) const { return places[buffer] != nullptr ? places[buffer] : inputs[buffer]; }
  View view(const Operand& operand) const {
    return {data(operand.buffer), extent(operand.rows), extent(operand.cols), operand.transposed};
  }
  T scalar(const Operand& operand) const { return *data(operand.buffer); }
  std::ptrdiff_t whole_number(const Operand& operand) const {
    return static_cast<std::ptrdiff_t>(std::llround(static_cast<double>(scalar(operand))));
  }
  T alpha(const PlanStep& step) const {
    const T constant = static_cast<T>(step.alpha);
    return step.alpha_operand.is_set() ? constant * scalar(step.alpha_operand) : constant;
  }
  std::ptrdiff_t skipped(const PlanStep& step) const { return step.skipped == dim_zero ? 0 : extent(step.skipped); }
  std::size_t count_of(BufferId buffer) const {
    const Type& type = plan.buffers[buffer].type;
    return static_cast<std::size_t>(extent(type.rows) * extent(type.cols));
  }
  NodeId node_of(const PlanStep& step) const { return plan.buffers[step.out].node; }

  std::optional<PlanFailure> run(const std::vector<PlanStep>& steps) {
    for (std::size_t i = 0; i < steps.size();) {
      if (steps[i].routine == Routine::kronecker) {
        i += run_kronecker(steps, i);
      } else if (i + 1 < steps.size() && is_pair(steps[i], steps[i + 1])) {
        run_pair(steps[i], steps[i + 1]);
        i += 2;
      } else if (auto failure = run(steps[i++])) {
        return failure;
      }
    }
    return std::nullopt;
  }

  std::optional<PlanFailure> run(const PlanStep& step) {
    switch (step.routine) {
      case Routine::product:
        if (step.triangle != Triangle::none) {
          dense::multiply_triangular<T>(step.triangle, alpha(step), view(step.operands[0]), view(step.operands[1]),
                                        step.adds, places[step.out]);
        } else {
          dense::multiply<T>(alpha(step), view(step.operands[0]), view(step.operands[1]), step.adds, step.symmetric,
                             places[step.out]);
        }
        return std::nullopt;
      case Routine::factorise: return factorise(step);
      case Routine::solve:
      case Routine::inverse:
        if (!dense::is_regular<T>(data(step.operands[0].buffer), extent(step.operands[0].rows))) {
          return PlanFailure{PlanFailure::Kind::singular, plan.buffers[step.operands[0].buffer].node};
        }
        step.routine == Routine::solve ? solve(step) : from_factors(step);
        return std::nullopt;
      case Routine::determinant:
      case Routine::log_determinant: from_factors(step); return std::nullopt;
      case Routine::map: run_map(step); return std::nullopt;
      case Routine::add_diagonal: add_diagonal(step); return std::nullopt;
      case Routine::pick: return pick(step);
      case Routine::pick_rows:
        dense::pick_rows(view(step.operands[0]), skipped(step), extent(plan.buffers[step.out].type.rows),
                         places[step.out]);
        return std::nullopt;
      case Routine::kronecker: break;  // run_kronecker
      case Routine::commute:
        dense::commute(view(step.operands[0]), whole_number(step.operands[1]), whole_number(step.operands[2]),
                       places[step.out]);
        return std::nullopt;
      case Routine::apply: return apply(step);
      case Routine::repeat: return repeat(step);
    }
    return std::nullopt;
  }

  std::optional<PlanFailure> factorise(const PlanStep& step) {
    if (keeps_norms) norms[step.out] = dense::norm1<T>(view(step.operands[0]));
    if (step.factorisation == Factorisation::symmetric) {
      int* interchanges = pivots.data() + first_pivot[step.out];
      factored_as[step.out] = Factorisation::cholesky;
      if (dense::factorise<T>(Factorisation::cholesky, view(step.operands[0]), places[step.out], interchanges)) {
        return std::nullopt;
      }
      factored_as[step.out] = Factorisation::lu;
      dense::factorise<T>(Factorisation::lu, view(step.operands[0]), places[step.out], interchanges);
      return std::nullopt;
    }
    if (dense::factorise<T>(step.factorisation, view(step.operands[0]), places[step.out],
                            pivots.data() + first_pivot[step.out])) {
      return std::nullopt;
    }
    return PlanFailure{PlanFailure::Kind::not_positive_definite, node_of(step)};
  }

  void solve(const PlanStep& step) {
    const Operand& factor = step.operands[0];
    const Operand& other = step.operands[1];
    const std::ptrdiff_t n = extent(factor.rows);
    const Factorisation how = factored_as[factor.buffer];
    const int* interchanges = pivots.data() + first_pivot[factor.buffer];
    T* out = places[step.out];
    if (!step.from_right) {
      dense::copy(view(other), out);
      dense::solve<T>(how, data(factor.buffer), interchanges, n, factor.transposed, out, extent(other.cols));
      return;
    }
    // B*inv(F) = (inv(F')*B')'.
    const std::ptrdiff_t rows = extent(other.rows);
    dense::copy(view(other.turned()), scratch.data());
    dense::solve<T>(how, data(factor.buffer), interchanges, n, !factor.transposed, scratch.data(), rows);
    dense::copy<T>({scratch.data(), rows, n, true}, out);
  }

  void from_factors(const PlanStep& step) {
    const Operand& factor = step.operands[0];
    const std::ptrdiff_t n = extent(factor.rows);
    const Factorisation how = factored_as[factor.buffer];
    const int* interchanges = pivots.data() + first_pivot[factor.buffer];
    T* out = places[step.out];
    if (step.routine == Routine::inverse) {
      dense::invert<T>(how, data(factor.buffer), interchanges, n, factor.transposed ? scratch.data() : out);
      if (factor.transposed) dense::copy<T>({scratch.data(), n, n, true}, out);
      return;
    }
    const T* factors = data(factor.buffer);
    *out = step.routine == Routine::log_determinant ? dense::log_determinant<T>(how, factors, n)
                                                    : dense::determinant<T>(how, factors, interchanges, n);
  }

  void run_map(const PlanStep& step) {
    const MapProgram& program = plan.maps[step.map];
    auto& from = map_inputs[step.map];
    auto& to = map_outputs[step.map];
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = data(program.inputs[i].operand.buffer);
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = places[program.outputs[i].buffer];
    maps[step.map].run(from.data(), to.data());
  }

  void add_diagonal(const PlanStep& step) {
    const std::ptrdiff_t n = extent(plan.buffers[step.out].type.rows);
    const T factor = alpha(step);
    T* out = places[step.out];
    const T* vector = step.operands.empty() ? nullptr : data(step.operands[0].buffer);
    for (std::ptrdiff_t i = 0; i < n; ++i) out[i + i * n] += vector != nullptr ? factor * vector[i] : factor;
  }

  std::optional<PlanFailure> pick(const PlanStep& step) {
    const View a = view(step.operands[0]);
    const auto index = as_integer(static_cast<double>(scalar(step.operands[1])));
    const std::ptrdiff_t count = step.picks_row ? a.rows : a.cols;
    if (!index || *index < 1 || *index > count) return PlanFailure{PlanFailure::Kind::bad_index, node_of(step)};
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(*index) - 1;
    step.picks_row ? dense::pick_rows(a, at, 1, places[step.out])
                   : dense::pick_rows(a.turned(), at, 1, places[step.out]);
    return std::nullopt;
  }

  void run_pair(const PlanStep& first, const PlanStep& second) {
    const bool is_turned = first.operands[0].transposed;
    const PlanStep& plain = is_turned ? second : first;
    const PlanStep& turned = is_turned ? first : second;
    const View a = view(plain.operands[0]);
    T* y = places[plain.out];
    T* z = places[turned.out];
    loops::multiply_both_ways(a.rows, a.cols, a.data, data(plain.operands[1].buffer), data(turned.operands[1].buffer),
                              y, z);
    const T y_factor = alpha(plain);
    const T z_factor = alpha(turned);
    if (y_factor != 1) loops::multiply(a.rows, {y, 0}, {nullptr, y_factor}, y);
    if (z_factor != 1) loops::multiply(a.cols, {z, 0}, {nullptr, z_factor}, z);
  }

  // The Kronecker products from step i on that are added into one array, and what reorders its rows, are one pass.
  // Returns how many steps that is.
  std::size_t run_kronecker(const std::vector<PlanStep>& steps, std::size_t i) {
    const PlanStep& first = steps[i];
    const View a = view(first.operands[0]);
    const View b = view(first.operands[1]);
    kronecker_terms.clear();
    std::size_t end = i;
    for (; end < steps.size() && steps[end].routine == Routine::kronecker && steps[end].out == first.out; ++end) {
      const View next_a = view(steps[end].operands[0]);
      const View next_b = view(steps[end].operands[1]);
      if (next_a.rows != a.rows || next_a.cols != a.cols || next_b.rows != b.rows) break;
      const NodeId b_node = plan.buffers[steps[end].operands[1].buffer].node;
      const bool is_identity = store[b_node].op == op::identity && next_b.rows == next_b.cols;  // and not vec(I)
      kronecker_terms.push_back({alpha(steps[end]), next_a, next_b, is_identity});
    }
    const bool commuted = end < steps.size() && !first.adds && is_commuted_only(steps[end], first.out, b.rows, a.rows);
    T* out = places[commuted ? steps[end].out : first.out];
    dense::kronecker_sum(kronecker_terms, commuted, first.adds, out, kronecker_scratch);
    return end - i + (commuted ? 1 : 0);
  }

  // Whether a step is K(m,n) times what nothing else reads.
  bool is_commuted_only(const PlanStep& step, BufferId buffer, std::ptrdiff_t m, std::ptrdiff_t n) const {
    return step.routine == Routine::commute && step.operands[0].buffer == buffer && !step.operands[0].transposed &&
           memory.readers[buffer] == 1 && whole_number(step.operands[1]) == m && whole_number(step.operands[2]) == n;
  }

  std::optional<PlanFailure> apply(const PlanStep& step) {
    arguments.clear();
    for (const Operand& operand : step.operands) arguments.push_back(view(operand));
    const Type& type = plan.buffers[step.out].type;
    if (kernels.run(step.op, arguments, extent(type.rows), extent(type.cols), places[step.out])) return std::nullopt;
    return PlanFailure{PlanFailure::Kind::bad_index, node_of(step)};
  }

  std::optional<PlanFailure> repeat(const PlanStep& step) {
    const PlanBlock& block = plan.blocks[step.block];
    const auto first = as_integer(static_cast<double>(scalar(block.first)));
    const auto last = as_integer(static_cast<double>(scalar(block.last)));
    if (!first || !last) return PlanFailure{PlanFailure::Kind::bad_index, node_of(step)};
    const std::size_t count = count_of(step.out);
    T* out = places[step.out];
    std::fill_n(out, count, T(0));
    for (std::int64_t i = *first; i <= *last; ++i) {
      *places[block.index] = static_cast<T>(i);
      if (auto failure = run(block.steps)) return failure;
      const T* term = data(block.result.buffer);
      for (std::size_t k = 0; k < count; ++k) out[k] += term[k];
    }
    return std::nullopt;
  }
};

template <class T>
Runner<T>::Runner(const Store& store, const Plan& plan, std::vector<std::int64_t> sizes)
    : state_(std::make_unique<State>(store, plan, std::move(sizes))) {}
template <class T>
Runner<T>::~Runner() = default;
template <class T>
Runner<T>::Runner(Runner&&) noexcept = default;
template <class T>
Runner<T>& Runner<T>::operator=(Runner&&) noexcept = default;

template <class T>
void Runner<T>::set_input(std::size_t at, const T* values) {
  state_->inputs[state_->plan.inputs[at]] = values;
}

template <class T>
std::optional<PlanFailure> Runner<T>::run() {
  return state_->run(state_->plan.steps);
}

template <class T>
void Runner<T>::watch_conditioning() {
  state_->keeps_norms = true;
}

template <class T>
std::vector<Conditioning> Runner<T>::conditioning() const {
  std::vector<Conditioning> result;
  const State& s = *state_;
  std::vector<bool> inverted(s.plan.buffers.size(), false);  // of a determinant alone it does not matter
  for (const PlanStep& step : s.plan.steps) {
    if (step.routine == Routine::solve || step.routine == Routine::inverse) inverted[step.operands[0].buffer] = true;
  }
  for (const PlanStep& step : s.plan.steps) {
    if (step.routine != Routine::factorise || !inverted[step.out]) continue;
    const std::ptrdiff_t n = s.extent(step.operands[0].rows);
    const T* factor = s.data(step.out);
    double condition = std::numeric_limits<double>::infinity();
    if (dense::is_regular<T>(factor, n)) {
      condition = s.norms[step.out] * dense::inverse_norm1<T>(s.factored_as[step.out], factor,
                                                              s.pivots.data() + s.first_pivot[step.out], n);
    }
    result.push_back({s.plan.buffers[step.out].node, condition});
  }
  return result;
}

template <class T>
ArrayView<T> Runner<T>::output(std::size_t at) const {
  const Operand& operand = state_->plan.outputs[at].operand;
  return ArrayView<T>(state_->data(operand.buffer), state_->extent(operand.rows), state_->extent(operand.cols));
}

double memory_needed(const Store& store, const Plan& plan, const std::vector<std::int64_t>& sizes,
                     std::size_t bytes_per_number) {
  const Memory memory = lay_out_memory(store, plan, sizes);
  return static_cast<double>(memory.numbers + memory.scratch) * static_cast<double>(bytes_per_number);
}

template class Runner<double>;
template class Runner<float>;

}  // namespace matgrad
