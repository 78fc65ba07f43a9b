// SPDX-License-Identifier: MIT
#include "syntax/ast.hpp"

#include <variant>

namespace matgrad {
namespace {

std::string_view head(Syntax kind) {
  switch (kind) {
    case Syntax::number:
    case Syntax::name:
    case Syntax::call: return "";
    case Syntax::negate: return "neg";
    case Syntax::add: return "+";
    case Syntax::subtract: return "-";
    case Syntax::multiply: return "*";
    case Syntax::divide: return "/";
    case Syntax::hadamard: return ".*";
    case Syntax::hadamard_divide: return "./";
    case Syntax::kronecker: return "kron";  // not an operator
    case Syntax::power: return "^";
    case Syntax::hadamard_power: return ".^";
    case Syntax::transpose: return "'";
    case Syntax::index: return "index";
    case Syntax::colon: return ":";
    case Syntax::block_matrix: return "block";
  }
  return "";
}

}  // namespace

std::string to_s_expression(const SyntaxTree& tree) {
  // A stack of its own: the tree may be deeper than the machine's. An entry is a node or a text to put down.
  std::vector<std::variant<std::uint32_t, std::string_view>> rest{tree.root};
  std::string result;
  while (!rest.empty()) {
    const auto next = rest.back();
    rest.pop_back();
    if (const auto* text = std::get_if<std::string_view>(&next)) {
      result += *text;
      continue;
    }
    const SyntaxNode& node = tree[std::get<std::uint32_t>(next)];
    if (node.kind == Syntax::number || node.kind == Syntax::name || node.kind == Syntax::colon) {
      result += node.kind == Syntax::number ? node.value.text() : node.kind == Syntax::name ? node.text : ":";
      continue;
    }
    result.append("(").append(node.kind == Syntax::call ? std::string_view(node.text) : head(node.kind));
    rest.emplace_back(std::string_view(")"));
    std::size_t row = node.columns.size();
    std::size_t left_in_row = 0;
    for (std::size_t i = node.children.size(); i-- > 0;) {
      if (row > 0 && left_in_row == 0) {
        left_in_row = node.columns[--row];
        rest.emplace_back(std::string_view(")"));
      }
      rest.emplace_back(node.children[i]);
      rest.emplace_back(std::string_view(" "));
      if (left_in_row > 0 && --left_in_row == 0) rest.emplace_back(std::string_view(" (row"));
    }
  }
  return result;
}

}  // namespace matgrad
