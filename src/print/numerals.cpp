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

PieceId Numerals::dimension_term(const DimTerm& term) {
  std::vector<PieceId> factors;
  const std::int64_t size = term.coefficient < 0 ? -term.coefficient : term.coefficient;
  if (size != 1 || term.atoms.empty()) factors.push_back(integer(std::to_string(size)));
  for (const auto& named : by_name(term)) factors.push_back(out_.add(Form::dimension, {}, named.second));
  const PieceId product = join(Form::product, factors);
  return term.coefficient < 0 ? out_.add(Form::negate, std::vector<PieceId>{product}) : product;
}

PieceId Numerals::dimension(Dim dim) {
  const auto known = dimensions_.find(static_cast<std::uint32_t>(dim));
  if (known != dimensions_.end()) return known->second;
  Polynomial terms = store_.dims.polynomial(dim);
  std::sort(terms.begin(), terms.end(), [&](const DimTerm& a, const DimTerm& b) {
    if (a.atoms.empty() != b.atoms.empty()) return b.atoms.empty();  // constants last, as one writes n + 1
    return by_name(a) < by_name(b);
  });
  std::vector<PieceId> parts;
  for (const DimTerm& term : terms) parts.push_back(dimension_term(term));
  const PieceId result = parts.empty() ? integer("0") : join(Form::sum, parts);
  dimensions_.emplace(static_cast<std::uint32_t>(dim), result);
  return result;
}

}  // namespace matgrad
