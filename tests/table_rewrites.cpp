// SPDX-License-Identifier: MIT
// Rewrites at operands of all kinds and shapes, found by trying: the letters of a left side say nothing of their sizes.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>

#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"
#include "table_checks.hpp"

namespace matgrad {
namespace {

constexpr double tolerance = 1e-6;
constexpr int point_count = 2;

enum class OperandKind : std::uint8_t { matrix, column, row, scalar };

// What a left side mentions: letters that stand for expressions, and letters that stand for dimensions.
struct Mentioned {
  std::set<SlotName> operands;
  std::set<char> dims;
};

Mentioned mentioned_in(const Template& left) {
  Mentioned result;
  for (const Template::Term& term : left.terms) {
    if (term.kind == Template::Kind::slot) result.operands.insert(term.slot);
    for (const SignatureDim& dim : term.dims) {
      for (const SignatureDim::Term& part : dim.terms) result.dims.insert(part.letters.begin(), part.letters.end());
    }
  }
  return result;
}

std::string letter_text(SlotName slot) {
  return std::string(1, static_cast<char>(slot < 26 ? 'A' + slot : 'a' + (slot - 26)));
}

class RewriteCheck {
 public:
  RewriteCheck(const CompiledRewrite& rewrite, const CompiledRewrite* other) : rewrite_(rewrite), other_(other) {
    const Mentioned mentioned = mentioned_in(rewrite.left);
    operands_.assign(mentioned.operands.begin(), mentioned.operands.end());
    dims_.assign(mentioned.dims.begin(), mentioned.dims.end());
  }

  Finding run() {
    kinds_.resize(operands_.size());
    choose_kinds(0);
    // What holds for vectors of three entries only.
    for (literal_ = 0; applied_ == 0 && !failure_ && literal_ < 2; ++literal_) choose_kinds(0);
    if (failure_) return *failure_;
    if (applied_ == 0) return {Finding::Kind::ill_typed, "applies nowhere", no_node};
    return {other_ != nullptr && !differs_ ? Finding::Kind::same : Finding::Kind::holds, "", no_node};
  }

 private:
  bool allowed(SlotName operand, OperandKind kind) const {
    for (const Condition& condition : rewrite_.conditions) {
      if (condition.slot != operand) continue;
      if (condition.kind == Condition::Kind::vector && kind != OperandKind::column) return false;
      if (condition.kind == Condition::Kind::scalar && kind != OperandKind::scalar) return false;
      if (condition.kind == Condition::Kind::matrix && kind != OperandKind::matrix) return false;
    }
    return true;
  }

  void choose_kinds(std::size_t at) {
    if (failure_) return;
    if (at == operands_.size()) return try_sizes();
    for (OperandKind kind : {OperandKind::matrix, OperandKind::column, OperandKind::row, OperandKind::scalar}) {
      if (!allowed(operands_[at], kind)) continue;
      kinds_[at] = kind;
      choose_kinds(at + 1);
    }
  }

  std::size_t places() const {
    std::size_t count = dims_.size();
    for (OperandKind kind : kinds_) count += kind == OperandKind::matrix ? 2 : kind == OperandKind::scalar ? 0 : 1;
    return count;
  }

  // Every way of giving the places names, those with the most different names first; at the first level where the
  // rewrite applies at all, everything is tried and fewer names are not: they are special cases.
  void try_sizes() {
    const std::size_t count = places();
    for (std::size_t different = count; different + 1 > 0; --different) {
      const int before = applied_;
      std::vector<std::size_t> names(count);
      assign(names, 0, 0, different);
      if (failure_ || applied_ > before || different == 0) return;
    }
  }

  void assign(std::vector<std::size_t>& names, std::size_t at, std::size_t used, std::size_t different) {
    if (failure_ || used + (names.size() - at) < different) return;
    if (at == names.size()) {
      if (used == different) try_at(names);
      return;
    }
    for (std::size_t name = 0; name <= used && name < different; ++name) {
      names[at] = name;
      assign(names, at + 1, std::max(used, name + 1), different);
    }
  }

  // By a condition, or because an operator insists on it: chol(A) is refused where A is not symmetric.
  Properties declared(SlotName operand) const {
    Properties result = 0;
    for (const Template::Term& term : rewrite_.left.terms) {
      if (term.kind != Template::Kind::call || term.children.empty()) continue;
      const Template::Term& first = rewrite_.left[term.children[0]];
      if (first.kind == Template::Kind::slot && first.slot == operand) result |= entry_of(term.operators[0]).needs;
    }
    for (const Condition& condition : rewrite_.conditions) {
      if (condition.kind == Condition::Kind::has && condition.slot == operand) result |= condition.properties;
    }
    return result;
  }

  void try_at(const std::vector<std::size_t>& names) {
    Scene scene;
    std::size_t at = 0;
    auto next = [&] {
      const std::size_t name = names[at++];
      return name == literal_ ? scene.dim(3) : scene.dim(std::string(1, static_cast<char>('m' + name)).c_str());
    };
    Bindings bindings;
    std::vector<NodeId> roots;
    for (std::size_t i = 0; i < operands_.size(); ++i) {
      const OperandKind kind = kinds_[i];
      const Dim rows = kind == OperandKind::scalar ? dim_one : next();
      const Dim cols = kind == OperandKind::matrix ? next() : dim_one;
      const Properties properties = declared(operands_[i]);
      if (rows != cols && (properties & ~positive) != 0) return;
      const NodeId symbol = scene.symbol(letter_text(operands_[i]), rows, cols, properties);
      roots.push_back(symbol);
      bindings.nodes[operands_[i]] = kind == OperandKind::row ? scene.b.transpose(symbol) : symbol;
    }
    for (char letter : dims_) bindings.dims.bind(letter, next());
    try_on(scene, bindings, std::move(roots));
  }

  void try_on(Scene& scene, Bindings& bindings, std::vector<NodeId> roots) {
    std::optional<NodeId> left;
    std::optional<NodeId> right;
    try {
      left = instantiate(scene.b, rewrite_.left, bindings);
      if (left) right = Subject(scene.b, *left).rewritten(rewrite_);
    } catch (const Bug&) {
      return;
    }
    if (!right) return;
    roots.insert(roots.end(), {*left, *right});
    // inv(A'*A) of a row: what has no value anywhere cannot be changed.
    if (!sample(scene.store, std::span(roots).first(roots.size() - 1), {}, 1)) return;
    ++applied_;
    if (other_ != nullptr && Subject(scene.b, *left).rewritten(*other_) == right) return;
    differs_ = true;
    compare(scene, roots, *left, *right);
  }

  void compare(Scene& scene, std::span<const NodeId> roots, NodeId left, NodeId right) {
    const std::string both = to_text(scene.store, left) + "  and  " + to_text(scene.store, right);
    int points = 0;
    for (std::uint64_t seed = 1; seed <= 8 && points < point_count; ++seed) {
      const auto point = sample(scene.store, roots, {}, seed);
      if (!point) continue;
      ++points;
      const auto a = evaluate(scene.store, left, *point);
      const auto b = evaluate(scene.store, right, *point);
      const double scale = a && b ? std::max({1.0, a->cwiseAbs().maxCoeff(), b->cwiseAbs().maxCoeff()}) : 1;
      if (a && b && (*a - *b).cwiseAbs().maxCoeff() <= tolerance * scale) continue;
      failure_ = Finding{Finding::Kind::fails, "values differ: " + both, no_node};
      return;
    }
    if (points == 0) failure_ = Finding{Finding::Kind::fails, "no point to compare at: " + both, no_node};
  }

  const CompiledRewrite& rewrite_;
  const CompiledRewrite* other_;
  std::vector<SlotName> operands_;
  std::vector<char> dims_;
  std::vector<OperandKind> kinds_;
  std::size_t literal_ = SIZE_MAX;  // the name that stands for the size 3
  int applied_ = 0;
  bool differs_ = false;
  std::optional<Finding> failure_;
};

}  // namespace

std::vector<const CompiledRewrite*> all_rewrites() {
  std::vector<const CompiledRewrite*> result;
  for (std::uint16_t i = 0; i < OperatorTable::get().size(); ++i) {
    for (const auto& [needed, rewrite] : Rulebook::get().rewrites(OpId{i})) {
      if (std::find(result.begin(), result.end(), rewrite) == result.end()) result.push_back(rewrite);
    }
  }
  return result;
}

Finding check_rewrite(const CompiledRewrite& rewrite, const CompiledRewrite* other) {
  return RewriteCheck(rewrite, other).run();
}

}  // namespace matgrad
