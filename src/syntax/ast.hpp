// SPDX-License-Identifier: MIT
// The syntax tree: what was written, with the place of every piece, before any meaning is given to names.
//
// Nodes live in one vector and point to each other by index, children before parents, so a tree of any depth is freed
// without recursion and a pass over it is a loop. `x'*A*x` is
//   0 name x   1 transpose(0)   2 name A   3 multiply(1,2)   4 name x   5 multiply(3,4)
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/rational.hpp"
#include "base/text.hpp"

namespace matgrad {

enum class Syntax : std::uint8_t {
  number,           // value
  name,             // text (Greek letters are spelled out: λ is "lambda")
  call,             // text = function name, children = arguments
  negate,           // -a
  add,              // a + b
  subtract,         // a - b
  multiply,         // a * b
  divide,           // a / b
  hadamard,         // a .* b
  hadamard_divide,  // a ./ b
  kronecker,        // a ⊗ b
  power,            // a ^ b
  hadamard_power,   // a .^ b
  transpose,        // a'
  index,            // a[i], a[i,j]: children = a and one node an index, `colon` for ":"
  colon,
  block_matrix,  // [a b; c d]: children = the entries row by row, columns = entries in each row
};

using Children = boost::container::small_vector<std::uint32_t, 4>;

struct SyntaxNode {
  Syntax kind = Syntax::number;
  Span span;
  Children children;
  std::string text;
  Rational value;
  std::vector<std::uint32_t> columns;
};

struct SyntaxTree {
  std::string source;
  std::vector<SyntaxNode> nodes;
  std::uint32_t root = 0;

  const SyntaxNode& operator[](std::uint32_t at) const { return nodes[at]; }
};

// "(+ (* 2 x) (' A))": for tests and traces. Rows of a block literal are (row …).
std::string to_s_expression(const SyntaxTree& tree);

}  // namespace matgrad
