// SPDX-License-Identifier: MIT
// The state of a random expression in the making, and its leaves: numbers, variables, constants, entries and rows.
#pragma once

#include <algorithm>
#include <random>

#include "random_expr.hpp"

namespace matgrad {

inline constexpr const char* scalar_names[] = {"a", "b", "c", "s", "t", "alpha", "beta_1", "lambda", "e", "q"};
inline constexpr const char* vector_names[] = {"x", "y", "z", "w", "u", "v", "h", "r", "mu", "x1", "x2", "theta"};
inline constexpr const char* matrix_names[] = {"A",     "B", "C", "X", "Y", "M", "Q", "W",
                                               "Sigma", "S", "D", "L", "U", "T", "K", "X1"};

class RandomLeaves {
 protected:
  RandomLeaves(std::uint64_t seed, const RandomOptions& options)
      : random_(seed * 0x9e3779b97f4a7c15ull + 1), options_(options) {
    result_.seed = seed;
    result_.dims = std::make_shared<Dims>();
    for (const char* name : {"m", "n", "p", "k"}) names_.push_back(dims().name(name));
  }

  // ------------------------------------------------------------ chance

  unsigned below(unsigned count) { return static_cast<unsigned>(random_() % count); }
  bool chance(unsigned one_in) { return below(one_in) == 0; }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[below(static_cast<unsigned>(list.size()))];
  }
  Dims& dims() { return *result_.dims; }
  Dim any_size() {
    const unsigned pick = below(20);
    if (pick < 7) return names_[1];
    if (pick < 13) return names_[0];
    if (pick < 16) return names_[2];
    if (pick < 17) return names_[3];
    if (pick < 18) return chance(3) ? dims().constant(3) : triangle(names_[1]);
    return pick < 19 ? dims().multiply(names_[0], names_[chance(3) ? 0 : 1]) : names_[0];
  }
  Dim triangle(Dim n) { return dims().quotient(dims().multiply(n, dims().add(n, dim_one)), 2); }

  // ------------------------------------------------------------ making nodes

  static SketchPtr node(SketchForm form, Dim rows, Dim cols, std::vector<SketchPtr> parts, std::string name = {}) {
    Sketch s;
    s.form = form;
    s.rows = rows;
    s.cols = cols;
    s.parts = std::move(parts);
    s.name = std::move(name);
    return std::make_shared<const Sketch>(std::move(s));
  }
  static SketchPtr number(const std::string& text) {
    Sketch s;
    s.name = text;
    const std::size_t stroke = text.find('/');
    s.value = *Rational::parse(text.substr(0, stroke));
    if (stroke != std::string::npos) s.value = s.value / *Rational::parse(text.substr(stroke + 1));
    return std::make_shared<const Sketch>(std::move(s));
  }
  SketchPtr dimension(Dim size) {
    Sketch s;
    s.form = SketchForm::dimension;
    s.size = size;
    return std::make_shared<const Sketch>(std::move(s));
  }
  SketchPtr transposed(SketchPtr a) { return node(SketchForm::transpose, a->cols, a->rows, {a}); }

  // ------------------------------------------------------------ leaves

  SketchPtr any_number() {
    static const std::vector<std::string> numbers{"1",   "2",   "3",   "4",    "-1",   "-2", "1/2",
                                                  "0.5", "1/3", "2/3", "1.25", "5e-1", "0"};
    return number(one_of(numbers));
  }

  SketchPtr variable(const SketchVariable& v) { return node(SketchForm::variable, v.rows, v.cols, {}, v.name); }

  std::string fresh_name(Dim rows, Dim cols) {
    std::vector<std::string> free;
    auto offer = [&](const char* name) {
      const bool taken = std::any_of(result_.variables.begin(), result_.variables.end(),
                                     [&](const SketchVariable& v) { return v.name == name; });
      if (!taken) free.emplace_back(name);
    };
    if (rows == dim_one && cols == dim_one) {
      for (const char* name : scalar_names) offer(name);
    } else if (cols == dim_one) {
      for (const char* name : vector_names) offer(name);
    } else {
      for (const char* name : matrix_names) offer(name);
    }
    if (free.empty()) return "v" + std::to_string(result_.variables.size());
    return free[std::min<std::size_t>(free.size() - 1, below(4))];
  }

  const SketchVariable& new_variable(Dim rows, Dim cols, bool positive = false) {
    SketchVariable v;
    v.name = fresh_name(rows, cols);
    v.rows = rows;
    v.cols = cols;
    v.positive = positive || chance(8);
    v.kind = rows == dim_one && cols == dim_one ? "scalar" : cols == dim_one ? "vector" : "matrix";
    static const std::vector<std::string> structures{"symmetric", "spd",   "skew",      "diagonal",
                                                     "lower",     "upper", "orthogonal"};
    if (options_.structured && !positive && rows == cols && rows != dim_one && chance(2)) {
      v.kind = one_of(structures);
      v.positive = false;
    }
    result_.variables.push_back(v);
    return result_.variables.back();
  }

  // A variable of this shape, one that is there already more often than not.
  SketchPtr some_variable(Dim rows, Dim cols, bool positive = false) {
    if (rows == dim_one && cols != dim_one) return transposed(some_variable(cols, rows, positive));
    std::vector<SketchPtr> known;
    for (const SketchVariable& v : result_.variables) {
      if (positive && !v.positive) continue;
      if (v.rows == rows && v.cols == cols) known.push_back(variable(v));
      if (v.rows == cols && v.cols == rows && rows != cols) known.push_back(transposed(variable(v)));
    }
    if (!known.empty() && !chance(4)) return one_of(known);
    if (result_.variables.size() >= 8 && !known.empty()) return one_of(known);
    return variable(new_variable(rows, cols, positive));
  }

  SketchPtr leaf(Dim rows, Dim cols) {
    const bool scalar = rows == dim_one && cols == dim_one;
    if (!indices_.empty() && !chance(3)) {
      if (SketchPtr found = indexed(rows, cols)) return found;
    }
    if (scalar && chance(3)) return any_number();
    if (scalar && chance(25)) return dimension(any_size());
    if (!scalar && chance(6)) return constant(rows, cols);
    return some_variable(rows, cols);
  }

  SketchPtr constant(Dim rows, Dim cols) {
    if (rows == cols && chance(2)) return node(SketchForm::identity, rows, cols, {});
    if (cols == dim_one && chance(2)) return node(SketchForm::unit, rows, cols, {number("1")});
    if (rows == dim_one && chance(3)) return transposed(node(SketchForm::unit, cols, rows, {number("1")}));
    const Polynomial& terms = dims().polynomial(rows);
    if (rows == cols && terms.size() == 1 && terms[0].atoms.size() == 2) {
      const std::string m = dims().atom_name(terms[0].atoms[0]);
      const std::string n = dims().atom_name(terms[0].atoms[1]);
      return node(SketchForm::selection, rows, cols, {dimension(dims().name(m)), dimension(dims().name(n))},
                  "K(" + m + "," + n + ")");
    }
    for (Dim n : names_) {
      const std::string name = "(" + dims().text(n) + ")";
      const Dim square = dims().multiply(n, n);
      if (rows == square && cols == triangle(n))
        return node(SketchForm::selection, rows, cols, {dimension(n)}, "D" + name);
      if (rows == triangle(n) && cols == square)
        return node(SketchForm::selection, rows, cols, {dimension(n)}, "L" + name);
    }
    return node(chance(5) ? SketchForm::zeros : SketchForm::ones, rows, cols, {});
  }

  struct Index {
    std::string name;
    Dim size;
  };
  SketchPtr index_leaf(const Index& index) { return node(SketchForm::index, dim_one, dim_one, {}, index.name); }

  SketchPtr indexed(Dim rows, Dim cols) {
    const Index index = one_of(indices_);
    const SketchPtr i = index_leaf(index);
    if (rows == dim_one && cols == dim_one) {
      if (chance(5)) return i;
      if (indices_.size() > 1) {
        const Dim other = indices_[0].size;
        const SketchPtr j = index_leaf(indices_[0]);
        return node(SketchForm::entry, rows, cols, {some_variable(index.size, other), i, j});
      }
      return node(SketchForm::entry, rows, cols, {some_variable(index.size, dim_one), i});
    }
    if (rows == dim_one) return node(SketchForm::row, rows, cols, {some_variable(index.size, cols), i});
    if (cols != dim_one) return nullptr;
    if (rows == index.size && chance(3)) return node(SketchForm::unit, rows, cols, {i});
    return node(SketchForm::column, rows, cols, {some_variable(rows, index.size), i});
  }

  std::mt19937_64 random_;
  RandomOptions options_;
  RandomExpression result_;
  std::vector<Dim> names_;
  std::vector<Index> indices_;
};

}  // namespace matgrad
