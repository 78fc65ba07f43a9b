// SPDX-License-Identifier: MIT
#include "engine/search_functions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/remark.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Type& type_of(const RepeatedEvaluation& evaluation) {
  return evaluation.computation().store().type(evaluation.computation().outputs[0].node);
}

// "vector(n)", of what is multiplied entry by entry with the body of a constraint.
std::string kind_of(const Dims& dims, const Type& type) {
  if (type.is_scalar()) return "scalar";
  if (type.is_column()) return "vector(" + dims.text(type.rows) + ")";
  return "matrix(" + dims.text(type.rows) + "," + dims.text(type.cols) + ")";
}

}  // namespace

SearchFunctions::SearchFunctions(const Parameters& parameters, const std::vector<NamedArray>& data,
                                 ComputeRequest pattern)
    : parameters_(parameters), data_(data), pattern_(std::move(pattern)) {
  arrays_.assign(parameters.array_size(), 0);
  slopes_.assign(parameters.array_size(), 0);
  for (const Parameters::Unknown& u : parameters.unknowns()) {
    changing_.push_back({u.name, u.rows, u.cols, arrays_.data() + u.array});
  }
}

ComputeRequest SearchFunctions::question(const std::string& expression) const {
  ComputeRequest wanted = pattern_;
  wanted.question.expression = expression;
  return wanted;
}

bool SearchFunctions::reads_unknown(const std::vector<std::string>& names) const {
  return std::any_of(parameters_.unknowns().begin(), parameters_.unknowns().end(),
                     [&](const Parameters::Unknown& u) { return contains(names, u.name); });
}

Result<SearchFunctions::Gradients> SearchFunctions::with_gradients(ComputeRequest wanted,
                                                                   const std::vector<std::string>& names,
                                                                   const std::vector<ChangingArray>& changing) const {
  Gradients result;
  std::string variables;
  for (std::size_t i = 0; i < parameters_.unknowns().size(); ++i) {
    const std::string& name = parameters_.unknowns()[i].name;
    if (!contains(names, name)) continue;
    variables += (variables.empty() ? "" : ",") + name;
    result.unknowns.push_back(i);
  }
  wanted.wanted = {Wanted::value, Wanted::gradient};
  wanted.question.wrt = variables;
  auto evaluation = RepeatedEvaluation::make(wanted, data_, changing);
  if (!evaluation) return tl::make_unexpected(evaluation.error());
  result.evaluation = std::move(*evaluation);
  return result;
}

Result<void> SearchFunctions::set_objective(const std::string& expression) {
  auto value = RepeatedEvaluation::make(question(expression), data_, changing_);
  if (!value) return tl::make_unexpected(value.error());
  value_ = std::move(*value);
  const Store& store = value_->computation().store();
  const Type& type = type_of(*value_);
  if (!type.is_scalar()) return failure(Message::objective_is_no_scalar, {shape_text(store, type)});
  const std::vector<std::string> names = value_->computation().names_read();
  if (!reads_unknown(names)) return failure(Message::unknown_not_in_objective, {parameters_.unknowns()[0].name});
  auto gradients = with_gradients(question(expression), names, changing_);
  if (!gradients) return tl::make_unexpected(gradients.error());
  objective_ = std::move(*gradients);
  return {};
}

Result<void> SearchFunctions::add_constraint(const ConstraintBody& body, const Scope& names) {
  auto rows = std::make_unique<Rows>();
  auto values = RepeatedEvaluation::make(question(body.text), data_, changing_);
  if (!values) return tl::make_unexpected(values.error());
  rows->values = std::move(*values);
  if (!reads_unknown(rows->values->computation().names_read())) {
    return failure(Message::unknown_not_in_constraint, {body.text});
  }
  const auto shape = rows->values->output(0);
  const bool is_symmetric = type_of(*rows->values).has(symmetric);
  for (Eigen::Index k = 0; k < shape.size(); ++k) {
    if (!is_symmetric || k % shape.rows() >= k / shape.rows()) rows->entries.push_back(static_cast<std::size_t>(k));
  }
  rows->multiplier.assign(static_cast<std::size_t>(shape.size()), 0);
  rows->offset = body.offset;
  rows->sign = body.sign == RelationSign::at_least ? -1 : 1;
  if (auto made = make_slopes(*rows, body, names); !made) return made;
  SmoothConstraint constraint;
  constraint.rows = rows->entries.size();
  constraint.is_equation = body.sign == RelationSign::equal;
  constraint.evaluate = [this, r = rows.get()](const double* x, double* values_at, double* jacobian) {
    evaluate(*r, x, values_at, jacobian);
  };
  constraints_.push_back(std::move(constraint));
  rows_.push_back(std::move(rows));
  return {};
}

// The gradient of sum(multiplier .* body): with a unit multiplier, a row of the constraint's Jacobian.
Result<void> SearchFunctions::make_slopes(Rows& rows, const ConstraintBody& body, const Scope& names) {
  std::string name = "multiplier";
  while (names.find(name) != nullptr) name += "_";
  const Computation& read = rows.values->computation();
  ComputeRequest wanted = question("sum(" + name + ".*(" + body.text + "))");
  const std::string kind = kind_of(read.store().dims, type_of(*rows.values));
  wanted.question.variables.push_back(std::string(name).append(": ").append(kind));
  std::vector<ChangingArray> changing = changing_;
  const auto shape = rows.values->output(0);
  changing.push_back({name, shape.rows(), shape.cols(), rows.multiplier.data()});
  auto slopes = with_gradients(wanted, read.names_read(), changing);
  if (!slopes) return tl::make_unexpected(slopes.error());
  rows.slopes = std::move(*slopes);
  return {};
}

// Runs what reads the arrays at x, and gathers its gradient by the numbers.
bool SearchFunctions::run_gradients(Gradients& from, const double* x, double* gradient) {
  if (!from.evaluation->run()) return false;
  std::fill(slopes_.begin(), slopes_.end(), 0.0);
  for (std::size_t i = 0; i < from.unknowns.size(); ++i) {
    const auto slope = from.evaluation->output(i + 1);
    std::copy_n(slope.data(), slope.size(), slopes_.data() + parameters_.unknowns()[from.unknowns[i]].array);
  }
  parameters_.gradient(x, slopes_.data(), gradient);
  return true;
}

double SearchFunctions::objective(const double* x, double* gradient) {
  parameters_.to_arrays(x, arrays_.data());
  if (!run_gradients(objective_, x, gradient)) return infinity;
  // A covariance that was positive definite where the search began and is no longer, for its numbers are too close to
  // singular: no value with it can be trusted, and the largest rewards are there.
  const int indefinite = objective_.evaluation->indefinite();
  if (!begun_) indefinite_at_start_ = indefinite;
  begun_ = true;
  if (indefinite > indefinite_at_start_) return infinity;
  const double value = objective_.evaluation->output(0)(0, 0);
  return std::isnan(value) ? infinity : value;
}

double SearchFunctions::value(const double* x) {
  parameters_.to_arrays(x, arrays_.data());
  return value_->run() ? value_->output(0)(0, 0) : infinity;
}

void SearchFunctions::evaluate(Rows& rows, const double* x, double* values, double* jacobian) {
  parameters_.to_arrays(x, arrays_.data());
  const bool is_there = rows.values->run();
  const auto found = rows.values->output(0);
  for (std::size_t i = 0; i < rows.entries.size(); ++i) {
    const std::size_t entry = rows.entries[i];
    values[i] = is_there ? rows.sign * (found.data()[entry] - rows.offset) : infinity;
    if (jacobian == nullptr) continue;
    double* slopes = jacobian + i * parameters_.count();
    rows.multiplier[entry] = rows.sign;
    if (!run_gradients(rows.slopes, x, slopes)) std::fill_n(slopes, parameters_.count(), 0.0);
    rows.multiplier[entry] = 0;
  }
}

}  // namespace matgrad
