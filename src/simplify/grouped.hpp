// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <vector>

#include "ops/order.hpp"

namespace matgrad {

// What belongs to the same node, of every node that two or more belong to. In the structural order, never in that of
// handles: among equally short results the first one wins, and it has to be the same in every history.
template <class Item>
std::vector<std::pair<NodeId, std::vector<Item>>> grouped(const Store& store,
                                                          std::vector<std::pair<NodeId, Item>>& items) {
  std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::pair<NodeId, std::vector<Item>>> groups;
  for (std::size_t begin = 0, end = 0; begin < items.size(); begin = end) {
    while (end < items.size() && items[end].first == items[begin].first) ++end;
    if (end - begin < 2) continue;
    groups.emplace_back(items[begin].first, std::vector<Item>());
    for (std::size_t i = begin; i < end; ++i) groups.back().second.push_back(items[i].second);
  }
  std::sort(groups.begin(), groups.end(),
            [&](const auto& a, const auto& b) { return compare(store, a.first, b.first) < 0; });
  return groups;
}

}  // namespace matgrad
