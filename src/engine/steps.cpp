// SPDX-License-Identifier: MIT
#include "engine/steps.hpp"

#include "print/text.hpp"

namespace matgrad {

Explanation explanation_of(const Derivation& d) {
  Explanation result{d.store, d.trace};
  result.variable = d.question.variable;
  result.result = d.presented.result;
  result.second_order = d.request.order == 2;
  const bool numerator = d.request.layout == Layout::numerator;
  result.layout = numerator ? Message::numerator_layout : Message::denominator_layout;
  for (const Variable& variable : d.scope.variables()) {
    result.kinds.emplace_back(variable.name, d.scope.kind_text(variable));
  }
  return result;
}

}  // namespace matgrad
