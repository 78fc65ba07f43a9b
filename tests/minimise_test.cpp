// SPDX-License-Identifier: MIT
// Searches end where other ways say that the minimum is.
#include "engine/minimise.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "base/factorisations.hpp"
#include "engine/parameters.hpp"
#include "engine/problem_file.hpp"
#include "engine/relation.hpp"
#include "named_array.hpp"

namespace matgrad {
namespace {

using Matrix = Eigen::MatrixXd;

struct Problem {
  MinimiseRequest request;
  Problem(const std::string& objective, std::vector<std::string> over) {
    request.objective = objective;
    request.unknowns = std::move(over);
    request.optimiser = optimise;
  }
  Problem& given(const std::string& name, const Matrix& values) {
    request.data.push_back(named_array(name, values));
    return *this;
  }
  Problem& with(const std::string& declaration) {
    request.variables.push_back(declaration);
    return *this;
  }
  Problem& subject(const std::string& constraint) {
    request.constraints.push_back(constraint);
    return *this;
  }
  Problem& from(const std::string& name, const Matrix& values) {
    request.start.push_back(named_array(name, values));
    return *this;
  }
  Minimised solved() {
    auto found = minimise(request);
    if (!found) {
      ADD_FAILURE() << render(found.error(), request.objective, Language::english);
      return {};
    }
    EXPECT_TRUE(found->is_confirmed) << request.objective;
    return std::move(*found);
  }
  std::vector<Message> refused() {
    const auto found = minimise(request);
    std::vector<Message> messages;
    if (found) return messages;
    for (const Diagnostic& error : found.error()) messages.push_back(error.message);
    return messages;
  }
};

Matrix value_of(const Minimised& found, std::size_t at = 0) {
  if (at >= found.outputs.size()) return Matrix::Zero(1, 1);
  const DataArray& array = found.outputs[at].array;
  return Matrix::Map(array.values.data(), array.rows, array.cols);
}

double apart(const Matrix& a, const Matrix& b) {
  return a.rows() != b.rows() || a.cols() != b.cols() ? 1e9 : (a - b).cwiseAbs().maxCoeff();
}

TEST(Minimise, LeastSquares) {
  const Matrix x = Matrix::Random(30, 4);
  const Matrix y = Matrix::Random(30, 1);
  const auto found = Problem("norm2(X*w - y)^2", {"w"}).given("X", x).given("y", y).solved();
  EXPECT_LT(apart(value_of(found), x.colPivHouseholderQr().solve(y)), 1e-6);
}

TEST(Minimise, LogisticRegression) {
  const Matrix x = Matrix::Random(60, 5);
  const Matrix y = Matrix::Random(60, 1).unaryExpr([](double v) { return v < 0 ? -1.0 : 1.0; });
  Problem problem("sum(log(1 + exp(-y.*(X*w)))) + lam*norm2(w)^2", {"w"});
  problem.given("X", x).given("y", y).given("lam", Matrix::Constant(1, 1, 0.1));
  problem.request.options.gradient_tolerance = 1e-8;
  const auto found = problem.solved();
  const Matrix w = value_of(found);
  const Matrix z = (y.array() * (x * w).array()).matrix();
  const Matrix p = z.unaryExpr([](double v) { return 1 / (1 + std::exp(v)); });
  const Matrix slope = -x.transpose() * (y.array() * p.array()).matrix() + 0.2 * w;
  EXPECT_LT(slope.cwiseAbs().maxCoeff(), 1e-5);
}

// Where the conditions of Karush, Kuhn and Tucker hold.
TEST(Minimise, BoundsAreKept) {
  const Matrix x = Matrix::Random(25, 6);
  const Matrix y = Matrix::Random(25, 1);
  const auto found = Problem("norm2(X*w - y)^2", {"w"}).given("X", x).given("y", y).subject("w >= 0").solved();
  const Matrix w = value_of(found);
  const Matrix slope = 2 * x.transpose() * (x * w - y);
  int at_zero = 0;
  for (Eigen::Index i = 0; i < w.size(); ++i) {
    EXPECT_GE(w(i), 0);
    EXPECT_GT(slope(i), -1e-5);
    EXPECT_LT(std::abs(slope(i) * w(i)), 1e-5);
    at_zero += w(i) == 0 ? 1 : 0;
  }
  EXPECT_GT(at_zero, 0);
  const Matrix u = Matrix::Constant(6, 1, 0.01);
  const auto boxed =
      Problem("norm2(X*w - y)^2", {"w"}).given("X", x).given("y", y).given("u", u).subject("0 <= w <= u").solved();
  EXPECT_LE(value_of(boxed).maxCoeff(), 0.01);
  EXPECT_GE(value_of(boxed).minCoeff(), 0);
}

TEST(Minimise, EquationsAsConstraints) {
  const Matrix x = Matrix::Random(20, 5);
  const Matrix y = Matrix::Random(20, 1);
  const Matrix a = Matrix::Random(2, 5);
  const Matrix b = Matrix::Random(2, 1);
  const auto found = Problem("norm2(X*w - y)^2", {"w"})
                         .given("X", x)
                         .given("y", y)
                         .given("A", a)
                         .given("b", b)
                         .subject("A*w = b")
                         .solved();
  Matrix kkt = Matrix::Zero(7, 7);
  kkt.topLeftCorner(5, 5) = 2 * x.transpose() * x;
  kkt.bottomLeftCorner(2, 5) = a;
  kkt.topRightCorner(5, 2) = a.transpose();
  Matrix right(7, 1);
  right << 2 * x.transpose() * y, b;
  EXPECT_LT(apart(value_of(found), kkt.fullPivLu().solve(right).topRows(5)), 1e-5);
}

// Many unknowns: an augmented Lagrangian instead of quadratic steps.
TEST(Minimise, EquationsWithManyUnknowns) {
  const Matrix a = Matrix::Random(3, 400);
  const Matrix b = Matrix::Random(3, 1);
  const auto found =
      Problem("norm2(x)^2", {"x"}).given("A", a).given("b", b).with("x: vector(n)").subject("A*x = b").solved();
  const Matrix shortest = a.transpose() * (a * a.transpose()).inverse() * b;
  EXPECT_LT(apart(value_of(found), shortest), 1e-5);
}

TEST(Minimise, InequalitiesThatAreActiveAndThatAreNot) {
  const Matrix c = Matrix::Random(4, 1);
  const auto on_sphere = Problem("c'*x", {"x"}).given("c", c).subject("norm2(x)^2 <= 1").solved();
  EXPECT_LT(apart(value_of(on_sphere), -c / c.norm()), 1e-5);
  const auto inside = Problem("norm2(x - c)^2", {"x"}).given("c", c).subject("100 >= norm2(x)^2").solved();
  EXPECT_LT(apart(value_of(inside), c), 1e-5);
}

// At zero neither the objective nor the constraint has a slope.
TEST(Minimise, OrthogonalColumnsAsAConstraint) {
  const Matrix a = Matrix::Random(5, 5);
  const Matrix s = a + a.transpose();
  const auto found = Problem("-tr(X'*S*X)", {"X"})
                         .given("S", s)
                         .with("S: symmetric(n)")
                         .with("X: matrix(n,2)")
                         .subject("X'*X = I")
                         .solved();
  const Matrix values = Eigen::SelfAdjointEigenSolver<Matrix>(s).eigenvalues();
  EXPECT_NEAR(found.optimum.value, -values(3) - values(4), 1e-6);
}

// Eckart and Young: what is left are the singular values that the rank leaves out.
TEST(Minimise, LowRankApproximation) {
  const Matrix a = Matrix::Random(12, 9);
  const auto found =
      Problem("norm2(A - U*V')^2", {"U", "V"}).given("A", a).with("U: matrix(m,2)").with("V: matrix(n,2)").solved();
  const Matrix values = a.jacobiSvd().singularValues();
  EXPECT_NEAR(found.optimum.value, values.bottomRows(7).squaredNorm(), 1e-6);
}

TEST(Minimise, PositiveDefiniteUnknowns) {
  const Matrix x = Matrix::Random(40, 3);
  const Matrix c = x.transpose() * x / 40;
  const auto found = Problem("logdet(S) + tr(inv(S)*C)", {"S"}).given("C", c).with("S: spd(n)").solved();
  EXPECT_LT(apart(value_of(found), c), 1e-5);
}

TEST(Minimise, PositiveUnknownsByTheirLogarithms) {
  const auto found =
      Problem("a*x - log(x)", {"x"}).given("a", Matrix::Constant(1, 1, 4)).with("x: scalar positive").solved();
  EXPECT_NEAR(value_of(found)(0), 0.25, 1e-6);
}

// Where a search that ends in one of two minima begins decides in which.
TEST(Minimise, DataOfAnUnknownAreItsStart) {
  for (const double start : {-0.5, 0.5}) {
    const Matrix at = Matrix::Constant(1, 1, start);
    for (const bool as_data : {false, true}) {
      Problem problem("(x^2 - 1)^2", {"x"});
      problem.with("x: scalar");
      as_data ? problem.given("x", at) : problem.from("x", at);
      EXPECT_NEAR(value_of(problem.solved())(0), start < 0 ? -1 : 1, 1e-5);
    }
  }
}

TEST(Minimise, StructuredUnknowns) {
  const Matrix a = Matrix::Random(5, 5);
  const struct {
    std::string kind;
    Matrix nearest;
  } cases[] = {
      {"symmetric(n)", (a + a.transpose()) / 2},
      {"skew(n)", (a - a.transpose()) / 2},
      {"diagonal(n)", Matrix(a.diagonal().asDiagonal())},
      {"lower(n)", Matrix(a.triangularView<Eigen::Lower>())},
      {"upper(n)", Matrix(a.triangularView<Eigen::Upper>())},
  };
  for (const auto& one : cases) {
    const auto found = Problem("norm2(X - A)^2", {"X"}).given("A", a).with("X: " + one.kind).solved();
    EXPECT_LT(apart(value_of(found), one.nearest), 1e-6) << one.kind;
  }
}

// At zero the gradient of norm2(x) does not exist, and 0*log(0) has no value: such searches begin elsewhere.
TEST(Minimise, BeginsWhereAllIsFinite) {
  const Matrix a = Matrix::Random(20, 4);
  const Matrix b = Matrix::Constant(20, 1, 3);
  const auto ball = Problem("norm2(A*x - b)^2", {"x"}).given("A", a).given("b", b).subject("norm2(x) <= 0.1").solved();
  const Matrix x = value_of(ball);
  EXPECT_NEAR(x.norm(), 0.1, 1e-6);
  const Matrix slope = a.transpose() * (a * x - b);
  EXPECT_LT(apart(-slope.normalized(), x.normalized()), 1e-4);  // the multiplier of Karush, Kuhn and Tucker
  const Matrix mu = Matrix::Random(5, 1);
  const auto entropy =
      Problem("sum(x.*log(x)) - mu'*x", {"x"}).given("mu", mu).subject("sum(x) = 1").subject("x >= 0").solved();
  const Matrix weights = mu.array().exp().matrix();
  EXPECT_LT(apart(value_of(entropy), weights / weights.sum()), 1e-4);
  const Matrix below = Matrix::Constant(3, 1, -2);
  EXPECT_EQ(Problem("sum(log(x))", {"x"}).from("x", below).refused(),
            std::vector<Message>{Message::objective_not_finite_at_start});
}

TEST(Minimise, WhatCannotBeSearchedIsRefused) {
  const Matrix a = Matrix::Random(3, 3);
  const auto is_refused = [](Problem problem, Message message) {
    const std::vector<Message> messages = problem.refused();
    EXPECT_EQ(messages, std::vector<Message>{message}) << problem.request.objective;
  };
  is_refused(Problem("norm2(X - A)^2", {"X"}).given("A", a).with("X: orthogonal(n)"),
             Message::unknown_cannot_be_searched);
  is_refused(Problem("norm2(A)^2", {"X"}).given("A", a).with("X: matrix(3,3)"), Message::unknown_not_in_objective);
  is_refused(Problem("norm2(A - U*V')^2", {"U", "V"}).given("A", a), Message::size_of_unknown);
  is_refused(Problem("norm2(A*x)^2", {"x"}).given("A", a).subject("A*x"), Message::constraint_is_no_relation);
  is_refused(Problem("A*x", {"x"}).given("A", a), Message::objective_is_no_scalar);
  is_refused(Problem("norm2(A*x)^2", {"x"}).given("A", a).from("z", Matrix::Zero(3, 1)), Message::start_of_no_unknown);
  is_refused(Problem("log(x)", {"x"}).from("x", Matrix::Constant(1, 1, -1)).with("x: scalar"),
             Message::objective_not_finite_at_start);
  is_refused(Problem("norm2(A*x)^2", {"x"}).given("A", a).subject("tr(A) = 1"), Message::unknown_not_in_constraint);
  is_refused(Problem("norm2(B*x - A*x)^2", {"x"}).given("A", a), Message::data_missing);
  is_refused(Problem("norm2(A*x)^2", {"x"}).given("A", a).subject("1 <= x <= 0"), Message::constraints_violated);
}

// Without a bottom there is no minimum, and it is said.
TEST(Minimise, WhatHasNoMinimumIsNotConfirmed) {
  Problem problem("x - y", {"x", "y"});
  problem.with("x: scalar").with("y: scalar");
  problem.request.options.most_evaluations = 50;
  const auto found = minimise(problem.request);
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->is_confirmed);
}

// ---------------------------------------------------------------- parts

TEST(Parameters, GradientsAreThoseOfTheNumbers) {
  for (const Properties kind :
       {Properties(0), Properties(symmetric), Properties(skew), closed(diagonal), Properties(lower), Properties(upper),
        Properties(positive), closed(positive_definite)}) {
    Parameters parameters;
    parameters.add("X", kind, 4, 4);
    std::vector<double> numbers(parameters.count());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = 0.3 + std::sin(static_cast<double>(7 * i + 1));
    std::vector<double> arrays(16);
    parameters.to_arrays(numbers.data(), arrays.data());
    // f(X) = sum(c .* X.^2) / 2 has the gradient c .* X.
    std::vector<double> slopes(16);
    const auto weight = [](std::size_t i) { return 1 + std::cos(static_cast<double>(i)); };
    const auto f = [&](const std::vector<double>& t) {
      std::vector<double> x(16);
      parameters.to_arrays(t.data(), x.data());
      double sum = 0;
      for (std::size_t i = 0; i < 16; ++i) sum += weight(i) * x[i] * x[i] / 2;
      return sum;
    };
    for (std::size_t i = 0; i < 16; ++i) slopes[i] = weight(i) * arrays[i];
    std::vector<double> gradient(numbers.size());
    parameters.gradient(numbers.data(), slopes.data(), gradient.data());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      auto up = numbers;
      auto down = numbers;
      up[i] += 1e-5;
      down[i] -= 1e-5;
      EXPECT_NEAR(gradient[i], (f(up) - f(down)) / 2e-5, 1e-7) << kind << ", " << i;
    }
  }
}

TEST(Relations, AreReadSideBySide) {
  const auto chain = read_relations("0 <= x ≤ u");
  ASSERT_TRUE(chain.has_value());
  ASSERT_EQ(chain->size(), 2U);
  EXPECT_EQ((*chain)[0].left, "0");
  EXPECT_EQ((*chain)[0].right, "x");
  EXPECT_EQ((*chain)[1].left, "x");
  EXPECT_EQ((*chain)[1].right, "u");
  EXPECT_EQ(read_relations("A*x = b")->front().sign, RelationSign::equal);
  EXPECT_EQ(read_relations("x \\ge 0")->front().sign, RelationSign::at_least);
  EXPECT_FALSE(read_relations("\\left(x\\right)").has_value());
  EXPECT_FALSE(read_relations("x >=").has_value());
  EXPECT_FALSE(read_relations("A*x").has_value());
}

TEST(ProblemFile, IsReadBySections) {
  const auto problem = read_problem(
      "given  # what is known\n"
      "  X: matrix(m,n) = points.csv\n"
      "  lam = 0.5\n"
      "minimize norm2(X*w)^2\n"
      "  + lam*sum(w)\n"
      "over\n"
      "  w: vector(n) = 0\n"
      "subject to\n"
      "  sum(w) = 1\n"
      "  w >= 0\n",
      "a.mg");
  ASSERT_TRUE(problem.has_value());
  EXPECT_EQ(problem->objective.text, "norm2(X*w)^2   + lam*sum(w)");
  ASSERT_EQ(problem->given.size(), 2U);
  EXPECT_EQ(problem->given[0].declaration.text, "X: matrix(m,n)");
  EXPECT_EQ(problem->given[0].source, "points.csv");
  EXPECT_EQ(problem->given[1].source, "0.5");
  EXPECT_EQ(problem->over[0].source, "0");
  ASSERT_EQ(problem->constraints.size(), 2U);
  EXPECT_EQ(problem->constraints[1].text, "w >= 0");
}

TEST(ProblemFile, ErrorsSayTheirLine) {
  const auto places = [](const std::string& text) {
    std::vector<std::pair<Message, std::string>> found;
    const auto problem = read_problem(text, "a.mg");
    if (problem) return found;
    for (const Diagnostic& error : problem.error()) found.emplace_back(error.message, error.place);
    return found;
  };
  using Places = std::vector<std::pair<Message, std::string>>;
  EXPECT_EQ(places("x\nminimize x^2\nover x\n"), (Places{{Message::problem_without_section, "a.mg:1"}}));
  EXPECT_EQ(places("minimize x^2\n"), (Places{{Message::problem_lacks, "a.mg"}}));
  EXPECT_EQ(places("minimize x^2\nover x\nover y\n"), (Places{{Message::problem_section_twice, "a.mg:3"}}));
  EXPECT_EQ(places("given\n  a b = 3\nminimize x^2\nover x\n"), (Places{{Message::problem_name_malformed, "a.mg:2"}}));
}

// What is wrong with a part is shown in the file.
TEST(ProblemFile, ErrorsOfPartsAreLocated) {
  const std::string text = "over x\nminimize\n  x^2 +* 3\n";
  const auto problem = read_problem(text, "a.mg");
  ASSERT_TRUE(problem.has_value());
  Problem asked(problem->objective.text, {"x"});
  const auto found = minimise(asked.request);
  ASSERT_FALSE(found.has_value());
  const Diagnostics located = problem->located(found.error(), "a.mg");
  ASSERT_FALSE(located.empty());
  EXPECT_EQ(located[0].place, "a.mg:3");
  EXPECT_EQ(under(located[0].source, located[0].span), "+*");
}

}  // namespace
}  // namespace matgrad
