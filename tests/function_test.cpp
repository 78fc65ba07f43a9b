// SPDX-License-Identifier: MIT
// Compiled functions, as users of the library call them.
#include "matgrad/function.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace matgrad {
namespace {

Options with(std::vector<std::string> variables) {
  Options options;
  options.variables = std::move(variables);
  return options;
}

TEST(Function, LeastSquaresWithGradientAndHessian) {
  auto f = compile("norm2(X*w - y)^2", {"w", {"value", "grad", "hess"}, {{"m", 3}, {"n", 2}}},
                   with({"X: matrix(m,n)", "w: vector(n)", "y: vector(m)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  ASSERT_EQ(f->arguments(), (std::vector<std::string>{"X", "w", "y"}));
  EXPECT_EQ(f->shape(0), (std::pair<std::int64_t, std::int64_t>{3, 2}));
  const double X[] = {1, 3, 5, 2, 4, 7};
  const double w[] = {0.5, -1};
  const double y[] = {1, 0, 2};
  ASSERT_FALSE((*f)({X, w, y}).has_value());
  ASSERT_EQ(f->result_count(), 3U);
  EXPECT_EQ(f->result(0).values[0], 54.75);
  const auto gradient = f->result(1);
  EXPECT_EQ(gradient.rows, 2);
  EXPECT_EQ(gradient.cols, 1);
  EXPECT_EQ(gradient.values[0], -85);
  EXPECT_EQ(gradient.values[1], -121);
  const auto hessian = f->result(2);
  EXPECT_EQ(hessian.name, "hess");
  EXPECT_EQ(hessian.values[0], 70);
  EXPECT_EQ(hessian.values[1], 98);
  EXPECT_EQ(hessian.values[2], 98);
  EXPECT_EQ(hessian.values[3], 138);
  // Another point: nothing is left of the first.
  const double zero[] = {0, 0};
  ASSERT_FALSE((*f)({X, zero, y}).has_value());
  EXPECT_EQ(f->result(0).values[0], 5);
}

TEST(Function, HessianTimesADirection) {
  auto f = compile("tr(S*inv(X))", {"X", {"hess", "hvp"}, {{"n", 2}}}, with({"X: matrix(n,n)", "S: matrix(n,n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  ASSERT_EQ(f->arguments(), (std::vector<std::string>{"X", "S", "dX"}));
  const double S[] = {1, 2, -1, 3};
  const double X[] = {2, 0.5, -1, 1};
  const double direction[] = {0.3, -1, 2, 0.7};
  ASSERT_FALSE((*f)({X, S, direction}).has_value());
  const auto hessian = f->result(0);
  const auto product = f->result(1);
  ASSERT_EQ(product.rows, 2);
  ASSERT_EQ(product.cols, 2);
  for (int i = 0; i < 4; ++i) {
    double expected = 0;
    for (int j = 0; j < 4; ++j) expected += hessian.values[i + 4 * j] * direction[j];
    EXPECT_NEAR(product.values[i], expected, 1e-12);
  }
}

// Far out, where vectorised functions saturate, and where formulas for complex numbers lose digits.
TEST(Function, ElementwiseFunctionsAtTheirLimits) {
  auto value = [](const char* expression, double at) {
    auto f = compile(expression, {"", {"value"}, {{"n", 1}}}, with({"x: scalar"}));
    EXPECT_TRUE(f.has_value());
    EXPECT_FALSE((*f)({&at}).has_value());
    return f->result(0).values[0];
  };
  EXPECT_EQ(value("exp(x)", -1000), 0);
  EXPECT_EQ(value("exp(x)", 1000), std::numeric_limits<double>::infinity());
  EXPECT_EQ(value("exp(x)", -740), std::exp(-740.0));
  EXPECT_EQ(value("log(x)", 0), -std::numeric_limits<double>::infinity());
  EXPECT_EQ(value("log(x)", 5e-320), std::log(5e-320));
  EXPECT_EQ(value("sigmoid(x)", -1000), 0);
  EXPECT_EQ(value("sigmoid(x)", 1000), 1);
  EXPECT_DOUBLE_EQ(value("softplus(x)", -40), std::exp(-40.0));
  EXPECT_EQ(value("softplus(x)", 800), 800);
  EXPECT_DOUBLE_EQ(value("log1p(x)", 1e-20), 1e-20);
  EXPECT_DOUBLE_EQ(value("expm1(x)", 1e-20), 1e-20);
  EXPECT_TRUE(std::isnan(value("log(x)", -1)));
}

TEST(Function, SinglePrecision) {
  auto f = compile_single("sum(exp(x))", {"x", {"value", "grad"}, {{"n", 3}}}, with({"x: vector(n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  const float x[] = {0, 1, -1};
  ASSERT_FALSE((*f)({x}).has_value());
  EXPECT_NEAR(f->result(0).values[0], 1 + std::exp(1.0F) + std::exp(-1.0F), 1e-6);
  EXPECT_NEAR(f->result(1).values[1], std::exp(1.0F), 1e-6);
}

TEST(Function, GradientsBySeveralVariables) {
  auto f = compile("a'*X*b", {"a,b", {"grad"}, {{"m", 2}, {"n", 1}}},
                   with({"X: matrix(m,n)", "a: vector(m)", "b: vector(n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  ASSERT_EQ(f->result_count(), 2U);
  const double X[] = {2, 3};
  const double a[] = {5, 7};
  const double b[] = {11};
  std::vector<const double*> arguments;
  for (const std::string& name : f->arguments()) arguments.push_back(name == "X" ? X : name == "a" ? a : b);
  ASSERT_FALSE((*f)(arguments.data()).has_value());
  EXPECT_EQ(f->result(0).name, "grad a");
  EXPECT_EQ(f->result(0).values[0], 22);
  EXPECT_EQ(f->result(0).values[1], 33);
  EXPECT_EQ(f->result(1).values[0], 31);
}

TEST(Function, SingularMatricesAreNamed) {
  auto f = compile("inv(A)*x", {"", {"value"}, {{"n", 2}}}, with({"A: matrix(n,n)", "x: vector(n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  const double A[] = {1, 2, 2, 4};
  const double x[] = {1, 1};
  const auto error = (*f)({A, x});
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->message.find("A is singular"), std::string::npos) << error->message;
  // A determinant of such a matrix is no error.
  auto det = compile("det(A)", {"", {"value"}, {{"n", 2}}}, with({"A: matrix(n,n)"}));
  ASSERT_TRUE(det.has_value());
  ASSERT_FALSE((*det)({A}).has_value());
  EXPECT_EQ(det->result(0).values[0], 0);
}

TEST(Function, WhatIsDeclaredDefiniteHasToBe) {
  auto f = compile("logdet(S)", {"", {"value"}, {{"n", 2}}}, with({"S: spd(n)"}));
  ASSERT_TRUE(f.has_value());
  const double S[] = {1, 2, 2, 1};
  const auto error = (*f)({S});
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->message.find("positive definite"), std::string::npos) << error->message;
}

TEST(Function, WhatIsMissingIsSaid) {
  const auto no_size = compile("A*x", {"x", {"value"}, {{"m", 2}}}, with({"A: matrix(m,n)", "x: vector(n)"}));
  ASSERT_FALSE(no_size.has_value());
  EXPECT_NE(no_size.error().message.find("size n"), std::string::npos) << no_size.error().message;
  const auto no_variable = compile("x'*x", {"", {"grad"}, {{"n", 2}}}, with({"x: vector(n)"}));
  ASSERT_FALSE(no_variable.has_value());
  const auto no_such_result = compile("x'*x", {"x", {"gradient"}, {{"n", 2}}}, with({"x: vector(n)"}));
  ASSERT_FALSE(no_such_result.has_value());
  EXPECT_NE(no_such_result.error().message.find("value, grad, hess"), std::string::npos);
}

}  // namespace
}  // namespace matgrad
