// SPDX-License-Identifier: MIT
#include "plan/pair.hpp"

#include <algorithm>
#include <unordered_set>

namespace matgrad {
namespace {

// Whether a step is alpha*A*x with a matrix and a column.
bool is_matrix_times_vector(const PlanStep& step) {
  return step.routine == Routine::product && !step.adds && step.operands[1].cols == dim_one &&
         step.operands[0].rows != dim_one && step.operands[0].cols != dim_one;
}

bool changes_what_is_there(const PlanStep& step) {
  return step.adds || step.routine == Routine::add_diagonal || step.routine == Routine::repeat;
}

class Pairing {
 public:
  explicit Pairing(Plan& plan) : plan_(plan), steps_(plan.steps) {}

  void run() {
    for (std::size_t j = 1; j < steps_.size(); ++j) {
      if (!is_matrix_times_vector(steps_[j])) continue;
      for (std::size_t i = j; i-- > 0;) {
        if (is_pair(steps_[i], steps_[j]) && bring_together(i, j)) break;
      }
    }
  }

 private:
  // Puts what step j needs and is computed after step i before step i, and step j behind it. Nothing of that may need
  // step i.
  bool bring_together(std::size_t i, std::size_t j) {
    if (j == i + 1) return true;
    if (i > 0 && is_pair(steps_[i - 1], steps_[i])) return false;
    std::vector<bool> moves(j - i, false);
    std::unordered_set<BufferId> needed;
    auto need = [&](const PlanStep& step) {
      each_read(plan_, step, [&](const Operand& read) { needed.insert(read.buffer); });
    };
    need(steps_[j]);
    for (std::size_t k = j; k-- > i;) {
      bool is_needed = false;
      each_written(plan_, steps_[k], [&](BufferId b) { is_needed = is_needed || needed.count(b) != 0; });
      if (!is_needed) continue;
      if (k == i || changes_what_is_there(steps_[k])) return false;
      moves[k - i] = true;
      need(steps_[k]);
    }
    std::vector<PlanStep> order;
    for (std::size_t k = i + 1; k < j; ++k) {
      if (moves[k - i]) order.push_back(steps_[k]);
    }
    order.push_back(steps_[i]);
    order.push_back(steps_[j]);
    for (std::size_t k = i + 1; k < j; ++k) {
      if (!moves[k - i]) order.push_back(steps_[k]);
    }
    std::move(order.begin(), order.end(), steps_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }

  Plan& plan_;
  std::vector<PlanStep>& steps_;
};

}  // namespace

bool is_pair(const PlanStep& first, const PlanStep& second) {
  if (!is_matrix_times_vector(first) || !is_matrix_times_vector(second)) return false;
  const Operand& a = first.operands[0];
  const Operand& b = second.operands[0];
  auto reads = [](const PlanStep& step, BufferId buffer) {
    return step.operands[1].buffer == buffer || step.alpha_operand.buffer == buffer;
  };
  return a.buffer == b.buffer && a.transposed != b.transposed && a.rows == b.cols && a.cols == b.rows &&
         !reads(second, first.out) && !reads(first, second.out);
}

void pair_products(Plan& plan) {
  Pairing(plan).run();
}

}  // namespace matgrad
