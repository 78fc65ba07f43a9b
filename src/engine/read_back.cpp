// SPDX-License-Identifier: MIT
#include "engine/read_back.hpp"

#include "numeric/check_trace.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

constexpr std::size_t longest = 20'000;  // operators written out

}  // namespace

std::string misread(Build& build, const Scope& scope, std::span<const NodeId> holes, NodeId result,
                    std::span<const SizeCondition> conditions) {
  Store& store = build.store();
  if (written_size(store, result) > longest) return {};
  const std::string text = to_text(store, result);
  const auto tree = parse(text, InputNotation::text);
  if (!tree) return {};
  Scope names = scope;
  for (const NodeId hole : holes) {
    const std::uint32_t symbol = store[hole].first;
    const std::string& name = store.symbol_at(symbol).name;
    if (names.find(name) == nullptr) names.add(name, symbol);
  }
  const auto again = elaborate(names, *tree);
  if (!again || again->root == result) return {};
  Trace equal;
  equal.input = result;
  equal.steps.emplace_back();
  equal.steps[0].left = result;
  equal.steps[0].right = again->root;
  const auto fault = check_trace(build, equal, conditions);
  return fault ? fault->reason : std::string();
}

}  // namespace matgrad
