// SPDX-License-Identifier: MIT
#include "random_expr.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "random_signature.hpp"

namespace matgrad {
namespace {

using Form = SketchForm;

// What an operator wants of its argument, by the words of the table.
enum class Domain { anything, positive, within_one, above_minus_one, nonsingular, nonzero, definite };
struct DomainWord {
  std::string_view word;
  Domain domain;
};
constexpr DomainWord domain_words[] = {
    {"", Domain::anything},
    {"A > 0", Domain::positive},
    {"|A| < 1", Domain::within_one},
    {"A > -1", Domain::above_minus_one},
    {"det(A) != 0", Domain::nonsingular},
    {"full rank", Domain::anything},
    {"A != 0", Domain::nonzero},
    {"spd", Domain::definite},
    {"positive definite", Domain::definite},
};

std::optional<Domain> domain_of(std::string_view text) {
  for (const DomainWord& known : domain_words) {
    if (known.word == text) return known.domain;
  }
  return std::nullopt;
}

constexpr const char* scalar_names[] = {"a", "b", "c", "s", "t", "alpha", "beta_1", "lambda", "e", "q"};
constexpr const char* vector_names[] = {"x", "y", "z", "w", "u", "v", "h", "r", "mu", "x1", "x2", "theta"};
constexpr const char* matrix_names[] = {"A",     "B", "C", "X", "Y", "M", "Q", "W",
                                        "Sigma", "S", "D", "L", "U", "T", "K", "X1"};

class Generator {
 public:
  Generator(std::uint64_t seed, const RandomOptions& options)
      : random_(seed * 0x9e3779b97f4a7c15ull + 1), options_(options) {
    result_.seed = seed;
    result_.dims = std::make_shared<Dims>();
    for (const char* name : {"m", "n", "p", "k"}) names_.push_back(dims().name(name));
    for (std::uint16_t i = 0; i < OperatorTable::get().size(); ++i) {
      const Operator& entry = entry_of(OpId{i});
      if (!entry.structural && entry.type[0] != '\0' && domain_of(entry.domain)) operators_.push_back(OpId{i});
    }
  }

  RandomExpression run() {
    const int depth = 1 + static_cast<int>(below(static_cast<unsigned>(options_.depth)));
    Dim rows = dim_one;
    Dim cols = dim_one;
    const unsigned kind = below(100);
    if (kind >= 40) rows = any_size();
    if (kind >= 65) cols = chance(3) ? rows : any_size();
    if (kind == 99) std::swap(rows, cols);
    result_.root = make(rows, cols, depth);
    return std::move(result_);
  }

 private:
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
    if (pick < 18) return dims().constant(3);
    return pick < 19 ? dims().multiply(names_[0], names_[1]) : names_[0];
  }

  // ------------------------------------------------------------ making nodes

  static SketchPtr node(Form form, Dim rows, Dim cols, std::vector<SketchPtr> parts, std::string name = {}) {
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
    s.form = Form::dimension;
    s.size = size;
    return std::make_shared<const Sketch>(std::move(s));
  }
  SketchPtr transposed(SketchPtr a) { return node(Form::transpose, a->cols, a->rows, {a}); }

  // ------------------------------------------------------------ leaves

  SketchPtr any_number() {
    static const std::vector<std::string> numbers{"1",   "2",   "3",   "4",    "-1",   "-2", "1/2",
                                                  "0.5", "1/3", "2/3", "1.25", "5e-1", "0"};
    return number(one_of(numbers));
  }

  SketchPtr variable(const SketchVariable& v) { return node(Form::variable, v.rows, v.cols, {}, v.name); }

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
    if (rows == cols && chance(2)) return node(Form::identity, rows, cols, {});
    if (cols == dim_one && chance(2)) return node(Form::unit, rows, cols, {number("1")});
    if (rows == dim_one && chance(3)) return transposed(node(Form::unit, cols, rows, {number("1")}));
    if (rows == cols && dims().as_atom(rows) == std::nullopt && dims().as_constant(rows) == std::nullopt) {
      const auto& atoms = dims().polynomial(rows)[0].atoms;
      const std::string m = dims().atom_name(atoms[0]);
      const std::string n = dims().atom_name(atoms[1]);
      return node(Form::commutation, rows, cols, {dimension(dims().name(m)), dimension(dims().name(n))},
                  "K(" + m + "," + n + ")");
    }
    return node(chance(5) ? Form::zeros : Form::ones, rows, cols, {});
  }

  struct Index {
    std::string name;
    Dim size;
  };
  SketchPtr index_leaf(const Index& index) { return node(Form::index, dim_one, dim_one, {}, index.name); }

  SketchPtr indexed(Dim rows, Dim cols) {
    const Index index = one_of(indices_);
    const SketchPtr i = index_leaf(index);
    if (rows == dim_one && cols == dim_one) {
      if (chance(5)) return i;
      if (indices_.size() > 1) {
        const Dim other = indices_[0].size;
        const SketchPtr j = index_leaf(indices_[0]);
        return node(Form::entry, rows, cols, {some_variable(index.size, other), i, j});
      }
      return node(Form::entry, rows, cols, {some_variable(index.size, dim_one), i});
    }
    if (rows == dim_one) return node(Form::row, rows, cols, {some_variable(index.size, cols), i});
    if (cols != dim_one) return nullptr;
    if (rows == index.size && chance(3)) return node(Form::unit, rows, cols, {i});
    return node(Form::column, rows, cols, {some_variable(rows, index.size), i});
  }

  // ------------------------------------------------------------ within a domain

  SketchPtr positive(Dim rows, Dim cols, int depth) {
    const unsigned pick = below(4);
    if (pick == 0 || depth <= 0) return some_variable(rows, cols, true);
    if (pick == 1) return named("exp", make(rows, cols, depth - 2));
    const SketchPtr square = node(Form::hadamard_power, rows, cols, {make(rows, cols, depth - 2), number("2")});
    return node(Form::add, rows, cols, pick == 2 ? std::vector{number("1"), square} : std::vector{square, number("2")});
  }

  SketchPtr within_one(Dim rows, Dim cols, int depth) {
    const SketchPtr inside = make(rows, cols, depth - 2);
    return chance(2) ? named("tanh", inside) : node(Form::product, rows, cols, {number("1/2"), named("sin", inside)});
  }

  SketchPtr definite(Dim rows, int depth) {
    const unsigned pick = below(3);
    if (depth > 0 && pick > 0) {
      const SketchPtr root = make(pick == 1 ? rows : any_size(), rows, depth - 2);
      const SketchPtr gram = node(Form::product, rows, rows, {transposed(root), root});
      return node(Form::add, rows, rows, {gram, rows == dim_one ? number("1") : node(Form::identity, rows, rows, {})});
    }
    if (rows == dim_one) return some_variable(rows, rows, true);
    for (const SketchVariable& v : result_.variables) {
      if (v.kind == "spd" && v.rows == rows) return variable(v);
    }
    new_variable(rows, rows, true);
    result_.variables.back().kind = "spd";
    result_.variables.back().positive = false;
    return variable(result_.variables.back());
  }

  SketchPtr nonsingular(Dim rows, int depth) {
    if (depth <= 0 || chance(3)) return some_variable(rows, rows);
    return chance(2) ? definite(rows, depth) : make(rows, rows, depth - 1);
  }

  SketchPtr argument(Domain domain, Dim rows, Dim cols, int depth) {
    switch (domain) {
      case Domain::anything: return make(rows, cols, depth - 1);
      case Domain::positive: return positive(rows, cols, depth);
      case Domain::within_one: return within_one(rows, cols, depth);
      case Domain::above_minus_one: return chance(2) ? positive(rows, cols, depth) : within_one(rows, cols, depth);
      case Domain::nonsingular: return nonsingular(rows, depth);
      case Domain::nonzero: return make(rows, cols, depth - 1);
      case Domain::definite: return definite(rows, depth);
    }
    return nullptr;
  }

  SketchPtr named(std::string_view name, SketchPtr argument) {
    const OpId op = OperatorTable::get().named(name)[0];
    Sketch s;
    s.form = Form::call;
    s.op = op;
    s.name = name;
    s.rows = argument->rows;
    s.cols = argument->cols;
    s.parts = {std::move(argument)};
    return std::make_shared<const Sketch>(std::move(s));
  }

  // ------------------------------------------------------------ forms

  SketchPtr make(Dim rows, Dim cols, int depth) {
    if (depth <= 0 || chance(9) || ++made_ > 60) return leaf(rows, cols);
    for (int attempt = 0; attempt < 8; ++attempt) {
      if (SketchPtr result = form(rows, cols, depth)) return result;
    }
    return leaf(rows, cols);
  }

  SketchPtr form(Dim rows, Dim cols, int depth) {
    const bool scalar = rows == dim_one && cols == dim_one;
    const unsigned pick = below(44);
    if (pick < 7) return sum(rows, cols, depth);
    if (pick < 15) return product(rows, cols, depth);
    if (pick < 17)
      return node(Form::divide, rows, cols, {make(rows, cols, depth - 1), divisor(dim_one, dim_one, depth - 1)});
    if (pick < 20) return scalar ? nullptr : hadamard(rows, cols, depth);
    if (pick < 22)
      return node(Form::hadamard_divide, rows, cols, {make(rows, cols, depth - 1), divisor(rows, cols, depth - 1)});
    if (pick < 24) return entrywise_power(rows, cols, depth);
    if (pick < 26) return power(rows, cols, depth);
    if (pick < 28) return scalar ? nullptr : transposed(make(cols, rows, depth - 1));
    if (pick < 29) return node(Form::negate, rows, cols, {make(rows, cols, depth - 1)});
    if (pick < 31) return rows == cols ? gram(rows, depth) : nullptr;
    if (pick < 32) return indexed_sum(rows, cols, depth);
    if (pick < 33) return redundant(rows, cols, depth);
    return call(rows, cols, depth);
  }

  SketchPtr sum(Dim rows, Dim cols, int depth) {
    std::vector<SketchPtr> terms;
    const bool scalar = rows == dim_one && cols == dim_one;
    const unsigned count = 2 + below(2);
    for (unsigned i = 0; i < count; ++i) {
      const bool broadcast = !scalar && i + 1 < count && chance(8);
      terms.push_back(broadcast ? make(dim_one, dim_one, depth - 2) : make(rows, cols, depth - 1));
    }
    if (chance(2)) std::reverse(terms.begin(), terms.end());
    return node(chance(3) ? Form::subtract : Form::add, rows, cols, std::move(terms));
  }

  SketchPtr product(Dim rows, Dim cols, int depth) {
    const bool scalar = rows == dim_one && cols == dim_one;
    const unsigned pick = below(4);
    if (pick == 0) {
      std::vector<SketchPtr> parts{make(dim_one, dim_one, depth - 1), make(rows, cols, depth - 1)};
      if (chance(2)) std::swap(parts[0], parts[1]);
      return node(Form::product, rows, cols, std::move(parts));
    }
    if (scalar && pick == 1) {
      const Dim inner = any_size();
      const SketchPtr x = some_variable(inner, dim_one);
      const SketchPtr y = chance(2) ? x : make(inner, dim_one, depth - 2);
      return node(Form::product, rows, cols, {transposed(x), make(inner, inner, depth - 1), y});
    }
    const Dim inner = rows != dim_one && cols != dim_one && chance(6) ? dim_one : any_size();
    return node(Form::product, rows, cols, {make(rows, inner, depth - 1), make(inner, cols, depth - 1)});
  }

  SketchPtr gram(Dim rows, int depth) {
    const Dim inner = any_size();
    const SketchPtr root = make(inner, rows, depth - 1);
    return node(Form::product, rows, rows, {transposed(root), root});
  }

  SketchPtr hadamard(Dim rows, Dim cols, int depth) {
    std::vector<SketchPtr> parts{make(rows, cols, depth - 1), make(rows, cols, depth - 1)};
    if (chance(4)) parts.push_back(make(rows, cols, depth - 2));
    return node(Form::hadamard, rows, cols, std::move(parts));
  }

  SketchPtr divisor(Dim rows, Dim cols, int depth) {
    return chance(3) ? some_variable(rows, cols) : positive(rows, cols, depth);
  }

  SketchPtr entrywise_power(Dim rows, Dim cols, int depth) {
    const unsigned pick = below(6);
    auto raised = [&](SketchPtr base, SketchPtr exponent) {
      return node(Form::hadamard_power, rows, cols, {std::move(base), std::move(exponent)});
    };
    if (pick < 2) return raised(make(rows, cols, depth - 1), number(chance(2) ? "2" : "3"));
    if (pick == 2) return raised(divisor(rows, cols, depth - 1), number(chance(2) ? "-1" : "-2"));
    if (pick == 3) return raised(positive(rows, cols, depth - 1), number(chance(2) ? "1/2" : "3/2"));
    if (pick == 4) return raised(positive(rows, cols, depth - 1), make(dim_one, dim_one, depth - 2));
    const bool spread = chance(3);
    return raised(spread ? positive(dim_one, dim_one, depth - 1) : positive(rows, cols, depth - 1),
                  make(rows, cols, depth - 2));
  }

  SketchPtr power(Dim rows, Dim cols, int depth) {
    if (rows != cols) return nullptr;
    const SketchPtr exponent = number(chance(4) ? "-1" : chance(3) ? "3" : "2");
    const bool inverse = exponent->name == "-1";
    if (rows != dim_one && inverse) return node(Form::power, rows, cols, {nonsingular(rows, depth - 1), exponent});
    return node(Form::power, rows, cols,
                {inverse ? divisor(rows, cols, depth - 1) : make(rows, cols, depth - 1), exponent});
  }

  SketchPtr indexed_sum(Dim rows, Dim cols, int depth) {
    if (!options_.sums || indices_.size() >= 2) return nullptr;
    Sketch s;
    s.form = Form::sum;
    s.rows = rows;
    s.cols = cols;
    s.name = indices_.empty() ? "i" : "j";
    s.size = names_[below(2)];
    indices_.push_back({s.name, s.size});
    s.parts = {make(rows, cols, std::min(depth - 1, 3))};
    indices_.pop_back();
    return std::make_shared<const Sketch>(std::move(s));
  }

  // What says nothing: A'', -(-A), A*I, A + 0, A - A + A.
  SketchPtr redundant(Dim rows, Dim cols, int depth) {
    const SketchPtr a = make(rows, cols, depth - 1);
    const unsigned pick = below(5);
    if (pick == 0) return transposed(transposed(a));
    if (pick == 1) return node(Form::negate, rows, cols, {node(Form::negate, rows, cols, {a})});
    if (pick == 2 && cols != dim_one) return node(Form::product, rows, cols, {a, node(Form::identity, cols, cols, {})});
    if (pick == 3)
      return node(Form::add, rows, cols, {a, node(Form::product, rows, cols, {number("0"), make(rows, cols, 0)})});
    return node(Form::add, rows, cols, {node(Form::subtract, rows, cols, {a, a}), a});
  }

  SketchPtr call(Dim rows, Dim cols, int depth) {
    const OpId op = one_of(operators_);
    const auto shapes = arguments_for(
        dims(), OperatorTable::get().signature(op), rows, cols, [this] { return any_size(); }, random_);
    if (!shapes) return nullptr;
    Sketch s;
    s.form = Form::call;
    s.op = op;
    s.rows = rows;
    s.cols = cols;
    s.name = surface_name(op, *shapes);
    if (s.name.empty()) return nullptr;
    for (const SignatureArgument& shape : *shapes) {
      s.parts.push_back(argument(*domain_of(entry_of(op).domain), shape.rows, shape.cols, depth));
    }
    return std::make_shared<const Sketch>(std::move(s));
  }

  // One of the operator's names under which these shapes mean this operator.
  std::string surface_name(OpId op, const std::vector<SignatureArgument>& shapes) {
    std::vector<std::string> names;
    const Operator& entry = entry_of(op);
    std::vector<std::string_view> candidates(entry.also.begin(), entry.also.end());
    candidates.push_back(entry.name);
    for (std::string_view name : candidates) {
      if (name.empty() || std::isalpha(static_cast<unsigned char>(name[0])) == 0) continue;
      if (first_that_fits(dims(), name, shapes) == op) names.emplace_back(name);
    }
    return names.empty() ? std::string() : one_of(names);
  }

  std::mt19937_64 random_;
  RandomOptions options_;
  RandomExpression result_;
  std::vector<Dim> names_;
  std::vector<OpId> operators_;
  std::vector<Index> indices_;
  int made_ = 0;
};

}  // namespace

RandomExpression random_expression(std::uint64_t seed, const RandomOptions& options) {
  return Generator(seed, options).run();
}

bool is_known_domain(std::string_view domain) {
  return domain_of(domain).has_value();
}

}  // namespace matgrad
