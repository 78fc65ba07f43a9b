// SPDX-License-Identifier: MIT
// Triangular matrices in all sizes: whole blocks, parts of blocks, whole strips of lines and what is left of them.
#include "plan/triangles.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>

#include "plan/blas.hpp"
#include "plan/congruence.hpp"
#include "planned_point.hpp"

namespace matgrad::dense {
namespace {

template <class T>
using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

template <class T>
constexpr double tolerance = sizeof(T) == 8 ? 1e-12 : 2e-4;

// Well conditioned: rows whose entries off the diagonal add up to less than what is on it.
template <class T>
Dense<T> random_factor(Eigen::Index n) {
  Dense<T> a = Dense<T>::Random(n, n) / static_cast<T>(n);
  a.diagonal().array() += 2;
  return a;
}

template <class T>
Dense<T> as_read(const Dense<T>& f, bool upper, bool transposed, bool unit) {
  Dense<T> triangle =
      upper ? Dense<T>(f.template triangularView<Eigen::Upper>()) : Dense<T>(f.template triangularView<Eigen::Lower>());
  if (unit) triangle.diagonal().setOnes();
  return transposed ? Dense<T>(triangle.transpose()) : triangle;
}

template <class T>
double solve_fault(Eigen::Index n, Eigen::Index cols, int kind) {
  const bool upper = (kind & 1) != 0;
  const bool transposed = (kind & 2) != 0;
  const bool unit = (kind & 4) != 0;
  const Dense<T> f = random_factor<T>(n);
  const Dense<T> expected = Dense<T>::Random(n, cols);
  Dense<T> b = as_read(f, upper, transposed, unit) * expected;
  solve_triangular<T>({f.data(), n, upper, transposed, unit}, b.data(), cols);
  return static_cast<double>((b - expected).cwiseAbs().maxCoeff());
}

template <class T>
void expect_solutions() {
  for (const Eigen::Index n : {1, 2, 7, 8, 9, 16, 20, 31, 32, 33, 40, 64, 65, 100, 131}) {
    for (const Eigen::Index cols : {1, 2, 3, 4, 7, 33}) {
      for (int kind = 0; kind < 8; ++kind) {
        EXPECT_LT(solve_fault<T>(n, cols, kind), tolerance<T>) << n << "x" << cols << ", kind " << kind;
      }
    }
  }
}

TEST(Triangles, SolutionsForOneAndForManyRightSides) {
  expect_solutions<double>();
  expect_solutions<float>();
}

template <class T>
void expect_factors() {
  const BlasLibrary* library = blas_library();
  if (library == nullptr) GTEST_SKIP() << "there is no BLAS";
  for (const Eigen::Index n : {1, 2, 7, 8, 17, 31, 32, 33, 47, 64, 65, 72, 100, 129, 250}) {
    const Dense<T> root = random_factor<T>(n);
    const Dense<T> matrix = root * root.transpose();
    Dense<T> factor = matrix;
    ASSERT_TRUE(factorise_cholesky(routines<T>(*library), n, factor.data())) << n;
    const Dense<T> lower = factor.template triangularView<Eigen::Lower>();
    const double error = static_cast<double>((lower * lower.transpose() - matrix).cwiseAbs().maxCoeff());
    EXPECT_LT(error, tolerance<T>) << n;
    // What is above the diagonal may be needed again.
    const Dense<T> above = factor.template triangularView<Eigen::StrictlyUpper>();
    const Dense<T> before = matrix.template triangularView<Eigen::StrictlyUpper>();
    EXPECT_EQ((above - before).cwiseAbs().maxCoeff(), T(0)) << n;
  }
}

TEST(Triangles, CholeskyFactors) {
  expect_factors<double>();
  expect_factors<float>();
}

TEST(Triangles, WhatIsNotPositiveDefiniteHasNoFactor) {
  const BlasLibrary* library = blas_library();
  if (library == nullptr) GTEST_SKIP() << "there is no BLAS";
  for (const Eigen::Index n : {5, 40, 120}) {
    for (const Eigen::Index at : {Eigen::Index(0), n / 2, n - 1}) {
      for (const double entry : {-3.0, 0.0, std::numeric_limits<double>::quiet_NaN()}) {
        Dense<double> matrix = Dense<double>::Identity(n, n);
        matrix(at, at) = entry;
        EXPECT_FALSE(factorise_cholesky(routines<double>(*library), n, matrix.data())) << n << ", " << at;
      }
    }
  }
}

}  // namespace
}  // namespace matgrad::dense

namespace matgrad {
namespace {

const std::vector<std::string> variables = {"A: matrix(m,n)", "w: vector(m)",   "v: vector(n)", "S: symmetric(m)",
                                            "C: matrix(m,m)", "B: matrix(m,n)", "c: scalar",    "Q: symmetric(n)"};

// How many pairs of steps of the plan are run as the square of one half.
std::size_t congruences(const Plan& plan) {
  std::size_t found = 0;
  for (std::size_t i = 1; i < plan.steps.size(); ++i) {
    found += is_congruence(plan, plan.steps[i - 1], plan.steps[i]) ? 1 : 0;
  }
  return found;
}

struct Congruent {
  std::string expression;
  std::size_t count;
};

TEST(Congruences, AreSquares) {
  const std::vector<Congruent> cases = {
      {"A'*diag(w)*A", 1},
      {"A'*diag(w.^2)*A", 1},
      {"A*diag(v)*A'", 1},
      {"c*A'*diag(w)*A + Q", 1},
      {"A'*inv(C*C' + I)*A", 1},
      {"A*inv(B'*B + 2*I)*A'", 1},
      {"A'*inv(S)*A", 1},  // not positive definite: there is no
                           // half of it
      {"A'*diag(w)*B", 0},
      {"A'*inv(S)*B", 0},
      {"A'*(A + B)", 0},
  };
  for (const Congruent& c : cases) {
    for (const auto& [m, n] : {std::pair<std::int64_t, std::int64_t>{70, 80}, {200, 66}, {90, 90}}) {
      PlannedPoint p(c.expression, variables, "", {{"m", m}, {"n", n}});
      EXPECT_EQ(congruences(p.plan), c.count) << c.expression;
      EXPECT_EQ(p.fault(), "") << c.expression << " " << m << "x" << n;
    }
  }
}

// The half is needed for itself as well: it is what the steps say.
TEST(Congruences, LeaveWhatIsReadAgain) {
  PlannedPoint p("A'*inv(C*C' + I)*A*(inv(C*C' + I)*A)'*w", variables, "", {{"m", 80}, {"n", 70}});
  EXPECT_EQ(p.fault(), "");
  PlannedPoint q("A'*diag(w)*A*(diag(w)*A)'*w + sum((diag(w)*A).^3)*v", variables, "", {{"m", 80}, {"n", 70}});
  EXPECT_EQ(q.fault(), "");
}

}  // namespace
}  // namespace matgrad
