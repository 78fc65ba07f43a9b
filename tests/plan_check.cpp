// SPDX-License-Identifier: MIT
#include "plan_check.hpp"

#include <fmt/format.h>

#include <cmath>
#include <random>

#include "base/factorisations.hpp"
#include "expr/walk.hpp"
#include "ops/table.hpp"
#include "plan/lower.hpp"
#include "plan/run.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

using Outputs = std::vector<Array<double>>;

// Whether a matrix that a plan could not invert has no inverse, as far as it can be told: inside a sum it cannot.
bool is_singular(const Store& store, NodeId matrix, const Point<double>& point) {
  const auto value = evaluate(store, matrix, point);
  if (!value || value->rows() != value->cols() || !value->allFinite()) return true;
  const Eigen::VectorXd singular_values = value->jacobiSvd().singularValues();
  return singular_values.minCoeff() <= 1e-12 * singular_values.maxCoeff();
}

Outputs run(const Store& store, const Plan& plan, const Point<double>& point, std::string& fault) {
  std::vector<std::int64_t> sizes = point.sizes;
  sizes.resize(store.dims.atom_count(), 1);
  Runner<double> runner(store, plan, sizes);
  std::vector<Array<double>> inputs;
  for (BufferId input : plan.inputs) {
    const auto value = point.values.find(store[plan.buffers[input].node].first);
    if (value == point.values.end()) {
      fault = "an input without a value";
      return {};
    }
    inputs.push_back(value->second);
  }
  Outputs results;
  // Twice: what a run leaves behind must not show in the next.
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < inputs.size(); ++i) runner.set_input(i, inputs[i].data());
    if (const auto failure = runner.run()) {
      if (failure->kind == PlanFailure::Kind::singular && is_singular(store, failure->node, point)) return {};
      fault = fmt::format("failure {} at {}", static_cast<int>(failure->kind), to_text(store, failure->node));
      return {};
    }
  }
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) results.push_back(runner.output(i));
  return results;
}

double difference(const Array<double>& a, const Array<double>& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols()) return 1e300;
  if (a.size() == 0) return 0;
  return (a - b).cwiseAbs().maxCoeff() / std::max(1e-300, std::max(1e-3, b.cwiseAbs().maxCoeff()));
}

// The point with every entry off by up to this relative amount, at random, and the other way for its negative.
Point<double> nearby(Point<double> point, double disturbance) {
  std::minstd_rand random;
  std::uniform_real_distribution<double> amount(-1, 1);
  for (auto& [symbol, value] : point.values) {
    for (double& entry : value.reshaped()) entry *= 1 + disturbance * amount(random);
  }
  return point;
}

// Whether an operator is given what is zero but for rounding errors, one that goes entry by entry a single such entry:
// rank and sign of them say nothing, and a disturbance need not show it, since the rank of other errors is the same.
bool reads_rounding_errors(const Store& store, NodeId root, const Point<double>& point) {
  for (const NodeId id : topological(store, root)) {
    if (entry_of(store[id].op).structural) continue;
    for (const NodeId argument : store.children(id)) {
      const auto value = evaluate(store, argument, point);
      const auto other = evaluate(store, argument, nearby(point, 1e-13), 1e-13);
      if (!value || !other || value->size() == 0) continue;
      const Array<double> off = (*other - *value).cwiseAbs();
      if (off.maxCoeff() > 0.1 * value->cwiseAbs().maxCoeff()) return true;
      if (entry_of(store[id].op).entrywise && (off.array() > 0.1 * value->cwiseAbs().array()).any()) return true;
    }
  }
  return false;
}

}  // namespace

std::string plan_fault(Build& build, std::span<const NodeId> roots, const Point<double>& point) {
  Store& store = build.store();
  Outputs values;
  std::vector<double> sensitivities;
  for (NodeId root : roots) {
    auto value = evaluate(store, root, point);
    if (!value || !value->allFinite()) return {};
    double sensitivity = 0;
    for (const double disturbance : {1e-13, -1e-13}) {  // a step of a function may be missed by one of them
      const auto other = evaluate(store, root, nearby(point, disturbance), disturbance);
      if (!other || !other->allFinite()) return {};
      sensitivity = std::max(sensitivity, difference(*other, *value));
    }
    values.push_back(std::move(*value));
    sensitivities.push_back(sensitivity);
  }
  PlanRequest request;
  for (NodeId root : roots) request.outputs.push_back({"", root});
  request.sizes = point.sizes;
  const Plan plan = make_plan(build, request);
  std::string fault;
  const Outputs results = run(store, plan, point, fault);
  if (results.empty() && fault.empty()) return {};
  for (std::size_t i = 0; i < roots.size(); ++i) {
    // What is sensitive to rounding may come out otherwise in another order of operations.
    // Beyond that only rounding errors are compared, as in 1/logdet(Q) of an orthogonal Q.
    const double largest =
        std::max(values[i].cwiseAbs().maxCoeff(), fault.empty() ? results[i].cwiseAbs().maxCoeff() : 0);
    if (sensitivities[i] > 1e-7 || largest > 1e14) return {};
    if (!fault.empty()) continue;
    const double off = difference(results[i], values[i]);
    if (!(off < 1e-8 + 1e4 * sensitivities[i]) && !reads_rounding_errors(store, roots[i], point)) {
      return fmt::format("the plan of {} is off by {}", to_text(store, roots[i]), off);
    }
  }
  return fault.empty() ? fault : "the plan fails: " + fault;
}

}  // namespace matgrad
