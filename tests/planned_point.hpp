// SPDX-License-Identifier: MIT
// An expression with its gradient, planned for certain sizes, at a random point.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "engine/compute.hpp"
#include "plan/lower.hpp"
#include "plan/memory.hpp"
#include "plan_check.hpp"

namespace matgrad {

class PlannedPoint {
 public:
  PlannedPoint(const std::string& expression, const std::vector<std::string>& variables, const std::string& wrt,
               const std::map<std::string, std::int64_t>& sizes) {
    ComputeRequest request;
    request.question.expression = expression;
    request.question.variables = variables;
    request.question.wrt = wrt;
    request.question.verify = false;
    if (!wrt.empty()) request.wanted = {Wanted::value, Wanted::gradient};
    auto result = compute(request);
    EXPECT_TRUE(result.has_value()) << expression;
    computation_ = std::move(*result);
    Store& store = computation_.store();
    Build build(store);
    plan = make_plan(build, {computation_.outputs, {}});
    for (Atom atom = 0; atom < store.dims.atom_count(); ++atom) {
      const auto at = sizes.find(store.dims.atom_name(atom));
      point_.sizes.push_back(at == sizes.end() ? 1 : at->second);
    }
    for (BufferId input : plan.inputs) {
      const Type& type = plan.buffers[input].type;
      const auto rows = *store.dims.evaluate(type.rows, point_.sizes);
      const auto cols = *store.dims.evaluate(type.cols, point_.sizes);
      Array<double> values = Array<double>::Random(rows, cols);
      if (type.has(symmetric)) values = Array<double>(values + values.transpose());
      point_.values[store[plan.buffers[input].node].first] = values;
    }
    memory = lay_out_memory(store, plan, point_.sizes);
  }

  std::string fault() {
    Build build(computation_.store());
    std::vector<NodeId> roots;
    for (const auto& output : computation_.outputs) roots.push_back(output.node);
    return plan_fault(build, roots, point_);
  }

  Plan plan;
  Memory memory;

 private:
  Computation computation_;
  Point<double> point_;
};

}  // namespace matgrad
