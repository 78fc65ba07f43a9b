// SPDX-License-Identifier: MIT
#include "numeric/sizes.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <random>
#include <span>
#include <utility>

#include "ops/structural.hpp"

namespace matgrad {
namespace {

using Pool = std::span<const std::int64_t>;
constexpr std::int64_t pool[] = {2, 3, 4, 5, 6, 7};
// Where those make arrays of more than so many rows: a Hessian of a matrix function, say, takes minutes then. Some are
// the same size where there are many.
constexpr std::int64_t pool_with_one[] = {1, 2, 3, 4, 5, 6};
constexpr std::int64_t small_pool[] = {1, 2, 3};
constexpr std::int64_t pool_of_ones[] = {1, 1, 2, 3};  // of a size that is a product of many
constexpr std::int64_t pool_of_more_ones[] = {1, 1, 1, 2};
constexpr std::int64_t few_rows = 400;
constexpr std::size_t most_proposals = 16;
constexpr std::uint64_t most_dealt = 40;
constexpr int random_tries = 6000;
constexpr std::int64_t largest_number = 12;  // beyond which other sizes are tried as well
// How many rows or columns an array may have, and how many entries: the first limits that leave a choice are used.
constexpr std::array<std::int64_t, 8> most_rows = {60, 90, 130, 200, 400, 1000, 4000, 40'000};
constexpr std::int64_t most_entries = 4'000'000;

class Proposer {
 public:
  Proposer(const Store& store, std::span<const NodeId> nodes, std::span<const SizeCondition> conditions)
      : dims_(store.dims), conditions_(conditions) {
    for (NodeId id : nodes) {
      const Type& type = store.type(id);
      shapes_.emplace_back(type.rows, type.cols);
      if (store[id].op == op::dimension) shapes_.emplace_back(Dim{store[id].first}, dim_one);
    }
    for (const SizeCondition& condition : conditions) shapes_.emplace_back(condition.left, condition.right);
    std::sort(shapes_.begin(), shapes_.end());
    shapes_.erase(std::unique(shapes_.begin(), shapes_.end()), shapes_.end());
    for (const auto& [rows, cols] : shapes_) {
      collect(rows);
      collect(cols);
    }
    std::sort(atoms_.begin(), atoms_.end());
    atoms_.erase(std::unique(atoms_.begin(), atoms_.end()), atoms_.end());
    find_implied();
  }

  std::vector<Sizes> propose(std::uint64_t seed) {
    deal(seed, pool);
    deal_beyond_numbers(seed);
    if (found_.empty() && !conditions_.empty()) search(seed);
    for (const Pool smaller : {Pool(pool_with_one), Pool(small_pool), Pool(pool_of_ones), Pool(pool_of_more_ones)}) {
      const bool has_small =
          std::any_of(found_.begin(), found_.end(), [&](const Sizes& sizes) { return is_modest(sizes, few_rows); });
      if (!has_small) deal(seed, smaller);
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [&](const Sizes& a, const Sizes& b) { return distinct(a) > distinct(b); });
    for (std::int64_t limit : most_rows) {
      std::vector<Sizes> modest;
      for (const Sizes& sizes : found_) {
        if (modest.size() < most_proposals && is_modest(sizes, limit)) modest.push_back(sizes);
      }
      if (!modest.empty()) return modest;
    }
    return {};
  }

 private:
  // Five eigenvectors need more than four rows: where a size is such a number, every other proposal has larger ones.
  void deal_beyond_numbers(std::uint64_t seed) {
    std::int64_t largest = 0;
    for (const auto& [rows, cols] : shapes_) {
      for (Dim dim : {rows, cols}) {
        const bool is_number = dims_.polynomial(dim).size() == 1 && dims_.polynomial(dim)[0].atoms.empty();
        if (is_number) largest = std::max(largest, dims_.polynomial(dim)[0].coefficient);
      }
    }
    if (largest < pool[1] || largest > largest_number || free_.empty()) return;
    const std::vector<Sizes> usual = std::exchange(found_, {});
    const std::int64_t beyond[] = {largest + 1, largest + 2, 2, largest + 3, 3, largest + 4};
    deal(seed, beyond);
    const std::vector<Sizes> larger = std::exchange(found_, {});
    for (std::size_t i = 0; i < std::max(usual.size(), larger.size()); ++i) {
      if (i < usual.size()) found_.push_back(usual[i]);
      if (i < larger.size()) found_.push_back(larger[i]);
    }
  }

  void collect(Dim dim) {
    for (const DimTerm& term : dims_.polynomial(dim)) atoms_.insert(atoms_.end(), term.atoms.begin(), term.atoms.end());
  }

  bool mentions(Dim dim, Atom atom) const {
    for (const DimTerm& term : dims_.polynomial(dim)) {
      if (std::find(term.atoms.begin(), term.atoms.end(), atom) != term.atoms.end()) return true;
    }
    return false;
  }

  // A condition with a bare name on one side fixes that name: it is computed and not dealt.
  void find_implied() {
    for (const SizeCondition& condition : conditions_) {
      if (!add_implied(condition.left, condition.right)) add_implied(condition.right, condition.left);
    }
    for (Atom atom : atoms_) {
      if (std::none_of(implied_.begin(), implied_.end(), [&](const auto& one) { return one.first == atom; })) {
        free_.push_back(atom);
      }
    }
    // What an earlier one is computed from may itself be implied by a later one: those first.
    std::reverse(implied_.begin(), implied_.end());
  }

  bool add_implied(Dim side, Dim other) {
    const auto atom = dims_.as_atom(side);
    if (!atom || mentions(other, *atom)) return false;
    for (const auto& earlier : implied_) {
      if (earlier.first == *atom || mentions(other, earlier.first)) return false;
    }
    implied_.emplace_back(*atom, other);
    return true;
  }

  // The j-th way to deal distinct numbers of a pool; past its end the numbers repeat.
  void deal(std::uint64_t seed, Pool numbers) {
    const std::size_t spare = free_.size() <= 2 ? 2 : 1;
    const std::size_t width = std::min(numbers.size(), free_.size() + spare);
    std::uint64_t ways = 1;
    for (std::size_t i = 0; i < std::min(free_.size(), width); ++i) ways *= width - i;
    // A stride near the golden section visits unlike deals first.
    auto stride = static_cast<std::uint64_t>(static_cast<double>(ways) * 0.618) | 1;
    while (std::gcd(stride, ways) != 1) stride += 2;
    const std::uint64_t attempts = conditions_.empty() ? std::min(ways, most_dealt) : ways;
    for (std::uint64_t attempt = 0; attempt < attempts; ++attempt) {
      std::uint64_t way = (seed % ways + attempt) % ways * stride % ways;
      Sizes sizes(dims_.atom_count(), 0);
      std::vector<std::int64_t> left;
      for (Atom atom : free_) {
        if (left.empty()) left.assign(numbers.begin(), numbers.begin() + static_cast<std::ptrdiff_t>(width));
        const auto at = static_cast<std::ptrdiff_t>(way % left.size());
        way /= left.size();
        sizes[atom] = left[static_cast<std::size_t>(at)];
        left.erase(left.begin() + at);
      }
      accept(std::move(sizes));
    }
  }

  void search(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int attempt = 0; attempt < random_tries && found_.size() < 64; ++attempt) {
      const std::uint64_t widest = attempt < random_tries / 2 ? 6 : 15;
      Sizes sizes(dims_.atom_count(), 0);
      for (Atom atom : free_) sizes[atom] = static_cast<std::int64_t>(2 + random() % widest);
      accept(std::move(sizes));
    }
  }

  void accept(Sizes sizes) {
    for (const auto& [atom, dim] : implied_) sizes[atom] = dims_.evaluate(dim, sizes).value_or(0);
    for (const SizeCondition& condition : conditions_) {
      if (dims_.evaluate(condition.left, sizes) != dims_.evaluate(condition.right, sizes)) return;
    }
    for (Atom atom : atoms_) {
      if (sizes[atom] < 1) return;
    }
    if (is_modest(sizes, most_rows.back())) found_.push_back(std::move(sizes));
  }

  bool is_modest(const Sizes& sizes, std::int64_t limit) const {
    for (const auto& [rows, cols] : shapes_) {
      const auto r = dims_.evaluate(rows, sizes);
      const auto c = dims_.evaluate(cols, sizes);
      if (!r || !c || *r < 1 || *c < 1 || *r > limit || *c > limit || *r * *c > most_entries) return false;
    }
    return true;
  }

  std::size_t distinct(const Sizes& sizes) const {
    std::vector<std::int64_t> used;
    for (Atom atom : atoms_) used.push_back(sizes[atom]);
    std::sort(used.begin(), used.end());
    return static_cast<std::size_t>(std::unique(used.begin(), used.end()) - used.begin());
  }

  const Dims& dims_;
  std::span<const SizeCondition> conditions_;
  std::vector<std::pair<Dim, Dim>> shapes_;
  std::vector<Atom> atoms_;
  std::vector<Atom> free_;
  std::vector<std::pair<Atom, Dim>> implied_;
  std::vector<Sizes> found_;
};

}  // namespace

std::vector<Sizes> propose_sizes(const Store& store, std::span<const NodeId> nodes,
                                 std::span<const SizeCondition> conditions, std::uint64_t seed) {
  return Proposer(store, nodes, conditions).propose(seed);
}

std::string size_text(const Store& store, const Sizes& sizes) {
  std::string text;
  for (Atom atom = 0; atom < sizes.size(); ++atom) {
    if (sizes[atom] == 0) continue;
    if (!text.empty()) text += ", ";
    text += (store.dims.is_unknown(atom) ? "?" : store.dims.atom_name(atom)) + "=" + std::to_string(sizes[atom]);
  }
  return text;
}

}  // namespace matgrad
