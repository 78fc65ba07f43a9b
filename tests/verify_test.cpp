// SPDX-License-Identifier: MIT
#include "numeric/verify.hpp"

#include <gtest/gtest.h>

#include "scene.hpp"

namespace matgrad {
namespace {

class Verify : public testing::Test, protected Scene {
 protected:
  Verification run(Check check, std::vector<SizeCondition> conditions = {}) { return verify(store, check, conditions); }
  Verification run(NodeId input, NodeId x, NodeId result, Arrangement arrangement, bool transposed = false) {
    Check check;
    check.input = input;
    check.variable = x;
    check.result = result;
    check.arrangement = arrangement;
    check.transposed = transposed;
    return run(check);
  }
  void accepts(NodeId input, NodeId x, NodeId result, Arrangement arrangement, bool transposed = false) {
    const Verification v = run(input, x, result, arrangement, transposed);
    EXPECT_TRUE(v.passed) << v.reason;
    EXPECT_EQ(v.points, 3);
    EXPECT_LT(v.largest_relative_error, 1e-6);
  }
  void refuses(NodeId input, NodeId x, NodeId result, Arrangement arrangement, bool transposed = false) {
    const Verification v = run(input, x, result, arrangement, transposed);
    EXPECT_FALSE(v.passed);
    EXPECT_FALSE(v.reason.empty());
  }
  NodeId kron(NodeId a, NodeId c) { return b.call("kron", {a, c}); }
  NodeId eye(const char* n) { return b.identity(dim(n)); }
  NodeId two = b.number(2);
};

// Small everywhere, so that a difference to 1 says nothing.
TEST_F(Verify, ATinyDerivativeIsComparedByItsOwnMeasure) {
  const NodeId x = vector("x", "n");
  const NodeId tiny = b.number(Rational(1, 1000000000));
  const NodeId square = b.times(NodeList{tiny, mul({t(x), x})});
  accepts(square, x, b.scale(b.times(NodeList{two, tiny}), x), Arrangement::gradient);
  refuses(square, x, b.scale(b.times(NodeList{b.number(3), tiny}), x), Arrangement::gradient);
  refuses(square, x, b.zeros(dim("n"), dim_one), Arrangement::gradient);
}

TEST_F(Verify, RiemannianGradientOnOrthogonalMatrices) {
  const NodeId a = matrix("A", "n", "n");
  const NodeId x = matrix("X", "n", "n", orthogonal);
  const NodeId input = b.call("tr", {mul({t(a), x})});
  const NodeId turned = mul({x, t(a), x});
  const NodeId half = b.number(Rational(1, 2));
  const auto on = Arrangement::riemannian_gradient;
  const NodeId right = b.scale(half, b.minus(a, turned));
  accepts(input, x, right, on);
  accepts(input, x, t(right), on, true);
  refuses(input, x, t(right), on);
  refuses(input, x, a, on);  // right along every tangent direction, but not tangent
  refuses(input, x, b.minus(a, turned), on);
  refuses(input, x, b.scale(half, b.minus(a, mul({x, a, x}))), on);
  refuses(input, x, b.scale(half, add({a, turned})), on);
}

TEST_F(Verify, RiemannianGradientOnDefiniteMatrices) {
  const NodeId a = matrix("A", "n", "n");
  const NodeId s = matrix("S", "n", "n", positive_definite);
  const NodeId input = b.call("tr", {mul({a, s})});
  const NodeId half = b.number(Rational(1, 2));
  const auto on = Arrangement::riemannian_gradient;
  const NodeId euclidean = b.scale(half, add({a, t(a)}));
  accepts(input, s, mul({s, euclidean, s}), on);
  refuses(input, s, euclidean, on);
  refuses(input, s, mul({s, a, s}), on);  // not symmetric
  refuses(input, s, mul({s, euclidean}), on);
  refuses(input, s, mul({b.call("inv", {s}), euclidean, b.call("inv", {s})}), on);
}

TEST_F(Verify, RiemannianGradientOnALinearSpace) {
  const NodeId a = matrix("A", "n", "n");
  const NodeId w = matrix("W", "n", "n", skew);
  const NodeId input = b.call("tr", {mul({t(a), w})});
  const auto on = Arrangement::riemannian_gradient;
  accepts(input, w, b.scale(b.number(Rational(1, 2)), b.minus(a, t(a))), on);
  refuses(input, w, a, on);
}

TEST_F(Verify, GradientOfATrace) {
  const NodeId a = matrix("A", "n", "n");
  const NodeId x = matrix("X", "n", "n");
  const NodeId inverse = b.call("inv", {x});
  const NodeId input = b.call("tr", {mul({inverse, a})});
  const NodeId right = b.negate(mul({t(inverse), t(a), t(inverse)}));
  accepts(input, x, right, Arrangement::gradient);
  accepts(input, x, t(right), Arrangement::gradient, true);
  refuses(input, x, t(right), Arrangement::gradient);
  refuses(input, x, b.negate(right), Arrangement::gradient);
  refuses(input, x, b.scale(b.number(Rational(1000001, 1000000)), right), Arrangement::gradient);
  refuses(input, x, b.negate(mul({t(inverse), a, t(inverse)})), Arrangement::gradient);
}

TEST_F(Verify, GradientInAVectorAndAReason) {
  const NodeId a = matrix("A", "n", "n");
  const NodeId x = vector("x", "n");
  const NodeId input = mul({t(x), a, x});
  const NodeId right = mul({b.plus(a, t(a)), x});
  accepts(input, x, right, Arrangement::gradient);
  accepts(input, x, t(right), Arrangement::gradient, true);
  const Verification wrong = run(input, x, b.scale(two, mul({a, x})), Arrangement::gradient);
  EXPECT_FALSE(wrong.passed);
  EXPECT_EQ(wrong.points, 1);
  EXPECT_NE(wrong.reason.find("seed 1, sizes n="), std::string::npos) << wrong.reason;
  EXPECT_NE(wrong.reason.find("should be"), std::string::npos) << wrong.reason;
  const Verification turned = run(input, x, t(right), Arrangement::gradient);
  EXPECT_FALSE(turned.passed);
  EXPECT_NE(turned.reason.find("the result should be 3×1, is 1×3"), std::string::npos) << turned.reason;
}

TEST_F(Verify, JacobianAndBlockAreTellable) {
  const NodeId a = matrix("A", "m", "n");
  const NodeId x = matrix("X", "n", "p");
  const NodeId c = matrix("B", "p", "q");
  const NodeId input = mul({a, x, c});
  accepts(input, x, kron(t(c), a), Arrangement::jacobian);
  accepts(input, x, kron(c, t(a)), Arrangement::jacobian, true);
  refuses(input, x, kron(c, t(a)), Arrangement::jacobian);
  refuses(input, x, kron(a, t(c)), Arrangement::jacobian);
  const NodeId block = mul({b.call("vec", {t(a)}), t(b.call("vec", {c}))});
  refuses(input, x, kron(t(c), a), Arrangement::block);
  // Y = X: entry (i,j) of the blocks is the unit matrix E_ij.
  const NodeId self = mul({b.call("vec", {eye("n")}), t(b.call("vec", {eye("p")}))});
  accepts(x, x, self, Arrangement::block);
  // Y = A*X*B: block (i,j) is (row i of A)'*(column j of B)'.
  accepts(input, x, block, Arrangement::block);
  refuses(input, x, b.negate(block), Arrangement::block);
  accepts(t(x), x, b.commutation(dim("n"), dim("p")), Arrangement::jacobian);
  refuses(t(x), x, b.commutation(dim("p"), dim("n")), Arrangement::jacobian);
}

TEST_F(Verify, ByAScalar) {
  const NodeId s = scalar("s");
  const NodeId a = matrix("A", "m", "n");
  const NodeId input = b.scale(b.call("exp", {s}), a);
  accepts(input, s, input, Arrangement::by_scalar);
  accepts(input, s, t(input), Arrangement::by_scalar, true);
  refuses(input, s, t(input), Arrangement::by_scalar);
  refuses(input, s, a, Arrangement::by_scalar);
}

TEST_F(Verify, Differential) {
  const NodeId x = matrix("X", "n", "n");
  const NodeId dx = symbol("dX", dim("n"), dim("n"), 0, Symbol::Role::differential);
  Check check;
  check.input = b.matrix_power(x, two);
  check.variable = x;
  check.direction = dx;
  check.arrangement = Arrangement::differential;
  check.result = add({mul({x, dx}), mul({dx, x})});
  EXPECT_TRUE(run(check).passed) << run(check).reason;
  for (NodeId wrong : {b.scale(two, mul({x, dx})), add({mul({x, t(dx)}), mul({dx, x})}), t(check.result)}) {
    check.result = wrong;
    EXPECT_FALSE(run(check).passed);
  }
}

TEST_F(Verify, Hessians) {
  const NodeId a = matrix("A", "n", "n");
  const NodeId x = vector("x", "n");
  const NodeId input = b.call("exp", {mul({t(x), a, x})});
  const NodeId slope = mul({b.plus(a, t(a)), x});
  const NodeId right = b.scale(input, b.plus(b.plus(a, t(a)), mul({slope, t(slope)})));
  accepts(input, x, right, Arrangement::hessian);
  refuses(input, x, b.scale(input, b.plus(a, t(a))), Arrangement::hessian);
  refuses(input, x, b.scale(b.number(Rational(10001, 10000)), right), Arrangement::hessian);
  const NodeId m = matrix("X", "m", "n");
  const NodeId c = matrix("C", "n", "n");
  const NodeId quadratic = b.call("tr", {mul({m, c, t(m)})});
  accepts(quadratic, m, kron(b.plus(c, t(c)), eye("m")), Arrangement::hessian);
  refuses(quadratic, m, kron(eye("m"), b.plus(c, t(c))), Arrangement::hessian);
}

// The second difference of steep slopes is exact to so many digits only.
TEST_F(Verify, HessiansBesideLargeConstants) {
  const NodeId s = scalar("s");
  for (const std::int64_t large : {100'000, 1'000'000, 10'000'000}) {
    const NodeId input = b.times(NodeList{s, b.plus(b.number(large), s)});
    const Verification v = run(input, s, two, Arrangement::hessian);
    EXPECT_TRUE(v.passed || v.points == 0) << v.reason;
    EXPECT_FALSE(run(input, s, b.number(3), Arrangement::hessian).passed);
  }
}

TEST_F(Verify, MixedSecondDerivatives) {
  const NodeId a = matrix("A", "m", "n");
  const NodeId x = vector("x", "m");
  const NodeId y = vector("y", "n");
  Check check;
  check.input = mul({t(x), a, y});
  check.variable = x;
  check.second = y;
  check.arrangement = Arrangement::hessian;
  check.result = a;
  EXPECT_TRUE(run(check).passed) << run(check).reason;
  check.result = t(a);
  EXPECT_FALSE(run(check).passed);
  check.transposed = true;
  EXPECT_TRUE(run(check).passed);
}

TEST_F(Verify, StructuredVariablesAreProjected) {
  const NodeId a = matrix("A", "n", "n");
  const NodeId half = b.number(Rational(1, 2));
  const NodeId s = matrix("S", "n", "n", symmetric);
  accepts(b.call("tr", {mul({a, s})}), s, b.scale(half, b.plus(a, t(a))), Arrangement::gradient);
  refuses(b.call("tr", {mul({a, s})}), s, t(a), Arrangement::gradient);
  const NodeId p = matrix("P", "n", "n", positive_definite);
  accepts(b.call("logdet", {p}), p, b.call("inv", {p}), Arrangement::gradient);
  refuses(b.call("logdet", {p}), p, p, Arrangement::gradient);
  const NodeId w = matrix("W", "n", "n", skew);
  accepts(b.call("tr", {mul({t(a), w})}), w, b.scale(half, b.minus(a, t(a))), Arrangement::gradient);
  refuses(b.call("tr", {mul({t(a), w})}), w, a, Arrangement::gradient);
  const NodeId d = matrix("D", "n", "n", diagonal);
  accepts(b.call("tr", {mul({a, d})}), d, b.hadamard(NodeList{a, eye("n")}), Arrangement::gradient);
  refuses(b.call("tr", {mul({a, d})}), d, t(a), Arrangement::gradient);
  const NodeId l = matrix("L", "n", "n", lower);
  accepts(b.call("tr", {mul({t(a), l})}), l, b.call("tril", {a}), Arrangement::gradient);
  refuses(b.call("tr", {mul({t(a), l})}), l, a, Arrangement::gradient);
}

TEST_F(Verify, FreeEntriesOfASymmetricVariable) {
  const NodeId a = matrix("A", "n", "n");
  const NodeId s = matrix("S", "n", "n", symmetric);
  Check check;
  check.input = b.call("tr", {mul({a, s})});
  check.variable = s;
  check.free_entries = true;
  check.result = b.minus(b.plus(a, t(a)), b.hadamard(NodeList{a, eye("n")}));
  EXPECT_TRUE(run(check).passed) << run(check).reason;
  check.result = b.plus(a, t(a));
  EXPECT_FALSE(run(check).passed);
  check.result = b.scale(b.number(Rational(1, 2)), check.result);
  EXPECT_FALSE(run(check).passed);
}

TEST_F(Verify, KernelsWithoutComplexForm) {
  const NodeId a = matrix("A", "m", "n");
  const NodeId x = vector("x", "n");
  const NodeId y = mul({a, x});
  const NodeId input = b.call("sum", {b.call("erf", {y})});
  const NodeId pi = b.call("pi", {});
  const NodeId bell = b.call("exp", {b.negate(b.power(y, two))});
  const NodeId right = b.scale(b.scale(two, b.power(pi, b.number(Rational(-1, 2)))), mul({t(a), bell}));
  accepts(input, x, right, Arrangement::gradient);
  refuses(input, x, b.scale(two, right), Arrangement::gradient);
  const NodeId curved = b.call("diagm", {b.hadamard(NodeList{y, bell})});
  const NodeId hessian = b.scale(b.scale(b.number(-4), b.power(pi, b.number(Rational(-1, 2)))), mul({t(a), curved, a}));
  accepts(input, x, hessian, Arrangement::hessian);
  refuses(input, x, b.negate(hessian), Arrangement::hessian);
}

TEST_F(Verify, KinksSumsAndConditions) {
  const NodeId x = vector("x", "n");
  accepts(b.call("sum", {b.call("abs", {x})}), x, b.call("sign", {x}), Arrangement::gradient);
  refuses(b.call("sum", {b.call("abs", {x})}), x, b.ones(dim("n"), dim_one), Arrangement::gradient);
  const NodeId i = index("i");
  const NodeId entry = mul({t(b.unit(i, dim("n"))), x});
  const NodeId n = b.dimension(dim("n"));
  const NodeId input = b.sum_over(i, b.number(1), n, b.times(NodeList{i, b.power(entry, two)}));
  const NodeId right = b.sum_over(i, b.number(1), n, b.scale(b.times(NodeList{two, i, entry}), b.unit(i, dim("n"))));
  accepts(input, x, right, Arrangement::gradient);
  refuses(input, x, b.scale(two, right), Arrangement::gradient);
  // Three entries of a vector: its size must be three at least.
  const NodeId some = b.sum_over(i, b.number(1), b.number(3), entry);
  accepts(some, x, b.sum_over(i, b.number(1), b.number(3), b.unit(i, dim("n"))), Arrangement::gradient);
}

TEST_F(Verify, WithoutAPointNothingPasses) {
  const NodeId x = vector("x", "n");
  const NodeId nowhere = b.call("log", {b.negate(mul({t(x), x}))});
  Verification v = run(nowhere, x, x, Arrangement::gradient);
  EXPECT_FALSE(v.passed);
  EXPECT_EQ(v.points, 0);
  EXPECT_EQ(v.reason, "the input has no finite, well-conditioned value at any point tried");
  v = run(b.call("sum", {x}), x, b.scale(nowhere, x), Arrangement::gradient);
  EXPECT_FALSE(v.passed);
  EXPECT_EQ(v.reason, "the result has no finite value where the input has one");
}

TEST_F(Verify, ManyDirectionsAreComparedByChoice) {
  const NodeId x = symbol("X", dim(60), dim(60));
  const NodeId c = symbol("C", dim(60), dim(60));
  const NodeId input = b.call("tr", {mul({t(c), x, x, x})});
  const NodeId right = add({mul({c, t(x), t(x)}), mul({t(x), c, t(x)}), mul({t(x), t(x), c})});
  accepts(input, x, right, Arrangement::gradient);
  refuses(input, x, mul({t(x), c, t(x)}), Arrangement::gradient);
}

}  // namespace
}  // namespace matgrad
