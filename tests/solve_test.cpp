// SPDX-License-Identifier: MIT
// Closed forms against numbers that come about in another way, for three shapes each.
#include "engine/solve_numbers.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "base/factorisations.hpp"
#include "numeric/least_squares.hpp"
#include "solving.hpp"

namespace matgrad {
namespace {

using namespace solving;  // NOLINT: the words of these tests

class Solutions : public testing::TestWithParam<Shape> {};
INSTANTIATE_TEST_SUITE_P(Shapes, Solutions, testing::ValuesIn(shapes));

TEST_P(Solutions, LeastSquares) {
  const auto [m, n, k] = GetParam();
  ASSERT_LT(k, n);
  const Problem problem{"norm2(X*w - y)^2", "w", {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)"}, {}};
  const Data data{{"X", random(m, n)}, {"y", random(m, 1)}};
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  expect_near(numbers(*s, 0, problem, data, {{"m", m}, {"n", n}}), shortest(data.at("X"), data.at("y")));
  EXPECT_EQ(s->check.curvature, Curvature::minimum);
}

TEST_P(Solutions, Ridge) {
  const auto [m, n, k] = GetParam();
  const Problem problem{"norm2(X*w - y)^2 + lam*norm2(w)^2",
                        "w",
                        {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)", "lam: scalar positive"},
                        {}};
  const Data data{{"X", random(m, n)}, {"y", random(m, 1)}, {"lam", number(0.3)}};
  Matrix stacked(m + n, n);
  stacked << data.at("X"), std::sqrt(0.3) * Matrix::Identity(n, n);
  Matrix right = Matrix::Zero(m + n, 1);
  right.topRows(m) = data.at("y");
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  expect_near(numbers(*s, 0, problem, data, {{"m", m}, {"n", n}}), shortest(stacked, right));
}

TEST_P(Solutions, WeightedAndGeneralised) {
  const auto [m, n, k] = GetParam();
  const Matrix v = definite(m);
  const Matrix root = v.llt().matrixL();
  const Data data{
      {"X", random(m, n)}, {"y", random(m, 1)}, {"V", v}, {"s", random(m, 1).cwiseAbs() + Matrix::Ones(m, 1)}};
  const Problem weighted{"(X*w - y)'*diag(s)*(X*w - y)",
                         "w",
                         {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)", "s: vector(m) positive"},
                         {}};
  const auto a = solved(weighted);
  ASSERT_NE(a, nullptr);
  const Matrix scale = data.at("s").cwiseSqrt().asDiagonal();
  expect_near(numbers(*a, 0, weighted, data, {{"m", m}, {"n", n}}),
              shortest(scale * data.at("X"), scale * data.at("y")));
  const Problem general{
      "(X*w - y)'*inv(V)*(X*w - y)", "w", {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)", "V: spd(m)"}, {}};
  const auto b = solved(general);
  ASSERT_NE(b, nullptr);
  const auto whitened = root.triangularView<Eigen::Lower>();
  expect_near(numbers(*b, 0, general, data, {{"m", m}, {"n", n}}),
              shortest(whitened.solve(data.at("X")), whitened.solve(data.at("y"))));
}

TEST_P(Solutions, ConstrainedLeastSquares) {
  const auto [m, n, k] = GetParam();
  const Problem problem{"norm2(X*w - y)^2",
                        "w",
                        {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)", "A: matrix(k,n)", "b: vector(k)"},
                        {"A*w = b"}};
  const Data data{{"X", random(m, n)}, {"y", random(m, 1)}, {"A", random(k, n)}, {"b", random(k, 1)}};
  Matrix whole = Matrix::Zero(n + k, n + k);
  whole << data.at("X").transpose() * data.at("X"), data.at("A").transpose(), data.at("A"), Matrix::Zero(k, k);
  Matrix right(n + k, 1);
  right << data.at("X").transpose() * data.at("y"), data.at("b");
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  const Matrix expected = whole.fullPivLu().solve(right).topRows(n);
  expect_near(numbers(*s, 0, problem, data, {{"m", m}, {"n", n}, {"k", k}}), expected, 1e-7);
}

// The Hessian is singular, and yet there is one solution under the constraint.
TEST(SolutionsOfOneShape, AConstraintThatMakesItUnique) {
  const Problem problem{
      "(a'*x - c)^2", "x", {"a: vector(2)", "x: vector(2)", "c: scalar", "g: vector(2)", "d: scalar"}, {"g'*x = d"}};
  const Data data{{"a", random(2, 1)}, {"c", number(0.7)}, {"g", random(2, 1)}, {"d", number(-0.4)}};
  Matrix rows(2, 2);
  rows << data.at("a").transpose(), data.at("g").transpose();
  Matrix right(2, 1);
  right << 0.7, -0.4;
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  expect_near(numbers(*s, 0, problem, data, {}), rows.fullPivLu().solve(right), 1e-7);
}

TEST_P(Solutions, MatrixLeastSquares) {
  const auto [m, n, k] = GetParam();
  const std::vector<std::string> variables = {"A: matrix(m,n)", "X: matrix(n,k)", "B: matrix(k,p)", "C: matrix(m,p)",
                                              "lam: scalar positive"};
  const std::int64_t p = k + 3;
  const Data data{{"A", random(m, n)}, {"B", random(k, p)}, {"C", random(m, p)}, {"lam", number(0.2)}};
  const NamedSizes sizes{{"m", m}, {"n", n}, {"k", k}, {"p", p}};
  const Problem plain{"norm2(A*X*B - C)^2", "X", variables, {}};
  const auto a = solved(plain);
  ASSERT_NE(a, nullptr);
  const Matrix half = shortest(data.at("A"), data.at("C"));
  expect_near(numbers(*a, 0, plain, data, sizes), shortest(data.at("B").transpose(), half.transpose()).transpose());
  const Problem ridge{"norm2(A*X*B - C)^2 + lam*norm2(X)^2", "X", variables, {}};
  const auto b = solved(ridge);
  ASSERT_NE(b, nullptr);
  const Matrix x = numbers(*b, 0, ridge, data, sizes);
  const Matrix slope =
      data.at("A").transpose() * (data.at("A") * x * data.at("B") - data.at("C")) * data.at("B").transpose() + 0.2 * x;
  EXPECT_LE(slope.norm(), 1e-9);
}

TEST_P(Solutions, GaussianMeanAndCovariance) {
  const auto [m, n, k] = GetParam();
  const Problem problem{"m*logdet(S) + sum(i, 1, m, (X[i,:]' - mu)'*inv(S)*(X[i,:]' - mu))",
                        "S,mu",
                        {"S: spd(n)", "mu: vector(n)", "X: matrix(m,n)"},
                        {}};
  const Data data{{"X", random(m, n)}};
  const Matrix mean = data.at("X").colwise().mean().transpose();
  const Matrix centred = data.at("X").rowwise() - mean.transpose().row(0);
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  ASSERT_EQ(s->unknowns.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const Matrix expected =
        s->unknowns[i].name == "mu" ? mean : Matrix(centred.transpose() * centred / static_cast<double>(m));
    expect_near(numbers(*s, i, problem, data, {{"m", m}, {"n", n}}), expected);
  }
  EXPECT_EQ(s->check.curvature, Curvature::minimum);
}

TEST_P(Solutions, Procrustes) {
  const auto [m, n, k] = GetParam();
  const Problem problem{"norm2(A*X - B)^2", "X", {"A: matrix(m,n)", "B: matrix(m,n)", "X: orthogonal(n)"}, {}};
  const Data data{{"A", random(m, n)}, {"B", random(m, n)}};
  const Eigen::JacobiSVD<Matrix> svd(data.at("A").transpose() * data.at("B"),
                                     Eigen::ComputeFullU | Eigen::ComputeFullV);
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  expect_near(numbers(*s, 0, problem, data, {{"m", m}, {"n", n}}), svd.matrixU() * svd.matrixV().transpose(), 1e-6);
}

TEST_P(Solutions, PrincipalComponents) {
  const auto [m, n, k] = GetParam();
  const Problem problem{"-tr(W'*S*W)", "W", {"S: symmetric(n)", "W: matrix(n,k)"}, {"W'*W = I"}};
  const Data data{{"S", definite(n)}};
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(data.at("S"));
  const Matrix leading = eigen.eigenvectors().rightCols(k);
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  const Matrix w = numbers(*s, 0, problem, data, {{"n", n}, {"k", k}});
  expect_near(w * w.transpose(), leading * leading.transpose(), 1e-8);
}

TEST_P(Solutions, Equations) {
  const auto [m, n, k] = GetParam();
  const std::vector<std::string> variables = {"A: matrix(n,n)", "B: matrix(k,k)", "C: matrix(n,n)",
                                              "D: matrix(k,k)", "X: matrix(n,k)", "F: matrix(n,k)"};
  const Data data{
      {"A", definite(n)}, {"B", definite(k)}, {"C", random(n, n)}, {"D", random(k, k)}, {"F", random(n, k)}};
  const Problem sylvester{"A*X + X*B = F", "X", variables, {}};
  const auto a = solved(sylvester);
  ASSERT_NE(a, nullptr);
  const Matrix x = numbers(*a, 0, sylvester, data, {{"n", n}, {"k", k}});
  expect_near(data.at("A") * x + x * data.at("B"), data.at("F"));
  const Problem general{"A*X*B + C*X*D = F", "X", variables, {}};
  const auto b = solved(general);
  ASSERT_NE(b, nullptr);
  const Matrix z = numbers(*b, 0, general, data, {{"n", n}, {"k", k}});
  expect_near(data.at("A") * z * data.at("B") + data.at("C") * z * data.at("D"), data.at("F"), 1e-7);
}

// ---------------------------------------------------------------- for data

Matrix for_data(const Problem& problem, const Data& data, Diagnostics* notes = nullptr) {
  SolveRequest request;
  request.expression = problem.expression;
  request.unknowns = problem.unknowns;
  request.variables = problem.variables;
  request.constraints = problem.constraints;
  std::vector<NamedArray> arrays;
  for (const auto& [name, values] : data) {
    NamedArray named{name, name, {values.rows(), values.cols(), values.cols() == 1 ? 1 : 2, {}}};
    named.array.values.assign(values.data(), values.data() + values.size());
    if (values.size() == 1) named.array.dimensions = 0;
    arrays.push_back(std::move(named));
  }
  const auto found = solve_numbers(request, std::move(arrays));
  EXPECT_TRUE(found.has_value()) << (found ? "" : render(found.error(), problem.expression, Language::english));
  if (!found) return {};
  if (notes != nullptr) *notes = found->notes;
  const DataArray& array = found->outputs[0].array;
  return Eigen::Map<const Matrix>(array.values.data(), array.rows, array.cols);
}

bool says(const Diagnostics& notes, Message message) {
  return std::any_of(notes.begin(), notes.end(), [&](const Diagnostic& note) { return note.message == message; });
}

TEST_P(Solutions, ForData) {
  const auto [m, n, k] = GetParam();
  const Data data{{"X", random(m, n)}, {"y", random(m, 1)}, {"lam", number(0.3)}, {"V", definite(m)}};
  Diagnostics notes;
  const Matrix w =
      for_data({"norm2(X*w - y)^2", "w", {"w: vector(n)"}, {}}, {{"X", data.at("X")}, {"y", data.at("y")}}, &notes);
  expect_near(w, shortest(data.at("X"), data.at("y")), 1e-12);
  EXPECT_TRUE(says(notes, Message::numbers_by_least_squares));
  EXPECT_TRUE(says(notes, Message::numbers_stationary));
  const Matrix ridge = for_data({"norm2(X*w - y)^2 + lam*norm2(w)^2", "w", {"w: vector(n)"}, {}},
                                {{"X", data.at("X")}, {"y", data.at("y")}, {"lam", data.at("lam")}});
  const Matrix normal = data.at("X").transpose() * data.at("X") + 0.3 * Matrix::Identity(n, n);
  expect_near(ridge, normal.llt().solve(data.at("X").transpose() * data.at("y")));
  const Matrix general = for_data({"(X*w - y)'*inv(V)*(X*w - y)", "w", {"V: spd(m)", "w: vector(n)"}, {}},
                                  {{"X", data.at("X")}, {"y", data.at("y")}, {"V", data.at("V")}});
  const Matrix whitened = data.at("V").llt().solve(data.at("X"));
  expect_near(general, Matrix(data.at("X").transpose() * whitened).llt().solve(whitened.transpose() * data.at("y")));
  const Data both{{"A", random(m, n)}, {"B", random(k, k + 2)}, {"C", random(m, k + 2)}};
  const Matrix half = shortest(both.at("A"), both.at("C"));
  expect_near(for_data({"norm2(A*X*B - C)^2", "X", {}, {}}, both),
              shortest(both.at("B").transpose(), half.transpose()).transpose());
}

// The normal equations would know no digit of it.
TEST(SolutionsOfOneShape, AnIllConditionedMatrix) {
  const Eigen::Index m = 60;
  const Eigen::Index n = 6;
  const Matrix u = random(m, n).householderQr().householderQ() * Matrix::Identity(m, n);
  const Matrix v = Matrix(random(n, n).householderQr().householderQ());
  Eigen::VectorXd scales(n);
  for (Eigen::Index i = 0; i < n; ++i) scales(i) = std::pow(10.0, -2.0 * static_cast<double>(i));
  const Matrix x = u * scales.asDiagonal() * v.transpose();
  const Matrix w = random(n, 1);
  Diagnostics notes;
  const Matrix found =
      for_data({"norm2(X*w - y)^2", "w", {"X: matrix(m,n)", "w: vector(n)"}, {}}, {{"X", x}, {"y", x * w}}, &notes);
  EXPECT_LE((found - w).norm(), 1e-5);
  const Eigen::JacobiSVD<Matrix> svd(x, Eigen::ComputeThinU | Eigen::ComputeThinV);
  EXPECT_LE((found - w).norm(), 10 * (svd.solve(x * w) - w).norm() + 1e-9);
}

TEST(SolutionsOfOneShape, ADeficientMatrix) {
  Matrix x = random(20, 5);
  x.col(4) = x.col(0) - 2 * x.col(1);
  const Matrix y = random(20, 1);
  Diagnostics notes;
  const Matrix found =
      for_data({"norm2(X*w - y)^2", "w", {"X: matrix(m,n)", "w: vector(n)"}, {}}, {{"X", x}, {"y", y}}, &notes);
  expect_near(found, shortest(x, y));
  EXPECT_TRUE(says(notes, Message::numbers_rank_deficient));
}

TEST(LeastSquares, OfEveryShape) {
  for (const auto& [m, n] : {std::pair<Eigen::Index, Eigen::Index>{1, 1}, {5, 5}, {3, 7}, {400, 30}}) {
    const Matrix a = random(m, n);
    const Matrix b = random(m, 2);
    const ShortestSolution solution = shortest_solution(a, b);
    expect_near(solution.x, shortest(a, b));
    EXPECT_EQ(solution.rank, std::min(m, n));
    EXPECT_NEAR(solution.residual, (a * solution.x - b).norm(), 1e-10);
    const Eigen::VectorXd values = Eigen::JacobiSVD<Matrix>(a).singularValues();
    EXPECT_NEAR(solution.condition, values(0) / values(values.size() - 1), 1e-6 * solution.condition);
  }
  EXPECT_EQ(shortest_solution(Matrix::Zero(4, 2), Matrix::Ones(4, 1)).x, Matrix::Zero(2, 1));
}

// What is found has to be where the objective is stationary: a wrong value is seen.
TEST(CheckStationary, SeesWrongValues) {
  const auto s = solved({"norm2(X*w - y)^2", "w", {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)"}, {}});
  ASSERT_NE(s, nullptr);
  Build build(s->store());
  StationaryClaim claim;
  claim.objective = s->derivation->input;
  claim.variables = {s->unknowns[0].symbol};
  claim.values = {s->unknowns[0].value};
  EXPECT_TRUE(check_stationary(s->store(), claim, {}).passed);
  claim.values = {build.scaled(Rational(1001, 1000), s->unknowns[0].value)};
  const StationaryCheck wrong = check_stationary(s->store(), claim, {});
  EXPECT_FALSE(wrong.passed);
  EXPECT_NE(wrong.reason.find("slope"), std::string::npos) << wrong.reason;
}

TEST(CheckStationary, SeesViolatedConstraints) {
  const Problem problem{"norm2(x)^2", "x", {"A: matrix(m,n)", "x: vector(n)", "b: vector(m)"}, {"A*x = b"}};
  const auto s = solved(problem);
  ASSERT_NE(s, nullptr);
  Build build(s->store());
  StationaryClaim claim;
  claim.objective = s->derivation->input;
  claim.variables = {s->unknowns[0].symbol};
  claim.values = {build.scaled(Rational(2), s->unknowns[0].value)};
  claim.constraints = s->constraints;
  EXPECT_FALSE(check_stationary(s->store(), claim, {}).passed);
}

}  // namespace
}  // namespace matgrad
