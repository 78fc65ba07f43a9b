// SPDX-License-Identifier: MIT
#include "syntax/forest.hpp"

#include <algorithm>

namespace matgrad {

Forest::Forest(std::span<const SyntaxTree* const> trees) : trees_(trees) {
  std::size_t count = 0;
  for (const SyntaxTree* tree : trees) count += tree->nodes.size();
  nodes_.reserve(count);
  order_.reserve(count);
  for (std::uint32_t tree = 0; tree < trees.size(); ++tree) {
    const auto offset = static_cast<std::uint32_t>(nodes_.size());
    for (const SyntaxNode& node : trees[tree]->nodes) nodes_.push_back({&node, offset, tree});
    roots_.push_back(offset + trees[tree]->root);
  }
  std::vector<bool> reached(nodes_.size(), false);
  std::vector<std::uint32_t> pending = roots_;
  while (!pending.empty()) {
    const std::uint32_t at = pending.back();
    pending.pop_back();
    if (reached[at]) continue;
    reached[at] = true;
    order_.push_back(at);
    for (std::size_t i = 0; i < child_count(at); ++i) pending.push_back(child(at, i));
  }
  std::sort(order_.begin(), order_.end());
}

std::string Forest::text(std::uint32_t at) const {
  return std::string(under(trees_[nodes_[at].tree]->source, nodes_[at].node->span));
}

bool Forest::before(std::uint32_t a, std::uint32_t b) const {
  if (nodes_[a].tree != nodes_[b].tree) return nodes_[a].tree < nodes_[b].tree;
  if (nodes_[a].node->span.begin != nodes_[b].node->span.begin) {
    return nodes_[a].node->span.begin < nodes_[b].node->span.begin;
  }
  return a < b;
}

}  // namespace matgrad
