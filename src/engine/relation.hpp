// SPDX-License-Identifier: MIT
// "A*x = b", "x >= 0", "0 <= x <= 1": what a constraint says, side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace matgrad {

enum class RelationSign : std::uint8_t { equal, at_most, at_least };

struct Relation {
  std::string left;
  std::string right;
  RelationSign sign = RelationSign::equal;
};

// One relation for every sign. Nothing where there is no sign or a side is empty. Strict signs are read as the others.
std::optional<std::vector<Relation>> read_relations(const std::string& text);

// Where a side is a number and nothing else.
std::optional<double> number_in(const std::string& text);

}  // namespace matgrad
