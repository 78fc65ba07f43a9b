// SPDX-License-Identifier: MIT
// Expressions: an immutable, hash-consed DAG in one arena. Equal expressions are equal handles; children are always
// older than their parents, so ascending handles are a topological order. A Store lives as long as one derivation
// and frees everything at once. Nothing in it moves: what it returns by reference or as a span may be held while more
// is built.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/pages.hpp"
#include "base/rational.hpp"
#include "base/result.hpp"
#include "expr/dim.hpp"
#include "expr/type.hpp"

namespace matgrad {

enum class NodeId : std::uint32_t {};
inline constexpr NodeId no_node{0xffffffffu};
constexpr std::uint32_t index_of(NodeId id) {
  return static_cast<std::uint32_t>(id);
}

enum class OpId : std::uint16_t {};

struct Node {
  OpId op;
  std::uint16_t flags = 0;
  std::uint32_t first = 0;  // into the child array; for leaves that carry a payload, the payload itself
  std::uint32_t count = 0;
  std::uint32_t hash = 0;
  std::uint32_t weight = 0;  // operators in the expression written out, saturating: how long it is to read
  Type type;
};

// A name with a meaning of its own: a variable of the user, a differential dX, an index of a sum.
struct Symbol {
  enum class Role : std::uint8_t { variable, differential, index };
  std::string name;
  Type type;
  Role role = Role::variable;
  bool spd_declared = false;
  // Of explanations: the differential of an expression, d(A*X); with `by`, its derivative by that symbol, df/dX.
  NodeId of = no_node;
  NodeId by = no_node;
};

class Store {
 public:
  Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // The one node with this operator, shape and children. `type.properties` of the first caller stay.
  NodeId intern(OpId op, const Type& type, std::span<const NodeId> children, std::uint32_t weight);
  // That node where there is one already.
  NodeId find(OpId op, const Type& shape, std::span<const NodeId> children) const;
  // A leaf that carries a payload instead of children (number, symbol, dimension).
  NodeId intern_leaf(OpId op, const Type& type, std::uint32_t payload);

  const Node& operator[](NodeId id) const { return nodes_[index_of(id)]; }
  const Type& type(NodeId id) const { return nodes_[index_of(id)].type; }
  std::span<const NodeId> children(NodeId id) const {
    const Node& node = nodes_[index_of(id)];
    return children_.run(node.first, node.count);
  }
  NodeId child(NodeId id, std::size_t at) const { return children(id)[at]; }
  std::size_t size() const { return size_; }
  // Learned after construction (a sum that equals its transpose is symmetric). Promises only grow.
  void add_properties(NodeId id, Properties more) {
    Type& type = nodes_[index_of(id)].type;
    type.properties = closed(static_cast<Properties>(type.properties | more));
  }

  std::uint32_t intern_number(const Rational& value);
  const Rational& number_at(std::uint32_t payload) const { return numbers_[payload]; }
  std::uint32_t add_symbol(Symbol symbol);
  const Symbol& symbol_at(std::uint32_t payload) const { return symbols_[payload]; }
  std::size_t symbol_count() const { return symbols_.size(); }

  Dims dims;
  std::vector<NodeId> transposes;  // memo of Build::transpose, by handle; no_node where not yet asked
  std::vector<NodeId> bodies;      // memo of Build::split_coefficient: what it leaves, likewise
  // Memo of sign.cpp, likewise: the sum in a product that takes its sign, which the zeroth node says there is none of;
  // among sums without a constant, and among all.
  mutable std::array<std::vector<NodeId>, 2> absorbers;

 private:
  Pages<Node> nodes_;
  std::uint32_t size_ = 0;  // of nodes_
  Pages<NodeId> children_;
  std::vector<NodeId> buckets_;
  std::deque<Rational> numbers_;
  std::array<std::uint32_t, 16> small_integers_;                      // payloads of -8 … 7, once they were used
  std::unordered_multimap<std::size_t, std::uint32_t> number_index_;  // payloads of the other numbers, by hash
  std::deque<Symbol> symbols_;
  void grow();
  std::uint32_t add_number(const Rational& value);
  template <class Same>
  NodeId find(std::uint32_t hash, const Node& node, Same same) const;
  template <class Same>
  NodeId find_or_add(std::uint32_t hash, const Node& node, Same same);
};

}  // namespace matgrad
