// SPDX-License-Identifier: MIT
// Problems solved in closed form, and what they give for data.
#pragma once

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <map>

#include "base/factorisations.hpp"
#include "engine/solve.hpp"
#include "matgrad/function.hpp"
#include "print/text.hpp"

namespace matgrad::solving {

using Matrix = Eigen::MatrixXd;
using Data = std::map<std::string, Matrix>;
using NamedSizes = std::map<std::string, std::int64_t>;

struct Problem {
  std::string expression;
  std::string unknowns;
  std::vector<std::string> variables;
  std::vector<std::string> constraints;
};

inline std::unique_ptr<Solved> solved(const Problem& problem) {
  SolveRequest request;
  request.expression = problem.expression;
  request.unknowns = problem.unknowns;
  request.variables = problem.variables;
  request.constraints = problem.constraints;
  auto result = solve(request);
  EXPECT_TRUE(result.has_value()) << problem.expression << "\n"
                                  << (result ? "" : render(result.error(), problem.expression, Language::english));
  return result ? std::move(*result) : nullptr;
}

// The solution's text, as numbers for these data.
inline Matrix numbers(const Solved& solution, std::size_t unknown, const Problem& problem, const Data& data,
                      const NamedSizes& sizes) {
  Options options;
  options.variables = problem.variables;
  FunctionRequest request;
  request.what = {"value"};
  for (const auto& [name, size] : sizes) request.sizes[name] = size;
  const std::string text = to_text(solution.store(), solution.unknowns[unknown].value);
  auto f = compile(text, request, options);
  EXPECT_TRUE(f.has_value()) << text;
  if (!f) return {};
  std::vector<const double*> arguments;
  for (const std::string& name : f->arguments()) arguments.push_back(data.at(name).data());
  EXPECT_FALSE((*f)(arguments.data()).has_value()) << text;
  const auto value = f->result(0);
  return Eigen::Map<const Matrix>(value.values, value.rows, value.cols);
}

inline void expect_near(const Matrix& value, const Matrix& expected, double tolerance = 1e-9) {
  ASSERT_EQ(value.rows(), expected.rows());
  ASSERT_EQ(value.cols(), expected.cols());
  EXPECT_LE((value - expected).norm(), tolerance * (1 + expected.norm()));
}

inline Matrix random(std::int64_t rows, std::int64_t cols) {
  return Matrix::Random(rows, cols);
}
inline Matrix definite(std::int64_t n) {
  const Matrix a = random(n, n);
  return a * a.transpose() + Matrix::Identity(n, n);
}
inline Matrix number(double value) {
  return Matrix::Constant(1, 1, value);
}
inline Matrix shortest(const Matrix& a, const Matrix& b) {
  return a.completeOrthogonalDecomposition().solve(b);
}

struct Shape {
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
};

// Three of them, m > n > k.
inline const std::vector<Shape> shapes{{7, 3, 2}, {12, 5, 4}, {30, 8, 3}};

}  // namespace matgrad::solving
