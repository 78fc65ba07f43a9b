// SPDX-License-Identifier: MIT
// What all terms of a sum have in common.
#include <algorithm>

#include "ops/structural.hpp"
#include "simplify/factoring.hpp"

namespace matgrad {

std::optional<Factoring::Content> Factoring::content() {
  for (const SharedScalars& shared : shared_) {
    if (shared.terms.size() != terms_.size()) continue;
    Content content{product_of(build_, shared), {}, {}, {}, no_node};
    content.rest = sum_without(build_, terms_, shared, store_.type(sum_));
    if (is_shorter(content)) return content;
  }
  if (auto shared = common_end(false)) return shared;
  if (auto shared = common_end(true)) return shared;
  return common_entries();
}

NodeId Factoring::with_content(const Content& content, NodeId rest) {
  NodeList product = content.front;
  product.push_back(rest);
  product.insert(product.end(), content.back.begin(), content.back.end());
  NodeList entries = content.entries;
  entries.push_back(build_.multiply(product));
  const NodeId body = entries.size() > 1 ? build_.hadamard(entries) : entries[0];
  return content.scalars == no_node ? body : build_.scale(content.scalars, body);
}

bool Factoring::is_shorter(const Content& content) {
  return content.rest != no_node && store_[with_content(content, content.rest)].weight < store_[sum_].weight;
}

// Factors with which all terms begin (or end), where every term can be read in one way only and is more than that.
std::optional<Factoring::Content> Factoring::common_end(bool at_end) {
  Views views;
  for (std::size_t i = 0; i < terms_.size(); ++i) {
    if (readings_[i]->size() != 1) return std::nullopt;
    views.push_back({i, &readings_[i]->front()});
  }
  if (!is_worth_sharing(factor_at(views[0], 0, at_end))) return std::nullopt;
  std::size_t shared = 0;
  while (all_share(views, shared, at_end)) ++shared;
  const bool is_rest =
      std::any_of(views.begin(), views.end(), [&](const View& view) { return view.reading->factors.size() == shared; });
  if (shared == 0 || is_rest || leaves_units(views, shared, at_end)) return std::nullopt;
  Content content;
  (at_end ? content.back : content.front) = common_factors(views, shared, at_end);
  content.rest = bracket(views, at_end ? content.back : content.front, shared, at_end);
  if (!is_shorter(content)) return std::nullopt;
  return content;
}

// Factors that all terms have entry by entry.
std::optional<Factoring::Content> Factoring::common_entries() {
  if (!std::all_of(terms_.begin(), terms_.end(), [](const Term& term) { return term.entrywise; })) return std::nullopt;
  Content content;
  for (NodeId factor : terms_[0].factors) {
    const bool is_common = std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
      return std::find(term.factors.begin(), term.factors.end(), factor) != term.factors.end();
    });
    if (is_common) content.entries.push_back(factor);
  }
  if (content.entries.empty()) return std::nullopt;
  NodeList rests;
  for (Term term : terms_) {
    for (NodeId factor : content.entries) {
      term.factors.erase(std::find(term.factors.begin(), term.factors.end(), factor));
    }
    rests.push_back(product_of(build_, term, term.factors, store_.type(sum_).rows, store_.type(sum_).cols));
  }
  content.rest = build_.add(rests);
  if (!is_shorter(content)) return std::nullopt;
  return content;
}

}  // namespace matgrad
