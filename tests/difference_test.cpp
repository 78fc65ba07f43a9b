// SPDX-License-Identifier: MIT
#include "numeric/difference.hpp"

#include <gtest/gtest.h>

#include "scene.hpp"

namespace matgrad {
namespace {

class Differences : public testing::Test, protected Scene {
 protected:
  NodeId x = scalar("x");
  NodeId y = scalar("y");
  Point<double> at(double x_value, double y_value = 0) {
    Point<double> point;
    point.values[payload(x)] = one(x_value);
    point.values[payload(y)] = one(y_value);
    return point;
  }
  static Array<double> one(double value) { return Array<double>::Constant(1, 1, value); }
  // u by way of an operator without a complex kernel.
  NodeId real_only(NodeId u) {
    return b.call("max", {b.call("exp", {b.scale(u, b.ones(store.dims.constant(2), dim_one))})});
  }
};

TEST_F(Differences, TheComplexStepIsExactToRounding) {
  const NodeId f = b.times(NodeList{b.call("exp", {x}), b.call("sin", {y})});
  Difference difference(store, f, x, y, at(0.7, 1.1));
  ASSERT_TRUE(difference.usable() && difference.analytic());
  EXPECT_NEAR(difference.value()(0, 0), std::exp(0.7) * std::sin(1.1), 1e-15);
  EXPECT_NEAR((*difference.along(one(2)))(0, 0), 2 * std::exp(0.7) * std::sin(1.1), 1e-14);
  EXPECT_NEAR((*difference.along(one(1), one(3)))(0, 0), 3 * std::exp(0.7) * std::cos(1.1), 1e-10);
}

TEST_F(Differences, RealKernelsAreExtrapolated) {
  Difference difference(store, real_only(b.times(NodeList{x, y})), x, y, at(0.7, 1.1));
  ASSERT_TRUE(difference.usable());
  EXPECT_FALSE(difference.analytic());
  const double u = 0.7 * 1.1;
  EXPECT_NEAR((*difference.along(one(1)))(0, 0), 1.1 * std::exp(u), 1e-10);
  EXPECT_NEAR((*difference.along(one(1), one(1)))(0, 0), (1 + u) * std::exp(u), 1e-7);
}

TEST_F(Differences, SecondDerivativeBySameVariable) {
  const NodeId f = b.power(x, b.number(4));
  Difference difference(store, f, x, no_node, at(-1.5));
  EXPECT_NEAR((*difference.along(one(1), one(1)))(0, 0), 12 * 1.5 * 1.5, 1e-8);
}

TEST_F(Differences, NothingWhereThereIsNoValueOrNoDerivative) {
  EXPECT_FALSE(Difference(store, b.call("log", {x}), x, no_node, at(-1)).usable());
  EXPECT_FALSE(Difference(store, b.power(x, b.number(-1)), x, no_node, at(0)).usable());
  // A kink within the steps of the extrapolation.
  const NodeId kinked = b.plus(real_only(x), b.call("abs", {x}));
  Difference difference(store, kinked, x, no_node, at(2e-5));
  ASSERT_TRUE(difference.usable() && !difference.analytic());
  EXPECT_FALSE(difference.along(one(1)).has_value());
}

TEST_F(Differences, AnInputWithoutTheVariableHasDerivativeZero) {
  Difference difference(store, y, x, no_node, at(1, 2));
  EXPECT_EQ((*difference.along(one(1)))(0, 0), 0);
  EXPECT_EQ((*difference.along(one(1), one(1)))(0, 0), 0);
}

}  // namespace
}  // namespace matgrad
