// SPDX-License-Identifier: MIT
// Ways to run a plan that depend on sizes or numbers: the same results as the expressions themselves.
#include "plan/run.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "planned_point.hpp"

namespace matgrad {
namespace {

const std::vector<std::string> square = {"A: matrix(n,n)",  "B: matrix(n,n)", "S: symmetric(n)",
                                         "P: symmetric(n)", "y: vector(n)",   "a: vector(m)",
                                         "x: vector(n)",    "Y: matrix(m,n)", "c: scalar positive"};

std::size_t count(const Plan& plan, Routine routine) {
  return static_cast<std::size_t>(std::count_if(plan.steps.begin(), plan.steps.end(),
                                                [&](const PlanStep& step) { return step.routine == routine; }));
}

// Cholesky overwrites the lower half of S + P before it finds out that it is not positive definite.
TEST(PlanRun, AnIndefiniteMatrixThatIsFactorisedInItsPlace) {
  for (const std::int64_t n : {3, 20, 70, 130}) {  // by Eigen and by a library
    PlannedPoint p("y'*inv(S + P)*y", square, "y", {{"n", n}});
    const auto factorise = std::find_if(p.plan.steps.begin(), p.plan.steps.end(),
                                        [](const PlanStep& step) { return step.routine == Routine::factorise; });
    ASSERT_NE(factorise, p.plan.steps.end());
    EXPECT_EQ(factorise->factorisation, Factorisation::symmetric);
    EXPECT_EQ(p.memory.offsets[factorise->out], p.memory.offsets[factorise->operands[0].buffer]);
    EXPECT_EQ(p.fault(), "") << n;
  }
}

TEST(PlanRun, AMatrixThatIsReadAgainKeepsItsPlace) {
  for (const std::int64_t n : {3, 20, 130}) {
    PlannedPoint p("y'*inv(S + P)*y + sum((S + P).^3)", square, "y", {{"n", n}});
    EXPECT_EQ(p.fault(), "") << n;
  }
}

TEST(PlanRun, InversesByBlocks) {
  for (const std::int64_t n : {39, 40, 41, 64, 100, 177}) {
    PlannedPoint p("logdet(A*A' + I) + tr(inv(A*A' + I)*B)", square, "B", {{"n", n}});
    EXPECT_EQ(p.fault(), "") << n;
  }
}

// The gradient A' - B' is stored as A - B where a product reads it, and never copied.
TEST(PlanRun, WhatIsReadByRowsIsStoredByColumns) {
  PlannedPoint p("norm2((tanh(A') - exp(B'))*P*y)^2", square, "y", {{"n", 30}});
  for (const MapProgram& map : p.plan.maps) {
    for (const MapInput& input : map.inputs) EXPECT_FALSE(is_read_by_rows(map, input));
  }
  EXPECT_EQ(p.fault(), "");
}

// Transposed arrays are turned by whole columns up to 256 rows, by tiles above.
TEST(PlanRun, TransposedArraysInMaps) {
  for (const std::int64_t n : {1, 2, 7, 8, 9, 33, 100, 255, 256, 257, 300}) {
    for (const char* expression : {"tr(A*B)", "sum(A.*sin(B'))", "sum((A + B').*(A - B').*tanh(A'))", "tr(A'*S)"}) {
      EXPECT_EQ(PlannedPoint(expression, square, "A", {{"n", n}}).fault(), "") << expression << ", n = " << n;
    }
  }
}

// Results too large for the caches are written past them.
TEST(PlanRun, LargeTransposedArrays) {
  EXPECT_EQ(PlannedPoint("sum(A.*B')", square, "A", {{"n", 1500}}).fault(), "");
  EXPECT_EQ(PlannedPoint("sum(tanh(A).*B)", square, "B", {{"n", 1451}}).fault(), "");
}

// tr(A*B) and its gradient B' in one pass: by strips of eight, past the caches where columns begin with a line.
TEST(PlanRun, ATraceBesideItsGradient) {
  const std::vector<std::string> variables = {"A: matrix(m,n)", "B: matrix(n,m)"};
  for (const auto& [m, n] : {std::pair{1, 7}, {8, 8}, {9, 17}, {300, 23}, {23, 300}, {208, 11000}, {205, 11001}}) {
    EXPECT_EQ(PlannedPoint("tr(A*B)", variables, "A", {{"m", m}, {"n", n}}).fault(), "") << m << "×" << n;
    EXPECT_EQ(PlannedPoint("tr(A*B)", variables, "B", {{"m", m}, {"n", n}}).fault(), "") << m << "×" << n;
  }
  EXPECT_EQ(PlannedPoint("tr(B*B)", square, "B", {{"n", 12}}).fault(), "");
}

// A + A' is both triangles at once.
TEST(PlanRun, AMatrixPlusItsTranspose) {
  for (const std::int64_t n : {1, 7, 8, 9, 16, 23, 300, 1504, 1507}) {
    PlannedPoint p("A + A'", square, "", {{"n", n}});
    EXPECT_EQ(p.fault(), "") << n;
  }
}

// Kronecker products that leave the caches.
TEST(PlanRun, LargeKroneckerProducts) {
  PlannedPoint p("sum(sin(kron(A, B) + kron(B', A)))", square, "", {{"n", 37}});
  EXPECT_EQ(p.fault(), "");
}

// Vectors are repeated up to 64 rows, and read row by row above.
TEST(PlanRun, VectorsInMaps) {
  for (const std::int64_t m : {1, 5, 63, 64, 65, 300}) {
    for (const char* expression : {"sum(tanh(a*x' + Y))", "sum(Y.*exp(x*a')')", "sum((diag(a)*Y*diag(x)).^3)"}) {
      EXPECT_EQ(PlannedPoint(expression, square, "Y", {{"m", m}, {"n", 21}}).fault(), "") << expression << ", " << m;
    }
  }
}

TEST(PlanRun, SquaredDistancesOfRows) {
  for (const std::int64_t m : {1, 3, 500, 1025}) {
    for (const std::int64_t n : {1, 3, 4, 5, 18}) {
      PlannedPoint p("a'*exp(-rowsum((Y - ones(m)*x').^2)/c)", square, "x", {{"m", m}, {"n", n}});
      EXPECT_EQ(p.fault(), "") << m << "×" << n;
    }
  }
}

// tr(inv(K)*M) of a product that the gradient by another variable forms: its diagonal is enough.
TEST(PlanRun, ATraceOfWhatIsThereReadsTheDiagonal) {
  PlannedPoint p("logdet(c*exp(-S/l) + b*I) + y'*inv(c*exp(-S/l) + b*I)*y",
                 {"S: symmetric(n)", "y: vector(n)", "b: scalar positive", "c: scalar positive", "l: scalar positive"},
                 "l,c,b", {{"n", 12}});
  EXPECT_EQ(count(p.plan, Routine::inverse), 1U);
  const bool reads_a_diagonal = std::any_of(p.plan.maps.begin(), p.plan.maps.end(), [](const MapProgram& map) {
    return std::any_of(map.inputs.begin(), map.inputs.end(),
                       [](const MapInput& input) { return input.access == Access::diagonal; });
  });
  EXPECT_TRUE(reads_a_diagonal);
  EXPECT_EQ(p.fault(), "");
}

}  // namespace
}  // namespace matgrad
