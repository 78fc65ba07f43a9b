// SPDX-License-Identifier: MIT
// How a derivative comes about, as data: equations, each with the rule that gives it. They come from the slots that
// the passes use: the statement of one operator at a time, then the factors moved past each linear slot by its adjoint
// or its matrix. Nothing is differentiated in another way here.
//
// A step is `left = right` between expressions. Some symbols in them stand for more: a letter for a part of the
// function; df, d(A*X) for differentials; df/dX for derivatives. What each stands for is in the tables below, so that
// a step can be checked by numbers alone (numeric/check_trace).
#pragma once

#include <string>
#include <vector>

#include "calculus/layout.hpp"

namespace matgrad {

struct Bilingual {  // in both languages
  std::string english;
  std::string chinese;
  const std::string& in(Language language) const { return language == Language::english ? english : chinese; }
};

struct Step {
  Bilingual rule;
  Bilingual source;
  NodeId left = no_node;
  NodeId right = no_node;
  bool main = true;         // shown in a brief explanation too
  bool definition = false;  // `left` is a letter, defined here
};

struct Letter {
  NodeId symbol = no_node;
  NodeId value = no_node;  // may use letters before it
};

// `symbol` is the change of `of` as `variable` changes by `hole`.
struct DifferentialSymbol {
  NodeId symbol = no_node;
  NodeId of = no_node;
  NodeId variable = no_node;
  NodeId hole = no_node;
};

// `symbol` is the derivative of `of` by `variable`.
struct DerivativeSymbol {
  NodeId symbol = no_node;
  NodeId of = no_node;
  NodeId variable = no_node;
  NodeId second = no_node;
  Arrangement arrangement = Arrangement::gradient;
  Properties independent = 0;  // over independent entries: the structure they are of
  bool transposed = false;
  bool free_entries = false;
  NodeId value = no_node;  // as far as it is known
};

struct Trace {
  NodeId function = no_node;  // the symbol f
  NodeId input = no_node;     // what it is
  std::vector<Letter> letters;
  std::vector<DifferentialSymbol> differentials;
  std::vector<DerivativeSymbol> derivatives;
  std::vector<Step> steps;
  std::vector<NodeId> needed;  // where one of these is not finite and well-conditioned the steps need not hold
};

// The steps from `input` to `presented`, the answer to `question`. The right side of the last step is the result.
Result<Trace> trace(Build& build, const Question& question, const Presented& presented, NodeId input);

// An expression in the variables and changes alone: letters (but for one that is held) and known derivatives replaced.
NodeId without_letters(Build& build, const Trace& trace, NodeId id, NodeId held = no_node);

}  // namespace matgrad
