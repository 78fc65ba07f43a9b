// SPDX-License-Identifier: MIT
#include "engine/steps.hpp"

#include "print/text.hpp"

namespace matgrad {

std::vector<std::pair<std::string, std::string>> kinds_of(const Scope& scope) {
  std::vector<std::pair<std::string, std::string>> kinds;
  for (const Variable& variable : scope.variables()) kinds.emplace_back(variable.name, scope.kind_text(variable));
  return kinds;
}

Explanation explanation_of(const Derivation& d) {
  Explanation result{d.store, d.trace};
  result.variable = d.question.variable;
  result.result = d.presented.result;
  if (d.request.order == 2) result.about = Explained::second_derivative;
  const bool numerator = d.request.layout == Layout::numerator;
  result.layout = numerator ? Message::numerator_layout : Message::denominator_layout;
  result.kinds = kinds_of(d.scope);
  return result;
}

}  // namespace matgrad
