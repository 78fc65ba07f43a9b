// SPDX-License-Identifier: MIT
// A target language: how a value is written where its arguments are written already, and what stands around them. The
// walk (emit.cpp) decides the order and what becomes a variable, and knows no language.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "codegen/emit.hpp"
#include "codegen/values.hpp"
#include "ops/operator.hpp"

namespace matgrad {

// How tightly a text holds together, in all of the languages: a*b may stand in a sum without brackets.
enum Precedence : int { in_sum = 50, in_negation = 55, in_product = 60, in_power = 80, in_one = 100 };

struct CodePiece {
  std::string text;
  int precedence = in_one;
  bool is_array = false;  // C++: an Eigen array, whose operators go entry by entry

  // In brackets, where it would fall apart beside an operator of this strength.
  std::string within(int strength) const { return precedence >= strength ? text : "(" + text + ")"; }
};

// A function as the code around it sees it.
struct CodeFunction {
  std::string name;
  std::vector<ValueId> arguments;
  std::vector<std::string> extra;  // dimensions that no argument shows
  struct Output {
    std::string name;
    ValueId value = 0;
    std::string formula;
    CodePiece piece;
  };
  std::vector<Output> outputs;
};

class Target {
 public:
  Target(Store& store, const Values& values, const CodeRequest& request);
  virtual ~Target() = default;

  CodePiece write(ValueId id);  // its text; its arguments have theirs
  virtual bool must_keep(const CodeValue& value) const { return value.form == ValueForm::factorise; }
  virtual std::string assign(const std::string& name, ValueId id, const CodePiece& piece) = 0;
  virtual std::string open_loop(const std::string& index, const CodePiece& first, const CodePiece& last) = 0;
  virtual std::string close_loop() = 0;  // empty where the indentation says it
  virtual CodePiece zero(const CodeValue& shape) = 0;
  // What `name = name + term` is called in the language.
  virtual std::string accumulate(const std::string& name, const CodePiece& term) = 0;
  virtual std::string complete(const CodeFunction& signature, const std::vector<std::string>& body) = 0;
  virtual std::string_view reserved() const = 0;  // words between blanks
  virtual int first_index() const = 0;            // of an array
  virtual std::size_t indentation() const { return 4; }

  std::vector<CodePiece> pieces;   // by value
  std::vector<std::string> names;  // by value: of arguments, loop indices and what was kept; empty otherwise
  std::map<Atom, std::string> dimensions;
  std::set<Atom> needed;  // dimensions that were written
  Diagnostics refusals;

 protected:
  const CodeValue& at(ValueId id) const { return values_[id]; }
  const CodePiece& piece(const CodeValue& value, std::size_t argument) const {
    return pieces[value.arguments[argument]];
  }
  const CodeValue& argument(const CodeValue& value, std::size_t which) const { return at(value.arguments[which]); }

  virtual CodePiece entrywise(const CodeValue& value) = 0;
  virtual CodePiece called(const CodeValue& value, const Spelling* spelling) = 0;
  virtual CodePiece rearranged(const CodeValue& value) = 0;  // transpose, reshape, spread, pick
  virtual CodePiece reduced(const CodeValue& value) = 0;     // product, inner and totals
  virtual CodePiece factored(const CodeValue& value) = 0;    // factorise … log_determinant
  virtual CodePiece applied(const CodeValue& value, const Spelling* spelling) = 0;
  virtual CodePiece blocks(const CodeValue& value) = 0;
  virtual CodePiece diagonal(const CodeValue& value) = 0;

  virtual std::string integer_division() const { return " / "; }
  virtual CodePiece dimension_value(Dim dim) { return dimension(dim); }
  virtual CodePiece index_value(ValueId id) { return {names[id]}; }
  virtual std::string number_text(double number) const;
  CodePiece number(double value) const;
  CodePiece dimension(Dim dim);
  // The entry's text for this target, with arguments and the shape of the result put in.
  std::string filled(std::string_view text, const CodeValue& value, const std::vector<CodePiece>& arguments);
  virtual std::string word(std::string_view placeholder) const { return std::string(placeholder); }
  const Spelling* spelling(OpId op) const;
  void use(const Spelling& spelling);
  static std::string comments(const std::vector<std::string>& lines, const std::string& sign);
  static CodePiece sum(const CodePiece& a, const char* sign, const CodePiece& b);
  static CodePiece product(const CodePiece& a, const char* sign, const CodePiece& b);
  // The place that an index counts, from first_index() on.
  virtual CodePiece place(ValueId index);

  // "m, n" read off the arguments, in the order of the arguments; and what is left.
  struct Reading {
    ValueId argument = 0;
    std::string rows;  // the name that its number of rows gets; empty: not needed from here
    std::string cols;
  };
  std::vector<Reading> readings();
  // What the function computes, its arguments and results, line by line.
  std::vector<std::string> described(const CodeFunction& signature,
                                     const std::function<std::string(const CodeValue&)>& shape);

  Store& store_;
  const Values& values_;
  const CodeRequest& request_;
  std::vector<std::string> helpers_;  // functions that are written in front, in order of use
  std::set<std::string> imports_;
};

// The dimensions that some argument shows, by their names.
std::set<Atom> readable_dimensions(const Store& store, const Values& values);

std::unique_ptr<Target> numpy_target(Store& store, const Values& values, const CodeRequest& request);
std::unique_ptr<Target> eigen_target(Store& store, const Values& values, const CodeRequest& request);
std::unique_ptr<Target> matlab_target(Store& store, const Values& values, const CodeRequest& request);

}  // namespace matgrad
