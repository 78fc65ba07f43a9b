// SPDX-License-Identifier: MIT
// An objective and constraints as functions of plain numbers, with gradients: what a solver asks again and again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/parameters.hpp"
#include "engine/relation.hpp"
#include "engine/repeated_evaluation.hpp"
#include "optimise/optimise.hpp"

namespace matgrad {

// body - offset, which is to be zero, at most zero or at least zero.
struct ConstraintBody {
  std::string text;
  double offset = 0;
  RelationSign sign = RelationSign::equal;
};

class SearchFunctions {
 public:
  // `pattern` says how expressions are read, `data` and `parameters` have to stay.
  SearchFunctions(const Parameters& parameters, const std::vector<NamedArray>& data, ComputeRequest pattern);

  // The entries of the unknowns, one array behind the other, where everything reads them.
  std::vector<double>& arrays() { return arrays_; }

  // Errors: those of compute and bind_sizes; an objective that is no scalar; one without an unknown.
  Result<void> set_objective(const std::string& expression);
  Result<void> add_constraint(const ConstraintBody& body, const Scope& names);
  const std::vector<SmoothConstraint>& constraints() const { return constraints_; }

  // Infinite where it is not defined.
  double objective(const double* x, double* gradient);
  // The same by a plan of its own that has no gradient in it.
  double value(const double* x);

 private:
  // A function of the unknowns with its gradients by those that it reads.
  struct Gradients {
    std::unique_ptr<RepeatedEvaluation> evaluation;
    std::vector<std::size_t> unknowns;  // by output, behind the value
  };
  // The rows of a constraint one by one, as sums of its entries times a multiplier.
  struct Rows {
    std::unique_ptr<RepeatedEvaluation> values;
    Gradients slopes;
    std::vector<double> multiplier;
    std::vector<std::size_t> entries;  // the rows: of a symmetric body those below the diagonal say it all
    double offset = 0;
    double sign = 1;
  };

  ComputeRequest question(const std::string& expression) const;
  bool reads_unknown(const std::vector<std::string>& names) const;
  Result<Gradients> with_gradients(ComputeRequest wanted, const std::vector<std::string>& names,
                                   const std::vector<ChangingArray>& changing) const;
  Result<void> make_slopes(Rows& rows, const ConstraintBody& body, const Scope& names);
  bool run_gradients(Gradients& from, const double* x, double* gradient);
  void evaluate(Rows& rows, const double* x, double* values, double* jacobian);

  const Parameters& parameters_;
  const std::vector<NamedArray>& data_;
  ComputeRequest pattern_;
  std::vector<double> arrays_;
  std::vector<double> slopes_;  // by them
  std::vector<ChangingArray> changing_;
  std::unique_ptr<RepeatedEvaluation> value_;
  Gradients objective_;
  bool begun_ = false;
  int indefinite_at_start_ = 0;
  std::vector<std::unique_ptr<Rows>> rows_;
  std::vector<SmoothConstraint> constraints_;
};

}  // namespace matgrad
