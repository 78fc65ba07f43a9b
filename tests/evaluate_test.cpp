// SPDX-License-Identifier: MIT
#include "numeric/evaluate.hpp"

#include <gtest/gtest.h>

#include "scene.hpp"

namespace matgrad {
namespace {

using Complex = std::complex<double>;

class Evaluate : public testing::Test, protected Scene {
 protected:
  void size(const char* name, std::int64_t value) {
    const Atom atom = *store.dims.as_atom(dim(name));
    if (point.sizes.size() <= atom) point.sizes.resize(atom + 1, 0);
    point.sizes[atom] = value;
  }
  void give(NodeId id, Array<double> value) { point.values[payload(id)] = std::move(value); }
  void expect(NodeId id, const Array<double>& wanted) {
    const auto value = evaluate(store, id, point);
    ASSERT_TRUE(value.has_value());
    ASSERT_EQ(value->rows(), wanted.rows());
    ASSERT_EQ(value->cols(), wanted.cols());
    EXPECT_LT((*value - wanted).cwiseAbs().maxCoeff(), 1e-12) << *value << "\nshould be\n" << wanted;
  }
  static Array<double> rows(std::initializer_list<std::initializer_list<double>> list) {
    return Array<double>(Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic>(list));
  }
  static Array<double> one(double value) { return Array<double>::Constant(1, 1, value); }

  Point<double> point;
};

TEST_F(Evaluate, ProductsSumsAndTransposes) {
  const NodeId a = matrix("A", "m", "n");
  const NodeId x = vector("x", "n");
  const NodeId s = scalar("s");
  size("m", 2);
  size("n", 3);
  const Array<double> av = rows({{1, 2, 3}, {4, 5, 7}});
  const Array<double> xv = rows({{1}, {-2}, {5}});
  give(a, av);
  give(x, xv);
  give(s, one(3));
  expect(mul({a, x}), av * xv);
  expect(mul({t(x), t(a)}), (av * xv).transpose());
  expect(mul({t(x), t(a), a, x}), xv.transpose() * av.transpose() * av * xv);
  expect(mul({x, t(x), t(a)}), xv * xv.transpose() * av.transpose());
  expect(add({mul({t(a), a}), b.identity(dim("n"))}), av.transpose() * av + Array<double>::Identity(3, 3));
  expect(b.scale(s, b.minus(a, b.scale(s, a))), -6 * av);
  expect(b.plus(a, s), (av.array() + 3).matrix());
  expect(b.hadamard(NodeList{a, b.power(a, s)}), av.array().pow(4).matrix());
  expect(b.times(NodeList{s, b.number(Rational(1, 2)), b.call("sum", {x})}), one(6));
}

TEST_F(Evaluate, ConstantsTakeTheirSizeFromTheType) {
  size("m", 2);
  size("n", 3);
  const NodeId a = matrix("A", "m", "n");
  const Array<double> av = rows({{1, 2, 3}, {4, 5, 7}});
  give(a, av);
  expect(b.zeros(dim("m"), dim("n")), Array<double>::Zero(2, 3));
  expect(b.ones(dim("m"), dim("n")), Array<double>::Ones(2, 3));
  expect(b.identity(dim("n")), Array<double>::Identity(3, 3));
  expect(b.unit(b.number(2), dim("n")), rows({{0}, {1}, {0}}));
  expect(b.dimension(store.dims.multiply(dim("m"), dim("n"))), one(6));
  const auto k = evaluate(store, b.commutation(dim("m"), dim("n")), point);
  ASSERT_TRUE(k.has_value());
  EXPECT_EQ(Array<double>(*k * av.reshaped()), Array<double>(av.transpose().reshaped()));
  const NodeId v = b.symbol(store.add_symbol({"v", {store.dims.multiply(dim("m"), dim("n")), dim_one, 0}}));
  give(v, av.reshaped());
  expect(b.unvec(v, dim("m"), dim("n")), av);
  expect(b.call("vec", {a}), av.reshaped());
}

TEST_F(Evaluate, PowersOfNegativeNumbersAndMatrices) {
  const NodeId x = vector("x", "n");
  const NodeId y = vector("y", "n");
  const NodeId m = matrix("M", "n", "n");
  size("n", 2);
  give(x, rows({{-2}, {3}}));
  give(y, rows({{3}, {-1}}));
  const Array<double> mv = rows({{1, 2}, {3, 5}});
  give(m, mv);
  expect(b.power(x, b.number(3)), rows({{-8}, {27}}));
  expect(b.power(x, b.number(-2)), rows({{0.25}, {1.0 / 9}}));
  expect(b.power(x, y), rows({{-8}, {1.0 / 3}}));
  expect(b.matrix_power(m, b.number(5)), mv * mv * mv * mv * mv);
  expect(b.matrix_power(m, b.number(-2)), (mv * mv).inverse());
  EXPECT_TRUE(std::isnan((*evaluate(store, b.power(x, b.number(Rational(1, 2))), point))(0, 0)));
  const NodeId s = scalar("s");
  give(s, one(0.5));
  EXPECT_FALSE(evaluate(store, b.matrix_power(m, s), point).has_value());
}

TEST_F(Evaluate, SumsRunTheirBodyForEveryIndex) {
  const NodeId i = index("i");
  const NodeId j = index("j");
  const NodeId x = vector("x", "n");
  const NodeId a = matrix("A", "n", "n");
  size("n", 3);
  const Array<double> xv = rows({{1}, {-2}, {5}});
  const Array<double> av = rows({{1, 2, 3}, {4, 5, 7}, {0, 1, -1}});
  give(x, xv);
  give(a, av);
  const NodeId n = b.dimension(dim("n"));
  auto entry = [&](NodeId k) { return mul({t(b.unit(k, dim("n"))), x}); };
  auto sum = [&](NodeId k, NodeId body) { return b.sum_over(k, b.number(1), n, body); };
  expect(sum(i, b.times(NodeList{i, entry(i)})), one(1 - 4 + 15));
  expect(sum(i, b.power(entry(i), b.number(2))), one(30));
  // An inner body that needs the outer index, and one that needs none.
  const NodeId aij = mul({t(b.unit(i, dim("n"))), a, b.unit(j, dim("n"))});
  expect(sum(i, sum(j, b.times(NodeList{aij, entry(i), j}))), one((av * rows({{1}, {2}, {3}})).cwiseProduct(xv).sum()));
  expect(b.sum_over(i, b.number(2), b.number(4), a), 3 * av);
  expect(b.sum_over(i, b.number(4), b.number(2), a), Array<double>::Zero(3, 3));
  // Powers counted from 0, and a matrix-valued body.
  expect(b.sum_over(i, b.number(0), b.number(2), b.matrix_power(a, i)), Array<double>::Identity(3, 3) + av + av * av);
  // Upper bound of the inner sum is the outer index: 1*(1) + 2*(1+2) + 3*(1+2+3).
  expect(sum(i, b.times(NodeList{i, b.sum_over(j, b.number(1), i, j)})), one(25));
}

TEST_F(Evaluate, AnIndexThatAnInnerSumUsesAgainIsHandedBack) {
  const NodeId i = index("i");
  const NodeId inner = b.sum_over(i, b.number(1), b.number(4), b.power(i, b.number(2)));
  const NodeId body = b.plus(b.times(NodeList{i, inner}), b.power(i, b.number(2)));
  const NodeId s = scalar("s");
  const NodeId constant_inner = b.sum_over(i, b.number(1), b.number(4), s);
  give(s, one(2));
  expect(b.sum_over(i, b.number(1), b.number(3), body), one(6 * 30 + 14));
  expect(b.sum_over(i, b.number(1), b.number(3), b.plus(b.power(i, constant_inner), i)), one(1 + 256 + 6561 + 6));
}

TEST_F(Evaluate, WhatCannotBeComputedIsNothing) {
  const NodeId i = index("i");
  const NodeId x = vector("x", "n");
  size("n", 2);
  give(x, rows({{1}, {2}}));
  EXPECT_FALSE(evaluate(store, b.unit(b.number(3), dim("n")), point).has_value());
  EXPECT_FALSE(evaluate(store, b.unit(b.number(0), dim("n")), point).has_value());
  EXPECT_FALSE(evaluate(store, b.sum_over(i, b.number(1), b.number(Rational(5, 2)), i), point).has_value());
  EXPECT_FALSE(evaluate(store, b.sum_over(i, b.number(1), b.number(1'000'000'000), i), point).has_value());
  EXPECT_FALSE(evaluate(store, b.ones(dim("n"), dim("unknown")), point).has_value());
  EXPECT_FALSE(evaluate(store, b.ones(store.dims.subtract(dim("n"), dim(2)), dim("n")), point).has_value());
  EXPECT_FALSE(evaluate(store, b.ones(dim(1'000'000), dim(1'000'000)), point).has_value());
  EXPECT_FALSE(evaluate(store, i, point).has_value());
  give(x, rows({{1}, {2}, {3}}));
  EXPECT_THROW(evaluate(store, x, point), Bug);
}

TEST_F(Evaluate, ComplexValuesAreNeverConjugated) {
  const NodeId a = matrix("A", "n", "n");
  const NodeId x = vector("x", "n");
  Point<Complex> p;
  size("n", 2);
  p.sizes = point.sizes;
  Array<Complex> av(2, 2);
  av << Complex(1, 2), Complex(0, 1), Complex(3, -1), Complex(2, 2);
  Array<Complex> xv(2, 1);
  xv << Complex(-2, 0.5), Complex(1, 1);
  p.values[payload(a)] = av;
  p.values[payload(x)] = xv;
  auto difference = [&](NodeId id, const Array<Complex>& wanted) {
    const auto value = evaluate(store, id, p);
    return value ? (*value - wanted).cwiseAbs().maxCoeff() : 1.0;
  };
  EXPECT_LT(difference(t(a), av.transpose()), 1e-14);
  EXPECT_LT(difference(mul({t(x), a, x}), xv.transpose() * av * xv), 1e-13);
  EXPECT_LT(difference(b.power(x, b.number(-3)), xv.array().cube().inverse().matrix()), 1e-14);
  EXPECT_LT(difference(b.matrix_power(a, b.number(3)), av * av * av), 1e-12);
}

TEST_F(Evaluate, TheComplexPowerIsAnalyticAtNegativeBases) {
  const NodeId x = scalar("x");
  const double h = 1e-20;
  for (int k : {-3, -2, 2, 3, 7}) {
    Point<Complex> p;
    p.values[payload(x)] = Array<Complex>::Constant(1, 1, Complex(-1.5, h));
    const Complex value = (*evaluate(store, b.power(x, b.number(k)), p))(0, 0);
    EXPECT_NEAR(value.imag() / h, k * std::pow(-1.5, k - 1), 1e-12) << k;
    EXPECT_NEAR(value.real(), std::pow(-1.5, k), 1e-12) << k;
  }
}

TEST_F(Evaluate, AnUpdateRecomputesWhatDependsOnTheWatched) {
  const NodeId i = index("i");
  const NodeId a = matrix("A", "n", "n");
  const NodeId x = vector("x", "n");
  size("n", 2);
  const NodeId sum = b.sum_over(i, b.number(1), b.number(2),
                                b.times(NodeList{mul({t(b.unit(i, dim("n"))), x}), b.call("tr", {a}), i}));
  const NodeId root = b.plus(sum, b.call("det", {a}));
  Evaluation<double> evaluation(store, std::span<const NodeId>(&root, 1), point.sizes);
  evaluation.set(a, rows({{1, 2}, {3, 5}}));
  evaluation.set(x, rows({{1}, {2}}));
  ASSERT_TRUE(evaluation.run());
  EXPECT_NEAR(evaluation[root](0, 0), 6 * 5 - 1, 1e-12);
  evaluation.watch(std::span<const NodeId>(&x, 1));
  evaluation.set(x, rows({{2}, {-1}}));
  evaluation.set(a, rows({{0, 0}, {0, 0}}));  // not watched: what depends on A alone stands
  ASSERT_TRUE(evaluation.update());
  EXPECT_NEAR(evaluation[root](0, 0), -1, 1e-12);
  Evaluation<Complex> moved(evaluation);
  moved.set(x, Array<Complex>(rows({{0}, {1}}).cast<Complex>()));
  ASSERT_TRUE(moved.watched_is_computable() && moved.update());
  EXPECT_NEAR(moved[root](0, 0).real(), 2 * 6 - 1, 1e-12);
}

}  // namespace
}  // namespace matgrad
