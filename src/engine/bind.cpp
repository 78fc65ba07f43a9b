// SPDX-License-Identifier: MIT
#include "engine/bind.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace matgrad {
namespace {

Diagnostic error(Message message, std::vector<std::string> arguments) {
  Diagnostic diagnostic;
  diagnostic.message = message;
  diagnostic.arguments = std::move(arguments);
  return diagnostic;
}

std::string shape_of(const DataView& array) {
  if (array.dimensions == 0) return "1×1";
  if (array.dimensions == 1) return fmt::format("{}", array.rows);
  return fmt::format("{}×{}", array.rows, array.cols);
}

// Two sides that have to be equal: a dimension and the number that an array has there.
struct Claim {
  Dim dim;
  std::int64_t size;
  const NamedView* from;
};

class Binding {
 public:
  Binding(const Scope& scope, const std::vector<NamedView>& data) : scope_(scope), dims_(scope.store().dims) {
    sizes_.assign(dims_.atom_count(), 0);
    givers_.assign(dims_.atom_count(), nullptr);
    for (const NamedView& named : data) claim(named);
  }

  Result<std::vector<std::int64_t>> run() {
    for (const Claim& claim : claims_) give(claim);
    for (const Claim& claim : claims_) test(claim);
    if (!errors_.empty()) return tl::make_unexpected(std::move(errors_));
    return std::move(sizes_);
  }

 private:
  void claim(const NamedView& named) {
    const Variable* variable = scope_.find(named.name);
    if (variable == nullptr || variable->node == no_node) {
      errors_.push_back(error(Message::data_for_no_variable, {named.name, known_names()}));
      return;
    }
    const Type type = scope_.store().type(variable->node);
    const DataView& array = named.array;
    // A column may stand in its file as a row, and the other way around.
    const bool is_turned = array.rows == 1 && array.cols > 1 && type.is_column();
    const bool is_row = array.cols == 1 && array.rows > 1 && type.is_row();
    const bool turn = is_turned || is_row;
    const bool fits =
        (type.cols != dim_one || turn || array.cols == 1) && (type.rows != dim_one || turn || array.rows == 1);
    if (!fits) {
      errors_.push_back(
          error(Message::data_of_other_kind, {named.name, scope_.kind_text(*variable), named.source, shape_of(array)}));
      return;
    }
    claims_.push_back({type.rows, turn ? array.cols : array.rows, &named});
    claims_.push_back({type.cols, turn ? array.rows : array.cols, &named});
    check_entries(named, type);
  }

  std::string known_names() const {
    std::string names;
    for (const Variable& variable : scope_.variables()) names += (names.empty() ? "" : ", ") + variable.name;
    return names;
  }

  void check_entries(const NamedView& named, const Type& type) {
    const DataView& a = named.array;
    for (std::size_t i = 0; i < count(a); ++i) {
      if (std::isfinite(a.values[i])) continue;
      const auto rows = static_cast<std::size_t>(a.rows);
      errors_.push_back(
          error(Message::data_not_finite, {named.name, named.source, std::isnan(a.values[i]) ? "NaN" : "inf",
                                           std::to_string(i % rows + 1), std::to_string(i / rows + 1)}));
      return;
    }
    check_structure(named, type);
  }

  static std::size_t count(const DataView& a) { return static_cast<std::size_t>(a.rows * a.cols); }
  static double entry(const DataView& a, std::int64_t i, std::int64_t j) {
    return a.values[static_cast<std::size_t>(i + j * a.rows)];
  }

  // What is declared has to be so: a derivation relies on it.
  void check_structure(const NamedView& named, const Type& type) {
    const DataView& a = named.array;
    const double* end = a.values + count(a);
    auto broken = [&](const char* structure, std::int64_t i, std::int64_t j) {
      errors_.push_back(error(Message::data_without_structure,
                              {named.name, structure, named.source, std::to_string(i + 1), std::to_string(j + 1)}));
    };
    if (type.has(positive)) {
      const double* bad = std::find_if(a.values, end, [](double value) { return value <= 0; });
      const auto at = bad - a.values;
      if (bad != end) return broken("positive", at % a.rows, at / a.rows);
    }
    if (a.rows != a.cols) return;
    double largest = 0;
    for (const double* value = a.values; value != end; ++value) largest = std::max(largest, std::abs(*value));
    const double tolerance = 1e-10 * largest;
    for (std::int64_t j = 0; j < a.cols; ++j) {
      for (std::int64_t i = 0; i < a.rows; ++i) {
        const double x = entry(a, i, j);
        if (type.has(lower) && i < j && x != 0) return broken("lower triangular", i, j);
        if (type.has(upper) && i > j && x != 0) return broken("upper triangular", i, j);
        if (i <= j) continue;
        if (type.has(symmetric) && std::abs(x - entry(a, j, i)) > tolerance) return broken("symmetric", i, j);
        if (type.has(skew) && std::abs(x + entry(a, j, i)) > tolerance) return broken("skew-symmetric", i, j);
      }
      if (type.has(skew) && entry(a, j, j) != 0) return broken("skew-symmetric", j, j);
    }
  }

  void give(const Claim& claim) {
    const auto atom = dims_.as_atom(claim.dim);
    if (!atom || sizes_[*atom] != 0) return;
    sizes_[*atom] = claim.size;
    givers_[*atom] = claim.from;
  }

  void test(const Claim& claim) {
    // Where a name in it has no size yet, 2*n = 6 would give one; nothing else can be said.
    const auto value = dims_.evaluate(claim.dim, sizes_);
    if (!value || *value == 0 || *value == claim.size) return;
    const auto atom = dims_.as_atom(claim.dim);
    const std::string other = atom && givers_[*atom] != nullptr ? givers_[*atom]->name : std::string("--var");
    errors_.push_back(
        error(Message::data_sizes_disagree, {claim.from->name, claim.from->source, shape_of(claim.from->array),
                                             dims_.text(claim.dim), std::to_string(*value), other}));
  }

  const Scope& scope_;
  Dims& dims_;
  std::vector<std::int64_t> sizes_;
  std::vector<const NamedView*> givers_;
  std::vector<Claim> claims_;
  Diagnostics errors_;
};

}  // namespace

std::vector<NamedView> views_of(const std::vector<NamedArray>& arrays) {
  std::vector<NamedView> views;
  views.reserve(arrays.size());
  for (const NamedArray& one : arrays) views.push_back({one.name, one.source, view_of(one.array)});
  return views;
}

const NamedArray* find_named(const std::vector<NamedArray>& arrays, const std::string& name) {
  const auto found =
      std::find_if(arrays.begin(), arrays.end(), [&](const NamedArray& one) { return one.name == name; });
  return found == arrays.end() ? nullptr : &*found;
}

bool is_declared(const std::string& name, const std::vector<std::string>& declarations) {
  return std::any_of(declarations.begin(), declarations.end(),
                     [&](const std::string& text) { return text.substr(0, text.find_first_of(" :")) == name; });
}

std::vector<std::string> declarations_by_data(const std::vector<NamedArray>& data,
                                              const std::vector<std::string>& declared) {
  std::vector<std::string> result;
  for (const NamedArray& named : data) {
    if (is_declared(named.name, declared)) continue;
    const DataArray& array = named.array;
    if (array.dimensions == 0) result.push_back(named.name + ": scalar");
    if (array.dimensions == 1) result.push_back(named.name + ": vector");
    if (array.dimensions == 2 && array.rows > 1 && array.cols > 1) result.push_back(named.name + ": matrix");
  }
  return result;
}

Result<std::vector<std::int64_t>> bind_sizes(const Scope& scope, const std::vector<NamedView>& data) {
  return Binding(scope, data).run();
}

}  // namespace matgrad
