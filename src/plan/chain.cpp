// SPDX-License-Identifier: MIT
#include "plan/chain.hpp"

#include <algorithm>
#include <limits>

#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

// Longer products are ordered without looking for runs that other products share.
constexpr std::size_t longest_shared_product = 32;

std::uint64_t mixed(std::uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

bool is_triangular(const Store& store, NodeId factor) {
  return (store.type(factor).properties & (lower | upper)) != 0;
}

// Whether combine_with_one looks at it.
bool has_way_of_its_own(Build& build, NodeId factor) {
  const Store& store = build.store();
  const NodeId plain = store[factor].op == op::transpose ? store.child(factor, 0) : factor;
  if (is_triangular(store, factor)) return true;
  if (store[factor].op == op::blocks)
    return selects_rows(build, factor) || selects_rows(build, build.transpose(factor));
  if (store[plain].op == op::unit || store[factor].op == op::commutation || store[factor].op == op::ones) return true;
  const Computed kind = entry_of(store[factor].op).computed;
  return kind == Computed::kronecker || kind == Computed::inverse;
}

}  // namespace

bool selects_rows(const Build& build, NodeId factor) {
  const Store& store = build.store();
  if (store[factor].op != op::blocks || build.block_columns(factor) + 1 != store[factor].count) return false;
  std::size_t identities = 0;
  for (NodeId part : store.children(factor).subspan(1)) {
    const bool is_identity = store[part].op == op::identity || build.is_number(part, 1);
    if (!is_identity && !build.is_zero(part)) return false;
    identities += is_identity ? 1 : 0;
  }
  return identities == 1;
}

// A row of factors with what is asked of its runs again and again.
class Chains::Row {
 public:
  Row(Build& build, const Extent& extent, std::optional<Dim> shared, std::span<const NodeId> factors)
      : factors_(factors) {
    const Store& store = build.store();
    const std::size_t count = factors.size();
    forward_.assign(count + 1, 0);
    backward_.assign(count + 1, 0);
    powers_.assign(count + 1, 1);
    diagonals_.assign(count + 1, 0);
    specials_.assign(count, false);
    auto add_dimension = [&](Dim dim) {
      extents_.push_back(extent(dim));
      summed_.push_back(extents_.back() + (dim == shared ? exchange_cost : 0));
    };
    add_dimension(store.type(factors[0]).rows);
    for (std::size_t i = 0; i < count; ++i) {
      const bool is_diagonal =
          entry_of(store[factors[i]].op).computed == Computed::diagonal_matrix || store.type(factors[i]).has(diagonal);
      diagonals_[i + 1] = diagonals_[i] + (is_diagonal ? 1 : 0);
      specials_[i] = has_way_of_its_own(build, factors[i]);
      add_dimension(store.type(factors[i]).cols);
      powers_[i + 1] = powers_[i] * base;
      backward_[i + 1] = backward_[i] * base + mixed(index_of(build.transpose(factors[i])));
    }
    for (std::size_t i = count; i-- > 0;) forward_[i] = mixed(index_of(factors[i])) + base * forward_[i + 1];
  }

  std::size_t size() const { return factors_.size(); }
  NodeId operator[](std::size_t i) const { return factors_[i]; }
  std::span<const NodeId> part(std::size_t start, std::size_t length) const { return factors_.subspan(start, length); }
  // The same of a run and of its transpose.
  Key key(std::size_t start, std::size_t length) const {
    return std::min(read_forward(start, length), read_backward(start, length));
  }
  bool is_symmetric(std::size_t start, std::size_t length) const {
    return read_forward(start, length) == read_backward(start, length);
  }
  double rows(std::size_t start) const { return extents_[start]; }
  double cols(std::size_t start, std::size_t length) const { return extents_[start + length]; }
  // As long as what is between the run and its next factor counts where it is summed over.
  double summed(std::size_t start, std::size_t length) const { return summed_[start + length]; }
  // Whether the run, cut behind its first factors, has a special one on one side, alone.
  bool has_special_end(std::size_t start, std::size_t first, std::size_t length) const {
    return (first == 1 && specials_[start]) || (first + 1 == length && specials_[start + first]);
  }
  bool has_diagonal(std::size_t start, std::size_t length) const {
    return diagonals_[start + length] != diagonals_[start];
  }
  bool is_diagonal(std::size_t start, std::size_t length) const {
    return diagonals_[start + length] - diagonals_[start] == length;
  }

 private:
  static constexpr std::uint64_t base = 0x5851f42d4c957f2dULL;
  std::uint64_t read_forward(std::size_t start, std::size_t length) const {
    return forward_[start] - powers_[length] * forward_[start + length];
  }
  std::uint64_t read_backward(std::size_t start, std::size_t length) const {
    return backward_[start + length] - powers_[length] * backward_[start];
  }

  std::span<const NodeId> factors_;
  std::vector<std::uint64_t> forward_;   // of the factors from i on
  std::vector<std::uint64_t> backward_;  // of the transposes of the first i, the last one first
  std::vector<std::uint64_t> powers_;
  std::vector<std::size_t> diagonals_;  // among the first i
  std::vector<bool> specials_;          // see combine_with_one
  std::vector<double> extents_;         // rows of factor i
  std::vector<double> summed_;
};

Chains::Row Chains::row_of(std::span<const NodeId> factors) const {
  return {build_, extent_, shared_, factors};
}

NodeId Chains::run(std::span<const NodeId> factors) {
  return factors.size() == 1 ? factors[0] : build_.multiply(factors);
}

// Up to a size, from which repeated squaring is the better way in any case.
NodeList Chains::factors(NodeId node) const {
  constexpr std::int64_t largest_power = 4;
  const Store& store = build_.store();
  NodeList result;
  auto add = [&](auto self, NodeId factor) -> void {
    const OpId o = store[factor].op;
    if (o == op::multiply) {
      for (NodeId child : store.children(factor)) self(self, child);
      return;
    }
    const auto exponent = o == op::matrix_power ? build_.number_value(store.child(factor, 1)) : std::nullopt;
    const std::int64_t times = exponent ? exponent->as_int64().value_or(0) : 0;
    if (times < 1 || times > largest_power || result.size() > longest_shared_product) return result.push_back(factor);
    for (std::int64_t i = 0; i < times; ++i) self(self, store.child(factor, 0));
  };
  add(add, node);
  return result;
}

void Chains::learn(NodeId product, std::span<const NodeId> factors, bool cyclic) {
  const std::size_t count = factors.size();
  if (count > longest_shared_product) return;
  std::vector<NodeId> around(factors.begin(), factors.end());
  if (cyclic) around.insert(around.end(), factors.begin(), factors.end() - 1);
  const Row row = row_of(around);
  if (!cyclic) note_built(row.key(0, count), product);
  for (std::size_t length = 2; length < (cyclic ? count : count + 1); ++length) {
    std::vector<std::pair<Key, std::size_t>> runs;
    for (std::size_t i = 0; i + length <= around.size() && i < count; ++i) runs.emplace_back(row.key(i, length), i);
    count_apart(std::move(runs), length, count);
  }
}

// Runs that share a factor are not both multiplied out: of A'*A*A' and its transpose A*A'*A in one product, one counts.
void Chains::count_apart(std::vector<std::pair<Key, std::size_t>> runs, std::size_t length, std::size_t factors) {
  std::sort(runs.begin(), runs.end());
  for (std::size_t i = 0; i < runs.size();) {
    const auto [key, first] = runs[i];
    std::size_t free = first;  // the first factor that none of those counted has
    for (; i < runs.size() && runs[i].first == key; ++i) {
      const std::size_t start = runs[i].second;
      if (start < free || (start > first && start + length > first + factors)) continue;
      ++runs_[key].occurrences;
      free = start + length;
    }
  }
}

bool Chains::is_shared(NodeId run) {
  const Store& store = build_.store();
  const NodeId plain = store[run].op == op::transpose ? store.child(run, 0) : run;
  const NodeList single = factors(plain);
  const auto found = runs_.find(row_of(single).key(0, single.size()));
  return found != runs_.end() && found->second.occurrences > 1;
}

void Chains::note_built(Key key, NodeId node) {
  Run& run = runs_[key];
  if (run.node == no_node) run.node = node;
}

// What share of its cost a run has to pay.
double Chains::share(const Row& row, std::size_t start, std::size_t length, const Surroundings& around) const {
  const auto found = runs_.find(row.key(start, length));
  const Run known = found == runs_.end() ? Run{} : found->second;
  if (known.node != no_node && around.has(known.node)) return 0;
  const double times = std::max(1u, known.occurrences);
  if (around.times <= 1) return 1 / times;
  const auto factors = row.part(start, length);
  // What does not vary is computed once before the repeat.
  return 1 / times / (std::any_of(factors.begin(), factors.end(), around.varies) ? 1 : around.times);
}

// kron(A,B)*x is two products of matrices, B*X*A'.
double Chains::times_kronecker(NodeId factor, double columns) const {
  const Store& store = build_.store();
  const Type& first = store.type(store.child(factor, 0));
  const Type& second = store.type(store.child(factor, 1));
  const double m = extent_(first.rows);
  const double n = extent_(first.cols);
  return 2 * columns * (extent_(second.rows) * extent_(second.cols) * n + extent_(second.rows) * n * m);
}

// What the last multiplication of a run costs.
double Chains::combine(const Row& row, std::size_t start, std::size_t first, std::size_t length) const {
  const std::size_t rest = length - first;
  const double rows = row.rows(start);
  const double inner = row.cols(start, first);
  const double cols = row.cols(start, length);
  const bool right_is_diagonal = row.is_diagonal(start + first, rest);
  if (row.is_diagonal(start, first)) return right_is_diagonal ? inner : inner * cols;
  if (right_is_diagonal) return rows * inner;
  if (row.has_special_end(start, first, length)) return combine_with_one(row, start, first, length);
  const double all = rows * row.summed(start, first) * cols;
  return row.is_symmetric(start, length) ? all : 2 * all;  // of what is symmetric, half
}

// The same where one side is a factor with a way of its own to be multiplied.
double Chains::combine_with_one(const Row& row, std::size_t start, std::size_t first, std::size_t length) const {
  const Store& store = build_.store();
  const std::size_t rest = length - first;
  const double rows = row.rows(start);
  const double inner = row.cols(start, first);
  const double cols = row.cols(start, length);
  const NodeId left_factor = first == 1 ? row[start] : no_node;
  const NodeId right_factor = rest == 1 ? row[start + first] : no_node;
  auto op_of = [&](NodeId factor) { return factor == no_node ? op::symbol : store[factor].op; };
  auto untransposed = [&](NodeId factor) {
    return factor != no_node && store[factor].op == op::transpose ? store.child(factor, 0) : factor;
  };
  const OpId a = op_of(left_factor);
  const OpId b = op_of(right_factor);
  if (op_of(untransposed(left_factor)) == op::unit || a == op::commutation) return inner == 1 ? 1 : cols;
  if (op_of(untransposed(right_factor)) == op::unit || b == op::commutation) return rows;
  const double all = rows * row.summed(start, first) * cols;
  if (a == op::ones || b == op::ones) return all / 2;
  auto is = [&](NodeId factor, Computed kind) {
    return factor != no_node && entry_of(store[factor].op).computed == kind;
  };
  if (is(left_factor, Computed::kronecker)) return times_kronecker(left_factor, cols);
  if (is(right_factor, Computed::kronecker)) return times_kronecker(right_factor, rows);
  if (left_factor != no_node && selects_rows(build_, left_factor)) return rows * cols;
  if (right_factor != no_node && selects_rows(build_, build_.transpose(right_factor))) return rows * cols;
  // An inverse that has nothing to be solved for must be formed.
  if (is(left_factor, Computed::inverse) && is(right_factor, Computed::inverse)) return 4 * all;
  auto is_half_zero = [&](NodeId factor) { return factor != no_node && is_triangular(store, factor); };
  const bool is_half = is_half_zero(left_factor) || is_half_zero(right_factor);
  return is_half || row.is_symmetric(start, length) ? all : 2 * all;
}

std::vector<Chains::Entry> Chains::table(const Row& row, std::size_t longest, const Surroundings& around) {
  const std::size_t count = row.size();
  const bool is_short = count <= 2 * longest_shared_product;
  std::vector<Entry> entries(count * longest);
  auto at = [&](std::size_t i, std::size_t length) -> Entry& { return entries[i * longest + length - 1]; };
  for (std::size_t length = 2; length <= longest; ++length) {
    for (std::size_t i = 0; i + length <= count; ++i) {
      Entry best{std::numeric_limits<double>::infinity(), 1};
      const double plain = row.rows(i) * row.cols(i, length) * (row.is_symmetric(i, length) ? 1 : 2);
      const bool has_diagonal = row.has_diagonal(i, length);
      for (std::size_t first = 1; first < length; ++first) {
        const bool is_plain = !has_diagonal && !row.has_special_end(i, first, length);
        const double last = is_plain ? plain * row.summed(i, first) : combine(row, i, first, length);
        const double cost = at(i, first).cost + at(i + first, length - first).cost + last;
        // Of equally good ones, from the right: A*(B*x).
        if (cost < best.cost * (1 - 1e-12)) best = {cost, first};
      }
      if (is_short) best.cost *= share(row, i, length, around);
      at(i, length) = best;
    }
  }
  return entries;
}

// The node of a run. How it is split is kept with it, down to its factors, as far as it stays a product of these.
NodeId Chains::remember(const Row& row, const std::vector<Entry>& entries, std::size_t longest, std::size_t start,
                        std::size_t length) {
  if (length == 1) return row[start];
  const NodeId node = run(row.part(start, length));
  note_built(row.key(start, length), node);
  const Store& store = build_.store();
  if (store[node].op != op::multiply || store[node].count != length || splits_.count(node) != 0) return node;
  const std::size_t first = entries[start * longest + length - 1].split;
  const NodeId left = remember(row, entries, longest, start, first);
  const NodeId right = remember(row, entries, longest, start + first, length - first);
  splits_.emplace(node, std::pair{left, right});
  return node;
}

std::pair<NodeId, NodeId> Chains::split(NodeId product, const Surroundings& around) {
  if (const auto known = splits_.find(product); known != splits_.end()) return known->second;
  const auto result = split(factors(product), around);
  splits_.emplace(product, result);
  return result;
}

std::pair<NodeId, NodeId> Chains::split(std::span<const NodeId> factors, const Surroundings& around) {
  const std::size_t count = factors.size();
  if (count == 2) return {factors[0], factors[1]};
  const Row row = row_of(factors);
  const std::vector<Entry> entries = table(row, count, around);
  const std::size_t first = entries[count - 1].split;
  return {remember(row, entries, count, 0, first), remember(row, entries, count, first, count - first)};
}

std::pair<NodeId, NodeId> Chains::split_cycle(std::span<const NodeId> factors, const Surroundings& around) {
  const std::size_t count = factors.size();
  if (count == 2) return {factors[0], factors[1]};
  std::vector<NodeId> twice(factors.begin(), factors.end());
  twice.insert(twice.end(), factors.begin(), factors.end() - 1);
  const Row row = row_of(twice);
  const std::size_t longest = count - 1;
  const std::vector<Entry> entries = table(row, longest, around);
  double best = std::numeric_limits<double>::infinity();
  std::size_t best_start = 0;
  std::size_t best_length = 1;
  for (std::size_t start = 0; start < count; ++start) {
    for (std::size_t length = 1; length < count; ++length) {
      const std::size_t rest = (start + length) % count;
      const double cost = entries[start * longest + length - 1].cost +
                          entries[rest * longest + count - length - 1].cost +
                          2 * row.rows(start) * row.cols(start, length);
      if (cost >= best * (1 - 1e-12)) continue;
      best = cost;
      best_start = start;
      best_length = length;
    }
  }
  return {remember(row, entries, longest, best_start, best_length),
          remember(row, entries, longest, (best_start + best_length) % count, count - best_length)};
}

}  // namespace matgrad
