// SPDX-License-Identifier: MIT
#include "engine/let.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "calculus/differential.hpp"
#include "expr/walk.hpp"
#include "ops/order.hpp"
#include "ops/selections.hpp"

namespace matgrad {
namespace {

constexpr std::size_t most_nodes = 2000;  // beyond, nobody reads the result anyway
constexpr std::size_t most_names = 12;
constexpr int most_attempts = 16;  // for one name
constexpr std::uint64_t most_occurrences = 1'000'000;

bool is_nameable(OpId op) {
  constexpr OpId leaves[] = {op::number, op::symbol,   op::dimension, op::zeros,
                             op::ones,   op::identity, op::unit,      op::transpose};
  return std::find(std::begin(leaves), std::end(leaves), op) == std::end(leaves) && find_selection(op) == nullptr;
}

class Sharing {
 public:
  Sharing(Build& build, std::span<const NodeId> roots)
      : build_(build),
        store_(build.store()),
        symbols_before_(store_.symbol_count()),
        original_(roots.begin(), roots.end()),
        roots_(original_) {}

  Shared run() {
    std::size_t most = topological(store_, original_).size() <= most_nodes ? most_names : 0;
    for (;;) {
      while (lets_.size() < most && name_one()) {
      }
      call();
      // The order of factors goes by names, so the last ones may stand where they do not go back from; then one less.
      if (original_ == with_names_replaced()) return {lets_, roots_};
      most = lets_.size() - 1;
      lets_.clear();
      roots_ = original_;
    }
  }

 private:
  struct Candidate {
    NodeId id;
    std::uint64_t gain;  // operators saved, the definition counted as one
  };

  std::vector<NodeId> written() const {
    std::vector<NodeId> all = roots_;
    for (const Let& let : lets_) all.push_back(let.value);
    return all;
  }

  // What is worth a name, the best first.
  std::vector<Candidate> candidates() const {
    const std::vector<NodeId> all = written();
    const std::vector<NodeId> order = topological(store_, all);
    std::vector<std::uint64_t> occurrences(store_.size(), 0);
    std::vector<bool> varies(store_.size(), false);  // holds a variable; what does not is a constant
    std::vector<bool> bound(store_.size(), false);   // holds an index
    for (NodeId id : all) ++occurrences[index_of(id)];
    for (std::size_t at = order.size(); at-- > 0;) {
      const std::uint64_t here = occurrences[index_of(order[at])];
      for (NodeId child : store_.children(order[at])) {
        std::uint64_t& there = occurrences[index_of(child)];
        there = std::min(most_occurrences, there + here);
      }
    }
    std::vector<Candidate> result;
    for (NodeId id : order) {
      const Node& node = store_[id];
      if (node.op == op::symbol) {
        const bool is_index = store_.symbol_at(node.first).role == Symbol::Role::index;
        (is_index ? bound : varies)[index_of(id)] = true;
      }
      for (NodeId child : store_.children(id)) {
        varies[index_of(id)] = varies[index_of(id)] || varies[index_of(child)];
        bound[index_of(id)] = bound[index_of(id)] || bound[index_of(child)];
      }
      const std::uint64_t again = occurrences[index_of(id)] - 1;
      const bool whole = std::find(roots_.begin(), roots_.end(), id) != roots_.end();
      const bool nameable = is_nameable(node.op) && varies[index_of(id)] && !bound[index_of(id)] && !whole;
      if (nameable && again * node.weight > 1) result.push_back({id, again * node.weight - 1});
    }
    std::stable_sort(result.begin(), result.end(), [&](const Candidate& a, const Candidate& b) {
      if (a.gain != b.gain) return a.gain > b.gain;
      const auto weight_a = store_[a.id].weight;
      const auto weight_b = store_[b.id].weight;
      return weight_a != weight_b ? weight_a > weight_b : compare(store_, a.id, b.id) < 0;
    });
    return result;
  }

  bool name_one() {
    int attempts = 0;
    for (const Candidate& candidate : candidates()) {
      if (try_name(candidate.id)) return true;
      if (++attempts == most_attempts) return false;
    }
    return false;
  }

  std::uint64_t operators() const {
    std::uint64_t total = 0;
    for (NodeId id : written()) total += store_[id].weight;
    return total;
  }

  bool try_name(NodeId value) {
    const auto before = std::make_pair(roots_, lets_);
    const std::uint64_t weight = operators();
    const NodeId symbol = add_symbol("let " + std::to_string(lets_.size()), value);
    replace(value, symbol);
    lets_.push_back({symbol, value});
    put_in_order();
    if (operators() + 1 < weight && original_ == with_names_replaced()) return true;
    std::tie(roots_, lets_) = before;
    return false;
  }

  NodeId add_symbol(std::string name, NodeId value) {
    return build_.symbol(store_.add_symbol({std::move(name), store_.type(value)}));
  }

  void replace(NodeId what, NodeId with) {
    for (NodeId& root : roots_) root = substitute(build_, root, what, with);
    for (Let& let : lets_) let.value = substitute(build_, let.value, what, with);
  }

  // Definitions before their uses: a name's value may hold others, and be within others.
  void put_in_order() {
    const auto uses_no_later = [&](std::size_t at, std::size_t from) {
      for (std::size_t i = from; i < lets_.size(); ++i) {
        if (i != at && depends_on(store_, lets_[at].value, lets_[i].symbol)) return false;
      }
      return true;
    };
    for (std::size_t from = 0; from < lets_.size(); ++from) {
      std::size_t at = from;
      while (!uses_no_later(at, from)) ++at;
      std::swap(lets_[from], lets_[at]);
    }
  }

  std::vector<NodeId> with_names_replaced() {
    std::vector<NodeId> result = roots_;
    for (std::size_t at = lets_.size(); at-- > 0;) {
      for (NodeId& root : result) root = substitute(build_, root, lets_[at].symbol, lets_[at].value);
    }
    return result;
  }

  // p, q, r … in the order in which they are defined.
  void call() {
    std::vector<std::string> given;
    for (Let& let : lets_) {
      given.push_back(free_name(store_.type(let.value).is_matrix(), given));
      const NodeId called = add_symbol(given.back(), let.value);
      replace(let.symbol, called);
      let.symbol = called;
    }
  }

  std::string free_name(bool is_matrix, const std::vector<std::string>& given) const {
    const auto is_taken = [&](const std::string& name) {
      for (std::uint32_t i = 0; i < symbols_before_; ++i) {
        if (store_.symbol_at(i).name == name) return true;
      }
      return std::find(given.begin(), given.end(), name) != given.end() || store_.dims.find(name).has_value();
    };
    for (int round = 0;; ++round) {
      for (const char* letter = is_matrix ? "PQRSTUVW" : "pqrstuvw"; *letter != '\0'; ++letter) {
        std::string name(1, *letter);
        if (round > 0) name += std::to_string(round);
        if (!is_taken(name)) return name;
      }
    }
  }

  Build& build_;
  Store& store_;
  const std::size_t symbols_before_;  // the names that are taken
  const std::vector<NodeId> original_;
  std::vector<NodeId> roots_;
  std::vector<Let> lets_;
};

}  // namespace

Shared share(Build& build, std::span<const NodeId> roots) {
  return Sharing(build, roots).run();
}

}  // namespace matgrad
