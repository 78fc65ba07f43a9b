// SPDX-License-Identifier: MIT
#include "random_pairs.hpp"

#include <algorithm>

#include "ops/table.hpp"

namespace matgrad {
namespace {

using Form = SketchForm;

// What can be written: the forms of the language with the shapes that they take, then the functions of the table.
struct Written {
  Form form;
  const char* name;
  const char* type;
};
constexpr Written forms[] = {
    {Form::variable, "variable", "-> (m,n)"},
    {Form::number, "number", "-> ()"},
    {Form::dimension, "dimension", "-> ()"},
    {Form::zeros, "zeros", "-> (m,n)"},
    {Form::ones, "ones", "-> (m,n)"},
    {Form::identity, "identity", "-> (n,n)"},
    {Form::unit, "unit vector", "-> (n,1)"},
    {Form::selection, "selection", "-> (m,n)"},
    {Form::index, "index", "-> ()"},
    {Form::entry, "entry", "-> ()"},
    {Form::row, "row", "-> (1,n)"},
    {Form::column, "column", "-> (n,1)"},
    {Form::transpose, "transpose", "(m,n) -> (n,m)"},
    {Form::negate, "minus", "(m,n) -> (m,n)"},
    {Form::add, "sum", "(m,n),(m,n) -> (m,n)"},
    {Form::subtract, "difference", "(m,n),(m,n) -> (m,n)"},
    {Form::product, "product", "(m,n),(n,p) -> (m,p)"},
    {Form::divide, "quotient", "(m,n),() -> (m,n)"},
    {Form::hadamard, "entrywise product", "(m,n),(m,n) -> (m,n)"},
    {Form::hadamard_divide, "entrywise quotient", "(m,n),(m,n) -> (m,n)"},
    {Form::power, "power", "(n,n) -> (n,n)"},
    {Form::hadamard_power, "entrywise power", "(m,n),(m,n) -> (m,n)"},
    {Form::sum, "indexed sum", "(m,n) -> (m,n)"},
};

struct Kind {
  std::string name;
  Signature signature;
  bool insists = false;  // on a property, which only variables and sums with an identity are made to have
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> all = [] {
    std::vector<Kind> result;
    for (const Written& form : forms) result.push_back({form.name, Signature::parse(form.type)});
    const OperatorTable& table = OperatorTable::get();
    for (std::uint16_t i = 0; i < table.size(); ++i) {
      if (table[OpId{i}].structural) continue;
      const Operator& entry = table[OpId{i}];
      Kind kind{std::string(entry.name), table.signature(OpId{i}), entry.needs != 0};
      // The number of an eigenvalue is no argument.
      if (std::string_view(entry.domain).find("position") != std::string_view::npos) kind.signature.arguments.resize(1);
      result.push_back(std::move(kind));
    }
    return result;
  }();
  return all;
}

std::size_t kind_of(const Sketch& s) {
  std::size_t at = 0;
  for (const Written& form : forms) {
    if (form.form == s.form) return at;
    ++at;
  }
  for (std::uint16_t i = 0; i < static_cast<std::uint16_t>(s.op); ++i) at += entry_of(OpId{i}).structural ? 0 : 1;
  return at;
}

std::optional<std::int64_t> literal(const SignatureDim& dim) {
  std::int64_t total = 0;
  for (const SignatureDim::Term& term : dim.terms) {
    if (!term.letters.empty()) return std::nullopt;
    total += term.coefficient;
  }
  return total;
}

bool is_square(const SignatureShape& shape) {
  return shape.rows.letter() != '\0' && shape.rows.letter() == shape.cols.letter();
}

bool fits(const SignatureShape& given, const SignatureShape& wanted) {
  std::optional<std::int64_t> sizes[2];
  for (int i = 0; i < 2; ++i) {
    const auto a = literal(i == 0 ? given.rows : given.cols);
    const auto b = literal(i == 0 ? wanted.rows : wanted.cols);
    if (a && b && *a != *b) return false;
    sizes[i] = a ? a : b;
  }
  const bool square = is_square(given) || is_square(wanted);
  return !square || !sizes[0] || !sizes[1] || *sizes[0] == *sizes[1];
}

const std::vector<std::uint8_t>& possible_pairs() {
  static const std::vector<std::uint8_t> all = [] {
    const std::size_t size = kinds().size();
    std::vector<std::uint8_t> result(size * size, 0);
    for (std::size_t outer = 0; outer < size; ++outer) {
      for (std::size_t inner = 0; inner < size; ++inner) {
        const auto& arguments = kinds()[outer].signature.arguments;
        const SignatureShape& given = kinds()[inner].signature.result;
        const bool made = kinds()[inner].name == "variable" || kinds()[inner].name == "sum";
        if (kinds()[outer].insists && !made) continue;
        result[outer * size + inner] = std::any_of(arguments.begin(), arguments.end(),
                                                   [&](const SignatureShape& wanted) { return fits(given, wanted); });
      }
    }
    return result;
  }();
  return all;
}

bool is_indexed(Form form) {
  return form == Form::entry || form == Form::row || form == Form::column;
}

}  // namespace

void PairCoverage::count(const Sketch& s) {
  const std::size_t size = kinds().size();
  seen_.resize(size * size, 0);
  if (is_indexed(s.form)) return;  // their indices are no arguments
  for (const SketchPtr& part : s.parts) {
    seen_[kind_of(s) * size + kind_of(*part)] = 1;
    count(*part);
  }
}

void PairCoverage::add(const PairCoverage& other) {
  if (seen_.size() < other.seen_.size()) seen_.resize(other.seen_.size(), 0);
  for (std::size_t i = 0; i < other.seen_.size(); ++i) seen_[i] |= other.seen_[i];
}

std::size_t PairCoverage::covered() const {
  std::size_t total = 0;
  for (std::size_t i = 0; i < seen_.size(); ++i) total += seen_[i] != 0 && possible_pairs()[i] != 0 ? 1 : 0;
  return total;
}

std::size_t PairCoverage::possible() {
  return static_cast<std::size_t>(std::count(possible_pairs().begin(), possible_pairs().end(), 1));
}

std::vector<std::string> PairCoverage::missing(std::size_t most) const {
  std::vector<std::string> result;
  const std::size_t size = kinds().size();
  for (std::size_t i = 0; i < possible_pairs().size() && result.size() < most; ++i) {
    if (possible_pairs()[i] == 0 || (i < seen_.size() && seen_[i] != 0)) continue;
    result.push_back(kinds()[i % size].name + " inside " + kinds()[i / size].name);
  }
  return result;
}

std::vector<std::string> PairCoverage::missing_operators() const {
  std::vector<std::string> result;
  const std::size_t size = kinds().size();
  for (std::size_t kind = 0; kind < size; ++kind) {
    bool occurs = false;
    for (std::size_t other = 0; other < size && !seen_.empty(); ++other) {
      occurs = occurs || seen_[kind * size + other] != 0 || seen_[other * size + kind] != 0;
    }
    if (!occurs) result.push_back(kinds()[kind].name);
  }
  return result;
}

}  // namespace matgrad
