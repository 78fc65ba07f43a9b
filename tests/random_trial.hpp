// SPDX-License-Identifier: MIT
// One random expression on trial: elaborated and simplified in a store of its own, with points to evaluate at.
#pragma once

#include "numeric/sample.hpp"
#include "random_checks.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {

using Verdict = std::optional<std::string>;  // what is wrong, where something is

class Trial {
 public:
  Trial(const RandomExpression& expression, const CheckOptions& options, PropertyCounts& trial_counts);

  // False where the input does not elaborate; then `problem` says why, or is empty where it divides by zero.
  bool ready() const { return normal != no_node; }
  std::string problem;

  NodeId elaborated(Scope& into, std::string_view source, std::string& error);
  NodeId simplified(NodeId id) { return Simplifier(build)(id); }
  std::optional<Point<double>> point(std::span<const NodeId> roots, std::uint64_t seed) const;
  // Whether two nodes have the same value at a few points.
  Verdict same_value(NodeId a, NodeId b);
  // The variables that the expression mentions and that may be differentiated by; those chosen for this trial.
  std::vector<const Variable*> variables();
  std::vector<const Variable*> chosen_variables();

  bool is_beyond_precision(NodeId a, const Array<double>& left, NodeId b, const Array<double>& right,
                           const Point<double>& at) const;

  const RandomExpression& expression;
  const CheckOptions& options;
  PropertyCounts& counts;
  std::mt19937_64 random;
  Store store;
  Build build{store};
  Scope scope{store};
  std::string text;
  NodeId input = no_node;
  NodeId normal = no_node;
};

// Whether all entries agree to 1e-6, relative to the largest.
bool close(const Array<double>& a, const Array<double>& b);
std::string rendered(const Diagnostics& errors, std::string_view source);

Verdict linear_map_property(Trial& trial);  // random_linear.cpp
Verdict derivation_property(Trial& trial);  // random_derive.cpp

}  // namespace matgrad
