// SPDX-License-Identifier: MIT
#include "print/numerals.hpp"

#include <algorithm>

namespace matgrad {

PieceId Numerals::integer(std::string digits) {
  if (digits != "1") return out_.add_integer(std::move(digits));
  if (one_ == colon_piece) one_ = out_.add_integer("1");
  return one_;
}

PieceId Numerals::join(Form form, const std::vector<PieceId>& parts) {
  return parts.size() == 1 ? parts[0] : out_.add(form, parts);
}

// Names sorted: the order in which they were met is not for the reader to see.
std::vector<std::pair<std::string, Atom>> Numerals::by_name(const DimTerm& term) const {
  std::vector<std::pair<std::string, Atom>> names;
  for (Atom atom : term.atoms) names.emplace_back(store_.dims.atom_name(atom), atom);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<PieceId> Numerals::factors(const DimTerm& term) {
  std::vector<PieceId> result;
  const std::int64_t size = term.coefficient < 0 ? -term.coefficient : term.coefficient;
  if (size != 1) result.push_back(integer(std::to_string(size)));
  for (const auto& named : by_name(term)) result.push_back(out_.add(Form::dimension, {}, named.second));
  return result;
}

PieceId Numerals::dimension_term(const DimTerm& term) {
  std::vector<PieceId> parts = factors(term);
  if (parts.empty()) parts.push_back(integer("1"));
  const PieceId product = join(Form::product, parts);
  return term.coefficient < 0 ? out_.add(Form::negate, std::vector<PieceId>{product}) : product;
}

void Numerals::put_terms(Polynomial terms, std::vector<PieceId>& parts) {
  std::sort(terms.begin(), terms.end(), [&](const DimTerm& a, const DimTerm& b) {
    if (a.atoms.empty() != b.atoms.empty()) return b.atoms.empty();  // constants last, as one writes n + 1
    return by_name(a) < by_name(b);
  });
  for (const DimTerm& term : terms) parts.push_back(dimension_term(term));
}

// What is added before what is taken away: no size begins with a minus.
std::vector<PieceId> Numerals::added_first(std::vector<PieceId> parts) const {
  const auto added =
      std::find_if(parts.begin(), parts.end(), [&](PieceId part) { return out_.form(part) != Form::negate; });
  if (added != parts.end()) std::rotate(parts.begin(), added, added + 1);
  return parts;
}

// factor*(rest)/denominator.
PieceId Numerals::fraction(const WrittenDim& dim) {
  std::vector<PieceId> rest;
  put_terms(dim.rest, rest);
  std::vector<PieceId> above = factors(dim.factor);
  above.push_back(out_.add(Form::sum, added_first(rest)));
  const std::vector<PieceId> parts{join(Form::product, above), integer(std::to_string(dim.denominator))};
  const PieceId quotient = out_.add(Form::quotient, parts);
  return dim.factor.coefficient < 0 ? out_.add(Form::negate, std::vector<PieceId>{quotient}) : quotient;
}

PieceId Numerals::dimension(Dim dim) {
  const auto known = dimensions_.find(static_cast<std::uint32_t>(dim));
  if (known != dimensions_.end()) return known->second;
  const WrittenDim written = store_.dims.written(dim);
  std::vector<PieceId> parts;
  if (!written.rest.empty()) parts.push_back(fraction(written));
  put_terms(written.whole, parts);
  const PieceId result = parts.empty() ? integer("0") : join(Form::sum, added_first(parts));
  dimensions_.emplace(static_cast<std::uint32_t>(dim), result);
  return result;
}

}  // namespace matgrad
