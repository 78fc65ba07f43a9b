// SPDX-License-Identifier: MIT
#include "simplify/factor.hpp"

#include "ops/order.hpp"
#include "ops/structural.hpp"
#include "simplify/factoring.hpp"

namespace matgrad {

const ReadTerm& Factorizer::read(NodeId term) {
  if (const auto known = terms_.find(term); known != terms_.end()) return known->second;
  ReadTerm read;
  read.term = take_apart(build_, term);
  read.readings = readings(build_, read.term, build_.type(term));
  return terms_.emplace(term, std::move(read)).first->second;
}

NodeId Factorizer::operator()(NodeId sum) {
  if (build_.store()[sum].op != op::add || depth_ > deepest) return sum;
  auto& done = done_[depth_];
  if (const auto known = done.find(sum); known != done.end()) return known->second;
  const NodeId result = depth_ == 0 ? either_way(sum) : factored(sum);
  done.emplace(sum, result);
  return result;
}

// Among equally short forms the first one wins, and which that is depends on the order of the terms: a sum and its
// transpose must come out as transposes of each other, or P'*P is no longer seen to be symmetric.
NodeId Factorizer::either_way(NodeId sum) {
  const Store& store = build_.store();
  const NodeId turned = build_.transpose(sum);
  if (turned == sum || store[turned].op != op::add) return factored(sum);
  const bool is_tie = store[turned].weight == store[sum].weight;
  const bool is_second = is_tie ? compare(store, turned, sum) < 0 : store[turned].weight < store[sum].weight;
  if (is_second) return build_.transpose((*this)(turned));
  const NodeId result = factored(sum);
  const NodeId other = is_tie ? factored(turned) : result;
  return store[other].weight < store[result].weight ? build_.transpose(other) : result;
}

NodeId Factorizer::factored(NodeId sum) {
  NodeId current = sum;
  while (build_.store()[current].op == op::add) {
    Factoring search(build_, *this, current);
    if (const auto content = search.content()) return search.with_content(*content, (*this)(content->rest));
    ++depth_;
    const NodeId next = search.best();
    --depth_;
    if (next == current) break;
    current = next;
  }
  return current;
}

}  // namespace matgrad
