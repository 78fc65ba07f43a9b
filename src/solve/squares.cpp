// SPDX-License-Identifier: MIT
#include "solve/squares.hpp"

#include <algorithm>

#include "calculus/differential.hpp"
#include "ops/structural.hpp"
#include "simplify/expand.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

NodeList terms_of(Build& build, NodeId sum) {
  const NodeId open = multiplied_out(build, sum);
  const Store& store = build.store();
  if (store[open].op != op::add) return {open};
  return {store.children(open).begin(), store.children(open).end()};
}

// What stands behind the prefix of a product; no_node where it does not begin so.
NodeId behind(Build& build, NodeId product, NodeId prefix) {
  const NodeList all = factors_of(build.store(), product);
  const NodeList first = factors_of(build.store(), prefix);
  if (all.size() <= first.size() || !std::equal(first.begin(), first.end(), all.begin())) return no_node;
  return build.multiply(NodeList(all.begin() + static_cast<std::ptrdiff_t>(first.size()), all.end()));
}

NodeId before(Build& build, NodeId product, NodeId suffix) {
  const NodeId turned = behind(build, build.transpose(product), build.transpose(suffix));
  return turned == no_node ? no_node : build.transpose(turned);
}

// The middle of F'*W*F; no_node of F'*F.
NodeId middle_of(Build& build, NodeId gram, NodeId factor) {
  const std::size_t count = factors_of(build.store(), gram).size();
  return count % 2 == 0 ? no_node : factors_of(build.store(), gram)[factors_of(build.store(), factor).size()];
}

}  // namespace

std::optional<std::vector<Squares>> as_squares(Build& build, const LinearEquation& equation, const Unknown& unknown) {
  const Store& store = build.store();
  if (!store.type(unknown.symbol).is_column()) return std::nullopt;
  const auto matrix = matrix_over_vec(build, equation.map, unknown.hole);
  if (!matrix) return std::nullopt;
  std::vector<Squares> parts;
  for (NodeId term : terms_of(build, Simplifier(build)(*matrix))) {
    const auto [weight, body] = build.split_scale(term);
    Squares part{weight, body, no_node, no_node};
    if (store[body].op != op::identity) {
      part.factor = gram_factor(build, body);
      if (part.factor == no_node) return std::nullopt;
      part.middle = middle_of(build, body, part.factor);
    }
    parts.push_back(part);
  }
  if (build.is_zero(equation.right)) return parts;
  for (NodeId term : terms_of(build, equation.right)) {
    const auto [scalar, body] = build.split_scale(term);
    bool is_found = false;
    for (Squares& part : parts) {
      if (store[part.factor].op == op::identity) continue;
      const NodeId rest = behind(build, body, build.transpose(part.factor));
      if (rest == no_node) continue;
      const NodeId share = build.scale(build.divide(scalar, part.weight), rest);
      part.rest = part.rest == no_node ? share : build.plus(part.rest, share);
      is_found = true;
      break;
    }
    if (!is_found) return std::nullopt;
  }
  return parts;
}

std::optional<TwoSidedSquares> as_two_sided_squares(Build& build, const LinearEquation& equation,
                                                    const Unknown& unknown) {
  const Store& store = build.store();
  const auto terms = sided_terms(build, equation, unknown);
  if (!terms || terms->size() != 1) return std::nullopt;
  TwoSidedSquares result;
  result.target = equation.right;
  const auto& [left, right] = (*terms)[0];
  if (store[left].op != op::identity) {
    result.left = gram_factor(build, left);
    if (result.left == no_node || middle_of(build, left, result.left) != no_node) return std::nullopt;
    result.target = behind(build, result.target, build.transpose(result.left));
    if (result.target == no_node) return std::nullopt;
  }
  if (store[right].op != op::identity) {
    result.right = gram_factor(build, right);
    if (result.right == no_node || middle_of(build, right, result.right) != no_node) return std::nullopt;
    result.target = before(build, result.target, result.right);
    if (result.target == no_node) return std::nullopt;
  }
  return result;
}

}  // namespace matgrad
