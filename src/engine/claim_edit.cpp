// SPDX-License-Identifier: MIT
#include "engine/claim_edit.hpp"

#include <algorithm>

namespace matgrad {
namespace {

constexpr std::size_t most_edits = 200;
constexpr std::size_t most_names = 8;
constexpr std::size_t longest_text = 60;

class Editor {
 public:
  explicit Editor(const SyntaxTree& tree) : tree_(tree), parents_(tree.nodes.size(), none) {
    for (std::uint32_t at : reached()) {
      for (std::uint32_t child : tree_[at].children) parents_[child] = at;
      nodes_.push_back(at);
    }
    std::sort(nodes_.begin(), nodes_.end());
  }

  std::vector<ClaimEdit> run() {
    for (std::uint32_t at : nodes_) remove_transpose(at);
    for (std::uint32_t at : nodes_) add_transpose(at);
    for (std::uint32_t at : nodes_) exchange(at);
    for (ClaimEdit& edit : edits_) edit.rearranges = true;
    exchange_names();
    for (std::uint32_t at : nodes_) change_product(at);
    for (std::uint32_t at : nodes_) change_sum(at);
    if (edits_.size() > most_edits) edits_.resize(most_edits);
    return std::move(edits_);
  }

 private:
  static constexpr std::uint32_t none = 0xffffffffu;

  std::vector<std::uint32_t> reached() const {
    std::vector<std::uint32_t> found;
    std::vector<std::uint32_t> pending{tree_.root};
    while (!pending.empty()) {
      const std::uint32_t at = pending.back();
      pending.pop_back();
      found.push_back(at);
      for (std::uint32_t child : tree_[at].children) pending.push_back(child);
    }
    return found;
  }

  std::string text(std::uint32_t at) const { return shorten(under(tree_.source, tree_[at].span), longest_text); }

  // The tree with `at` replaced by another of its nodes.
  SyntaxTree with(SyntaxTree changed, std::uint32_t at, std::uint32_t by) const {
    if (at == tree_.root) {
      changed.root = by;
    } else {
      Children& siblings = changed.nodes[parents_[at]].children;
      std::replace(siblings.begin(), siblings.end(), at, by);
    }
    return sorted(changed);
  }

  // Children before parents again, as every tree has it.
  static SyntaxTree sorted(const SyntaxTree& changed) {
    SyntaxTree result;
    result.source = changed.source;
    std::vector<std::pair<std::uint32_t, bool>> pending{{changed.root, false}};
    std::vector<std::uint32_t> place(changed.nodes.size(), none);
    while (!pending.empty()) {
      const auto [at, is_done] = pending.back();
      pending.pop_back();
      if (!is_done) {
        pending.emplace_back(at, true);
        const Children& children = changed[at].children;
        for (std::size_t i = children.size(); i-- > 0;) pending.emplace_back(children[i], false);
        continue;
      }
      SyntaxNode node = changed[at];
      for (std::uint32_t& child : node.children) child = place[child];
      place[at] = static_cast<std::uint32_t>(result.nodes.size());
      result.nodes.push_back(std::move(node));
    }
    result.root = place[changed.root];
    return result;
  }

  void add(SyntaxTree tree, Message message, std::vector<std::string> arguments) {
    edits_.push_back({std::move(tree), message, std::move(arguments)});
  }

  void remove_transpose(std::uint32_t at) {
    if (tree_[at].kind != Syntax::transpose) return;
    const std::uint32_t inner = tree_[at].children[0];
    add(with(tree_, at, inner), Message::edit_no_transpose, {text(inner)});
  }

  void add_transpose(std::uint32_t at) {
    const Syntax kind = tree_[at].kind;
    if (kind == Syntax::number || kind == Syntax::transpose || kind == Syntax::colon) return;
    if (parents_[at] != none && tree_[parents_[at]].kind == Syntax::transpose) return;
    if (parents_[at] != none && tree_[parents_[at]].kind == Syntax::index) return;
    SyntaxTree changed = tree_;
    SyntaxNode node;
    node.kind = Syntax::transpose;
    node.span = tree_[at].span;
    node.children = {at};
    changed.nodes.push_back(node);
    const auto turned = static_cast<std::uint32_t>(changed.nodes.size() - 1);
    if (at == tree_.root) return add(with(std::move(changed), at, turned), Message::edit_transpose_all, {});
    add(with(std::move(changed), at, turned), Message::edit_transpose, {text(at)});
  }

  void exchange(std::uint32_t at) {
    const SyntaxNode& node = tree_[at];
    const bool is_binary = node.children.size() == 2;
    if (!is_binary) return;
    if (node.kind == Syntax::multiply || node.kind == Syntax::kronecker || node.kind == Syntax::call) {
      SyntaxTree changed = tree_;
      std::swap(changed.nodes[at].children[0], changed.nodes[at].children[1]);
      add(sorted(changed), Message::edit_exchange, {text(node.children[0]), text(node.children[1])});
    }
    if (node.kind != Syntax::multiply || tree_[node.children[0]].kind != Syntax::multiply) return;
    SyntaxTree changed = tree_;  // (a*b)*c to (a*c)*b
    std::uint32_t& middle = changed.nodes[node.children[0]].children[1];
    std::swap(changed.nodes[at].children[1], middle);
    add(sorted(changed), Message::edit_exchange, {text(tree_[node.children[0]].children[1]), text(node.children[1])});
  }

  // a and b in b*a'.
  void exchange_names() {
    std::vector<std::uint32_t> names;
    for (std::uint32_t at : nodes_) {
      if (tree_[at].kind == Syntax::name) names.push_back(at);
    }
    if (names.size() > most_names) return;
    for (std::size_t i = 0; i < names.size(); ++i) {
      for (std::size_t j = i + 1; j < names.size(); ++j) {
        if (tree_[names[i]].text == tree_[names[j]].text) continue;
        SyntaxTree changed = tree_;
        std::swap(changed.nodes[names[i]].text, changed.nodes[names[j]].text);
        add(sorted(changed), Message::edit_exchange, {text(names[i]), text(names[j])});
      }
    }
  }

  void change_product(std::uint32_t at) {
    const SyntaxNode& node = tree_[at];
    if (node.kind != Syntax::multiply && node.kind != Syntax::hadamard) return;
    SyntaxTree changed = tree_;
    const bool was_plain = node.kind == Syntax::multiply;
    changed.nodes[at].kind = was_plain ? Syntax::hadamard : Syntax::multiply;
    add(sorted(changed), was_plain ? Message::edit_entrywise : Message::edit_not_entrywise, {text(at)});
    for (std::size_t i : {std::size_t{0}, std::size_t{1}}) {
      const SyntaxNode& factor = tree_[node.children[i]];
      if (factor.kind == Syntax::number) continue;
      add(with(tree_, at, node.children[1 - i]), Message::edit_no_factor, {text(node.children[i])});
    }
  }

  void change_sum(std::uint32_t at) {
    const SyntaxNode& node = tree_[at];
    if (node.kind != Syntax::add && node.kind != Syntax::subtract) return;
    SyntaxTree changed = tree_;
    changed.nodes[at].kind = node.kind == Syntax::add ? Syntax::subtract : Syntax::add;
    add(sorted(changed), Message::edit_sign, {text(node.children[1])});
    add(with(tree_, at, node.children[0]), Message::edit_no_term, {text(node.children[1])});
    if (node.kind == Syntax::add)
      add(with(tree_, at, node.children[1]), Message::edit_no_term, {text(node.children[0])});
    for (std::uint32_t term : node.children) {
      const SyntaxNode& inside = tree_[term];
      if (inside.kind == Syntax::add || inside.kind == Syntax::subtract) continue;
      scale(term, Rational(2), Message::edit_factor);
      scale(term, Rational(1, 2), Message::edit_factor);
    }
  }

  void scale(std::uint32_t term, const Rational& factor, Message message) {
    SyntaxTree changed = tree_;
    SyntaxNode number;
    number.kind = Syntax::number;
    number.value = factor;
    changed.nodes.push_back(number);
    SyntaxNode product;
    product.kind = Syntax::multiply;
    product.span = tree_[term].span;
    product.children = {static_cast<std::uint32_t>(changed.nodes.size() - 1), term};
    changed.nodes.push_back(product);
    const auto by = static_cast<std::uint32_t>(changed.nodes.size() - 1);
    add(with(std::move(changed), term, by), message, {text(term), factor.text()});
  }

  const SyntaxTree& tree_;
  std::vector<std::uint32_t> parents_;
  std::vector<std::uint32_t> nodes_;
  std::vector<ClaimEdit> edits_;
};

}  // namespace

std::vector<ClaimEdit> claim_edits(const SyntaxTree& tree) {
  return Editor(tree).run();
}

}  // namespace matgrad
