// SPDX-License-Identifier: MIT
#include "solve/steps.hpp"

#include "calculus/recorder.hpp"

namespace matgrad {

Step solving_step(Message rule, NodeId left, NodeId right) {
  Step step;
  step.rule = words(rule);
  step.source = citation(sources::definition);
  step.left = left;
  step.right = right;
  return step;
}

Step named_step(const NamedSolution& named, NodeId left, NodeId right) {
  Step step = solving_step(Message::step_solve_linear, left, right);
  step.rule = words(named.name);
  step.source = citation(named.source);
  return step;
}

std::optional<NodeId> named_value(Build& build, const NamedSolution& named, Bindings bindings) {
  return instantiate(build, Template::compile(named.solution), bindings);
}

Step definition_step(Message rule, NodeId letter, NodeId value) {
  Step step = solving_step(rule, letter, value);
  step.definition = true;
  return step;
}

NodeId free_symbol(Build& build, const std::string& name, const Type& type, Symbol::Role role) {
  Store& store = build.store();
  auto is_taken = [&](const std::string& wanted) {
    for (std::uint32_t at = 0; at < store.symbol_count(); ++at) {
      if (store.symbol_at(at).name == wanted) return true;
    }
    for (Atom atom = 0; atom < store.dims.atom_count(); ++atom) {
      if (store.dims.atom_name(atom) == wanted) return true;
    }
    return false;
  };
  std::string free = name;
  for (int number = 1; is_taken(free); ++number) free = name + std::to_string(number);
  Symbol symbol;
  symbol.name = free;
  symbol.type = type;
  symbol.role = role;
  return build.symbol(store.add_symbol(symbol));
}

}  // namespace matgrad
