// SPDX-License-Identifier: MIT
#include "plan/prepare.hpp"

#include <unordered_map>

#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "rules/rulebook.hpp"

namespace matgrad {
namespace {

NodeId computed_form(Build& build, NodeId id) {
  const Node node = build.store()[id];
  const Template* rule = Rulebook::get().computed_as(node.op);
  if (rule == nullptr) return id;
  Bindings bindings;
  const auto children = build.store().children(id);
  for (std::size_t i = 0; i < children.size(); ++i) bindings.set(static_cast<char>('A' + i), children[i]);
  const std::optional<NodeId> form = instantiate(build, *rule, bindings);
  return form.value_or(id);
}

}  // namespace

std::vector<NodeId> prepared(Build& build, std::span<const NodeId> roots) {
  Store& store = build.store();
  std::unordered_map<std::uint32_t, NodeId> forms;
  for (NodeId id : topological(store, roots)) {
    NodeList children;
    bool changed = false;
    for (NodeId child : store.children(id)) {
      children.push_back(forms.at(index_of(child)));
      changed = changed || children.back() != child;
    }
    forms.emplace(index_of(id), computed_form(build, changed ? build.rebuild(id, children) : id));
  }
  std::vector<NodeId> result;
  for (NodeId root : roots) result.push_back(forms.at(index_of(root)));
  return result;
}

}  // namespace matgrad
