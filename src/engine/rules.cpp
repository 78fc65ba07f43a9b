// SPDX-License-Identifier: MIT
#include "engine/rules.hpp"

#include <algorithm>

#include "calculus/differential.hpp"
#include "calculus/structured.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"
#include "simplify/simplify.hpp"
#include "syntax/build_forest.hpp"
#include "syntax/spelling.hpp"

namespace matgrad {
namespace {

bool has_rules(OpId op) {
  const Operator& entry = entry_of(op);
  return entry.written[0] != '\0' || !OperatorTable::get().signature(op).arguments.empty();
}

// Derives one rule: its parts are added to the store that the rule owns.
class Deriver {
 public:
  explicit Deriver(OperatorRule& rule)
      : rule_(rule), store_(*rule.store), build_(store_), simplify_(build_), open_(build_, Sums::open) {}

  void run() {
    const NodeList arguments = entry_of(rule_.op).structural ? read_as_written() : apply_to_symbols();
    const Type type = store_.type(rule_.expression);
    rule_.upstream = symbol("G", {type.rows, type.cols, 0}, Symbol::Role::variable);
    for (NodeId argument : arguments) rule_.by.push_back(by(argument));
    rule_.expression = simplify_(rule_.expression);
  }

 private:
  NodeId symbol(std::string name, const Type& type, Symbol::Role role) {
    return build_.symbol(store_.add_symbol({std::move(name), type, role}));
  }

  NodeList read_as_written() {
    const Operator& entry = entry_of(rule_.op);
    Scope scope(store_);
    const auto tree = parse(entry.written);
    MATGRAD_ASSERT(tree.has_value());
    const auto elaborated = elaborate(scope, *tree);
    MATGRAD_ASSERT(elaborated.has_value() && store_[elaborated->root].op == rule_.op);
    rule_.written = entry.written;
    rule_.expression = elaborated->root;
    NodeList arguments;
    for (const Variable& variable : scope.variables()) arguments.push_back(variable.node);
    return arguments;
  }

  Dim size(const SignatureDim& dim) {
    Letters letters;
    for (const SignatureDim::Term& term : dim.terms) {
      for (char letter : term.letters) letters.bind(letter, store_.dims.name(std::string_view(&letter, 1)));
    }
    return evaluate(store_.dims, dim, letters);
  }

  // Matrices are A, B, …, vectors x, y, …, scalars a, b, …; sizes are called as the signature does.
  NodeList apply_to_symbols() {
    const Operator& entry = entry_of(rule_.op);
    NodeList arguments;
    rule_.written = std::string(entry.name).append("(");
    for (const SignatureShape& shape : OperatorTable::get().signature(rule_.op).arguments) {
      const Properties declared = arguments.empty() ? closed(entry.needs) : Properties(0);
      const Type type{size(shape.rows), size(shape.cols), declared};
      const char first = type.is_scalar() ? 'a' : type.is_vector() ? 'x' : 'A';
      const std::string name(1, static_cast<char>(first + arguments.size()));
      rule_.written.append(arguments.empty() ? "" : ", ").append(name);
      arguments.push_back(symbol(name, type, Symbol::Role::variable));
    }
    rule_.written += ")";
    rule_.expression = call_or_expand(build_, rule_.op, arguments);
    if (!rule_.is_abbreviation()) rule_.written = to_text(store_, rule_.expression);
    return arguments;
  }

  RuleByArgument by(NodeId argument) {
    RuleByArgument result;
    result.argument = argument;
    const std::string name = store_.symbol_at(store_[argument].first).name;
    result.hole = symbol("d" + name, store_.type(argument), Symbol::Role::differential);
    const NodeId expression = simplify_(rule_.expression);
    const auto differential = matgrad::differential(build_, expression, argument, result.hole);
    if (!differential) {
      result.refusal = differential.error();
      return result;
    }
    result.differential = simplify_(*differential);
    const auto gradient = adjoint(build_, expression, argument, rule_.upstream);
    MATGRAD_ASSERT(gradient.has_value());
    const Properties structure = linear_structure(store_.type(argument).properties);
    result.gradient = simplify_(projected_gradient(build_, open_(*gradient), structure, SymmetricGradient::projected));
    const auto matrix = matrix_over_vec(build_, open_(*differential), result.hole);
    MATGRAD_ASSERT(matrix.has_value());
    const Dim rows = store_.type(argument).rows;
    result.jacobian = simplify_(projected_jacobian(build_, open_(*matrix), rows, structure));
    return result;
  }

  OperatorRule& rule_;
  Store& store_;
  Build build_;
  Simplifier simplify_;
  Simplifier open_;
};

}  // namespace

OperatorRule rule_of(OpId op) {
  OperatorRule rule;
  rule.store = std::make_unique<Store>();
  rule.op = op;
  Deriver(rule).run();
  return rule;
}

Result<std::vector<OpId>> operators_with_rules(std::string_view name) {
  const OperatorTable& table = OperatorTable::get();
  std::vector<OpId> all;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const OpId op{static_cast<std::uint16_t>(i)};
    if (has_rules(op)) all.push_back(op);
  }
  if (name.empty()) return all;
  std::vector<OpId> called;
  for (OpId op : table.named(name)) {
    if (has_rules(op)) called.push_back(op);
  }
  if (!called.empty()) return called;
  std::vector<std::string_view> names;
  for (std::string_view known : table.names()) {
    const auto named = table.named(known);
    if (std::any_of(named.begin(), named.end(), has_rules)) names.push_back(known);
  }
  Diagnostic diagnostic;
  diagnostic.message = Message::no_such_operator;
  diagnostic.arguments = {std::string(name)};
  if (const std::string nearest = nearest_name(name, names); !nearest.empty()) {
    diagnostic.message = Message::no_such_operator_near;
    diagnostic.arguments.push_back(nearest);
  }
  return failure(std::move(diagnostic));
}

}  // namespace matgrad
