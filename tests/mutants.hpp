// SPDX-License-Identifier: MIT
// Rules with one mistake in them: a sign, a transpose, an argument, a factor, a term, a coefficient.
//
//   for (const Mutant& m : mutants_of(Template::compile("-Y*dA*Y")))  m.text == "Y*dA*Y", "-dA*Y", "-Y'*dA*Y" …
#pragma once

#include <string>
#include <vector>

#include "rules/template.hpp"

namespace matgrad {

struct Mutant {
  Template rule;
  std::string text;
};

// Every mutant once, none that reads like the rule itself. Most of what conforms nowhere is among them still.
std::vector<Mutant> mutants_of(const Template& rule);

// The rule in the input language.
std::string to_text(const Template& rule);

}  // namespace matgrad
