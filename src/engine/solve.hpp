// SPDX-License-Identifier: MIT
// From an objective, or an equation, to the point that solves it in closed form: the gradient set to zero, one unknown
// after the other, each result confirmed by differences of the objective at random data.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/derive.hpp"
#include "numeric/check_stationary.hpp"
#include "print/explain.hpp"
#include "solve/stationary.hpp"

namespace matgrad {

struct SolveRequest {
  std::string expression;                // an objective, or an equation with =
  std::string unknowns;                  // "w"; "mu,S": each is solved for and put into the next
  std::vector<std::string> variables;    // declarations
  std::vector<std::string> constraints;  // "A*x = b", "X'*X = I"
  InputNotation notation = InputNotation::guessed;
  bool verify = true;
};

struct SolvedUnknown {
  std::string name;
  NodeId symbol = no_node;
  NodeId value = no_node;
  Stationary point;  // the way to it; `value` has the later unknowns put in
};

// Owns the store that its nodes live in.
struct Solved {
  SolveRequest request;
  std::unique_ptr<Derivation> derivation;  // of an objective
  std::unique_ptr<Simplified> equation;    // else
  std::vector<SolvedUnknown> unknowns;
  std::vector<NodeId> constraints;  // expressions that vanish
  Trace trace;                      // the gradients and the way to the solutions
  StationaryCheck check;
  bool verified = false;
  Diagnostics notes;

  Store& store() const { return derivation ? derivation->store : equation->store; }
  const Scope& scope() const { return derivation ? derivation->scope : equation->scope; }
};

// Errors: the input's, Message::no_closed_form, Message::verification_failed.
Result<std::unique_ptr<Solved>> solve(const SolveRequest& request);

// What the solution is (a minimum …) and when it holds.
Diagnostics about(const Solved& solved);

// With the steps.
std::string to_json(const Solved& solved, Language language, Detail detail = Detail::full);

}  // namespace matgrad
