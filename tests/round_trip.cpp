// SPDX-License-Identifier: MIT
#include "round_trip.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

constexpr std::size_t longest = 50'000;  // operators written out, before anything is written

}  // namespace

std::string broken_round_trip(Derivation& d) {
  const NodeId result = d.presented.result;
  if (written_size(d.store, result) > longest) return "";
  for (NodeId id : {d.question.hole, d.question.first_hole}) {
    const std::uint32_t hole = d.store[id].first;
    if (d.scope.find(d.store.symbol_at(hole).name) == nullptr) d.scope.add(d.store.symbol_at(hole).name, hole);
  }
  // In LaTeX 0 has no shape of its own.
  const std::vector<NodeId> nodes = topological(d.store, result);
  const bool has_zeros =
      std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) { return d.store[id].op == op::zeros; });
  std::vector<std::pair<std::string, InputNotation>> texts{{to_text(d.store, result), InputNotation::text},
                                                           {to_unicode(d.store, result), InputNotation::text}};
  if (!has_zeros) texts.emplace_back(to_latex(d.store, result), InputNotation::latex);
  for (const auto& [text, notation] : texts) {
    if (text.size() > max_input_bytes) continue;
    const auto tree = parse(text, notation, d.scope.names());
    if (!tree) return "the result does not parse: " + text;
    const auto again = elaborate(d.scope, *tree);
    if (!again) {
      return "the result does not elaborate: " + text + "\n" + render(again.error(), text, Language::english);
    }
    if (again->root != result) {
      return "the result parses to another node: " + text + "  and  " + to_text(d.store, again->root);
    }
  }
  return "";
}

}  // namespace matgrad
