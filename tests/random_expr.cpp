// SPDX-License-Identifier: MIT
#include "random_expr.hpp"

#include <algorithm>
#include <cctype>

#include "random_leaves.hpp"
#include "random_signature.hpp"

namespace matgrad {
namespace {

using Form = SketchForm;

// What an operator wants of its argument, by the words of the table.
enum class Domain {
  anything,
  positive,
  within_one,
  above_minus_one,
  nonsingular,
  nonzero,
  definite,
  definite_and_position
};
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
    {"rank(A) = min(m,n)", Domain::anything},
    {"A != 0", Domain::nonzero},
    {"spd", Domain::definite},
    {"spd, position", Domain::definite_and_position},
    {"no negative eigenvalue", Domain::definite},
    {"positive definite", Domain::definite},
};

std::optional<Domain> domain_of(std::string_view text) {
  for (const DomainWord& known : domain_words) {
    if (known.word == text) return known.domain;
  }
  return std::nullopt;
}

class Generator : RandomLeaves {
 public:
  Generator(std::uint64_t seed, const RandomOptions& options) : RandomLeaves(seed, options) {
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

  SketchPtr argument(Domain domain, std::size_t at, Dim rows, Dim cols, int depth) {
    switch (domain) {
      case Domain::anything: return make(rows, cols, depth - 1);
      case Domain::positive: return positive(rows, cols, depth);
      case Domain::within_one: return within_one(rows, cols, depth);
      case Domain::above_minus_one: return chance(2) ? positive(rows, cols, depth) : within_one(rows, cols, depth);
      case Domain::nonsingular: return nonsingular(rows, depth);
      case Domain::nonzero: return make(rows, cols, depth - 1);
      case Domain::definite: return definite(rows, depth);
      case Domain::definite_and_position: return at == 0 ? definite(rows, depth) : number("1");
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
    const unsigned pick = below(46);
    if (pick < 7) return sum(rows, cols, depth);
    if (pick < 15) return product(rows, cols, depth);
    if (pick < 17)
      return node(Form::divide, rows, cols, {make(rows, cols, depth - 1), divisor(dim_one, dim_one, depth - 1)});
    if (pick < 20) return scalar && !chance(4) ? nullptr : hadamard(rows, cols, depth);
    if (pick < 22)
      return node(Form::hadamard_divide, rows, cols, {make(rows, cols, depth - 1), divisor(rows, cols, depth - 1)});
    if (pick < 24) return entrywise_power(rows, cols, depth);
    if (pick < 26) return power(rows, cols, depth);
    if (pick < 28) return scalar && !chance(4) ? nullptr : transposed(make(cols, rows, depth - 1));
    if (pick < 29) return node(Form::negate, rows, cols, {make(rows, cols, depth - 1)});
    if (pick < 31) return rows == cols ? gram(rows, depth) : nullptr;
    if (pick < 32) return indexed_sum(rows, cols, depth);
    if (pick < 33) return redundant(rows, cols, depth);
    if (pick < 35) return half_vec(rows, cols, depth);
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

  // Of few shapes, which would seldom be met by chance.
  SketchPtr half_vec(Dim rows, Dim cols, int depth) {
    for (Dim n : names_) {
      if (cols != dim_one || (rows != triangle(n) && rows != dims().multiply(n, n))) continue;
      Sketch half = *named("vech", chance(2) ? some_variable(n, n) : make(n, n, depth - 1));
      half.rows = triangle(n);
      half.cols = dim_one;
      const auto vector = std::make_shared<const Sketch>(std::move(half));
      if (rows == triangle(n)) return vector;
      return node(Form::product, rows, cols, {constant(rows, triangle(n)), vector});
    }
    return nullptr;
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
        dims(), OperatorTable::get().signature(op), rows, cols, [this] { return chance(40) ? dim_one : any_size(); },
        random_);
    if (!shapes) return nullptr;
    Sketch s;
    s.form = Form::call;
    s.op = op;
    s.rows = rows;
    s.cols = cols;
    s.name = surface_name(op, *shapes);
    if (s.name.empty()) return nullptr;
    for (const SignatureArgument& shape : *shapes) {
      // Whether any argument lies in the domain shows at the points, unless its type has to say so.
      const bool any = entry_of(op).needs == 0 && s.parts.empty() && chance(6);
      s.parts.push_back(any ? make(shape.rows, shape.cols, depth - 1)
                            : argument(*domain_of(entry_of(op).domain), s.parts.size(), shape.rows, shape.cols, depth));
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

  std::vector<OpId> operators_;
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
