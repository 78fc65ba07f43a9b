// SPDX-License-Identifier: MIT
// Hessians kept as what they are: applied and solved with, they are the array of all entries.
#include "matgrad/hessian.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <map>
#include <random>

namespace matgrad {
namespace {

using Sizes = std::map<std::string, std::int64_t>;

Options with(std::vector<std::string> variables) {
  Options options;
  options.variables = std::move(variables);
  return options;
}

struct Case {
  const char* name;
  const char* expression;
  const char* wrt;
  std::vector<std::string> variables;
  Sizes sizes;
  std::string form;
  std::string prepared;  // in the plan of `at`, and
  std::string solved;    // in that of `solve`: steps that the structure allows
};

class Hessians : public testing::TestWithParam<Case> {};

Eigen::MatrixXd random_matrix(std::int64_t rows, std::int64_t cols, std::mt19937& random) {
  std::uniform_real_distribution<double> entry(0.2, 1.4);
  Eigen::MatrixXd result(rows, cols);
  for (double& value : result.reshaped()) value = (random() % 2 == 0 ? 1 : -1) * entry(random);
  return result;
}

Eigen::MatrixXd copy(const NumbersView<double>& view) {
  return Eigen::Map<const Eigen::MatrixXd>(view.values, view.rows, view.cols);
}

// Only the plan of one of the parts "# at", "# apply", "# solve", "# dense".
std::string part_of(const std::string& plan, const std::string& title) {
  const std::size_t begin = plan.find("# " + title + "\n");
  if (begin == std::string::npos) return {};
  return plan.substr(begin, plan.find("\n# ", begin) - begin);
}

TEST_P(Hessians, AppliedAndSolvedAsTheirEntriesSay) {
  const Case& one = GetParam();
  auto hessian = compile_hessian(one.expression, one.wrt, one.sizes, with(one.variables));
  ASSERT_TRUE(hessian.has_value()) << hessian.error().message;
  EXPECT_EQ(hessian->form(), one.form);
  std::mt19937 random(7);
  for (int round = 0; round < 2; ++round) {  // the second point leaves nothing of the first
    std::vector<Eigen::MatrixXd> values;
    std::vector<const double*> point;
    std::pair<std::int64_t, std::int64_t> shape;
    for (std::size_t i = 0; i < hessian->arguments().size(); ++i) {
      const auto [rows, cols] = hessian->shape(i);
      values.push_back(random_matrix(rows, cols, random));
      if (hessian->arguments()[i] == "lam") values.back() = values.back().cwiseAbs();
      if (hessian->arguments()[i] == one.wrt) shape = {rows, cols};
    }
    for (const Eigen::MatrixXd& value : values) point.push_back(value.data());
    const auto error = hessian->at(point.data());
    ASSERT_FALSE(error.has_value()) << error->message;
    const Eigen::MatrixXd direction = random_matrix(shape.first, shape.second, random);
    const auto dense = hessian->dense();
    ASSERT_TRUE(dense.has_value());
    const Eigen::MatrixXd h = copy(*dense);
    const auto applied = hessian->apply(direction.data());
    ASSERT_TRUE(applied.has_value());
    const Eigen::VectorXd product = h * direction.reshaped();
    EXPECT_LT((copy(*applied).reshaped() - product).norm(), 1e-10 * product.norm());
    const auto solved = hessian->solve(direction.data());
    ASSERT_TRUE(solved.has_value()) << solved.error().message;
    EXPECT_EQ(std::pair(solved->rows, solved->cols), shape);
    const Eigen::VectorXd residual = h * copy(*solved).reshaped() - direction.reshaped();
    EXPECT_LT(residual.norm(), 1e-8 * direction.norm());
  }
  EXPECT_THAT(part_of(hessian->plan(), "at"), testing::HasSubstr(one.prepared));
  EXPECT_THAT(part_of(hessian->plan(), "solve"), testing::HasSubstr(one.solved));
}

INSTANTIATE_TEST_SUITE_P(
    Structures, Hessians,
    testing::Values(Case{"MatrixFactorisation",
                         "norm2(T - U*V')^2",
                         "U",
                         {"T: matrix(m,n)", "U: matrix(m,k)", "V: matrix(n,k)"},
                         {{"m", 40}, {"n", 30}, {"k", 4}},
                         "2*kron(V'*V, I(m))",
                         "k*k"},
                    Case{"RegularisedFactorisation",
                         "norm2(T - U*V')^2 + lam*norm2(U)^2",
                         "U",
                         {"T: matrix(m,n)", "U: matrix(m,k)", "V: matrix(n,k)", "lam: scalar positive"},
                         {{"m", 40}, {"n", 30}, {"k", 4}},
                         "2*(lam*I(k*m) + kron(V'*V, I(m)))",
                         "k*k"},
                    Case{"WideRidge",
                         "norm2(X*w - y)^2 + lam*norm2(w)^2",
                         "w",
                         {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)", "lam: scalar positive"},
                         {{"m", 5}, {"n", 60}},
                         "2*(lam*I(n) + X'*X)",
                         "m*m"},
                    Case{"TallRidge",
                         "norm2(X*w - y)^2 + lam*norm2(w)^2",
                         "w",
                         {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)", "lam: scalar positive"},
                         {{"m", 60}, {"n", 5}},
                         "2*(lam*I(n) + X'*X)",
                         "n*n"},
                    Case{"WideLogistic",
                         "sum(log(exp(-y.*(X*w)) + ones(m))) + lam*norm2(w)^2",
                         "w",
                         {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)", "lam: scalar positive"},
                         {{"m", 6}, {"n", 50}},
                         "2*lam*I(n) + X'*diag(y.^2.*sigmoid(-y.*(X*w)).*sigmoid(y.*(X*w)))*X",
                         "m*m"},
                    Case{"Separable",
                         "sum(exp(w)) + c'*w",
                         "w",
                         {"w: vector(n)", "c: vector(n)"},
                         {{"n", 9}},
                         "diag(exp(w))",
                         "pass over n×1"}),
    [](const testing::TestParamInfo<Case>& one) { return one.param.name; });

TEST(Hessian, OfAMatrixNeedsNoArrayOfItsEntries) {
  // 250,000 entries of U: the array would take 500 GB.
  auto hessian = compile_hessian("norm2(T - U*V')^2", "U", {{"m", 50'000}, {"n", 3}, {"k", 5}},
                                 with({"T: matrix(m,n)", "U: matrix(m,k)", "V: matrix(n,k)"}));
  ASSERT_TRUE(hessian.has_value()) << hessian.error().message;
  std::mt19937 random(1);
  std::vector<Eigen::MatrixXd> values;
  std::vector<const double*> point;
  for (std::size_t i = 0; i < hessian->arguments().size(); ++i) {
    const auto [rows, cols] = hessian->shape(i);
    values.push_back(random_matrix(rows, cols, random));
  }
  for (const Eigen::MatrixXd& value : values) point.push_back(value.data());
  ASSERT_FALSE(hessian->at(point.data()).has_value());
  const Eigen::MatrixXd direction = random_matrix(50'000, 5, random);
  const auto applied = hessian->apply(direction.data());
  ASSERT_TRUE(applied.has_value());
  EXPECT_EQ(applied->rows, 50'000);
  EXPECT_EQ(applied->cols, 5);
}

TEST(Hessian, SaysWhichMatrixIsSingular) {
  auto hessian = compile_hessian("norm2(X*w - y)^2", "w", {{"m", 2}, {"n", 3}},
                                 with({"X: matrix(m,n)", "w: vector(n)", "y: vector(m)"}));
  ASSERT_TRUE(hessian.has_value()) << hessian.error().message;
  const std::vector<double> zeros(6, 0.0);
  const std::vector<const double*> point{zeros.data(), zeros.data(), zeros.data()};
  ASSERT_FALSE(hessian->at(point.data()).has_value());
  const auto solved = hessian->solve(zeros.data());
  ASSERT_FALSE(solved.has_value());
  EXPECT_EQ(solved.error().code, 2);
}

TEST(Hessian, NeedsOneVariableAndAllSizes) {
  EXPECT_FALSE(compile_hessian("x'*A*x", "x", {}, with({"A: matrix(n,n)", "x: vector(n)"})).has_value());
  EXPECT_FALSE(compile_hessian("x'*A*x", "x,A", {{"n", 2}}, with({"A: matrix(n,n)", "x: vector(n)"})).has_value());
  EXPECT_FALSE(compile_hessian("A*x", "x", {{"n", 2}}, with({"A: matrix(n,n)", "x: vector(n)"})).has_value());
}

}  // namespace
}  // namespace matgrad
