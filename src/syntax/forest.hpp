// SPDX-License-Identifier: MIT
// The trees that are elaborated together, as one list of nodes: the two sides of a claim share their names. Children
// stand before parents here as in every tree, and a pass is a loop over `order`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/ast.hpp"

namespace matgrad {

class Forest {
 public:
  explicit Forest(std::span<const SyntaxTree* const> trees);

  const SyntaxNode& operator[](std::uint32_t at) const { return *nodes_[at].node; }
  std::size_t size() const { return nodes_.size(); }
  std::uint32_t child(std::uint32_t at, std::size_t which) const {
    return nodes_[at].offset + nodes_[at].node->children[which];
  }
  std::size_t child_count(std::uint32_t at) const { return nodes_[at].node->children.size(); }
  // The nodes that the roots reach, children before parents.
  const std::vector<std::uint32_t>& order() const { return order_; }
  const std::vector<std::uint32_t>& roots() const { return roots_; }
  std::uint32_t tree_of(std::uint32_t at) const { return nodes_[at].tree; }
  const SyntaxTree& tree(std::uint32_t index) const { return *trees_[index]; }
  // What was written there.
  std::string text(std::uint32_t at) const;
  // Reading order: by tree, then by place.
  bool before(std::uint32_t a, std::uint32_t b) const;

 private:
  struct Entry {
    const SyntaxNode* node;
    std::uint32_t offset;
    std::uint32_t tree;
  };
  std::span<const SyntaxTree* const> trees_;
  std::vector<Entry> nodes_;
  std::vector<std::uint32_t> roots_;
  std::vector<std::uint32_t> order_;
};

}  // namespace matgrad
