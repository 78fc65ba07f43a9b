// SPDX-License-Identifier: MIT
#include "random_sketch.hpp"

#include <algorithm>
#include <set>

#include "ops/selections.hpp"
#include "ops/table.hpp"
#include "rules/template.hpp"

namespace matgrad {
namespace {

using Form = SketchForm;

enum class Level { sum, product, postfix, atom };

class SketchWriter {
 public:
  SketchWriter(const Dims& dims, std::mt19937_64* random) : dims_(dims), random_(random) {}

  // Bound tightly enough to stand where `least` is wanted.
  std::string at(const Sketch& s, Level least) {
    const std::string text = written(s);
    return level(s) < least || chance(12) ? "(" + text + ")" : text;
  }

 private:
  bool chance(unsigned one_in) { return random_ != nullptr && (*random_)() % one_in == 0; }
  std::string gap() { return chance(3) ? " " : ""; }
  std::string pick(const char* plain, const char* other) { return chance(10) ? other : plain; }

  static Level level(const Sketch& s) {
    switch (s.form) {
      case Form::number:
        if (s.name[0] == '-') return Level::sum;
        return s.name.find('/') != std::string::npos ? Level::product : Level::atom;
      case Form::negate:
      case Form::add:
      case Form::subtract: return Level::sum;
      case Form::product:
      case Form::divide:
      case Form::hadamard:
      case Form::hadamard_divide: return Level::product;
      case Form::transpose:
      case Form::power:
      case Form::hadamard_power: return Level::postfix;
      default: return Level::atom;
    }
  }

  std::string written(const Sketch& s) {
    switch (s.form) {
      case Form::variable:
      case Form::index:
      case Form::number: return s.name;
      case Form::dimension: return "sum(ones(" + dims_.text(s.size) + "))";
      case Form::zeros: return sized("zeros", s.rows, s.cols);
      case Form::ones: return sized("ones", s.rows, s.cols);
      case Form::identity: return pick("I(", "eye(") + dims_.text(s.rows) + ")";
      case Form::unit: return "e(" + at(*s.parts[0], Level::sum) + "," + dims_.text(s.rows) + ")";
      case Form::selection: return s.name;
      case Form::entry: return part(s, 0) + "[" + part(s, 1) + (s.parts.size() > 2 ? "," + part(s, 2) : "") + "]";
      case Form::row: return part(s, 0) + "[" + part(s, 1) + ",:]";
      case Form::column: return part(s, 0) + "[:," + part(s, 1) + "]";
      case Form::transpose: return at(*s.parts[0], Level::postfix) + transpose_sign();
      case Form::negate: return "-" + gap() + at(*s.parts[0], Level::product);
      case Form::add: return chain(s, "+", Level::sum);
      case Form::subtract: return chain(s, "-", Level::sum);
      case Form::product: return chain(s, pick("*", "·"), Level::product);
      case Form::divide: return chain(s, "/", Level::product);
      case Form::hadamard: return chain(s, pick(".*", "⊙"), Level::product);
      case Form::hadamard_divide: return chain(s, pick("./", "⊘"), Level::product);
      case Form::power: return power(s, "^");
      case Form::hadamard_power: return power(s, ".^");
      case Form::call: return call(s);
      case Form::sum: return "sum(" + s.name + ", 1, " + dims_.text(s.size) + ", " + at(*s.parts[0], Level::sum) + ")";
    }
    return "";
  }

  std::string part(const Sketch& s, std::size_t i) { return at(*s.parts[i], Level::sum); }
  std::string sized(const char* name, Dim rows, Dim cols) {
    const std::string head = std::string(name) + "(" + dims_.text(rows);
    return cols == dim_one && !chance(4) ? head + ")" : head + "," + dims_.text(cols) + ")";
  }
  std::string transpose_sign() {
    if (chance(12)) return ".T";
    return pick("'", "ᵀ");
  }

  // Left-associative: the first operand may stand at the level of the sign, the others above it.
  std::string chain(const Sketch& s, const std::string& sign, Level own) {
    const bool is_sum = own == Level::sum;
    std::string out = at(*s.parts[0], own);
    for (std::size_t i = 1; i < s.parts.size(); ++i) {
      // "2 .* x": a point that follows a digit is the number's.
      const bool apart = is_sum || (sign[0] == '.' && std::isdigit(static_cast<unsigned char>(out.back())) != 0);
      const std::string blank = apart ? " " : gap();
      out += blank + sign + blank + at(*s.parts[i], is_sum ? Level::product : Level::postfix);
    }
    return out;
  }

  std::string power(const Sketch& s, const char* sign) {
    std::string out = at(*s.parts[0], Level::postfix);
    const Sketch& exponent = *s.parts[1];
    const std::string written_exponent = written(exponent);
    const bool digits = std::all_of(written_exponent.begin(), written_exponent.end(),
                                    [](unsigned char c) { return std::isdigit(c) != 0; });
    // A run of superscripts is one exponent.
    const bool raised = out.ends_with("²") || out.ends_with("¹");
    if (sign[0] == '^' && written_exponent == "2" && !raised && chance(10)) return out + "²";
    if (sign[0] == '^' && written_exponent == "-1" && !raised && chance(6)) return out + "⁻¹";
    const bool bare =
        digits || (exponent.form == Form::variable && exponent.name != "T") || (written_exponent == "-1" && chance(2));
    if (sign[0] == '.' && std::isdigit(static_cast<unsigned char>(out.back())) != 0) out += " ";
    return out + sign + (bare ? written_exponent : "(" + written_exponent + ")");
  }

  std::string call(const Sketch& s) {
    if (s.parts.empty()) return s.name;
    if (std::string_view(entry_of(s.op).latex) == "{0} \\otimes {1}" && chance(4)) {
      return "(" + at(*s.parts[0], Level::postfix) + "⊗" + at(*s.parts[1], Level::postfix) + ")";
    }
    std::string out = s.name + "(";
    for (std::size_t i = 0; i < s.parts.size(); ++i) out += (i > 0 ? "," + gap() : "") + part(s, i);
    return out + ")";
  }

  const Dims& dims_;
  std::mt19937_64* random_;
};

class SketchBuilder {
 public:
  SketchBuilder(Build& build, const Dims& dims, const std::map<std::string, NodeId>& symbols)
      : build_(build), dims_(dims), symbols_(symbols) {}

  NodeId node(const Sketch& s) {
    if (s.form == Form::sum) return sum(s);
    NodeList c;
    for (const SketchPtr& part : s.parts) c.push_back(node(*part));
    const Dim rows = size(s.rows);
    const Dim cols = size(s.cols);
    switch (s.form) {
      case Form::variable: return symbols_.at(s.name);
      case Form::index: return indices_.at(s.name);
      case Form::number: return build_.number(s.value);
      case Form::dimension: return build_.dimension(size(s.size));
      case Form::zeros: return build_.zeros(rows, cols);
      case Form::ones: return build_.ones(rows, cols);
      case Form::identity: return build_.identity(rows);
      case Form::unit: return build_.unit(c[0], rows);
      case Form::transpose: return build_.transpose(c[0]);
      case Form::negate: return build_.negate(c[0]);
      case Form::product: return fold(c, [this](NodeId a, NodeId b) { return build_.product(a, b); });
      case Form::divide: return build_.divide(c[0], c[1]);
      case Form::add: return fold(c, [this](NodeId a, NodeId b) { return build_.plus(a, b); });
      case Form::subtract: return fold(c, [this](NodeId a, NodeId b) { return build_.minus(a, b); });
      case Form::hadamard: return fold(c, [this](NodeId a, NodeId b) { return build_.entrywise_product(a, b); });
      case Form::hadamard_divide: return build_.entrywise_product(c[0], build_.power(c[1], build_.number(-1)));
      case Form::hadamard_power: return build_.power(c[0], c[1]);
      case Form::power:
        return build_.type(c[0]).is_scalar() ? build_.power(c[0], c[1]) : build_.matrix_power(c[0], c[1]);
      case Form::entry:
      case Form::row:
      case Form::column: return indexed(s, c);
      case Form::call: return call(s, c);
      case Form::selection: {
        std::vector<Dim> sizes;
        for (const SketchPtr& part : s.parts) sizes.push_back(size(part->size));
        return build_.selection(find_selection(s.name.substr(0, 1))->op, sizes);
      }
      case Form::sum: break;
    }
    return no_node;
  }

 private:
  Dim size(Dim dim) { return carried(dims_, dim, build_.store().dims); }

  template <class F>
  NodeId fold(const NodeList& c, F combine) {
    NodeId result = c[0];
    for (std::size_t i = 1; i < c.size(); ++i) result = combine(result, c[i]);
    return result;
  }

  NodeId indexed(const Sketch& s, const NodeList& c) {
    const Type shape = build_.type(c[0]);
    NodeId result = c[0];
    if (s.form != Form::column) result = build_.product(build_.transpose(build_.unit(c[1], shape.rows)), result);
    if (s.form == Form::column) return build_.product(result, build_.unit(c[1], shape.cols));
    return c.size() > 2 ? build_.product(result, build_.unit(c[2], shape.cols)) : result;
  }

  NodeId call(const Sketch& s, const NodeList& c) {
    if (entry_of(s.op).definition[0] == '\0') return build_.call(s.op, c);
    Bindings bindings;
    bindings.dims = *OperatorTable::get().signature(s.op).bind(build_.store(), c);
    for (std::size_t i = 0; i < c.size(); ++i) bindings.nodes[i] = c[i];
    const auto result = instantiate(build_, Template::compile(entry_of(s.op).definition), bindings);
    MATGRAD_ASSERT(result.has_value());
    return *result;
  }

  NodeId sum(const Sketch& s) {
    const NodeId index = build_.symbol(build_.store().add_symbol({s.name, Type{}, Symbol::Role::index}));
    const auto outer = indices_;
    indices_[s.name] = index;
    const NodeId body = node(*s.parts[0]);
    indices_ = outer;
    return build_.sum_over(index, build_.number(1), build_.dimension(size(s.size)), body);
  }

  Build& build_;
  const Dims& dims_;
  const std::map<std::string, NodeId>& symbols_;
  std::map<std::string, NodeId> indices_;
};

void collect_names(const Sketch& s, std::set<std::string>& names) {
  if (s.form == Form::variable) names.insert(s.name);
  for (const SketchPtr& part : s.parts) collect_names(*part, names);
}

}  // namespace

std::vector<SketchVariable> RandomExpression::occurring() const {
  std::set<std::string> names;
  collect_names(*root, names);
  std::vector<SketchVariable> result;
  for (const SketchVariable& variable : variables) {
    if (names.count(variable.name) != 0) result.push_back(variable);
  }
  return result;
}

std::vector<std::string> RandomExpression::declarations() const {
  std::vector<std::string> result;
  for (const SketchVariable& v : occurring()) {
    std::string text = v.name + ": " + v.kind;
    if (v.kind == "matrix") {
      text += "(" + dims->text(v.rows) + "," + dims->text(v.cols) + ")";
    } else if (v.kind != "scalar") {
      text += "(" + dims->text(v.rows) + ")";
    }
    result.push_back(v.positive ? text + " positive" : text);
  }
  return result;
}

std::string to_text(const RandomExpression& expression, std::mt19937_64* spelling) {
  return SketchWriter(*expression.dims, spelling).at(*expression.root, Level::sum);
}

NodeId build_sketch(Build& build, const RandomExpression& expression, const std::map<std::string, NodeId>& symbols) {
  return SketchBuilder(build, *expression.dims, symbols).node(*expression.root);
}

std::size_t size_of(const Sketch& sketch) {
  std::size_t total = 1;
  for (const SketchPtr& part : sketch.parts) total += size_of(*part);
  return total;
}

Dim carried(const Dims& from, Dim dim, Dims& to) {
  Dim total = dim_zero;
  for (const DimTerm& term : from.polynomial(dim)) {
    Dim product = to.constant(term.coefficient);
    for (Atom atom : term.atoms) product = to.multiply(product, to.name(from.atom_name(atom)));
    total = to.add(total, product);
  }
  return to.quotient(total, from.denominator(dim));
}

}  // namespace matgrad
