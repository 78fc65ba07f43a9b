// SPDX-License-Identifier: MIT
// C++ with Eigen, one header. Columns are VectorXd, rows RowVectorXd. What goes entry by entry is an Eigen array until
// something asks for a matrix again; a text knows which of both it is (CodePiece::is_array).
#include <fmt/format.h>

#include "codegen/target.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

class EigenTarget : public Target {
 public:
  using Target::Target;

  // Solutions are not read entry by entry where they stand.
  bool must_keep(const CodeValue& value) const override {
    return value.form == ValueForm::factorise || value.form == ValueForm::solve || value.form == ValueForm::inverse;
  }
  std::string assign(const std::string& name, ValueId id, const CodePiece& piece) override {
    const CodeValue& value = at(id);
    if (value.form == ValueForm::factorise) return "const " + factor_type(value) + " " + name + "(" + piece.text + ");";
    return (value.form == ValueForm::repeat ? "" : "const ") + type_of(value) + " " + name + " = " + piece.text + ";";
  }
  std::string open_loop(const std::string& index, const CodePiece& first, const CodePiece& last) override {
    return fmt::format("for (Eigen::Index {0} = {1}; {0} <= {2}; ++{0}) {{", index, as_index(first), as_index(last));
  }
  std::string close_loop() override { return "}"; }
  CodePiece zero(const CodeValue& shape) override {
    if (shape.is_scalar()) return {"0.0"};
    return {type_of(shape) + "::Zero(" + sizes(shape) + ")"};
  }
  std::string accumulate(const std::string& name, const CodePiece& term) override {
    return name + " += " + matrix(term).text + ";";
  }
  std::string_view reserved() const override {
    return " alignas auto bool break case catch char class const continue default delete do double else enum explicit "
           "extern false float for friend goto if inline int long mutable namespace new operator private protected "
           "public register return short signed sizeof static struct switch template this throw true try typedef "
           "typename union unsigned using virtual void volatile while and or not xor std Eigen ";
  }
  int first_index() const override { return 0; }
  std::size_t indentation() const override { return 2; }

 protected:
  std::string number_text(double number) const override {
    std::string text = Target::number_text(number);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
  }
  CodePiece dimension_value(Dim dim) override { return {"double(" + dimension(dim).text + ")"}; }
  CodePiece index_value(ValueId id) override { return {"double(" + names[id] + ")"}; }

  CodePiece place(ValueId index) override {
    const CodePiece plain = Target::place(index);
    const bool is_whole = at(index).form == ValueForm::constant || at(index).form == ValueForm::index ||
                          at(index).form == ValueForm::dimension;
    return is_whole ? plain : CodePiece{"Eigen::Index(" + plain.text + ")"};
  }
  static std::string as_index(const CodePiece& piece) {
    const std::string& text = piece.text;
    const bool is_cast = text.compare(0, 7, "double(") == 0 && text.find(')') == text.size() - 1;
    if (is_cast) return text.substr(7, text.size() - 8);
    return ends_with(text, ".0") ? text.substr(0, text.size() - 2) : text;
  }
  static std::string type_of(const CodeValue& value) {
    if (value.is_scalar()) return "double";
    return value.is_column() ? "Eigen::VectorXd" : value.is_row() ? "Eigen::RowVectorXd" : "Eigen::MatrixXd";
  }
  static std::string factor_type(const CodeValue& value) {
    return value.factorisation == Factorisation::cholesky ? "Eigen::LLT<Eigen::MatrixXd>"
                                                          : "Eigen::PartialPivLU<Eigen::MatrixXd>";
  }
  std::string sizes(const CodeValue& shape) {
    if (shape.is_vector()) return dimension(shape.is_column() ? shape.rows : shape.cols).text;
    return dimension(shape.rows).text + ", " + dimension(shape.cols).text;
  }
  static CodePiece matrix(const CodePiece& a) { return a.is_array ? CodePiece{a.within(in_one) + ".matrix()"} : a; }
  static CodePiece array(const CodePiece& a) {
    if (a.is_array) return a;
    if (ends_with(a.text, ".matrix()") && a.precedence == in_one) {
      return {a.text.substr(0, a.text.size() - 9), in_one, true};
    }
    return {a.within(in_one) + ".array()", in_one, true};
  }
  static CodePiece as_array(CodePiece a) {
    a.is_array = true;
    return a;
  }

  // ---------------------------------------------------------------- entry by entry

  // As an array of the result's shape; a number stays one.
  CodePiece placed(const CodeValue& value, std::size_t which) {
    const CodeValue& part = argument(value, which);
    const CodePiece& a = piece(value, which);
    if (part.is_scalar()) return a;
    if (part.same_shape(value)) return array(a);
    return array(repeated(part, matrix(a), value));
  }
  CodePiece repeated(const CodeValue& part, const CodePiece& a, const CodeValue& value) {
    const bool is_column = part.is_column();
    return {a.within(in_one) + ".replicate(" +
            (is_column ? "1, " + dimension(value.cols).text : dimension(value.rows).text + ", 1") + ")"};
  }

  CodePiece entrywise(const CodeValue& value) override {
    if (value.is_scalar()) return of_numbers(value);
    if (value.arguments.size() == 1) return of_one(value);
    if (auto plain = as_matrices(value)) return *plain;
    const CodePiece a = placed(value, 0);
    const CodePiece b = placed(value, 1);
    switch (value.form) {
      case ValueForm::add: return as_array(sum(a, " + ", b));
      case ValueForm::subtract: return as_array(sum(a, " - ", b));
      case ValueForm::divide: return as_array(product(a, " / ", b));
      case ValueForm::multiply: return as_array(product(a, " * ", b));
      default: break;
    }
    if (argument(value, 1).is_scalar()) return {a.within(in_one) + ".pow(" + b.text + ")", in_one, true};
    return {"Eigen::pow(" + a.text + ", " + b.text + ")", in_one, true};
  }

  // Where matrices have the operator themselves.
  std::optional<CodePiece> as_matrices(const CodeValue& value) {
    const CodeValue& left = argument(value, 0);
    const CodeValue& right = argument(value, 1);
    const CodePiece& a = piece(value, 0);
    const CodePiece& b = piece(value, 1);
    const bool is_sum = value.form == ValueForm::add || value.form == ValueForm::subtract;
    if (is_sum && left.same_shape(right) && !a.is_array && !b.is_array) {
      return sum(a, value.form == ValueForm::add ? " + " : " - ", b);
    }
    if (value.form == ValueForm::divide && right.is_scalar()) {
      CodePiece quotient = product(a, " / ", b);
      quotient.is_array = a.is_array;
      return quotient;
    }
    if (value.form != ValueForm::multiply) return std::nullopt;
    if (left.is_scalar() || right.is_scalar()) {
      CodePiece scaled = product(a, " * ", b);
      scaled.is_array = a.is_array || b.is_array;
      return scaled;
    }
    if (left.same_shape(right)) {
      if (a.is_array || b.is_array) return std::nullopt;
      return CodePiece{a.within(in_one) + ".cwiseProduct(" + b.text + ")"};
    }
    // A column goes down the rows, a row along the columns, on whichever side it is written.
    const bool swap = left.is_row() || right.is_column();
    const CodeValue& first = swap ? right : left;
    const CodeValue& second = swap ? left : right;
    CodePiece x = matrix(swap ? b : a);
    CodePiece y = matrix(swap ? a : b);
    if (first.is_matrix()) y = {y.within(in_one) + ".asDiagonal()"};
    if (second.is_matrix()) x = {x.within(in_one) + ".asDiagonal()"};
    return product(x, " * ", y);
  }

  CodePiece of_one(const CodeValue& value) {
    const CodePiece& a = piece(value, 0);
    if (value.form == ValueForm::negate) return {"-" + a.within(in_product), in_negation, a.is_array};
    const char* name = value.form == ValueForm::square       ? ".square()"
                       : value.form == ValueForm::reciprocal ? ".inverse()"
                                                             : ".sqrt()";
    return {array(a).within(in_one) + name, in_one, true};
  }

  CodePiece of_numbers(const CodeValue& value) {
    const CodePiece& a = piece(value, 0);
    switch (value.form) {
      case ValueForm::negate: return {"-" + a.within(in_product), in_negation};
      case ValueForm::square: {
        const bool is_name = a.text.find_first_of(" .(") == std::string::npos;
        return is_name ? product(a, " * ", a) : CodePiece{"std::pow(" + a.text + ", 2)"};
      }
      case ValueForm::reciprocal: return {"1.0 / " + a.within(in_product + 1), in_product};
      case ValueForm::root: return {"std::sqrt(" + a.text + ")"};
      case ValueForm::add: return sum(a, " + ", piece(value, 1));
      case ValueForm::subtract: return sum(a, " - ", piece(value, 1));
      case ValueForm::multiply: return product(a, " * ", piece(value, 1));
      case ValueForm::divide: return product(a, " / ", piece(value, 1));
      default: return {"std::pow(" + a.text + ", " + piece(value, 1).text + ")"};
    }
  }

  CodePiece called(const CodeValue& value, const Spelling* spelling) override {
    if (spelling != nullptr) use(*spelling);
    const std::string name = spelling != nullptr ? spelling->code : std::string(entry_of(value.op).name);
    if (value.is_scalar()) return {(spelling != nullptr ? "" : "std::") + name + "(" + piece(value, 0).text + ")"};
    const std::string a = array(piece(value, 0)).within(in_one);
    return {a + (spelling != nullptr ? ".unaryExpr(" + name + ")" : "." + name + "()"), in_one, true};
  }

  // ---------------------------------------------------------------- arrangement and sums

  static CodePiece turned(const CodePiece& a) {
    if (a.precedence == in_one && ends_with(a.text, ".transpose()")) {
      return {a.text.substr(0, a.text.size() - 12), in_one, a.is_array};
    }
    return {a.within(in_one) + ".transpose()", in_one, a.is_array};
  }

  CodePiece rearranged(const CodeValue& value) override {
    const CodePiece& a = piece(value, 0);
    const std::string from = matrix(a).within(in_one);
    switch (value.form) {
      case ValueForm::transpose: return turned(a);
      case ValueForm::reshape:
        if (value.is_column()) return {from + ".reshaped()"};
        return {from + ".reshaped(" + dimension(value.rows).text + ", " + dimension(value.cols).text + ")"};
      case ValueForm::spread: {
        if (!argument(value, 0).is_scalar()) return repeated(argument(value, 0), matrix(a), value);
        const std::string type = type_of(value) + "::";
        if (a.text == "0.0") return {type + "Zero(" + sizes(value) + ")"};
        if (a.text == "1.0") return {type + "Ones(" + sizes(value) + ")"};
        return {type + "Constant(" + sizes(value) + ", " + a.text + ")"};
      }
      case ValueForm::pick_entry: return {from + "(" + place(value.arguments[1]).text + ")"};
      case ValueForm::pick_rows:
        return {from + ".middleRows(" + dimension(value.dim).text + ", " + dimension(value.rows).text + ")"};
      default:
        return {from + (value.form == ValueForm::pick_row ? ".row(" : ".col(") + place(value.arguments[1]).text + ")"};
    }
  }

  CodePiece reduced(const CodeValue& value) override {
    const CodePiece& a = piece(value, 0);
    switch (value.form) {
      case ValueForm::total: return {a.within(in_one) + ".sum()"};
      case ValueForm::row_totals: return {matrix(a).within(in_one) + ".rowwise().sum()"};
      case ValueForm::column_totals: return {matrix(a).within(in_one) + ".colwise().sum()"};
      case ValueForm::product: return product(matrix(a), " * ", matrix(piece(value, 1)));
      default: break;
    }
    if (value.arguments[0] == value.arguments[1]) return {matrix(a).within(in_one) + ".squaredNorm()"};
    return {matrix(a).within(in_one) + ".dot(" + matrix(piece(value, 1)).text + ")"};
  }

  CodePiece diagonal(const CodeValue& value) override {
    return {"Eigen::MatrixXd(" + matrix(piece(value, 0)).within(in_one) + ".asDiagonal())"};
  }

  // ---------------------------------------------------------------- factorisations

  // What has the member solve().
  std::string solver(const CodeValue& value, bool transposed) const {
    const CodePiece a = matrix(piece(value, 0));
    const bool is_lower = value.factorisation == Factorisation::lower_triangular;
    if (value.is_direct) return (transposed ? turned(a) : a).within(in_one) + ".partialPivLu()";
    if (value.factorisation == Factorisation::cholesky) return a.text;
    if (value.factorisation == Factorisation::lu) return a.text + (transposed ? ".transpose()" : "");
    return (transposed ? turned(a) : a).within(in_one) +
           ".triangularView<Eigen::" + (is_lower != transposed ? "Lower" : "Upper") + ">()";
  }

  CodePiece factored(const CodeValue& value) override {
    CodePiece a = matrix(piece(value, 0));
    switch (value.form) {
      case ValueForm::factorise: return a;
      case ValueForm::solve: {
        const CodePiece other = matrix(piece(value, 1));
        if (!value.from_right) return {solver(value, value.transposed) + ".solve(" + other.text + ")"};
        return {"Eigen::MatrixXd(" + solver(value, !value.transposed) + ".solve(" + turned(other).text +
                ")).transpose()"};
      }
      case ValueForm::inverse: {
        if (value.is_direct) return {(value.transposed ? turned(a) : a).within(in_one) + ".inverse()"};
        const std::string size = dimension(value.rows).text;
        return {solver(value, value.transposed) + ".solve(Eigen::MatrixXd::Identity(" + size + ", " + size + "))"};
      }
      default: return determinant(value, a);
    }
  }

  static CodePiece determinant(const CodeValue& value, const CodePiece& a) {
    const bool is_log = value.form == ValueForm::log_determinant;
    if (value.factorisation == Factorisation::cholesky) {
      const std::string entries = a.text + ".matrixLLT().diagonal()";
      if (is_log) return {"2.0 * " + entries + ".array().log().sum()", in_product};
      return {"std::pow(" + entries + ".prod(), 2)"};
    }
    if (value.factorisation == Factorisation::lu) {
      if (!is_log) return {a.within(in_one) + ".determinant()"};
      const std::string factors = a.within(in_one) + (value.is_direct ? ".partialPivLu()" : "");
      return {factors + ".matrixLU().diagonal().array().abs().log().sum()"};
    }
    const std::string entries = a.within(in_one) + ".diagonal()";
    return {entries + (is_log ? ".array().abs().log().sum()" : ".prod()")};
  }

  // ---------------------------------------------------------------- other operators

  CodePiece applied(const CodeValue& value, const Spelling* spelling) override {
    use(*spelling);
    std::vector<CodePiece> arguments;
    for (std::size_t i = 0; i < value.arguments.size(); ++i) {
      const CodeValue& part = argument(value, i);
      const CodePiece& a = piece(value, i);
      if (part.is_integer && part.is_literal) {
        arguments.push_back({as_index(a), a.precedence});
      } else if (spelling->as_matrix && part.is_matrix() && a.text.find_first_of(" (") != std::string::npos) {
        arguments.push_back({"Eigen::MatrixXd(" + matrix(a).text + ")"});
      } else {
        arguments.push_back(matrix(a));
      }
    }
    return {filled(spelling->code, value, arguments)};
  }

  CodePiece blocks(const CodeValue& value) override {
    std::string parts;
    for (std::size_t i = 1; i < value.arguments.size(); ++i) {
      parts += (i == 1 ? "" : ", ") + matrix(piece(value, i)).text;
    }
    return {"(" + type_of(value) + "(" + sizes(value) + ") << " + parts + ").finished()"};
  }

  // ---------------------------------------------------------------- the function

  static std::string shape_text(const CodeValue& value, const std::string& rows, const std::string& cols) {
    if (value.is_scalar()) return "double";
    if (value.is_vector()) return type_of(value).substr(7) + " (" + (value.is_column() ? rows : cols) + ")";
    return "MatrixXd (" + rows + ", " + cols + ")";
  }

  std::string complete(const CodeFunction& function, const std::vector<std::string>& body) override {
    const std::string statements = body_of(function, body);
    std::string helpers;
    for (const std::string& helper : helpers_) helpers += indented(helper);
    std::string parameters;
    auto add = [&](const std::string& text) { parameters += (parameters.empty() ? "" : ", ") + text; };
    for (ValueId id : function.arguments) {
      add((at(id).is_scalar() ? "double " : "const " + type_of(at(id)) + "& ") + names[id]);
    }
    for (const std::string& extra : function.extra) {
      const bool is_used = statements.find(extra) != std::string::npos;
      add(is_used ? "Eigen::Index " + extra : "Eigen::Index /*" + extra + "*/");
    }
    std::string types;
    for (const CodeFunction::Output& output : function.outputs) {
      types += (types.empty() ? "" : ", ") + type_of(at(output.value));
    }
    if (types.size() + parameters.size() > 90) {
      for (std::size_t i = parameters.find(", "); i != std::string::npos; i = parameters.find(", ", i + 1)) {
        parameters.replace(i, 2, ",\n    ");
      }
    }
    const bool is_one = function.outputs.size() == 1;
    const std::string description = comments(
        described(function,
                  [this](const CodeValue& v) { return shape_text(v, dimension(v.rows).text, dimension(v.cols).text); }),
        "//");
    const std::string text = description + "inline " + (is_one ? types : "std::tuple<" + types + ">") + " " +
                             function.name + "(" + parameters + ") {\n" + helpers + statements + "}\n";
    std::string includes = "#pragma once\n\n#include <Eigen/Dense>\n";
    if (text.find("std::") != std::string::npos) includes += "#include <cmath>\n";
    if (!is_one) includes += "#include <tuple>\n";
    for (const std::string& line : imports_) includes += line + "\n";
    return includes + "\n" + text;
  }

  std::string body_of(const CodeFunction& function, const std::vector<std::string>& body) {
    std::string text;
    std::string results;
    for (const std::string& line : body) text += "  " + line + "\n";
    for (const CodeFunction::Output& output : function.outputs) {
      if (output.piece.text != output.name) {
        text += "  const " + type_of(at(output.value)) + " " + output.name + " = " + output.piece.text + ";\n";
      }
      results += (results.empty() ? "" : ", ") + output.name;
    }
    std::string shapes;
    for (const Reading& reading : readings()) {
      const std::string& from = names[reading.argument];
      if (!reading.rows.empty()) shapes += "  const Eigen::Index " + reading.rows + " = " + from + ".rows();\n";
      if (!reading.cols.empty()) shapes += "  const Eigen::Index " + reading.cols + " = " + from + ".cols();\n";
    }
    const bool is_one = function.outputs.size() == 1;
    return shapes + text + "  return " + (is_one ? results : "{" + results + "}") + ";\n";
  }

  static std::string indented(const std::string& text) {
    std::string result = "  ";
    for (char c : text) result += c == '\n' ? std::string("\n  ") : std::string(1, c);
    return result + "\n";
  }
};

}  // namespace

std::unique_ptr<Target> eigen_target(Store& store, const Values& values, const CodeRequest& request) {
  return std::make_unique<EigenTarget>(store, values, request);
}

}  // namespace matgrad
