// SPDX-License-Identifier: MIT
// Steps that are run by blocks of columns: the same numbers, and less memory.
#include "plan/stream.hpp"

#include <gtest/gtest.h>

#include "planned_point.hpp"

namespace matgrad {
namespace {

const std::vector<std::string> factors = {"U: matrix(m,k)", "V: matrix(n,k)", "T: matrix(m,n)", "u: vector(m)",
                                          "v: vector(n)"};

// T - U*V' is never stored, and the blocks end where the columns do: 201 columns are five blocks and one column.
TEST(Stream, AFactorisationErrorIsNotStored) {
  for (const std::int64_t n : {200, 201, 207, 333}) {
    PlannedPoint s("norm2(T - U*V')^2", factors, "U", {{"m", 200}, {"n", n}, {"k", 5}});
    ASSERT_EQ(s.memory.streams.size(), 1U);
    EXPECT_LT(s.memory.numbers, 200U * 60U);
    EXPECT_EQ(s.fault(), "") << n;
  }
}

TEST(Stream, GradientsByBothFactors) {
  for (const char* wrt : {"U", "V", "U,V"}) {
    PlannedPoint s("norm2(T - U*V')^2", factors, wrt, {{"m", 130}, {"n", 201}, {"k", 3}});
    EXPECT_EQ(s.memory.streams.size(), 1U) << wrt;
    EXPECT_EQ(s.fault(), "") << wrt;
  }
}

TEST(Stream, MapsWithTotalsAndVectors) {
  for (const char* expression : {"sum(tanh(U*V' - T))", "u'*exp(U*V')*v", "sum(log(rowsum(exp(U*V')))) + tr(T'*U*V')",
                                 "sum(log(colsum(exp(U*V')))) + u'*exp(U*V')*v", "tr(T'*diag(u)*sin(U*V')*diag(v))",
                                 "norm2(T - U*V')^2 + norm2(T - 2*U*V')^2", "sum(sqrt(rowsum((T - U*V').^2)))"}) {
    for (const char* wrt : {"U", "V", "U,V"}) {
      PlannedPoint s(expression, factors, wrt, {{"m", 130}, {"n", 201}, {"k", 3}});
      EXPECT_EQ(s.fault(), "") << expression << " by " << wrt;
    }
  }
}

// A vector is a matrix of one column, and a block may be one column of it.
TEST(Stream, OneColumnOfFactors) {
  for (const std::int64_t k : {1, 2, 17, 32}) {
    PlannedPoint s("sum(tanh(U*V' - T))", factors, "U,V", {{"m", 200}, {"n", 201}, {"k", k}});
    EXPECT_EQ(s.fault(), "") << k;
  }
}

TEST(Stream, SmallArraysAndMuchArithmeticAreDoneWhole) {
  EXPECT_TRUE(PlannedPoint("norm2(T - U*V')^2", factors, "U", {{"m", 20}, {"n", 20}, {"k", 5}}).memory.streams.empty());
  EXPECT_TRUE(
      PlannedPoint("norm2(T - U*V')^2", factors, "U", {{"m", 200}, {"n", 200}, {"k", 100}}).memory.streams.empty());
}

}  // namespace
}  // namespace matgrad
