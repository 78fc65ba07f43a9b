// SPDX-License-Identifier: MIT
// One step of factoring a sum, of those that Factorizer takes.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "simplify/factor.hpp"
#include "simplify/shared_scalars.hpp"

namespace matgrad {

class Factoring {
 public:
  Factoring(Build& build, Factorizer& factorizer, NodeId sum);

  // What all terms have in common, in front of or behind what is left of them.
  struct Content {
    NodeId scalars = no_node;
    NodeList front;
    NodeList back;
    NodeList entries;
    NodeId rest = no_node;
  };

  // Whatever else is done with the terms can be done with the rest as well, so it is taken out first. None where that
  // is not shorter.
  std::optional<Content> content();
  NodeId with_content(const Content& content, NodeId rest);

  // The shortest of all sums with one group of terms put together; the sum itself where none is shorter.
  NodeId best();

 private:
  using Group = std::vector<std::size_t>;

  bool is_shorter(const Content& content);
  std::optional<Content> common_end(bool at_end);
  std::optional<Content> common_entries();

  void consider(const Group& group, NodeId together, std::uint32_t handicap = 0);
  void compare_with_best(NodeId candidate, std::uint32_t handicap);

  struct View {
    std::size_t term;
    const TermReading* reading;
  };
  using Views = std::vector<View>;

  std::uint64_t weight_of(const NodeList& factors) const;
  Views shortest_of_each_term(const Views& all) const;
  void try_ends(bool at_end);
  std::size_t share(const Views& views, bool at_end);
  bool is_worth_sharing(NodeId factor) const;
  bool leaves_units(const Views& views, std::size_t shared, bool at_end) const;
  static NodeId factor_at(const View& view, std::size_t at, bool at_end);
  static bool all_share(const Views& views, std::size_t at, bool at_end);
  static NodeList common_factors(const Views& views, std::size_t shared, bool at_end);
  NodeId share_end(const Views& views, std::size_t shared, bool at_end);
  void try_bracket_again(const Group& group, const Views& views, std::size_t shared, bool at_end);
  std::optional<Rational> taken_again(NodeId sum, Group& taken);
  std::size_t remaining_term(const Group& taken, NodeId body);
  NodeId bracket(const Views& views, const NodeList& common, std::size_t shared, bool at_end);
  NodeId again(NodeId id);
  void try_scalars();
  void try_same_body();
  void try_entrywise();

  Build& build_;
  Store& store_;
  Factorizer& factorizer_;
  NodeId sum_;
  std::vector<Term> terms_;
  std::vector<const std::vector<TermReading>*> readings_;
  std::vector<SharedScalars> shared_;
  NodeId best_ = no_node;
};

}  // namespace matgrad
