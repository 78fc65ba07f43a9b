// SPDX-License-Identifier: MIT
// The pieces of whole numbers and of dimensions, each written once in a presentation.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "print/present.hpp"

namespace matgrad {

class Numerals {
 public:
  explicit Numerals(Presentation& out) : out_(out), store_(out.store) {}

  PieceId integer(std::string digits);
  // A polynomial in the names of sizes: n, m*n, n + 1, n*(n + 1)/2.
  PieceId dimension(Dim dim);

 private:
  std::vector<std::pair<std::string, Atom>> by_name(const DimTerm& term) const;
  std::vector<PieceId> factors(const DimTerm& term);
  PieceId dimension_term(const DimTerm& term);
  void put_terms(Polynomial terms, std::vector<PieceId>& parts);
  std::vector<PieceId> added_first(std::vector<PieceId> parts) const;
  PieceId fraction(const WrittenDim& dim);
  PieceId join(Form form, const std::vector<PieceId>& parts);

  Presentation& out_;
  const Store& store_;
  PieceId one_ = colon_piece;  // before it was asked for
  std::unordered_map<std::uint32_t, PieceId> dimensions_;
};

}  // namespace matgrad
