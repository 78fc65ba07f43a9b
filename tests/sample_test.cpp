// SPDX-License-Identifier: MIT
#include "numeric/sample.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/factorisations.hpp"
#include "scene.hpp"

namespace matgrad {
namespace {

class Sample : public testing::Test, protected Scene {
 protected:
  std::optional<Point<double>> draw(NodeId root, std::uint64_t seed = 1, std::vector<SizeCondition> conditions = {}) {
    return sample(store, std::span<const NodeId>(&root, 1), conditions, seed);
  }
  const Array<double>& value(const Point<double>& point, NodeId symbol) { return point.values.at(payload(symbol)); }
  std::int64_t size(const Point<double>& point, const char* name) {
    return point.sizes[*store.dims.as_atom(dim(name))];
  }
};

TEST_F(Sample, SizesAreDistinctAndDifferBetweenSeeds) {
  const NodeId a = matrix("A", "m", "n");
  const NodeId c = matrix("C", "p", "q");
  const NodeId root = b.call("tr", {mul({a, matrix("B", "n", "p"), c, matrix("D", "q", "m")})});
  std::set<std::vector<std::int64_t>> seen;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const auto point = draw(root, seed);
    ASSERT_TRUE(point.has_value());
    const std::set<std::int64_t> sizes{size(*point, "m"), size(*point, "n"), size(*point, "p"), size(*point, "q")};
    EXPECT_EQ(sizes.size(), 4u);
    EXPECT_GE(*sizes.begin(), 2);
    EXPECT_LE(*sizes.rbegin(), 7);
    seen.insert(point->sizes);
  }
  EXPECT_EQ(seen.size(), 3u);
}

TEST_F(Sample, OneSizeDiffersBetweenSeeds) {
  const NodeId root = b.call("det", {matrix("A", "n", "n")});
  std::set<std::int64_t> seen;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) seen.insert(size(*draw(root, seed), "n"));
  EXPECT_EQ(seen.size(), 3u);
}

TEST_F(Sample, TheSameSeedGivesTheSamePoint) {
  const NodeId a = matrix("A", "m", "n");
  const NodeId root = b.call("sum", {a});
  EXPECT_EQ(value(*draw(root, 5), a), value(*draw(root, 5), a));
  const auto first = draw(root, 5);
  const auto second = draw(root, 6);
  EXPECT_TRUE(first->sizes != second->sizes || value(*first, a) != value(*second, a));
}

TEST_F(Sample, ConditionsHold) {
  // kron(A,B)*vec(X): n*q = r*s.
  const NodeId a = matrix("A", "m", "n");
  const NodeId c = matrix("B", "p", "q");
  const NodeId x = matrix("X", "r", "s");
  const NodeId root = b.plus(b.call("sum", {b.call("kron", {a, c})}), b.call("sum", {x}));
  const SizeCondition condition{store.dims.multiply(dim("n"), dim("q")), store.dims.multiply(dim("r"), dim("s"))};
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto point = draw(root, seed, {condition});
    ASSERT_TRUE(point.has_value());
    EXPECT_EQ(size(*point, "n") * size(*point, "q"), size(*point, "r") * size(*point, "s"));
  }
  const auto implied = draw(root, 1, {{dim("m"), store.dims.multiply(dim("p"), dim("q"))}, {dim("q"), dim("r")}});
  ASSERT_TRUE(implied.has_value());
  EXPECT_EQ(size(*implied, "m"), size(*implied, "p") * size(*implied, "q"));
  EXPECT_EQ(size(*implied, "q"), size(*implied, "r"));
  EXPECT_FALSE(draw(root, 1, {{dim("m"), store.dims.add(dim("m"), dim_one)}}).has_value());
}

TEST_F(Sample, TallAndWideAreFoundByTrying) {
  const NodeId x = matrix("X", "m", "n");
  const NodeId tall = b.call("logdet", {mul({t(x), x})});
  const NodeId wide = b.call("logdet", {mul({x, t(x)})});
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const auto one = draw(tall, seed);
    const auto other = draw(wide, seed);
    ASSERT_TRUE(one.has_value() && other.has_value());
    EXPECT_GE(size(*one, "m"), size(*one, "n"));
    EXPECT_LE(size(*other, "m"), size(*other, "n"));
  }
}

TEST_F(Sample, DomainsAreRespected) {
  const NodeId x = vector("x", "n");
  const NodeId a = matrix("A", "n", "n");
  const NodeId s = scalar("s");
  const NodeId one = b.number(1);
  for (NodeId root : {b.call("log", {x}), b.power(mul({t(x), a, x}), b.number(Rational(1, 2))),
                      b.call("log", {b.call("det", {a})}), b.call("asin", {x}), b.call("log", {b.minus(s, one)}),
                      b.call("log", {b.minus(one, mul({t(x), x}))}), b.power(x, s), b.call("log", {b.negate(x)})}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const auto point = draw(root, seed);
      ASSERT_TRUE(point.has_value());
      EXPECT_TRUE(evaluate(store, root, *point)->allFinite());
    }
  }
}

TEST_F(Sample, NoPointWhereThereIsNone) {
  const NodeId x = vector("x", "n");
  const NodeId square = mul({t(x), x});
  EXPECT_FALSE(draw(b.call("log", {b.negate(square)})).has_value());
  // Of rank one at every size: only badly conditioned inverses.
  EXPECT_FALSE(draw(b.call("inv", {mul({x, t(x)})})).has_value());
}

TEST_F(Sample, ValuesAreGeneral) {
  const NodeId a = matrix("A", "n", "n");
  bool negative = false;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const auto point = draw(b.call("inv", {a}), seed);
    ASSERT_TRUE(point.has_value());
    const Array<double>& v = value(*point, a);
    EXPECT_GT((v - v.transpose()).cwiseAbs().maxCoeff(), 0.05);
    EXPECT_GT(v.cwiseAbs().minCoeff(), 0.05);
    negative = negative || v.determinant() < 0;
  }
  EXPECT_TRUE(negative) << "both signs of a determinant should occur";
}

TEST(RandomValue, HasTheDeclaredStructureAndNoMore) {
  std::mt19937_64 random(7);
  auto draw = [&](Properties properties) { return random_value(properties, {4, 4}, random); };
  const auto turned = [](const Array<double>& a) { return Array<double>(a.transpose()); };
  Array<double> a = draw(symmetric);
  EXPECT_EQ(a, turned(a));
  a = draw(positive_definite);
  EXPECT_EQ(a, turned(a));
  EXPECT_GT(Eigen::SelfAdjointEigenSolver<Array<double>>(a).eigenvalues().minCoeff(), 0.1);
  a = draw(skew);
  EXPECT_EQ(a, -turned(a));
  a = draw(diagonal);
  EXPECT_TRUE(a.isDiagonal(0) && a.diagonal().cwiseAbs().minCoeff() > 0.1);
  a = draw(lower);
  EXPECT_TRUE(a.isLowerTriangular(0) && std::abs(a(3, 0)) > 0.01 && a(0, 3) == 0);
  a = draw(upper);
  EXPECT_TRUE(a.isUpperTriangular(0) && std::abs(a(0, 3)) > 0.01 && a(3, 0) == 0);
  a = draw(orthogonal);
  EXPECT_TRUE((a * a.transpose()).isIdentity(1e-12));
  EXPECT_GT((a - turned(a)).cwiseAbs().maxCoeff(), 0.01);
  a = draw(orthogonal | symmetric);
  EXPECT_TRUE((a * a).isIdentity(1e-12));
  EXPECT_GT(draw(positive).minCoeff(), 0);
  EXPECT_GT(random_value(positive, {3, 5}, random).minCoeff(), 0);
}

TEST(Projected, IsTheStructuredPart) {
  Array<double> a(2, 2);
  a << 1, 2, 4, 8;
  Array<double> wanted(2, 2);
  wanted << 1, 3, 3, 8;
  EXPECT_EQ(projected(symmetric, a), wanted);
  EXPECT_EQ(projected(positive_definite, a), wanted);
  wanted << 0, -1, 1, 0;
  EXPECT_EQ(projected(skew, a), wanted);
  wanted << 1, 0, 0, 8;
  EXPECT_EQ(projected(diagonal, a), wanted);
  wanted << 1, 0, 4, 8;
  EXPECT_EQ(projected(lower, a), wanted);
  EXPECT_EQ(projected(orthogonal, a), a);
}

}  // namespace
}  // namespace matgrad
