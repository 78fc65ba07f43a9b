// SPDX-License-Identifier: MIT
// NumPy with SciPy, JAX and PyTorch: columns and rows are arrays of one index, so that most transposes of vectors are
// nothing. Where the three differ, the difference is stated at the call.
#include <fmt/format.h>

#include "codegen/shard.hpp"
#include "codegen/target.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

// Functions of the languages themselves, however matgrad calls its own.
namespace fn {
constexpr const char* sum = "sum";      // not an operator
constexpr const char* diag = "diag";    // not an operator
constexpr const char* outer = "outer";  // not an operator
}  // namespace fn

class NumpyTarget : public Target {
 public:
  NumpyTarget(Store& store, const Values& values, const CodeRequest& request)
      : Target(store, values, request),
        is_torch_(request.target == CodeTarget::torch),
        np_(is_torch_                           ? "torch"
            : request.target == CodeTarget::jax ? "jnp"
                                                : "np"),
        linalg_(request.target == CodeTarget::jax ? "jax.scipy.linalg" : "scipy.linalg") {}

  std::string assign(const std::string& name, ValueId, const CodePiece& piece) override {
    return name + " = " + piece.text;
  }
  std::string open_loop(const std::string& index, const CodePiece& first, const CodePiece& last) override {
    const bool one = first.text == "1";
    return fmt::format("for {} in range({}, {} + 1):", index, one ? "1" : first.text, last.within(in_sum));
  }
  std::string close_loop() override { return ""; }
  CodePiece zero(const CodeValue& shape) override {
    if (shape.is_scalar()) return {"0.0"};
    return {np_ + ".zeros(" + tuple(shape) + ")" + like()};
  }
  std::string accumulate(const std::string& name, const CodePiece& term) override {
    return name + " = " + name + " + " + term.within(in_sum + 1);
  }
  std::string_view reserved() const override {
    return " and as assert async await break class continue def del elif else except False finally for from global if "
           "import in is lambda None nonlocal not or pass raise return True try while with yield np jnp jax torch "
           "scipy "
           "range int float ";
  }
  int first_index() const override { return 0; }

 protected:
  std::string integer_division() const override { return " // "; }
  std::string word(std::string_view placeholder) const override {
    if (placeholder == "np") return np_;
    if (placeholder == "la") return linalg_;
    if (placeholder == "like") return like();
    if (placeholder == "special")
      return is_torch_ ? "torch.special" : linalg_.substr(0, linalg_.size() - 6) + "special";
    return Target::word(placeholder);
  }
  std::string call(const std::string& name, const std::string& arguments) const {
    return np_ + "." + name + "(" + arguments + ")";
  }
  // PyTorch: of the kind and on the device of an argument.
  std::string like() const {
    if (!is_torch_) return "";
    ValueId best = no_buffer;
    for (ValueId id : values_.arguments) {
      if (best == no_buffer || (at(best).is_scalar() && !at(id).is_scalar())) best = id;
    }
    return best == no_buffer ? ".double()" : ".to(" + names[best] + ")";
  }
  std::string tuple(const CodeValue& shape) {
    if (shape.is_vector()) return dimension(shape.is_column() ? shape.rows : shape.cols).text;
    return "(" + dimension(shape.rows).text + ", " + dimension(shape.cols).text + ")";
  }
  static bool is_whole_text(const std::string& text) {
    return text.find_first_not_of("0123456789") == std::string::npos;
  }
  // As it stands beside arrays of the result's shape: a column beside a matrix.
  CodePiece placed(const CodeValue& value, std::size_t which) const {
    const CodeValue& part = argument(value, which);
    if (part.is_column() && value.is_matrix()) return {piece(value, which).within(in_one) + "[:, None]"};
    return piece(value, which);
  }

  CodePiece entrywise(const CodeValue& value) override {
    const CodePiece a = placed(value, 0);
    switch (value.form) {
      case ValueForm::negate: return {"-" + a.within(in_product), in_negation};
      case ValueForm::square: return {a.within(in_power + 1) + " ** 2", in_power};
      case ValueForm::reciprocal: return {"1 / " + a.within(in_product + 1), in_product};
      case ValueForm::root:
        if (value.is_literal) return {a.within(in_power + 1) + " ** 0.5", in_power};
        return {call("sqrt", a.text)};
      default: break;
    }
    const CodePiece b = placed(value, 1);
    switch (value.form) {
      case ValueForm::add: return sum(a, " + ", b);
      case ValueForm::subtract: return sum(a, " - ", b);
      case ValueForm::divide: return product(a, " / ", b);
      case ValueForm::power: return {a.within(in_power + 1) + " ** " + b.within(in_power), in_power};
      default: break;
    }
    const bool is_outer = value.is_matrix() && argument(value, 0).is_vector() && argument(value, 1).is_vector();
    if (!is_outer) return product(a, " * ", b);
    const bool turned = argument(value, 0).is_row();
    return {call(fn::outer, piece(value, turned ? 1 : 0).text + ", " + piece(value, turned ? 0 : 1).text)};
  }

  CodePiece called(const CodeValue& value, const Spelling* spelling) override {
    CodePiece a = piece(value, 0);
    if (is_torch_ && value.is_literal) a = {"torch.tensor(float(" + a.text + "))" + like()};
    if (spelling == nullptr) return {call(std::string(entry_of(value.op).name), a.text)};
    use(*spelling);
    return {filled(spelling->code, value, {a})};
  }

  static std::string turned(const CodePiece& a) {
    const std::string text = a.within(in_one);
    const bool is_turned = text.size() > 2 && text.compare(text.size() - 2, 2, ".T") == 0;
    return is_turned ? text.substr(0, text.size() - 2) : text + ".T";
  }

  CodePiece reshaped(const CodeValue& value) {
    const CodeValue& from = argument(value, 0);
    std::string text = from.is_matrix() ? turned(piece(value, 0)) : piece(value, 0).within(in_one);
    if (value.is_scalar()) return {text + ".reshape(())"};
    if (value.is_vector()) return from.is_vector() ? piece(value, 0) : CodePiece{text + ".ravel()"};
    return {text + ".reshape(" + dimension(value.cols).text + ", " + dimension(value.rows).text + ").T"};
  }

  CodePiece spread(const CodeValue& value) {
    const CodeValue& from = argument(value, 0);
    const CodePiece& a = piece(value, 0);
    if (from.is_column())
      return {call("tile", a.within(in_one) + "[:, None], (1, " + dimension(value.cols).text + ")")};
    if (from.is_row()) return {call("tile", a.text + ", (" + dimension(value.rows).text + ", 1)")};
    const std::string shape = tuple(value);
    if (a.text == "0") return {call("zeros", shape) + like()};
    if (a.text == "1") return {call("ones", shape) + like()};
    if (is_torch_) return product(a, " * ", {call("ones", shape) + like()});
    if (request_.target == CodeTarget::jax && from.is_literal)
      return {call("full", shape + ", 1.0 * " + a.within(in_product))};
    return {call("full", shape + ", " + (from.is_literal ? "1.0 * " + a.within(in_product) : a.text))};
  }

  CodePiece rearranged(const CodeValue& value) override {
    switch (value.form) {
      case ValueForm::transpose: return value.is_matrix() ? CodePiece{turned(piece(value, 0))} : piece(value, 0);
      case ValueForm::reshape: return reshaped(value);
      case ValueForm::spread: return spread(value);
      case ValueForm::pick_column: return {piece(value, 0).within(in_one) + "[:, " + index_of_place(value) + "]"};
      case ValueForm::pick_rows: return {piece(value, 0).within(in_one) + "[" + rows_of(value) + "]"};
      default: return {piece(value, 0).within(in_one) + "[" + index_of_place(value) + "]"};
    }
  }
  std::string rows_of(const CodeValue& value) {
    std::string first = dimension(value.dim).text;
    if (value.rows == dim_one) return first;
    return (value.dim == dim_zero ? std::string() : first) + ":" +
           dimension(store_.dims.add(value.dim, value.rows)).text;
  }
  std::string index_of_place(const CodeValue& value) {
    const CodeValue& number = argument(value, 1);
    const std::string text = place(value.arguments[1]).text;
    return number.form == ValueForm::constant || number.form == ValueForm::index || number.is_literal
               ? text
               : "int(" + text + ")";
  }

  CodePiece reduced(const CodeValue& value) override {
    const CodePiece& a = piece(value, 0);
    const std::string axis = is_torch_ ? "dim" : "axis";
    switch (value.form) {
      case ValueForm::total: return {call(fn::sum, a.text)};
      case ValueForm::row_totals: return {call(fn::sum, a.text + ", " + axis + "=1")};
      case ValueForm::column_totals: return {call(fn::sum, a.text + ", " + axis + "=0")};
      default: return product(a, " @ ", piece(value, 1));
    }
  }

  CodePiece diagonal(const CodeValue& value) override { return {call(fn::diag, piece(value, 0).text)}; }

  // ---------------------------------------------------------------- factorisations

  CodePiece factored(const CodeValue& value) override {
    const CodePiece& a = piece(value, 0);
    const bool is_cholesky = value.factorisation == Factorisation::cholesky;
    switch (value.form) {
      case ValueForm::factorise:
        if (is_torch_) return {(is_cholesky ? "torch.linalg.cholesky(" : "torch.linalg.lu_factor(") + a.text + ")"};
        return {linalg_ + (is_cholesky ? ".cho_factor(" : ".lu_factor(") + a.text + ")"};
      case ValueForm::solve: {
        const CodePiece& other = piece(value, 1);
        if (!value.from_right) return {solved(value, value.transposed, other, argument(value, 1).is_vector())};
        const bool is_row = argument(value, 1).is_vector();
        const CodePiece right = is_row ? other : CodePiece{turned(other)};
        const std::string solution = solved(value, !value.transposed, right, is_row);
        return {is_row ? solution : solution + ".T"};
      }
      case ValueForm::inverse: {
        if (value.is_direct) return {np_ + ".linalg.inv(" + a.text + ")" + (value.transposed ? ".T" : "")};
        const CodePiece eye{call("eye", dimension(value.rows).text) + like()};
        return {solved(value, value.transposed, eye, false)};
      }
      default: return determinant(value);
    }
  }

  // inv(F)*other, or with F transposed.
  std::string solved(const CodeValue& value, bool transposed, const CodePiece& other, bool is_vector) const {
    const CodePiece& a = piece(value, 0);
    if (value.is_direct) {
      return np_ + ".linalg.solve(" + (transposed ? turned(a) : a.text) + ", " + other.text + ")";
    }
    const std::string right = is_torch_ && is_vector ? other.within(in_one) + "[:, None]" : other.text;
    const std::string end = is_torch_ && is_vector ? "[:, 0]" : "";
    switch (value.factorisation) {
      case Factorisation::cholesky:
        if (is_torch_) return "torch.cholesky_solve(" + right + ", " + a.text + ")" + end;
        return linalg_ + ".cho_solve(" + a.text + ", " + right + ")";
      case Factorisation::lu:
        if (is_torch_) {
          return "torch.linalg.lu_solve(*" + a.text + ", " + right + (transposed ? ", adjoint=True)" : ")") + end;
        }
        return linalg_ + ".lu_solve(" + a.text + ", " + right + (transposed ? ", trans=1)" : ")");
      default: break;
    }
    const bool is_lower = value.factorisation == Factorisation::lower_triangular;
    if (is_torch_) {
      return "torch.linalg.solve_triangular(" + (transposed ? turned(a) : a.text) + ", " + right +
             ", upper=" + (is_lower == transposed ? "True)" : "False)") + end;
    }
    return linalg_ + ".solve_triangular(" + a.text + ", " + right + (transposed ? ", trans=1" : "") +
           (is_lower ? ", lower=True)" : ")");
  }

  CodePiece determinant(const CodeValue& value) const {
    const CodePiece& a = piece(value, 0);
    const bool is_log = value.form == ValueForm::log_determinant;
    if (value.is_direct)
      return {np_ + (is_log ? ".linalg.slogdet(" : ".linalg.det(") + a.text + (is_log ? ")[1]" : ")")};
    const bool is_cholesky = value.factorisation == Factorisation::cholesky;
    const bool is_lu = value.factorisation == Factorisation::lu;
    const std::string factor = a.within(in_one) + (is_lu || (is_cholesky && !is_torch_) ? "[0]" : "");
    const std::string entries = call(fn::diag, factor);
    if (is_cholesky && is_log) return {"2 * " + call(fn::sum, call("log", entries)), in_product};
    if (is_log) return {call(fn::sum, call("log", call("abs", entries)))};
    if (is_cholesky) return {call("prod", entries) + " ** 2", in_power};
    if (!is_lu) return {call("prod", entries)};
    const std::string pivots = a.within(in_one) + "[1]";
    const std::string order = is_torch_ ? "1, len(" + pivots + ") + 1" : "len(" + pivots + ")";
    return {call("prod", entries) + " * (-1) ** " + call(fn::sum, pivots + " != " + call("arange", order)), in_product};
  }

  // ---------------------------------------------------------------- other operators

  CodePiece as_matrix(const CodeValue& part, const CodePiece& a) const {
    if (part.is_column()) return {a.within(in_one) + "[:, None]"};
    if (part.is_row()) return {a.within(in_one) + "[None, :]"};
    if (!part.is_scalar()) return a;
    const std::string array = is_torch_ ? "torch.as_tensor(" + a.text + ")" + like() : np_ + ".asarray(" + a.text + ")";
    return {array + ".reshape(1, 1)"};
  }

  CodePiece applied(const CodeValue& value, const Spelling* spelling) override {
    use(*spelling);
    std::vector<CodePiece> arguments;
    for (std::size_t i = 0; i < value.arguments.size(); ++i) {
      const CodeValue& part = argument(value, i);
      // A scalar beside matrices is a number, such as an index.
      const bool expands = spelling->as_matrix && !part.is_scalar();
      arguments.push_back(expands ? as_matrix(part, piece(value, i)) : piece(value, i));
    }
    std::string text = filled(spelling->code, value, arguments);
    if (!spelling->as_matrix || value.is_matrix()) return {text};
    return {text + (value.is_scalar() ? "" : ".ravel()")};
  }

  CodePiece blocks(const CodeValue& value) override {
    const auto columns = static_cast<std::size_t>(argument(value, 0).number);
    const std::size_t count = value.arguments.size() - 1;
    if (value.is_vector()) return {call("hstack", "[" + joined(value, 1, count, false) + "]")};
    std::string rows;
    for (std::size_t first = 1; first <= count; first += columns) {
      const std::string row = "[" + joined(value, first, columns, true) + "]";
      rows += (first == 1 ? "" : ", ") + (is_torch_ ? call("hstack", row) : row);
    }
    return {call(is_torch_ ? "vstack" : "block", "[" + rows + "]")};
  }
  std::string joined(const CodeValue& value, std::size_t first, std::size_t count, bool in_matrix) const {
    std::string text;
    for (std::size_t i = first; i < first + count; ++i) {
      const CodeValue& part = argument(value, i);
      const bool expands = in_matrix ? (is_torch_ || !part.is_scalar()) : is_torch_ && part.is_scalar();
      CodePiece a = !expands ? piece(value, i) : as_matrix(part, piece(value, i));
      // Of whole numbers alone there would be an array of integers.
      if (part.form == ValueForm::constant && is_whole_text(a.text)) a.text += ".0";
      const bool shrinks = expands && !in_matrix;
      text += (i == first ? "" : ", ") + a.text + (shrinks ? "[0]" : "");
    }
    return text;
  }

  // ---------------------------------------------------------------- the function

  std::string shape_text(const CodeValue& value) {
    if (value.is_integer) return "int";
    if (value.is_scalar()) return is_torch_ ? "tensor ()" : "float";
    const std::string kind = is_torch_ ? "tensor " : "array ";
    if (value.is_vector()) return kind + "(" + tuple(value) + ",)";
    return kind + tuple(value);
  }

  std::string complete(const CodeFunction& signature, const std::vector<std::string>& body) override {
    std::string text;
    for (const std::string& line : body) text += "    " + line + "\n";
    std::string results;
    for (const CodeFunction::Output& output : signature.outputs) {
      if (output.piece.text != output.name) text += "    " + output.name + " = " + output.piece.text + "\n";
      results += (results.empty() ? "" : ", ") + output.name;
    }
    std::string shapes;
    for (const Reading& reading : readings()) {
      const std::string& from = names[reading.argument];
      const bool both = !reading.rows.empty() && !reading.cols.empty();
      const CodeValue& value = at(reading.argument);
      if (both) {
        shapes += "    " + reading.rows + ", " + reading.cols + " = " + from + ".shape\n";
      } else {
        const bool second = reading.rows.empty() && value.is_matrix();
        shapes += "    " + (reading.rows.empty() ? reading.cols : reading.rows) + " = " + from + ".shape[" +
                  (second ? "1" : "0") + "]\n";
      }
    }
    std::string parameters;
    for (ValueId id : signature.arguments) parameters += (parameters.empty() ? "" : ", ") + names[id];
    for (const std::string& extra : signature.extra) parameters += (parameters.empty() ? "" : ", ") + extra;
    std::string documentation;
    for (const std::string& line : described(signature, [this](const CodeValue& v) { return shape_text(v); })) {
      documentation += (documentation.empty() ? "" : line.empty() ? "" : "    ") + line + "\n";
    }
    std::string function = "def " + signature.name + "(" + parameters + "):\n    \"\"\"" + documentation +
                           "    \"\"\"\n" + shapes + text + "    return " + results + "\n";
    if (!request_.shard.empty()) {
      function += "\n\n" + sharded_function(store_, values_, request_, signature, names);
    }
    std::string helpers;
    for (const std::string& helper : helpers_) helpers += helper + "\n\n";
    return header(helpers + function) + helpers + function;
  }

  std::string header(const std::string& code) const {
    std::string text;
    for (const std::string& line : imports_) text += line + "\n";
    const auto import = [&](const char* module, const char* line) {
      const std::size_t at = code.find(module);
      const bool is_used = at != std::string::npos && (at == 0 || (code[at - 1] != '.' && code[at - 1] != '_'));
      if (is_used) text += std::string(line) + "\n";
    };
    if (is_torch_) return text + "import torch\n\n\n";
    if (request_.target == CodeTarget::jax) {
      import("jax.", "import jax");
      import("jnp.", "import jax.numpy as jnp");
      import("jax.scipy.linalg", "import jax.scipy.linalg");
      import("jax.scipy.special", "import jax.scipy.special");
    } else {
      import("np.", "import numpy as np");
      import("scipy.linalg", "import scipy.linalg");
      import("scipy.special", "import scipy.special");
    }
    return text.empty() ? text : text + "\n\n";
  }

  bool is_torch_;
  std::string np_;
  std::string linalg_;
};

}  // namespace

std::unique_ptr<Target> numpy_target(Store& store, const Values& values, const CodeRequest& request) {
  return std::make_unique<NumpyTarget>(store, values, request);
}

}  // namespace matgrad
