// SPDX-License-Identifier: MIT
#include "plan/chain.hpp"

#include <algorithm>
#include <limits>

#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

// Longer products are ordered without looking for runs that other products share.
constexpr std::size_t longest_shared_product = 12;

}  // namespace

NodeId Chains::run(std::span<const NodeId> factors) {
  return factors.size() == 1 ? factors[0] : build_.multiply(factors);
}

// A run and its transpose are one array.
std::uint32_t Chains::key(NodeId node) {
  return std::min(index_of(node), index_of(build_.transpose(node)));
}

void Chains::learn(std::span<const NodeId> factors, bool cyclic) {
  const std::size_t count = factors.size();
  if (count > longest_shared_product) return;
  std::vector<NodeId> around(factors.begin(), factors.end());
  if (cyclic) around.insert(around.end(), factors.begin(), factors.end() - 1);
  for (std::size_t length = 2; length < (cyclic ? count : count + 1); ++length) {
    std::vector<std::pair<std::uint32_t, std::size_t>> runs;
    for (std::size_t i = 0; i + length <= around.size() && i < count; ++i) {
      runs.emplace_back(key(run(std::span(around).subspan(i, length))), i);
    }
    count_apart(std::move(runs), length, count);
  }
}

// Runs that share a factor are not both multiplied out: of A'*A*A' and its transpose A*A'*A in one product, one counts.
void Chains::count_apart(std::vector<std::pair<std::uint32_t, std::size_t>> runs, std::size_t length,
                         std::size_t factors) {
  std::sort(runs.begin(), runs.end());
  for (std::size_t i = 0; i < runs.size();) {
    const auto [key, first] = runs[i];
    std::size_t free = first;  // the first factor that none of those counted has
    for (; i < runs.size() && runs[i].first == key; ++i) {
      const std::size_t start = runs[i].second;
      if (start < free || (start > first && start + length > first + factors)) continue;
      ++occurrences_[key];
      free = start + length;
    }
  }
}

bool Chains::is_shared(NodeId run) {
  const auto found = occurrences_.find(key(run));
  return found != occurrences_.end() && found->second > 1;
}

double Chains::weight(NodeId id, const Share& share) {
  const auto found = occurrences_.find(key(id));
  const double times = found == occurrences_.end() ? 1 : std::max(1u, found->second);
  return share(id) / times;
}

Chains::Run Chains::run_of(std::span<const NodeId> factors) const {
  const Store& store = build_.store();
  Run run{extent_(store.type(factors.front()).rows), extent_(store.type(factors.back()).cols)};
  run.is_diagonal = std::all_of(factors.begin(), factors.end(), [&](NodeId id) {
    return entry_of(store[id].op).computed == Computed::diagonal_matrix;
  });
  return run;
}

double Chains::combine(const Run& left, const Run& right, NodeId left_factor, NodeId right_factor) const {
  const Store& store = build_.store();
  const double all = left.rows * left.cols * right.cols;
  if (left.is_diagonal) return right.is_diagonal ? right.rows : right.rows * right.cols;
  if (right.is_diagonal) return left.rows * left.cols;
  auto op_of = [&](NodeId factor) { return factor == no_node ? op::symbol : store[factor].op; };
  const OpId a = op_of(left_factor);
  const OpId b = op_of(right_factor);
  auto untransposed = [&](NodeId factor) {
    return factor != no_node && store[factor].op == op::transpose ? store.child(factor, 0) : factor;
  };
  if (op_of(untransposed(left_factor)) == op::unit || a == op::commutation) return right.rows == 1 ? 1 : right.cols;
  if (op_of(untransposed(right_factor)) == op::unit || b == op::commutation) return left.rows;
  if (a == op::ones || b == op::ones) return all / 2;
  auto is = [&](NodeId factor, Computed kind) {
    return factor != no_node && entry_of(store[factor].op).computed == kind;
  };
  // kron(A,B)*x is two products of matrices, B*X*A'.
  for (const NodeId factor : {left_factor, right_factor}) {
    if (!is(factor, Computed::kronecker)) continue;
    const double columns = factor == left_factor ? right.cols : left.rows;
    const Type& first = store.type(store.child(factor, 0));
    const Type& second = store.type(store.child(factor, 1));
    const double m = extent_(first.rows);
    const double n = extent_(first.cols);
    const double p = extent_(second.rows);
    const double q = extent_(second.cols);
    return 2 * columns * (p * q * n + p * n * m);
  }
  // An inverse that has nothing to be solved for must be formed.
  if (is(left_factor, Computed::inverse) && is(right_factor, Computed::inverse)) return 4 * all;
  return 2 * all;
}

std::vector<Chains::Entry> Chains::table(std::span<const NodeId> factors, std::size_t longest, const Share& share) {
  const std::size_t count = factors.size();
  const bool is_short = count <= 2 * longest_shared_product;
  std::vector<Entry> entries(count * longest);
  auto at = [&](std::size_t i, std::size_t length) -> Entry& { return entries[i * longest + length - 1]; };
  for (std::size_t length = 2; length <= longest; ++length) {
    for (std::size_t i = 0; i + length <= count; ++i) {
      Entry best{std::numeric_limits<double>::infinity(), 1};
      const NodeId product = is_short ? run(factors.subspan(i, length)) : no_node;
      // Half of a symmetric matrix is computed, the rest copied.
      const double part = is_short && build_.store().type(product).has(symmetric) ? 0.5 : 1;
      for (std::size_t first = 1; first < length; ++first) {
        const auto left = factors.subspan(i, first);
        const auto right = factors.subspan(i + first, length - first);
        const double cost = at(i, first).cost + at(i + first, length - first).cost +
                            part * combine(run_of(left), run_of(right), first == 1 ? left[0] : no_node,
                                           length - first == 1 ? right[0] : no_node);
        // Of equally good ones, from the right: A*(B*x).
        if (cost < best.cost * (1 - 1e-12)) best = {cost, first};
      }
      if (is_short) best.cost *= weight(product, share);
      at(i, length) = best;
    }
  }
  return entries;
}

std::pair<NodeId, NodeId> Chains::split(std::span<const NodeId> factors, const Share& share) {
  const std::size_t count = factors.size();
  if (count == 2) return {factors[0], factors[1]};
  const std::size_t first = table(factors, count, share)[count - 1].split;
  return {run(factors.first(first)), run(factors.subspan(first))};
}

std::pair<NodeId, NodeId> Chains::split_cycle(std::span<const NodeId> factors, const Share& share) {
  const std::size_t count = factors.size();
  if (count == 2) return {factors[0], factors[1]};
  std::vector<NodeId> around(factors.begin(), factors.end());
  around.insert(around.end(), factors.begin(), factors.end() - 1);
  const std::size_t longest = count - 1;
  const std::vector<Entry> entries = table(around, longest, share);
  double best = std::numeric_limits<double>::infinity();
  std::size_t best_start = 0;
  std::size_t best_length = 1;
  for (std::size_t start = 0; start < count; ++start) {
    for (std::size_t length = 1; length < count; ++length) {
      const Run p = run_of(std::span(around).subspan(start, length));
      const std::size_t rest = (start + length) % count;
      const double cost = entries[start * longest + length - 1].cost +
                          entries[rest * longest + count - length - 1].cost + 2 * p.rows * p.cols;
      if (cost >= best * (1 - 1e-12)) continue;
      best = cost;
      best_start = start;
      best_length = length;
    }
  }
  return {run(std::span(around).subspan(best_start, best_length)),
          run(std::span(around).subspan((best_start + best_length) % count, count - best_length))};
}

}  // namespace matgrad
