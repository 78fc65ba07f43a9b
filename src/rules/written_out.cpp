// SPDX-License-Identifier: MIT
#include "rules/written_out.hpp"

#include <algorithm>

#include "expr/walk.hpp"
#include "ops/table.hpp"
#include "rules/template.hpp"

namespace matgrad {
namespace {

// Compiled once: the `written_out` of the entries that have one.
const std::vector<Template>& long_forms() {
  static const std::vector<Template> compiled = [] {
    std::vector<Template> all(OperatorTable::get().size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const char* text = entry_of(OpId{static_cast<std::uint16_t>(i)}).written_out;
      if (text[0] != '\0') all[i] = Template::compile(text);
    }
    return all;
  }();
  return compiled;
}

// The letters of an entry's signature at a node; of unvec, which has none, the shape.
Bindings arguments_of(const Store& store, NodeId id) {
  Bindings bindings;
  for (std::size_t i = 0; i < store[id].count; ++i) bindings.nodes[i] = store.child(id, i);
  if (entry_of(store[id].op).structural) {
    bindings.dims.bind('m', store.type(id).rows);
    bindings.dims.bind('n', store.type(id).cols);
  } else {
    bindings.dims = *OperatorTable::get().signature(store[id].op).bind(store, store.children(id));
  }
  return bindings;
}

}  // namespace

NodeId written_out(Build& build, NodeId root) {
  const Store& store = build.store();
  const std::vector<NodeId> order = topological(store, root);
  std::vector<NodeId> results(index_of(root) + 1, no_node);
  for (NodeId id : order) {
    NodeList children;
    // What an operator needs of its argument, symmetry say, has to stay visible.
    const bool keeps = entry_of(store[id].op).needs != 0;
    for (NodeId child : store.children(id)) children.push_back(keeps ? child : results[index_of(child)]);
    const bool same = std::equal(children.begin(), children.end(), store.children(id).begin());
    NodeId result = same ? id : build.rebuild(id, children);
    if (store[result].op != store[id].op) {  // f(A) may have become f(A')'
      results[index_of(id)] = written_out(build, result);
      continue;
    }
    const Template& form = long_forms()[static_cast<std::uint16_t>(store[result].op)];
    if (!form.terms.empty()) {
      Bindings bindings = arguments_of(store, result);
      const auto instance = instantiate(build, form, bindings);
      MATGRAD_ASSERT(instance.has_value());
      result = *instance;
    }
    results[index_of(id)] = result;
  }
  return results[index_of(root)];
}

}  // namespace matgrad
