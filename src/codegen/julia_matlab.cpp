// SPDX-License-Identifier: MIT
// MATLAB, with what Octave has as well, and Julia. In MATLAB columns are n×1 and rows 1×n; in Julia columns are vectors
// and rows are what x' is. Where the two differ, the difference is stated at the call.
#include <fmt/format.h>

#include "codegen/target.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

// Functions of the languages themselves, however matgrad calls its own.
namespace fn {
constexpr const char* sum = "sum";        // not an operator
constexpr const char* diag = "diag";      // not an operator
constexpr const char* vec = "vec";        // not an operator
constexpr const char* dot = "dot";        // not an operator
constexpr const char* chol = "chol";      // not an operator
constexpr const char* inv = "inv";        // not an operator
constexpr const char* logdet = "logdet";  // not an operator
constexpr const char* det = "det";        // not an operator
}  // namespace fn

class MatlabTarget : public Target {
 public:
  MatlabTarget(Store& store, const Values& values, const CodeRequest& request)
      : Target(store, values, request), is_julia_(request.target == CodeTarget::julia), end_(is_julia_ ? "" : ";") {}

  // MATLAB indexes nothing but variables.
  bool must_keep(const CodeValue& value) const override {
    const bool is_named = value.form == ValueForm::argument || value.form == ValueForm::index;
    return value.form == ValueForm::factorise || (!is_julia_ && value.is_indexed && !is_named);
  }
  std::string assign(const std::string& name, ValueId id, const CodePiece& piece) override {
    const CodeValue& value = at(id);
    const bool has_parts = value.form == ValueForm::factorise && value.factorisation == Factorisation::lu && !is_julia_;
    if (has_parts) return fmt::format("[{0}.L, {0}.U, {0}.P] = {1};", name, piece.text);
    return name + " = " + piece.text + end_;
  }
  std::string open_loop(const std::string& index, const CodePiece& first, const CodePiece& last) override {
    const std::string range = first.within(in_sum + 1) + ":" + last.within(in_sum + 1);
    return "for " + index + (is_julia_ ? " in " : " = ") + range;
  }
  std::string close_loop() override { return "end"; }
  CodePiece zero(const CodeValue& shape) override {
    return {shape.is_scalar() ? (is_julia_ ? "0.0" : "0") : "zeros(" + sizes(shape) + ")"};
  }
  std::string accumulate(const std::string& name, const CodePiece& term) override {
    return name + " = " + name + " + " + term.within(in_sum + 1) + end_;
  }
  std::string_view reserved() const override {
    return " break case catch classdef continue else elseif end for function global if otherwise parfor persistent "
           "return spmd switch try while until do unwind_protect begin baremodule const export finally import let "
           "local macro module quote struct using true false nothing I in isa where abstract mutable primitive type "
           "sum diag eye inv det chol lu svd kron size zeros ones exp log sqrt abs reshape repmat repeat fill vec dot "
           "lower upper trace tr rank pinv cross max min prod pi ";
  }
  int first_index() const override { return 1; }

 protected:
  std::string integer_division() const override { return is_julia_ ? " ÷ " : " / "; }
  static std::string call(const std::string& name, const std::string& arguments) {
    return name + "(" + arguments + ")";
  }
  std::string sizes(const CodeValue& shape) {
    if (is_julia_ && shape.is_column()) return dimension(shape.rows).text;
    return dimension(shape.rows).text + ", " + dimension(shape.cols).text;
  }

  // ---------------------------------------------------------------- entry by entry

  CodePiece entrywise(const CodeValue& value) override {
    const CodePiece& a = piece(value, 0);
    const bool is_scalar = value.is_scalar();
    const std::string dot = is_scalar ? "" : ".";
    const std::string power = is_scalar ? "^" : is_julia_ ? " .^ " : ".^";
    switch (value.form) {
      case ValueForm::negate: return {"-" + a.within(in_product), in_negation};
      case ValueForm::square: return {a.within(in_power + 1) + power + "2", in_power};
      case ValueForm::reciprocal: return {"1 " + dot + "/ " + a.within(in_product + 1), in_product};
      case ValueForm::root: return {call(is_julia_ && !is_scalar ? "sqrt." : "sqrt", a.text)};
      case ValueForm::add: return sum(a, joint(value, "+").c_str(), piece(value, 1));
      case ValueForm::subtract: return sum(a, joint(value, "-").c_str(), piece(value, 1));
      case ValueForm::power: return {a.within(in_power + 1) + power + piece(value, 1).within(in_one), in_power};
      default: break;
    }
    const CodePiece& b = piece(value, 1);
    if (value.form == ValueForm::divide) return product(a, argument(value, 1).is_scalar() ? " / " : " ./ ", b);
    const bool has_scalar = argument(value, 0).is_scalar() || argument(value, 1).is_scalar();
    const bool is_outer = argument(value, 0).is_column() && argument(value, 1).is_row();
    return product(a, has_scalar || is_outer ? " * " : " .* ", b);
  }
  // Julia adds arrays of one shape only, unless told to go entry by entry.
  std::string joint(const CodeValue& value, const std::string& sign) const {
    const bool same = argument(value, 0).same_shape(argument(value, 1));
    return is_julia_ && !same ? " ." + sign + " " : " " + sign + " ";
  }

  CodePiece called(const CodeValue& value, const Spelling* spelling) override {
    if (spelling != nullptr) use(*spelling);
    const CodePiece& a = piece(value, 0);
    const std::string name(spelling != nullptr ? spelling->code : entry_of(value.op).name);
    if (is_julia_) return {call(name + (value.is_scalar() ? "" : "."), a.text)};
    return {spelling != nullptr ? filled(name, value, {a}) : call(name, a.text)};
  }

  // ---------------------------------------------------------------- arrangement and sums

  CodePiece turned(const CodePiece& a, bool is_row = false) const {
    const std::string& text = a.text;
    if (a.precedence == in_one && text.size() > 1 && text.back() == '\'') return {text.substr(0, text.size() - 1)};
    if (is_julia_ && is_row) return {call(fn::vec, text)};
    return {a.within(in_one) + "'"};
  }

  CodePiece rearranged(const CodeValue& value) override {
    const CodePiece& a = piece(value, 0);
    const auto place_text = [&] { return place(value.arguments[1]).text; };
    switch (value.form) {
      case ValueForm::transpose: return turned(a, argument(value, 0).is_row());
      case ValueForm::reshape:
        if (is_julia_ && value.is_column()) return {call(fn::vec, a.text)};
        return {call("reshape", a.text + ", " + sizes(value))};
      case ValueForm::spread: return spread(value);
      default: break;
    }
    const std::string array = a.within(in_one);
    if (value.form == ValueForm::pick_rows)
      return {array + (is_julia_ ? "[" + rows_of(value) + "]" : "(" + rows_of(value) + ")")};
    const std::string i = place_text();
    const std::string at = value.form == ValueForm::pick_entry    ? i
                           : value.form == ValueForm::pick_column ? ":, " + i
                           : is_julia_                            ? "[" + i + "], :"
                                                                  : i + ", :";
    return {array + (is_julia_ ? "[" : "(") + at + (is_julia_ ? "]" : ")")};
  }
  std::string rows_of(const CodeValue& value) {
    const std::string first = dimension(store_.dims.add(value.dim, dim_one)).text;
    const std::string last = dimension(store_.dims.add(value.dim, value.rows)).text;
    if (argument(value, 0).is_column()) return first + ":" + last;
    if (value.rows == dim_one) return is_julia_ ? "[" + first + "], :" : first + ", :";
    return first + ":" + last + ", :";
  }
  CodePiece spread(const CodeValue& value) {
    const CodeValue& from = argument(value, 0);
    const CodePiece& a = piece(value, 0);
    if (from.is_column()) return {call(is_julia_ ? "repeat" : "repmat", a.text + ", 1, " + dimension(value.cols).text)};
    if (from.is_row()) {
      return {call(is_julia_ ? "repeat" : "repmat", a.text + ", " + dimension(value.rows).text + ", 1")};
    }
    if (a.text == "0") return {call("zeros", sizes(value))};
    if (a.text == "1") return {call("ones", sizes(value))};
    return product(a, " * ", {call("ones", sizes(value))});
  }

  CodePiece reduced(const CodeValue& value) override {
    const CodePiece& a = piece(value, 0);
    const CodeValue& from = argument(value, 0);
    switch (value.form) {
      case ValueForm::total:
        return {from.is_vector() || is_julia_ ? call(fn::sum, a.text) : call(fn::sum, call(fn::sum, a.text))};
      case ValueForm::row_totals:
        return {is_julia_ ? call(fn::vec, call(fn::sum, a.text + ", dims=2")) : call(fn::sum, a.text + ", 2")};
      case ValueForm::column_totals: return {call(fn::sum, a.text + (is_julia_ ? ", dims=1" : ", 1"))};
      case ValueForm::product: return product(a, " * ", piece(value, 1));
      default: break;
    }
    const CodePiece& b = piece(value, 1);
    if (is_julia_) return {call(fn::dot, a.text + ", " + b.text)};
    const CodePiece row = from.is_row() ? a : turned(a);
    return product(row, " * ", argument(value, 1).is_row() ? turned(b) : b);
  }

  CodePiece diagonal(const CodeValue& value) override {
    return {call(is_julia_ ? "Diagonal" : fn::diag, piece(value, 0).text)};
  }

  // ---------------------------------------------------------------- factorisations

  CodePiece factored(const CodeValue& value) override {
    const CodePiece& a = piece(value, 0);
    const bool is_cholesky = value.factorisation == Factorisation::cholesky;
    switch (value.form) {
      case ValueForm::factorise:
        if (is_julia_) return {is_cholesky ? "cholesky(Symmetric(" + a.text + "))" : call("lu", a.text)};
        return {is_cholesky ? call(fn::chol, a.text + ", 'lower'") : call("lu", a.text)};
      case ValueForm::solve: {
        const CodeValue& other = argument(value, 1);
        if (!value.from_right) return solved(value, value.transposed, piece(value, 1));
        return turned(solved(value, !value.transposed, turned(piece(value, 1), other.is_row())));
      }
      case ValueForm::inverse: {
        const bool has_inverse = is_julia_ || value.is_direct || is_triangular(value);
        if (has_inverse) return value.transposed ? turned({call(fn::inv, a.text)}) : CodePiece{call(fn::inv, a.text)};
        return solved(value, value.transposed, {call("eye", dimension(value.rows).text)});
      }
      default: return determinant(value);
    }
  }
  static bool is_triangular(const CodeValue& value) {
    return value.factorisation == Factorisation::lower_triangular ||
           value.factorisation == Factorisation::upper_triangular;
  }
  static CodePiece divided(const CodePiece& matrix, const CodePiece& other) { return product(matrix, " \\ ", other); }

  CodePiece solved(const CodeValue& value, bool transposed, const CodePiece& other) const {
    const CodePiece& a = piece(value, 0);
    if (is_julia_ && is_triangular(value)) {
      const bool is_lower = value.factorisation == Factorisation::lower_triangular;
      const CodePiece triangle{call(is_lower ? "LowerTriangular" : "UpperTriangular", a.text)};
      return divided(transposed ? turned(triangle) : triangle, other);
    }
    const bool is_cholesky = value.factorisation == Factorisation::cholesky;
    if (is_julia_ || value.is_direct || is_triangular(value)) {
      return divided(transposed && !is_cholesky ? turned(a) : a, other);
    }
    if (is_cholesky) return divided(turned(a), divided(a, other));
    const CodePiece l{a.text + ".L"};
    const CodePiece u{a.text + ".U"};
    const CodePiece p{a.text + ".P"};
    if (!transposed) return divided(u, divided(l, product(p, " * ", other)));
    return product(turned(p), " * ", divided(turned(l), divided(turned(u), other)));
  }

  CodePiece determinant(const CodeValue& value) const {
    const CodePiece& a = piece(value, 0);
    const bool is_log = value.form == ValueForm::log_determinant;
    const bool is_cholesky = value.factorisation == Factorisation::cholesky;
    if (is_julia_)
      return {is_log ? (is_cholesky ? call(fn::logdet, a.text) : call("logabsdet", a.text) + "[1]")
                     : call(fn::det, a.text)};
    if (is_cholesky && is_log) return {"2 * sum(log(diag(" + a.text + ")))", in_product};
    if (is_cholesky) return {"prod(diag(" + a.text + "))^2", in_power};
    const bool has_parts = value.factorisation == Factorisation::lu && !value.is_direct;
    const std::string factors = has_parts ? a.text + ".U" : is_triangular(value) ? a.text : call("lu", a.text);
    if (is_log) return {"sum(log(abs(diag(" + factors + "))))"};
    if (has_parts) return {"det(" + a.text + ".P) * prod(diag(" + factors + "))", in_product};
    return {is_triangular(value) ? "prod(diag(" + a.text + "))" : call(fn::det, a.text)};
  }

  // ---------------------------------------------------------------- other operators

  CodePiece applied(const CodeValue& value, const Spelling* spelling) override {
    use(*spelling);
    std::vector<CodePiece> arguments;
    for (ValueId id : value.arguments) arguments.push_back(pieces[id]);
    return {filled(spelling->code, value, arguments)};
  }

  CodePiece blocks(const CodeValue& value) override {
    const auto columns = static_cast<std::size_t>(argument(value, 0).number);
    std::string text;
    for (std::size_t i = 1; i < value.arguments.size(); ++i) {
      const bool begins = (i - 1) % columns == 0;
      text += i == 1 ? "" : begins ? "; " : is_julia_ ? " " : ", ";
      text += is_julia_ ? piece(value, i).within(in_one) : piece(value, i).text;
    }
    return {"[" + text + "]"};
  }

  // ---------------------------------------------------------------- the function

  std::string shape_text(const CodeValue& value) {
    if (value.is_scalar()) return is_julia_ ? "number" : "1×1";
    if (is_julia_ && value.is_column()) return "vector (" + dimension(value.rows).text + ")";
    return dimension(value.rows).within(in_one) + "×" + dimension(value.cols).within(in_one);
  }

  std::string shapes() {
    std::string text;
    for (const Reading& reading : readings()) {
      const std::string& from = names[reading.argument];
      if (!reading.rows.empty() && !reading.cols.empty()) {
        const std::string both = reading.rows + ", " + reading.cols;
        const std::string sizes = is_julia_ ? both : fmt::format("[{}]", both);
        text += fmt::format("    {} = size({}){}\n", sizes, from, end_);
        continue;
      }
      const bool second = reading.rows.empty();
      text += "    " + (second ? reading.cols : reading.rows) + " = size(" + from + (second ? ", 2)" : ", 1)") + end_ +
              "\n";
    }
    return text;
  }

  std::string complete(const CodeFunction& function, const std::vector<std::string>& body) override {
    std::string text;
    std::string results;
    std::string parameters;
    for (const std::string& line : body) text += "    " + line + "\n";
    for (const CodeFunction::Output& output : function.outputs) {
      if (output.piece.text != output.name) text += "    " + output.name + " = " + output.piece.text + end_ + "\n";
      results += (results.empty() ? "" : ", ") + output.name;
    }
    for (ValueId id : function.arguments) parameters += (parameters.empty() ? "" : ", ") + names[id];
    for (const std::string& extra : function.extra) parameters += (parameters.empty() ? "" : ", ") + extra;
    text = shapes() + text;
    const auto lines = described(function, [this](const CodeValue& value) { return shape_text(value); });
    std::string helpers;
    for (const std::string& helper : helpers_) helpers += is_julia_ ? helper + "\n\n" : "\n" + helper + "\n";
    if (!is_julia_) {
      const bool is_one = function.outputs.size() == 1;
      return "function " + (is_one ? results : "[" + results + "]") + " = " + function.name + "(" + parameters + ")\n" +
             comments(lines, "%") + text + "end\n" + helpers;
    }
    std::string imports = "using LinearAlgebra\n";
    for (const std::string& line : imports_) imports += line + "\n";
    return imports + "\n" + helpers + "\"\"\"\n" + comments(lines, "   ") + "\"\"\"\nfunction " + function.name + "(" +
           parameters + ")\n" + text + "    return " + results + "\nend\n";
  }

  bool is_julia_;
  std::string end_;
};

}  // namespace

std::unique_ptr<Target> matlab_target(Store& store, const Values& values, const CodeRequest& request) {
  return std::make_unique<MatlabTarget>(store, values, request);
}

}  // namespace matgrad
