// SPDX-License-Identifier: MIT
#include "plan/run.hpp"

#include <algorithm>

#include "numeric/structural_value.hpp"
#include "plan/blas.hpp"
#include "plan/congruence.hpp"
#include "plan/factor_run.hpp"
#include "plan/kernel_run.hpp"
#include "plan/kronecker.hpp"
#include "plan/large_vector.hpp"
#include "plan/loops.hpp"
#include "plan/pair.hpp"
#include "plan/parts.hpp"
#include "plan/stream_run.hpp"

namespace matgrad {

template <class T>
struct Runner<T>::State {
  using View = dense::Matrix<const T>;

  Workspace<T> space;
  FactorRun<T> factors{space};
  StreamRun<T> streams{space};
  CongruenceRun<T> congruences{space};
  KernelRun<T> kernels;
  std::vector<View> arguments;  // of `apply`
  std::vector<dense::KroneckerTerm<T>> kronecker_terms;
  std::vector<T> kronecker_scratch;

  // What begins at a step: found out once, for small plans take less time than asking.
  enum class Way : std::uint8_t { alone, stream, kronecker, pair, congruence };
  std::vector<Way> ways;                         // of the steps of the plan
  std::vector<std::vector<Way>> ways_of_blocks;  // by block of the plan

  State(const Store& s, const Plan& p, std::vector<std::int64_t> by_atom) : space(s, p, std::move(by_atom)) {
    ways = ways_of(p.steps, true);
    for (const PlanBlock& block : p.blocks) ways_of_blocks.push_back(ways_of(block.steps, false));
  }

  std::vector<Way> ways_of(const std::vector<PlanStep>& steps, bool is_outermost) const {
    std::vector<Way> result(steps.size(), Way::alone);
    auto stream = space.memory.streams.begin();
    for (std::size_t i = 0; i < steps.size();) {
      std::size_t next = i + 1;
      if (is_outermost && stream != space.memory.streams.end() && stream->first == i) {
        result[i] = Way::stream;
        next = (stream++)->end();
      } else if (steps[i].routine == Routine::kronecker) {
        result[i] = Way::kronecker;
      } else if (i + 1 < steps.size() && is_pair(steps[i], steps[i + 1])) {
        result[i] = Way::pair;
        next = i + 2;
      } else if (is_outermost && congruences.begins(steps[i])) {
        result[i] = Way::congruence;
      }
      i = next;
    }
    return result;
  }

  // Whether all went well; else `failure` says what did not. (Returned by every step, it would cost a small plan a
  // tenth.)
  std::optional<PlanFailure> failure;
  bool run(const std::vector<PlanStep>& steps, const std::vector<Way>& begins) {
    std::size_t stream = 0;
    for (std::size_t i = 0; i < steps.size();) {
      switch (begins[i]) {
        case Way::stream:
          streams.run(space.memory.streams[stream], space.memory.widths[stream]);
          i = space.memory.streams[stream++].end();
          continue;
        case Way::kronecker: i += run_kronecker(steps, i); continue;
        case Way::pair:
          run_pair(steps[i], steps[i + 1]);
          i += 2;
          continue;
        case Way::congruence:
          if (!congruences.run(steps[i], steps[i + 1], factors)) break;
          i += 2;
          continue;
        case Way::alone: break;
      }
      if (!run(steps[i++])) return false;
    }
    return true;
  }

  bool run(const PlanStep& step) {
    switch (step.routine) {
      case Routine::product:
        if (step.triangle != Triangle::none) {
          dense::multiply_triangular<T>(step.triangle, space.alpha(step), space.view(step.operands[0]),
                                        space.view(step.operands[1]), step.adds, space.places[step.out]);
        } else {
          dense::multiply<T>(space.alpha(step), space.view(step.operands[0]), space.view(step.operands[1]), step.adds,
                             step.symmetric, space.places[step.out]);
        }
        return true;
      case Routine::factorise:
      case Routine::solve:
      case Routine::inverse:
      case Routine::determinant:
      case Routine::log_determinant: return !(failure = factors.run(step));
      case Routine::map: streams.run_map(step); return true;
      case Routine::add_diagonal: add_diagonal(step); return true;
      case Routine::pick: return pick(step);
      case Routine::pick_rows:
        dense::pick_rows(space.view(step.operands[0]), space.skipped(step),
                         space.extent(space.plan.buffers[step.out].type.rows), space.places[step.out]);
        return true;
      case Routine::kronecker: break;  // run_kronecker
      case Routine::commute:
        dense::commute(space.view(step.operands[0]), space.whole_number(step.operands[1]),
                       space.whole_number(step.operands[2]), space.places[step.out]);
        return true;
      case Routine::apply: return apply(step);
      case Routine::repeat: return repeat(step);
    }
    return true;
  }

  bool has_bad_index(const PlanStep& step) {
    failure = PlanFailure{PlanFailure::Kind::bad_index, space.node_of(step)};
    return false;
  }

  void add_diagonal(const PlanStep& step) {
    const std::ptrdiff_t n = space.extent(space.plan.buffers[step.out].type.rows);
    const T factor = space.alpha(step);
    T* out = space.places[step.out];
    const T* vector = step.operands.empty() ? nullptr : space.data(step.operands[0].buffer);
    for (std::ptrdiff_t i = 0; i < n; ++i) out[i + i * n] += vector != nullptr ? factor * vector[i] : factor;
  }

  bool pick(const PlanStep& step) {
    const View a = space.view(step.operands[0]);
    const auto index = as_integer(static_cast<double>(space.scalar(step.operands[1])));
    const std::ptrdiff_t count = step.picks_row ? a.rows : a.cols;
    if (!index || *index < 1 || *index > count) return has_bad_index(step);
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(*index) - 1;
    step.picks_row ? dense::pick_rows(a, at, 1, space.places[step.out])
                   : dense::pick_rows(a.turned(), at, 1, space.places[step.out]);
    return true;
  }

  void run_pair(const PlanStep& first, const PlanStep& second) {
    const bool is_turned = first.operands[0].transposed;
    const PlanStep& plain = is_turned ? second : first;
    const PlanStep& turned = is_turned ? first : second;
    const View a = space.view(plain.operands[0]);
    T* y = space.places[plain.out];
    T* z = space.places[turned.out];
    dense::multiply_both_ways(a.rows, a.cols, a.data, space.data(plain.operands[1].buffer),
                              space.data(turned.operands[1].buffer), y, z);
    const T y_factor = space.alpha(plain);
    const T z_factor = space.alpha(turned);
    if (y_factor != 1) loops::multiply(a.rows, {y, 0}, {nullptr, y_factor}, y);
    if (z_factor != 1) loops::multiply(a.cols, {z, 0}, {nullptr, z_factor}, z);
  }

  // The Kronecker products from step i on that are added into one array, and what reorders its rows, are one pass.
  // Returns how many steps that is.
  std::size_t run_kronecker(const std::vector<PlanStep>& steps, std::size_t i) {
    const PlanStep& first = steps[i];
    const View a = space.view(first.operands[0]);
    const View b = space.view(first.operands[1]);
    kronecker_terms.clear();
    std::size_t end = i;
    for (; end < steps.size() && steps[end].routine == Routine::kronecker && steps[end].out == first.out; ++end) {
      const View next_a = space.view(steps[end].operands[0]);
      const View next_b = space.view(steps[end].operands[1]);
      if (next_a.rows != a.rows || next_a.cols != a.cols || next_b.rows != b.rows) break;
      const NodeId b_node = space.plan.buffers[steps[end].operands[1].buffer].node;
      const bool is_identity = space.store[b_node].op == op::identity && next_b.rows == next_b.cols;  // and not vec(I)
      kronecker_terms.push_back({space.alpha(steps[end]), next_a, next_b, is_identity});
    }
    const bool commuted = end < steps.size() && !first.adds && is_commuted_only(steps[end], first.out, b.rows, a.rows);
    T* out = space.places[commuted ? steps[end].out : first.out];
    dense::kronecker_sum(kronecker_terms, commuted, first.adds, out, kronecker_scratch);
    return end - i + (commuted ? 1 : 0);
  }

  // Whether a step is K(m,n) times what nothing else reads.
  bool is_commuted_only(const PlanStep& step, BufferId buffer, std::ptrdiff_t m, std::ptrdiff_t n) const {
    return step.routine == Routine::commute && step.operands[0].buffer == buffer && !step.operands[0].transposed &&
           space.memory.readers[buffer] == 1 && space.whole_number(step.operands[1]) == m &&
           space.whole_number(step.operands[2]) == n;
  }

  bool apply(const PlanStep& step) {
    arguments.clear();
    for (const Operand& operand : step.operands) arguments.push_back(space.view(operand));
    const Type& type = space.plan.buffers[step.out].type;
    if (kernels.run(step.op, arguments, space.extent(type.rows), space.extent(type.cols), space.places[step.out]))
      return true;
    return has_bad_index(step);
  }

  bool repeat(const PlanStep& step) {
    const PlanBlock& block = space.plan.blocks[step.block];
    const auto first = as_integer(static_cast<double>(space.scalar(block.first)));
    const auto last = as_integer(static_cast<double>(space.scalar(block.last)));
    if (!first || !last) return has_bad_index(step);
    const std::size_t count = space.count_of(step.out);
    T* out = space.places[step.out];
    std::fill_n(out, count, T(0));
    for (std::int64_t i = *first; i <= *last; ++i) {
      *space.places[block.index] = static_cast<T>(i);
      if (!run(block.steps, ways_of_blocks[step.block])) return false;
      const T* term = space.data(block.result.buffer);
      for (std::size_t k = 0; k < count; ++k) out[k] += term[k];
    }
    return true;
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
  state_->space.inputs[state_->space.plan.inputs[at]] = values;
}

template <class T>
std::optional<PlanFailure> Runner<T>::run() {
  state_->factors.begin_run();
  const bool succeeds = state_->run(state_->space.plan.steps, state_->ways);
  return succeeds ? std::nullopt : state_->failure;
}

template <class T>
int Runner<T>::indefinite() const {
  return state_->factors.indefinite();
}

template <class T>
void Runner<T>::watch_conditioning() {
  state_->factors.watch_conditioning();
}

template <class T>
std::vector<Conditioning> Runner<T>::conditioning() const {
  return state_->factors.conditioning();
}

template <class T>
ArrayView<T> Runner<T>::output(std::size_t at) const {
  const Operand& operand = state_->space.plan.outputs[at].operand;
  return ArrayView<T>(state_->space.data(operand.buffer), state_->space.extent(operand.rows),
                      state_->space.extent(operand.cols));
}

double memory_needed(const Store& store, const Plan& plan, const std::vector<std::int64_t>& sizes,
                     std::size_t bytes_per_number) {
  const Memory memory = lay_out_memory(store, plan, sizes);
  return static_cast<double>(memory.numbers + memory.scratch) * static_cast<double>(bytes_per_number);
}

template class Runner<double>;
template class Runner<float>;

}  // namespace matgrad
