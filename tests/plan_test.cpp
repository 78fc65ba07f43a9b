// SPDX-License-Identifier: MIT
// What a plan chooses: the questions of the LAAB benchmark (Sankaran, Alashti, Psarras, Bientinesi: "Benchmarking the
// linear algebra awareness of TensorFlow and PyTorch", IPDPSW 2022) and what an expert would ask beyond them.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

#include "engine/compute.hpp"
#include "plan/lower.hpp"
#include "plan/pair.hpp"
#include "plan/run.hpp"
#include "print/plan_text.hpp"

namespace matgrad {
namespace {

// A plan for the values of some expressions, or for an expression with its derivatives.
class Planned {
 public:
  Planned(const std::string& expression, const std::vector<std::string>& variables, const std::string& wrt = {},
          std::vector<Wanted> wanted = {Wanted::value}) {
    ComputeRequest request;
    request.question.expression = expression;
    request.question.variables = variables;
    request.question.wrt = wrt;
    request.question.verify = false;
    request.wanted = std::move(wanted);
    auto result = compute(request);
    EXPECT_TRUE(result.has_value()) << expression;
    computation_ = std::move(*result);
    Build build(computation_.store());
    plan = make_plan(build, {computation_.outputs, {}});
  }

  std::size_t count(Routine routine) const {
    std::size_t total = 0;
    for (const PlanStep& step : plan.steps) total += step.routine == routine ? 1 : 0;
    return total;
  }
  std::size_t count_symmetric() const {
    std::size_t total = 0;
    for (const PlanStep& step : plan.steps) total += step.routine == Routine::product && step.symmetric ? 1 : 0;
    return total;
  }
  // In units of n^power, for n = nominal_size.
  double flops(int power) const {
    double unit = 1;
    for (int i = 0; i < power; ++i) unit *= static_cast<double>(nominal_size);
    return plan.flops / unit;
  }
  std::string text() { return plan_text(computation_.store(), plan); }

  Plan plan;

 private:
  Computation computation_;
};

const std::vector<std::string> square = {"A: matrix(n,n)", "B: matrix(n,n)", "H: matrix(n,n)",
                                         "C: matrix(n,n)", "x: vector(n)",   "y: vector(n)"};

// ---------------------------------------------------------------- the questions of LAAB

TEST(PlanLaab, CommonSubexpressionOfASum) {  // A'B + A'B is 2*A'B: one product
  const Planned p("A'*B + A'*B", square);
  EXPECT_EQ(p.count(Routine::product), 1U);
  EXPECT_NEAR(p.flops(3), 2, 0.01);
}

TEST(PlanLaab, CommonSubexpressionOfAProduct) {  // (A'B)'(A'B): S'S with S once
  const Planned p("(A'*B)'*(A'*B)", square);
  EXPECT_NEAR(p.flops(3), 3, 0.01);
  EXPECT_EQ(p.count_symmetric(), 1U);
}

TEST(PlanLaab, ChainRightToLeft) {  // H'*H*x
  const Planned p("H'*H*x", square);
  EXPECT_EQ(p.count(Routine::product), 2U);
  EXPECT_NEAR(p.flops(2), 4, 0.01);
}

TEST(PlanLaab, ChainLeftToRight) {  // y'*H'*H
  const Planned p("y'*H'*H", square);
  EXPECT_NEAR(p.flops(2), 4, 0.01);
}

TEST(PlanLaab, ChainFromBothEnds) {  // H'*y*x'*H
  const Planned p("H'*y*x'*H", square);
  EXPECT_LE(p.flops(2), 5.01);  // two products with vectors and an outer product
}

TEST(PlanLaab, RepeatedSegmentsOfAChain) {  // A'*B*A'*B*y
  const Planned p("A'*B*A'*B*y", square);
  EXPECT_NEAR(p.flops(2), 8, 0.01);
}

TEST(PlanLaab, DistributivityOfProducts) {  // A*B + A*C is A*(B + C)
  const Planned p("A*B + A*C", square);
  EXPECT_EQ(p.count(Routine::product), 1U);
  EXPECT_NEAR(p.flops(3), 2, 0.01);
}

TEST(PlanLaab, DistributivityAgainstAVector) {  // (A - H'*H)*x is A*x - H'*(H*x)
  const Planned p("(A - H'*H)*x", square);
  EXPECT_NEAR(p.flops(2), 6, 0.01);
}

TEST(PlanLaab, SymmetricProduct) {  // A*A' needs half of the multiplications
  const Planned p("A*A'", square);
  EXPECT_EQ(p.count_symmetric(), 1U);
  EXPECT_NEAR(p.flops(3), 1, 0.01);
}

TEST(PlanLaab, DiagonalFactor) {  // D*B scales rows
  const Planned p("D*B", {"D: diagonal(n)", "B: matrix(n,n)"});
  EXPECT_EQ(p.count(Routine::product), 0U);
  EXPECT_LE(p.flops(2), 1.01);
}

TEST(PlanLaab, TriangularFactor) {  // L*B needs half of the multiplications
  const Planned left("L*B", {"L: lower(n)", "B: matrix(n,n)"});
  EXPECT_NEAR(left.flops(3), 1, 0.01);
  const Planned right("B*L'", {"L: lower(n)", "B: matrix(n,n)"});
  EXPECT_NEAR(right.flops(3), 1, 0.01);
}

TEST(PlanLaab, TridiagonalFactor) {  // T*B, T given by its three diagonals: rows scaled and added up
  const Planned p("(diag(d) + [zeros(n,1), diag(u); 0, zeros(1,n)] + [zeros(1,n), 0; diag(l), zeros(n,1)])*B",
                  {"d: vector(n + 1)", "u: vector(n)", "l: vector(n)", "B: matrix(n + 1,n)"});
  EXPECT_EQ(p.count(Routine::product), 0U);
  EXPECT_LE(p.flops(2), 8);
}

TEST(PlanLaab, BlockMatrix) {  // [A1, 0; 0, A2]*[B1; B2] is [A1*B1; A2*B2], half of the multiplications
  const Planned p("[A, zeros(n,n); zeros(n,n), C]*[B; H]", square);
  EXPECT_EQ(p.count(Routine::product), 2U);
  EXPECT_NEAR(p.flops(3), 4, 0.01);
}

TEST(PlanLaab, BlockMatrixAgainstAWholeOne) {  // the same, cut by the plan
  const Planned p("[A, zeros(n,n); zeros(n,n), C]*B", {"A: matrix(n,n)", "C: matrix(n,n)", "B: matrix(2*n,n)"});
  EXPECT_EQ(p.count(Routine::product), 2U);
  EXPECT_EQ(p.count(Routine::pick_rows), 2U);
  EXPECT_NEAR(p.flops(3), 4, 0.02);
}

TEST(PlanLaab, DiagonalOfAVector) {  // diag(x)*B scales rows
  const Planned p("diag(x)*B", square);
  EXPECT_EQ(p.count(Routine::product), 0U);
  EXPECT_LE(p.flops(2), 1.01);
}

TEST(PlanLaab, ElementOfASum) {  // (A + B)[2,2]
  const Planned p("e(2,n)'*(A + B)*e(2,n)", square);
  EXPECT_LE(p.flops(2), 1.1);
}

TEST(PlanLaab, ElementOfAProduct) {  // (A*B)[2,2] is a row times a column
  const Planned p("e(2,n)'*A*B*e(2,n)", square);
  EXPECT_EQ(p.count(Routine::product), 0U);
  EXPECT_LE(p.flops(1), 8);
}

TEST(PlanLaab, LoopInvariant) {  // A*B does not depend on i and is computed once
  const Planned p("sum(i, 1, n, e(i,n)'*(A*B)*x)", square);
  EXPECT_EQ(p.plan.blocks.size(), p.count(Routine::repeat));
  for (const PlanBlock& block : p.plan.blocks) {
    for (const PlanStep& step : block.steps) EXPECT_NE(step.routine, Routine::product);
  }
}

// ---------------------------------------------------------------- and beyond

TEST(Plan, LeastSquaresSharesItsResidual) {
  Planned p("norm2(A*x - y)^2", {"A: matrix(m,n)", "x: vector(n)", "y: vector(m)"}, "x",
            {Wanted::value, Wanted::gradient, Wanted::hessian});
  EXPECT_EQ(p.text(),
            "t1 = A*x            product             2*m*n\n"
            "t2 = t1 - y         pass over m×1\n"
            "value = sum(t2.^2)  same pass\n"
            "grad = 2*A'*t2      product             2*m*n\n"
            "hess = 2*A'*A       product, symmetric  m*n*n\n"
            "1e+09 operations\n");
}

TEST(Plan, OneFactorisationForAGaussianLikelihood) {
  Planned p("logdet(S) + x'*inv(S)*x", {"S: spd(n)", "x: vector(n)"}, "S", {Wanted::value, Wanted::gradient});
  EXPECT_EQ(p.count(Routine::factorise), 1U);
  EXPECT_EQ(p.count(Routine::solve), 1U);
  EXPECT_EQ(p.count(Routine::inverse), 1U);
  for (const PlanStep& step : p.plan.steps) {
    if (step.routine == Routine::factorise) {
      EXPECT_EQ(step.factorisation, Factorisation::cholesky);
    }
  }
}

TEST(Plan, NoInverseWhereASolveWillDo) {
  const Planned p("(x - y)'*inv(S)*(x - y)", {"S: spd(n)", "x: vector(n)", "y: vector(n)"}, "x",
                  {Wanted::value, Wanted::gradient});
  EXPECT_EQ(p.count(Routine::inverse), 0U);
  EXPECT_EQ(p.count(Routine::factorise), 1U);
}

TEST(Plan, PowersAreTheirFactors) {  // A^2*y is A*(A*y), tr(A^2) is sum(A' .* A)
  EXPECT_DOUBLE_EQ(Planned("A^2*y", {"A: matrix(n,n)"}).flops(2), 4);
  EXPECT_DOUBLE_EQ(Planned("y'*A^4*y", {"A: matrix(n,n)"}).flops(2), 8.002);
  EXPECT_DOUBLE_EQ(Planned("tr(A^2)", {"A: matrix(n,n)"}).flops(2), 2);
  EXPECT_LE(Planned("sum(A^2)", {"A: matrix(n,n)"}).flops(2), 4.01);
  EXPECT_LE(Planned("diagpart(A^2)", {"A: matrix(n,n)"}).flops(2), 2.01);
  EXPECT_DOUBLE_EQ(Planned("S^2*B", {"S: symmetric(n)", "B: matrix(n,n)"}).flops(3), 3);  // half of S*S
  Planned solves("inv(A)^2*y", {"A: matrix(n,n)"});
  EXPECT_EQ(solves.count(Routine::solve), 2U) << solves.text();
  EXPECT_EQ(solves.count(Routine::inverse), 0U) << solves.text();
  // The gradient is (A^2 + A'^2)*y.
  EXPECT_LE(Planned("y'*A^2*y", {"A: matrix(n,n)"}, "y", {Wanted::value, Wanted::gradient}).flops(2), 8.01);
}

TEST(Plan, TraceOfAProductIsOnePass) {
  const Planned p("tr(A*B)", square, "A", {Wanted::value, Wanted::gradient});
  EXPECT_EQ(p.count(Routine::product), 0U);
  EXPECT_LE(p.flops(2), 2.01);
}

TEST(Plan, KroneckerTimesAVectorIsTwoSmallProducts) {
  const Planned p("norm2(kron(A,B)*x - y)^2", {"A: matrix(p,p)", "B: matrix(q,q)", "x: vector(p*q)", "y: vector(p*q)"},
                  "x", {Wanted::value, Wanted::gradient});
  EXPECT_EQ(p.count(Routine::kronecker), 0U);
  EXPECT_EQ(p.count(Routine::product), 4U);
}

TEST(Plan, AQuadraticFormNeverAddsItsMatrices) {
  const Planned p("x'*A*x", square, "x", {Wanted::value, Wanted::gradient});
  EXPECT_EQ(p.count(Routine::product), 2U);
  EXPECT_NEAR(p.flops(2), 4, 0.01);
}

TEST(Plan, WhatAProductStartsAndEndsWithIsComputedOnce) {  // (A*B*C*H)'*(A*B*C*H)
  const Planned p("norm2(A*B*C*H*x - y)^2", square, "x", {Wanted::hessian});
  EXPECT_EQ(p.count(Routine::product), 4U);
  EXPECT_EQ(p.count_symmetric(), 1U);
  EXPECT_NEAR(p.flops(3), 7, 0.01);
}

TEST(Plan, ATraceUsesTheProductOfItsGradient) {  // tr(A*B*C) is tr((C*A)*B), and C*A the gradient's transpose
  const Planned p("tr(A*B*C)", square, "B", {Wanted::value, Wanted::gradient});
  EXPECT_EQ(p.count(Routine::product), 1U);
  EXPECT_NEAR(p.flops(3), 2, 0.01);
}

TEST(Plan, TheJacobianInsideAHessianIsComputedOnce) {
  const Planned p("logsumexp(H*relu(C*relu(B*relu(A*x))))", square, "A", {Wanted::hessian});
  std::size_t large = 0;  // J = H*D3*C*D2*B*D1 is two products, J'*(…) one
  for (const PlanStep& step : p.plan.steps) large += step.routine == Routine::product && step.flops > 1e9 ? 1 : 0;
  EXPECT_EQ(large, 3U);
  EXPECT_EQ(p.count(Routine::kronecker), 1U);
}

TEST(Plan, ATraceAndItsGradientAreOnePass) {
  const Planned p("tr(A*B)", square, "A", {Wanted::value, Wanted::gradient});
  EXPECT_EQ(p.plan.steps.size(), 1U);
}

TEST(Plan, AMatrixAndItsTransposeTimesVectorsStandTogether) {
  for (const char* expression : {"x'*A*x", "x'*A*B*C*x"}) {
    const Planned p(expression, square, "x", {Wanted::value, Wanted::gradient});
    std::size_t pairs = 0;
    for (std::size_t i = 1; i < p.plan.steps.size(); ++i)
      pairs += is_pair(p.plan.steps[i - 1], p.plan.steps[i]) ? 1 : 0;
    EXPECT_EQ(pairs, 1U) << expression;
  }
}

TEST(Plan, AnInverseLessAnOuterProductNeedsNoSolveWithAMatrix) {
  const Planned p("logdet(s*S + t*I(n)) + x'*inv(s*S + t*I(n))*x",
                  {"S: spd(n)", "s: scalar positive", "t: scalar positive", "x: vector(n)"}, "s",
                  {Wanted::value, Wanted::gradient});
  EXPECT_EQ(p.count(Routine::solve), 1U);
  EXPECT_EQ(p.count(Routine::product), 0U);
  EXPECT_LE(p.flops(3), 1.01);
}

// Multiplications of the best order, by the textbook recursion over all splits.
double best_order(const std::vector<double>& sizes) {
  const std::size_t count = sizes.size() - 1;
  std::vector<std::vector<double>> best(count, std::vector<double>(count, 0));
  for (std::size_t length = 2; length <= count; ++length) {
    for (std::size_t i = 0; i + length <= count; ++i) {
      const std::size_t j = i + length - 1;
      best[i][j] = std::numeric_limits<double>::infinity();
      for (std::size_t k = i; k < j; ++k) {
        best[i][j] = std::min(best[i][j], best[i][k] + best[k + 1][j] + 2 * sizes[i] * sizes[k + 1] * sizes[j + 1]);
      }
    }
  }
  return best[0][count - 1];
}

TEST(Plan, ALongChainIsInTheBestOrder) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20; ++round) {
    constexpr std::size_t length = 20;
    std::vector<double> sizes;
    for (std::size_t i = 0; i <= length; ++i) sizes.push_back(2 + static_cast<double>(random() % 200));
    std::string expression;
    std::vector<std::string> variables;
    for (std::size_t i = 0; i < length; ++i) {
      const std::string name = "M" + std::to_string(i + 1);
      expression += (i == 0 ? "" : "*") + name;
      variables.push_back(name + ": matrix(" + std::to_string(static_cast<int>(sizes[i])) + "," +
                          std::to_string(static_cast<int>(sizes[i + 1])) + ")");
    }
    const Planned p(expression, variables);
    EXPECT_EQ(p.count(Routine::product), length - 1);
    EXPECT_NEAR(p.plan.flops / best_order(sizes), 1, 1e-9) << "round " << round;
  }
}

}  // namespace
}  // namespace matgrad
