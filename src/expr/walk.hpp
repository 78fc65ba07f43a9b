// SPDX-License-Identifier: MIT
// The traversal: every pass over the DAG goes through here, visits each shared node once, and never recurses, so that
// depth costs memory and not the stack.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "expr/store.hpp"

namespace matgrad {

// Every node that the roots reach, children before parents.
inline std::vector<NodeId> topological(const Store& store, std::span<const NodeId> roots) {
  std::uint32_t last = 0;
  for (NodeId root : roots) last = std::max(last, index_of(root));
  std::vector<bool> seen(roots.empty() ? 0 : last + 1, false);
  std::vector<NodeId> order;
  std::vector<NodeId> pending(roots.begin(), roots.end());
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    if (seen[index_of(id)]) continue;
    seen[index_of(id)] = true;
    order.push_back(id);
    for (NodeId child : store.children(id)) pending.push_back(child);
  }
  // A child is always older than its parent, so sorting by handle is a topological sort.
  std::sort(order.begin(), order.end());
  return order;
}

inline std::vector<NodeId> topological(const Store& store, NodeId root) {
  return topological(store, std::span<const NodeId>(&root, 1));
}

// Which nodes depend on `leaf`; indexed like `order`, which must be topological.
inline std::vector<NodeId> dependents(const Store& store, std::span<const NodeId> order, NodeId leaf) {
  std::vector<bool> depends(order.empty() ? 0 : index_of(order.back()) + 1, false);
  std::vector<NodeId> result;
  for (NodeId id : order) {
    bool here = id == leaf;
    for (NodeId child : store.children(id)) here = here || depends[index_of(child)];
    if (here) result.push_back(id);
    depends[index_of(id)] = here;
  }
  return result;
}

inline bool depends_on(const Store& store, NodeId root, NodeId leaf) {
  const std::vector<NodeId> order = topological(store, root);
  return std::binary_search(order.begin(), order.end(), leaf);
}

}  // namespace matgrad
