// SPDX-License-Identifier: MIT
#include "engine/loosen.hpp"

#include "calculus/structured.hpp"
#include "ops/build.hpp"

namespace matgrad {

NodeId loosen(Scope& scope, std::string_view name) {
  Store& store = scope.store();
  const Variable* variable = scope.find(name);
  if (variable == nullptr || variable->node == no_node) return no_node;
  const Type type = store.type(variable->node);
  if (linear_structure(type.properties) == 0 && !type.has(orthogonal)) return no_node;
  const Type loose{type.rows, type.cols, static_cast<Properties>(type.properties & positive)};
  const NodeId free = Build(store).symbol(store.add_symbol({std::string(name), loose}));
  scope.read_as(name, free);
  return free;
}

}  // namespace matgrad
