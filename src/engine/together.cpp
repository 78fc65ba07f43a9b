// SPDX-License-Identifier: MIT
#include "engine/together.hpp"

namespace matgrad {

std::vector<std::string> Together::declarations() const {
  std::vector<std::string> result;
  for (const Variable& variable : scope.variables()) {
    result.push_back(std::string(variable.name).append(": ").append(scope.kind_text(variable)));
  }
  return result;
}

Result<std::unique_ptr<Together>> read_together(const std::vector<std::string>& declarations,
                                                const std::vector<std::string>& texts, InputNotation notation,
                                                std::span<const Sides> equations) {
  auto together = std::make_unique<Together>();
  for (const std::string& declaration : declarations) {
    if (auto declared = together->scope.declare(declaration); !declared) return tl::make_unexpected(declared.error());
  }
  std::vector<SyntaxTree> trees;
  for (const std::string& text : texts) {
    auto tree = parse(text, notation, together->scope.names());
    if (!tree) {
      for (Diagnostic& error : tree.error()) error.source = error.source.empty() ? text : error.source;
      return tl::make_unexpected(tree.error());
    }
    trees.push_back(std::move(*tree));
  }
  std::vector<const SyntaxTree*> pointers;
  pointers.reserve(trees.size());
  for (const SyntaxTree& tree : trees) pointers.push_back(&tree);
  auto elaborated = elaborate_together(together->scope, pointers, equations);
  if (!elaborated) return tl::make_unexpected(elaborated.error());
  together->roots = std::move(elaborated->roots);
  together->notes = std::move(elaborated->notes);
  return together;
}

}  // namespace matgrad
