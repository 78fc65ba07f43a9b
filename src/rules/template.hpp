// SPDX-License-Identifier: MIT
// A rule's text compiled once: names become slots, and instantiating it is a walk that calls Build. The same form
// serves as a pattern (match.hpp).
//
//   Template t = Template::compile("-Y*dA*Y");
//   Bindings b;  b.set("Y", y);  b.set("dA", d);
//   std::optional<NodeId> differential = instantiate(build, t, b);
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "ops/build.hpp"
#include "ops/signature.hpp"

namespace matgrad {

// Names of rules: the letters, and dA, dB, dC, dD for the differentials of the arguments.
using SlotName = std::uint8_t;
inline constexpr std::size_t slot_count = 56;
constexpr SlotName letter_slot(char c) {
  return static_cast<SlotName>(c >= 'a' ? 26 + (c - 'a') : c - 'A');
}
constexpr SlotName differential_slot(std::size_t argument) {
  return static_cast<SlotName>(52 + argument);
}

struct Bindings {
  std::array<NodeId, slot_count> nodes;
  Letters dims;
  Bindings() { nodes.fill(no_node); }
  void set(char letter, NodeId id) { nodes[letter_slot(letter)] = id; }
  NodeId get(char letter) const { return nodes[letter_slot(letter)]; }
};

struct Template {
  enum class Kind : std::uint8_t {
    slot,
    number,
    add,
    product,
    hadamard,
    power,
    entrywise_power,
    transpose,
    negate,
    divide,
    call,
    constant,
    sum,
    blocks,
  };
  struct Term {
    Kind kind = Kind::number;
    SlotName slot = 0;
    Rational value;
    std::vector<std::uint32_t> children;
    std::string_view name;           // call, constant: points into the rule's text
    std::vector<SignatureDim> dims;  // constant: its dimension arguments
    std::vector<OpId> operators;     // call: what the name may mean
    std::size_t columns = 0;         // blocks: of the grid
  };
  std::vector<Term> terms;
  std::uint32_t root = 0;

  // `text` must outlive the template; entries are static. A text that does not parse is a Bug.
  static Template compile(std::string_view text);
  const Term& operator[](std::uint32_t at) const { return terms[at]; }
};

// What an abbreviation (an entry with a definition) stands for, compiled once.
const Template& definition_of(OpId op);

// The expression with the operators that readers do not know (an entry's `written_out`) replaced by what they stand
// for.
NodeId written_out(Build& build, NodeId root);

// The template with its names replaced; nothing where the shapes do not conform (a rewrite that does not apply).
std::optional<NodeId> instantiate(Build& build, const Template& rule, Bindings& bindings);

}  // namespace matgrad
