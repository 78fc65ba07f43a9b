// SPDX-License-Identifier: MIT
// The steps of solving: equations that hold at the solution.
#pragma once

#include <optional>
#include <string>

#include "base/diagnostic.hpp"
#include "calculus/trace.hpp"
#include "ops/build.hpp"
#include "ops/equations.hpp"
#include "rules/template.hpp"

namespace matgrad {

Step solving_step(Message rule, NodeId left, NodeId right);
Step named_step(const NamedSolution& named, NodeId left, NodeId right);
// What the solution is of these; nothing where the shapes do not conform.
std::optional<NodeId> named_value(Build& build, const NamedSolution& named, Bindings bindings);
// A letter for something, from here on.
Step definition_step(Message rule, NodeId letter, NodeId value);
// A symbol of this name, or one like it that nothing has yet.
NodeId free_symbol(Build& build, const std::string& name, const Type& type, Symbol::Role role = Symbol::Role::variable);

}  // namespace matgrad
