// SPDX-License-Identifier: MIT
#include "engine/structured_inverse.hpp"

#include <algorithm>
#include <optional>

#include "calculus/differential.hpp"
#include "expr/walk.hpp"
#include "ops/selections.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

class Inverse {
 public:
  Inverse(Build& build, const std::vector<std::int64_t>& sizes) : build_(build), store_(build.store()), sizes_(sizes) {
    sizes_.resize(store_.dims.atom_count(), 0);
  }

  NodeId applied(NodeId a, NodeId x) {
    const auto [scalar, body] = build_.split_scale(a);
    if (!build_.is_number(scalar, 1)) return build_.divide(applied(body, x), scalar);
    if (store_[a].op == op::add) {
      if (const auto product = as_kronecker(a)) return applied(*product, x);
      if (const auto result = by_woodbury(a, x)) return *result;
    }
    return build_.product(build_.call(operator_computed_as(Computed::inverse), NodeList{a}), x);
  }

 private:
  std::int64_t size(Dim dim) const { return store_.dims.evaluate(dim, sizes_).value_or(0); }
  NodeList terms_of(NodeId sum) const { return {store_.children(sum).begin(), store_.children(sum).end()}; }

  // kron(B, I) + c*I and kron(I, B) + c*I with the identity drawn in: kron(B + c*I, I).
  std::optional<NodeId> as_kronecker(NodeId sum) {
    const OpId kronecker = operator_computed_as(Computed::kronecker);
    for (const std::size_t outer : {1, 0}) {  // which of the two factors is the identity
      Dim n = dim_zero;
      NodeList inner;
      for (NodeId term : terms_of(sum)) {
        const auto [scalar, body] = build_.split_scale(term);
        if (store_[body].op == op::identity) continue;
        if (store_[body].op != kronecker || store_[store_.child(body, outer)].op != op::identity) return std::nullopt;
        const Dim own = store_.type(store_.child(body, outer)).rows;
        if (n != dim_zero && own != n) break;
        n = own;
        inner.push_back(build_.scale(scalar, store_.child(body, 1 - outer)));
      }
      if (inner.empty()) continue;
      for (NodeId term : terms_of(sum)) {
        const auto [scalar, body] = build_.split_scale(term);
        if (store_[body].op != op::identity) continue;
        inner.push_back(build_.scale(scalar, build_.identity(build_.type(inner[0]).rows)));
      }
      const NodeId other = build_.add(inner);
      const NodeId identity = build_.identity(n);
      return build_.call(kronecker, outer == 1 ? NodeList{other, identity} : NodeList{identity, other});
    }
    return std::nullopt;
  }

  // The numbers on the diagonal of a term that has no others.
  NodeId diagonal_of(NodeId term) {
    const auto [scalar, body] = build_.split_scale(term);
    if (store_[body].op == op::identity) return build_.scale(scalar, build_.ones(store_.type(term).rows, dim_one));
    if (store_[body].op == operator_computed_as(Computed::diagonal_matrix)) {
      return build_.scale(scalar, store_.child(body, 0));
    }
    return build_.call(operator_computed_as(Computed::diagonal_part), NodeList{term});
  }

  // A term as U*V, cut where it is narrowest.
  struct Halves {
    NodeId left;
    NodeId right;
    std::int64_t width;
  };
  std::optional<Halves> halves(NodeId term) {
    const auto [scalar, body] = build_.split_scale(term);
    if (store_[body].op != op::multiply) return std::nullopt;
    const NodeList factors = terms_of(body);
    std::size_t best = 1;
    for (std::size_t cut = 2; cut < factors.size(); ++cut) {
      if (size(store_.type(factors[cut]).rows) < size(store_.type(factors[best]).rows)) best = cut;
    }
    const std::span<const NodeId> all(factors);
    const std::int64_t width = size(store_.type(factors[best]).rows);
    if (width < 1) return std::nullopt;
    return Halves{build_.scale(scalar, build_.multiply(all.first(best))), build_.multiply(all.subspan(best)), width};
  }

  // (D + U*V)^-1 x = y - D^-1 U (I + V D^-1 U)^-1 V y with y = D^-1 x (Woodbury).
  std::optional<NodeId> by_woodbury(NodeId sum, NodeId x) {
    NodeList diagonals;
    NodeList left;
    NodeList right;
    std::int64_t width = 0;
    for (NodeId term : terms_of(sum)) {
      if (store_.type(term).has(diagonal)) {
        diagonals.push_back(diagonal_of(term));
        continue;
      }
      const auto two = halves(term);
      if (!two) return std::nullopt;
      left.push_back(two->left);
      right.push_back(two->right);
      width += two->width;
    }
    if (diagonals.empty() || left.empty() || 2 * width >= size(store_.type(sum).rows)) return std::nullopt;
    const NodeId u = left.size() == 1 ? left[0] : build_.blocks(left.size(), left);
    const NodeId v = right.size() == 1 ? right[0] : build_.blocks(1, right);
    const NodeId reciprocal = build_.power(build_.add(diagonals), build_.number(-1));
    const NodeId scaling = build_.call(operator_computed_as(Computed::diagonal_matrix), NodeList{reciprocal});
    const NodeId scaled = build_.product(scaling, u);
    const NodeId y = build_.hadamard(NodeList{reciprocal, x});
    const NodeId small = build_.add(NodeList{build_.identity(build_.type(v).rows), build_.product(v, scaled)});
    const NodeId inverse = build_.call(operator_computed_as(Computed::inverse), NodeList{small});
    const NodeId correction = build_.product(scaled, build_.product(inverse, build_.product(v, y)));
    return build_.minus(y, correction);
  }

  Build& build_;
  Store& store_;
  std::vector<std::int64_t> sizes_;
};

class Stages {
 public:
  Stages(Build& build, NodeId root, NodeId symbol) : build_(build), store_(build.store()), root_(root) {
    const std::vector<NodeId> order = topological(store_, root);
    varying_ = dependents(store_, order, symbol);
  }

  Staged run() {
    result_.rest = root_;
    for (NodeId id : varying_) {
      for (NodeId child : store_.children(id)) visit(child);
    }
    if (varying_.empty()) visit(root_);
    std::sort(result_.constants.rbegin(), result_.constants.rend());  // what holds others before these
    for (NodeId constant : result_.constants) {
      const NodeId symbol = build_.symbol(store_.add_symbol({"constant", store_.type(constant)}));
      result_.symbols.push_back(symbol);
      result_.rest = substitute(build_, result_.rest, constant, symbol);
    }
    return result_;
  }

 private:
  bool is_varying(NodeId id) const { return std::binary_search(varying_.begin(), varying_.end(), id); }

  void visit(NodeId id) {
    if (is_varying(id)) return;
    const Node& node = store_[id];
    if (node.count == 0 || node.op == op::unit || find_selection(node.op) != nullptr) return;
    const Computed how = entry_of(node.op).computed;
    const bool looked_through = node.op == op::transpose || node.op == op::scale || how == Computed::inverse ||
                                how == Computed::diagonal_matrix || how == Computed::kronecker;
    if (!looked_through) {
      if (std::find(result_.constants.begin(), result_.constants.end(), id) == result_.constants.end()) {
        result_.constants.push_back(id);
      }
      return;
    }
    for (NodeId child : store_.children(id)) visit(child);
  }

  Build& build_;
  Store& store_;
  NodeId root_;
  std::vector<NodeId> varying_;
  Staged result_;
};

}  // namespace

NodeId applied_inverse(Build& build, NodeId a, NodeId x, const std::vector<std::int64_t>& sizes) {
  return Inverse(build, sizes).applied(a, x);
}

Staged staged(Build& build, NodeId root, NodeId symbol) {
  return Stages(build, root, symbol).run();
}

}  // namespace matgrad
