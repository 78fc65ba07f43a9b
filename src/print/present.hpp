// SPDX-License-Identifier: MIT
// How an expression is to be read: the canonical DAG turned into pieces (sums with signs, fractions, products, roots,
// indexed entries), so that text, Unicode and LaTeX decide nothing twice. Pieces are shared as nodes are, children
// before parents; only writing them out takes the room of a tree. Example:
//
//   scale(1/2, add(A, transpose(A)))   becomes   quotient(sum(A, transpose(A)), 2)   and is written   (A + A')/2
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/store.hpp"

namespace matgrad {

using PieceId = std::uint32_t;
inline constexpr PieceId colon_piece = 0;  // the `:` of A[i, :]; also the first piece of every presentation

enum class Form : std::uint8_t {
  colon,
  integer,             // digits; never negative
  name,                // a symbol
  dimension,           // a name of a dimension
  zeros,               // {n} a column, {m, n} otherwise
  ones,                // likewise
  identity,            // {n}
  unit,                // {i, n}
  selection,           // the sizes of K(m,n), D(n), L(n)
  unvec,               // {x, m, n}
  negate,              // {a}
  sum,                 // terms; the negative ones are `negate` pieces
  product,             // factors
  scaled,              // scalar factors, then what they multiply: a product may stand last without parentheses
  entrywise_product,   // factors
  quotient,            // {numerator, scalar denominator}
  entrywise_quotient,  // {numerator, denominator}
  power,               // {base, exponent} of a scalar or a square matrix
  entrywise_power,     // {base, exponent} of an array
  root,                // {a}, the square root of a scalar
  entrywise_root,      // {a}, of every entry of an array
  transpose,           // {a}
  index,               // {x, i} or {A, i, j}
  sum_over,            // {index, first, last, body}
  blocks,              // parts row by row, in `payload` columns
  call,                // arguments of an operator of the table
};

struct Piece {
  Form form = Form::colon;
  std::uint32_t first = 0;  // into the parts
  std::uint32_t count = 0;
  std::uint32_t payload = 0;  // integer: its digits; name: the symbol; dimension: the atom; call: the operator; blocks:
                              // columns; selection: the operator
};

class Presentation {
 public:
  explicit Presentation(const Store& source) : store(source) { add(Form::colon, {}); }

  const Piece& operator[](PieceId id) const { return pieces_[id]; }
  Form form(PieceId id) const { return pieces_[id].form; }
  std::span<const PieceId> parts(PieceId id) const { return {parts_.data() + pieces_[id].first, pieces_[id].count}; }
  PieceId part(PieceId id, std::size_t at) const { return parts_[pieces_[id].first + at]; }
  std::size_t size() const { return pieces_.size(); }
  const std::string& digits(const Piece& integer) const { return digits_[integer.payload]; }

  PieceId add(Form form, std::span<const PieceId> parts, std::uint32_t payload = 0);
  PieceId add_integer(std::string digits);

  const Store& store;
  PieceId root = colon_piece;

 private:
  std::vector<Piece> pieces_;
  std::vector<PieceId> parts_;
  std::vector<std::string> digits_;
};

Presentation present(const Store& store, NodeId root);

// Whether a variable has this name, which then hides sizes and constants of the same name.
bool names_a_variable(const Store& store, std::string_view name);

}  // namespace matgrad
