// SPDX-License-Identifier: MIT
// A trace as people read it: one step a paragraph, with the rule and where it is stated, the equation and the shapes in
// it. An equation whose left side is the right side before goes on from it: "= …".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "calculus/trace.hpp"
#include "print/derived_names.hpp"

namespace matgrad {

enum class Detail : std::uint8_t { brief, full };
enum class Page : std::uint8_t { text, unicode, latex, markdown, latex_document, html };

// One step as it is shown.
struct ShownStep {
  const Step* step = nullptr;
  NodeId left = no_node;  // brief: of the first of the steps that were joined
  bool goes_on = false;   // `left` is the right side of the step before
  Bilingual rule;         // brief: with those of the steps that were left out before it
  Bilingual source;
};

std::vector<ShownStep> shown_steps(const Trace& trace, Detail detail);

// "n×m · m×1 = n×1": the shapes of the factors of a product and of the whole.
std::string shapes_of(const Store& store, NodeId id, Language language);

enum class Explained : std::uint8_t {
  derivative,
  second_derivative,
  stationary_point,  // of Trace::input
  root,              // of Trace::input
};

struct Explanation {
  const Store& store;
  const Trace& trace;
  NodeId variable = no_node;
  NodeId result = no_node;
  Explained about = Explained::derivative;
  Message layout = Message::denominator_layout;
  std::vector<std::pair<std::string, std::string>> kinds;  // of the variables: a name and what it is
};

std::string explain(const Explanation& what, Detail detail, Page page, Language language);

}  // namespace matgrad
