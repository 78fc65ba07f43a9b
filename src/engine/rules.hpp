// SPDX-License-Identifier: MIT
// What the table of operators says of each: the operator applied to symbols of the shapes of its signature, and by each
// of them the differential, the adjoint for an upstream gradient G, and the matrix over vec. All three are derived from
// the entry as they are for any expression; nothing about an operator is written here.
//
//   inv(A)   -inv(A)*dA*inv(A)   -(inv(A)*G'*inv(A))'   -kron(inv(A)', inv(A))
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ops/table.hpp"

namespace matgrad {

struct RuleByArgument {
  NodeId argument = no_node;  // a symbol
  NodeId hole = no_node;      // the symbol of its differential
  NodeId differential = no_node;
  NodeId gradient = no_node;  // of tr(G'*Y)
  NodeId jacobian = no_node;  // vec(dY) = jacobian*vec(dA)
  Diagnostics refusal;        // why there are none of these
};

struct OperatorRule {
  std::unique_ptr<Store> store;
  OpId op{};
  std::string written;          // "inv(A)", in the input language
  NodeId expression = no_node;  // the same; of an abbreviation, what it stands for
  NodeId upstream = no_node;    // the symbol G
  std::vector<RuleByArgument> by;
  bool is_abbreviation() const { return entry_of(op).definition[0] != '\0'; }
};

OperatorRule rule_of(OpId op);

// The operators of this name, or where it is empty all that can be written and have an argument to differentiate by.
// Errors: no operator is called so (the nearest name is suggested).
Result<std::vector<OpId>> operators_with_rules(std::string_view name);

}  // namespace matgrad
