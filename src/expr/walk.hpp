// SPDX-License-Identifier: MIT
// The traversal: every pass over the DAG goes through here, visits each shared node once, and never recurses, so that
// depth costs memory and not the stack.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "expr/store.hpp"

namespace matgrad {

// A set of nodes, none of which is younger than `last`.
class NodeSet {
 public:
  explicit NodeSet(NodeId last) : words_(index_of(last) / bits + 1, 0) {}
  bool contains(NodeId id) const { return (words_[index_of(id) / bits] & bit(id)) != 0; }
  // Whether it is new there.
  bool insert(NodeId id) {
    std::uint64_t& word = words_[index_of(id) / bits];
    const bool is_new = (word & bit(id)) == 0;
    word |= bit(id);
    return is_new;
  }

 private:
  static constexpr std::uint32_t bits = 64;
  static std::uint64_t bit(NodeId id) { return std::uint64_t{1} << index_of(id) % bits; }
  boost::container::small_vector<std::uint64_t, 16> words_;
};

// Every node that the roots reach, children before parents.
inline std::vector<NodeId> topological(const Store& store, std::span<const NodeId> roots) {
  if (roots.empty()) return {};
  NodeSet seen(*std::max_element(roots.begin(), roots.end()));
  boost::container::small_vector<NodeId, 64> order;
  boost::container::small_vector<NodeId, 64> pending(roots.begin(), roots.end());
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    if (!seen.insert(id)) continue;
    order.push_back(id);
    for (NodeId child : store.children(id)) pending.push_back(child);
  }
  // A child is always older than its parent, so sorting by handle is a topological sort.
  std::sort(order.begin(), order.end());
  return {order.begin(), order.end()};
}

inline std::vector<NodeId> topological(const Store& store, NodeId root) {
  return topological(store, std::span<const NodeId>(&root, 1));
}

// Which nodes depend on `leaf`; of `order`, which must be topological.
inline std::vector<NodeId> dependents(const Store& store, std::span<const NodeId> order, NodeId leaf) {
  if (order.empty()) return {};
  NodeSet depends(order.back());
  std::vector<NodeId> result;
  for (NodeId id : order) {
    bool here = id == leaf;
    for (NodeId child : store.children(id)) here = here || depends.contains(child);
    if (!here) continue;
    result.push_back(id);
    depends.insert(id);
  }
  return result;
}

inline bool depends_on(const Store& store, NodeId root, NodeId leaf) {
  const std::vector<NodeId> order = topological(store, root);
  return std::binary_search(order.begin(), order.end(), leaf);
}

}  // namespace matgrad
