// SPDX-License-Identifier: MIT
// Steps that are run by blocks of columns: the same numbers, and less memory.
#include "plan/stream.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "engine/compute.hpp"
#include "plan/lower.hpp"
#include "plan/memory.hpp"
#include "plan_check.hpp"

namespace matgrad {
namespace {

using Sizes = std::map<std::string, std::int64_t>;

// An expression with its gradient, planned for certain sizes, at a random point.
class Streamed {
 public:
  Streamed(const std::string& expression, const std::vector<std::string>& variables, const std::string& wrt,
           const Sizes& sizes) {
    ComputeRequest request;
    request.question.expression = expression;
    request.question.variables = variables;
    request.question.wrt = wrt;
    request.question.verify = false;
    request.wanted = {Wanted::value, Wanted::gradient};
    auto result = compute(request);
    EXPECT_TRUE(result.has_value()) << expression;
    computation_ = std::move(*result);
    Store& store = computation_.store();
    Build build(store);
    const Plan plan = make_plan(build, {computation_.outputs, {}});
    for (Atom atom = 0; atom < store.dims.atom_count(); ++atom) {
      const auto at = sizes.find(store.dims.atom_name(atom));
      point_.sizes.push_back(at == sizes.end() ? 1 : at->second);
    }
    for (BufferId input : plan.inputs) {
      const Type& type = plan.buffers[input].type;
      const auto rows = *store.dims.evaluate(type.rows, point_.sizes);
      const auto cols = *store.dims.evaluate(type.cols, point_.sizes);
      point_.values[store[plan.buffers[input].node].first] = Array<double>::Random(rows, cols);
    }
    memory = lay_out_memory(store, plan, point_.sizes);
  }

  std::string fault() {
    Build build(computation_.store());
    std::vector<NodeId> roots;
    for (const auto& output : computation_.outputs) roots.push_back(output.node);
    return plan_fault(build, roots, point_);
  }

  Memory memory;

 private:
  Computation computation_;
  Point<double> point_;
};

const std::vector<std::string> factors = {"U: matrix(m,k)", "V: matrix(n,k)", "T: matrix(m,n)", "u: vector(m)",
                                          "v: vector(n)"};

// T - U*V' is never stored, and the blocks end where the columns do: 201 columns are five blocks and one column.
TEST(Stream, AFactorisationErrorIsNotStored) {
  for (const std::int64_t n : {200, 201, 207, 333}) {
    Streamed s("norm2(T - U*V')^2", factors, "U", {{"m", 200}, {"n", n}, {"k", 5}});
    ASSERT_EQ(s.memory.streams.size(), 1U);
    EXPECT_LT(s.memory.numbers, 200U * 60U);
    EXPECT_EQ(s.fault(), "") << n;
  }
}

TEST(Stream, GradientsByBothFactors) {
  for (const char* wrt : {"U", "V", "U,V"}) {
    Streamed s("norm2(T - U*V')^2", factors, wrt, {{"m", 130}, {"n", 201}, {"k", 3}});
    EXPECT_EQ(s.memory.streams.size(), 1U) << wrt;
    EXPECT_EQ(s.fault(), "") << wrt;
  }
}

TEST(Stream, MapsWithTotalsAndVectors) {
  for (const char* expression : {"sum(tanh(U*V' - T))", "u'*exp(U*V')*v", "sum(log(rowsum(exp(U*V')))) + tr(T'*U*V')",
                                 "sum(log(colsum(exp(U*V')))) + u'*exp(U*V')*v", "tr(T'*diag(u)*sin(U*V')*diag(v))",
                                 "norm2(T - U*V')^2 + norm2(T - 2*U*V')^2", "sum(sqrt(rowsum((T - U*V').^2)))"}) {
    for (const char* wrt : {"U", "V", "U,V"}) {
      Streamed s(expression, factors, wrt, {{"m", 130}, {"n", 201}, {"k", 3}});
      EXPECT_EQ(s.fault(), "") << expression << " by " << wrt;
    }
  }
}

// A vector is a matrix of one column, and a block may be one column of it.
TEST(Stream, OneColumnOfFactors) {
  for (const std::int64_t k : {1, 2, 17, 32}) {
    Streamed s("sum(tanh(U*V' - T))", factors, "U,V", {{"m", 200}, {"n", 201}, {"k", k}});
    EXPECT_EQ(s.fault(), "") << k;
  }
}

TEST(Stream, SmallArraysAndMuchArithmeticAreDoneWhole) {
  EXPECT_TRUE(Streamed("norm2(T - U*V')^2", factors, "U", {{"m", 20}, {"n", 20}, {"k", 5}}).memory.streams.empty());
  EXPECT_TRUE(Streamed("norm2(T - U*V')^2", factors, "U", {{"m", 200}, {"n", 200}, {"k", 100}}).memory.streams.empty());
}

}  // namespace
}  // namespace matgrad
