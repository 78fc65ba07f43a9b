// SPDX-License-Identifier: MIT
// Closed forms under constraints against numbers that come about in another way, for three shapes each.
#include <gtest/gtest.h>

#include "base/factorisations.hpp"
#include "engine/solve_numbers.hpp"
#include "solving.hpp"

namespace matgrad {
namespace {

using namespace solving;  // NOLINT: the words of these tests

class Constrained : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Shapes, Constrained, testing::ValuesIn(shapes));

Matrix projector(const Matrix& columns) {
  return columns * columns.transpose();
}

TEST_P(Constrained, SeveralEquations) {
  const std::int64_t m = GetParam().m;
  const Problem problem{
      "w'*S*w", "w", {"S: spd(m)", "w: vector(m)", "mu: vector(m)", "r: scalar"}, {"mu'*w = r", "sum(w) = 1"}};
  const Data data{{"S", definite(m)}, {"mu", random(m, 1)}, {"r", number(0.3)}};
  Matrix rows(2, m);
  rows << data.at("mu").transpose(), Matrix::Ones(1, m);
  Matrix whole = Matrix::Zero(m + 2, m + 2);
  whole << data.at("S"), rows.transpose(), rows, Matrix::Zero(2, 2);
  Matrix right = Matrix::Zero(m + 2, 1);
  right.bottomRows(2) << 0.3, 1;
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  const Matrix expected = whole.fullPivLu().solve(right).topRows(m);
  expect_near(numbers(*s, 0, problem, data, {{"m", m}}), expected, 1e-8);
  EXPECT_EQ(s->check.curvature, Curvature::minimum);
}

TEST_P(Constrained, AMatrixByItsRowSums) {
  const std::int64_t m = GetParam().m;
  const std::int64_t n = GetParam().n;
  const Problem problem{"norm2(X - A)^2", "X", {"A: matrix(m,n)", "X: matrix(m,n)", "b: vector(m)"}, {"X*ones(n) = b"}};
  const Data data{{"A", random(m, n)}, {"b", random(m, 1)}};
  const Matrix excess = data.at("A").rowwise().sum() - data.at("b");
  const Matrix expected = data.at("A") - excess * Matrix::Ones(1, n) / static_cast<double>(n);
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  expect_near(numbers(*s, 0, problem, data, {{"m", m}, {"n", n}}), expected);
}

TEST_P(Constrained, PrincipalComponentsByReconstruction) {
  const std::int64_t m = GetParam().m;
  const std::int64_t n = GetParam().n;
  const std::int64_t k = GetParam().k;
  const Problem problem{"norm2(A - A*W*W')^2", "W", {"A: matrix(m,n)", "W: matrix(n,k)"}, {"W'*W = I"}};
  const Data data{{"A", random(m, n)}};
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(data.at("A").transpose() * data.at("A"));
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  const Matrix w = numbers(*s, 0, problem, data, {{"m", m}, {"n", n}, {"k", k}});
  expect_near(projector(w), projector(eigen.eigenvectors().rightCols(k)), 1e-8);
}

TEST_P(Constrained, GeneralisedEigenvectors) {
  const std::int64_t m = GetParam().m;
  const std::int64_t k = GetParam().k;
  const Problem problem{"tr(W'*A*W)", "W", {"A: symmetric(m)", "B: spd(m)", "W: matrix(m,k)"}, {"W'*B*W = I"}};
  const Matrix half = random(m, m);
  const Data data{{"A", half + half.transpose()}, {"B", definite(m)}};
  const Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> eigen(data.at("A"), data.at("B"));
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  const Matrix w = numbers(*s, 0, problem, data, {{"m", m}, {"k", k}});
  expect_near(projector(w), projector(eigen.eigenvectors().leftCols(k)), 1e-7);
  EXPECT_TRUE(s->check.curvature == Curvature::minimum || s->check.curvature == Curvature::flat_minimum);
}

TEST_P(Constrained, OnTheSphere) {
  const std::int64_t n = GetParam().n;
  const Matrix half = random(n, n);
  const Data data{{"A", half + half.transpose()}, {"b", random(n, 1)}};
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(data.at("A"));
  const Matrix smallest = projector(eigen.eigenvectors().leftCols(1));
  for (const char* constraint : {"x'*x = 1", "norm2(x) = 1", "1 - norm2(x)^2 = 0"}) {
    const Problem problem{"x'*A*x", "x", {"A: symmetric(n)", "x: vector(n)"}, {constraint}};
    const auto s = solved(problem);
    ASSERT_NE(s, nullptr);
    expect_near(projector(numbers(*s, 0, problem, data, {{"n", n}})), smallest, 1e-8);
  }
  const Problem linear{"b'*x", "x", {"b: vector(n)", "x: vector(n)"}, {"x'*x = 1"}};
  const auto s = solved(linear);
  ASSERT_NE(s, nullptr);
  expect_near(numbers(*s, 0, linear, data, {{"n", n}}), -data.at("b").normalized());
}

// Of any length: x'*A*x/(x'*x), and the same with x'*B*x, as of two covariances.
TEST_P(Constrained, Quotients) {
  const std::int64_t n = GetParam().n;
  const Matrix half = random(n, n);
  const Data data{{"A", half + half.transpose()}, {"B", definite(n)}};
  const Problem plain{"x'*A*x/(x'*x)", "x", {"A: matrix(n,n)", "x: vector(n)"}, {}};
  const auto a = solved(plain);
  ASSERT_NE(a, nullptr);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(data.at("A"));
  expect_near(projector(numbers(*a, 0, plain, data, {{"n", n}})), projector(eigen.eigenvectors().leftCols(1)), 1e-8);
  const Problem weighted{"-(x'*A*x)/(x'*B*x)", "x", {"A: symmetric(n)", "B: spd(n)", "x: vector(n)"}, {}};
  const auto b = solved(weighted);
  ASSERT_NE(b, nullptr);
  const Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> both(data.at("A"), data.at("B"));
  const Matrix x = numbers(*b, 0, weighted, data, {{"n", n}});
  expect_near(projector(x), projector(both.eigenvectors().rightCols(1)), 1e-7);
}

TEST_P(Constrained, ACovarianceWithAPrior) {
  const std::int64_t m = GetParam().m;
  const std::int64_t n = GetParam().n;
  const Problem problem{
      "tr(M*inv(T)) + logdet(T) + c*tr(inv(T))", "T", {"T: spd(n)", "M: symmetric(n)", "c: scalar positive"}, {}};
  const Data data{{"M", definite(n)}, {"c", number(0.7)}};
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  expect_near(numbers(*s, 0, problem, data, {{"n", n}}), data.at("M") + 0.7 * Matrix::Identity(n, n));
  const Problem general{"m*logdet(S) + sum(i, 1, m, (X[i,:]' - mu)'*inv(S)*(X[i,:]' - mu))",
                        "mu,S",
                        {"S: matrix(n,n)", "mu: vector(n)", "X: matrix(m,n)"},
                        {}};
  const Data rows{{"X", random(m, n)}};
  const Matrix centred = rows.at("X").rowwise() - rows.at("X").colwise().mean();
  const auto both = solved(general);
  ASSERT_NE(both, nullptr);
  const Matrix expected = centred.transpose() * centred / static_cast<double>(m);
  for (std::size_t i = 0; i < 2; ++i) {
    if (both->unknowns[i].name != "S") continue;
    expect_near(numbers(*both, i, general, rows, {{"m", m}, {"n", n}}), expected);
  }
}

// Neither is a wrong answer given: an unbalanced Procrustes problem, a quadratic with linear terms on the sphere.
TEST(ConstrainedRefusals, SayThatThereIsNone) {
  const Problem problems[] = {
      {"norm2(A*Q - B)^2", "Q", {"A: matrix(m,n)", "Q: matrix(n,k)", "B: matrix(m,k)"}, {"Q'*Q = I"}},
      {"norm2(A*x - b)^2", "x", {"A: matrix(m,n)", "b: vector(m)", "x: vector(n)"}, {"x'*x = 1"}},
      {"tr(W'*A*W)", "W", {"A: symmetric(n)", "B: symmetric(n)", "W: matrix(n,k)"}, {"W'*B*W = I"}},
      {"x'*A*x", "x", {"A: symmetric(n)", "x: vector(n)"}, {"x'*x = 1", "sum(x) = 0"}},
  };
  for (const Problem& problem : problems) {
    SolveRequest request;
    request.expression = problem.expression;
    request.unknowns = problem.unknowns;
    request.variables = problem.variables;
    request.constraints = problem.constraints;
    const auto result = solve(request);
    ASSERT_FALSE(result.has_value()) << problem.expression;
    EXPECT_EQ(result.error()[0].message, Message::no_closed_form_constrained) << problem.expression;
  }
}

// r of mu'*w = r is a number, though r would be a vector by convention; b of A*w = b is a vector.
TEST(ConstrainedNames, TakeTheShapeOfTheOtherSide) {
  const auto s = solved({"w'*S*w", "w", {"mu: vector(n)", "S: spd(n)"}, {"mu'*w = r", "A*w = b"}});
  ASSERT_NE(s, nullptr);
  EXPECT_EQ(s->scope().kind_text(*s->scope().find("r")), "scalar");
  EXPECT_EQ(s->scope().kind_text(*s->scope().find("b")).substr(0, 6), "vector");
}

}  // namespace
}  // namespace matgrad
