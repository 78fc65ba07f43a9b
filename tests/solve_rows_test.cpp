// SPDX-License-Identifier: MIT
// Least squares by blocks of rows gives what all rows at once give.
#include "engine/solve_rows.hpp"

#include <Eigen/Dense>
#include <cstring>

#include "array_files.hpp"
#include "data/row_file.hpp"
#include "named_array.hpp"
#include "numeric/least_squares.hpp"

namespace matgrad {
namespace {

using Matrix = Eigen::MatrixXd;

class SolveRows : public ArrayFiles {
 protected:
  // As NumPy writes it: row by row, or column by column.
  std::string save(const std::string& name, const Matrix& values, bool by_columns = false) const {
    std::string shape = std::to_string(values.rows()) + ",";
    if (values.cols() > 1) shape += " " + std::to_string(values.cols());
    std::string text = std::string("{'descr': '<f8', 'fortran_order': ") + (by_columns ? "True" : "False") +
                       ", 'shape': (" + shape + "), }";
    text.append(63 - (10 + text.size()) % 64, ' ').push_back('\n');
    std::string bytes("\x93NUMPY\x01\0", 8);
    bytes.push_back(static_cast<char>(text.size() % 256));
    bytes.push_back(static_cast<char>(text.size() / 256));
    bytes += text;
    const Matrix turned = values.transpose();
    const double* from = by_columns ? values.data() : turned.data();
    bytes.append(reinterpret_cast<const char*>(from), static_cast<std::size_t>(values.size()) * sizeof(double));
    return write(name, bytes);
  }

  static RowsRequest request(const std::string& objective) {
    RowsRequest asked;
    asked.question.expression = objective;
    asked.question.unknowns = "w";
    return asked;
  }
  static Matrix solved(const RowsRequest& asked, Message how) {
    auto found = solve_rows(asked);
    if (!found || !*found) {
      ADD_FAILURE() << (found ? "not understood" : render(found.error(), asked.question.expression, Language::english));
      return Matrix::Zero(1, 1);
    }
    EXPECT_EQ((*found)->notes.at(0).message, how);
    const DataArray& array = (*found)->outputs.at(0).array;
    return Matrix::Map(array.values.data(), array.rows, array.cols);
  }
};

TEST_F(SolveRows, RowsAreReadInBothOrders) {
  const Matrix values = Matrix::Random(7, 3);
  for (const bool by_columns : {false, true}) {
    auto file = RowFile::open(save("X.npy", values, by_columns));
    ASSERT_TRUE(file.has_value());
    EXPECT_EQ(file->rows(), 7);
    EXPECT_EQ(file->cols(), 3);
    std::vector<double> rows(12);
    ASSERT_TRUE(file->read(2, 4, rows.data()).has_value());
    for (std::size_t i = 0; i < 4; ++i) {
      for (std::size_t j = 0; j < 3; ++j) {
        EXPECT_EQ(rows[i * 3 + j], values(static_cast<Eigen::Index>(i) + 2, static_cast<Eigen::Index>(j)));
      }
    }
  }
}

// More rows than a block holds, and a last block that is shorter.
TEST_F(SolveRows, WellConditionedBySums) {
  const Matrix x = Matrix::Random(70'000, 30);
  const Matrix y = Matrix::Random(70'000, 1);
  const Matrix expected = shortest_solution(x, y).x;
  RowsRequest asked = request("norm2(X*w - y)^2");
  asked.files = {{"X", save("X.npy", x)}, {"y", save("y.npy", y)}};
  EXPECT_LT((solved(asked, Message::numbers_by_closed_form) - expected).cwiseAbs().maxCoeff(), 1e-11);
  asked.files = {{"X", save("X.npy", x, true)}};
  asked.data = {named_array("y", y)};
  EXPECT_LT((solved(asked, Message::numbers_by_closed_form) - expected).cwiseAbs().maxCoeff(), 1e-11);
}

TEST_F(SolveRows, RidgeRegression) {
  const Matrix x = Matrix::Random(5'000, 12);
  const Matrix y = Matrix::Random(5'000, 1);
  RowsRequest asked = request("0.5*norm2(X*w - y)^2 + lam*norm2(w)^2");
  asked.question.variables = {"lam: scalar positive"};
  asked.files = {{"X", save("X.npy", x)}};
  asked.data = {named_array("y", y), named_array("lam", Matrix::Constant(1, 1, 300))};
  const Matrix normal = x.transpose() * x + 600 * Matrix::Identity(12, 12);
  const Matrix expected = normal.ldlt().solve(x.transpose() * y);
  EXPECT_LT((solved(asked, Message::numbers_by_closed_form) - expected).cwiseAbs().maxCoeff(), 1e-12);
}

// A condition number of 1e9 would be 1e18 in the sums.
TEST_F(SolveRows, IllConditionedByOrthogonalFactorisations) {
  Matrix x = Matrix::Random(3'000, 8);
  x.col(7) = x.col(0) + 1e-9 * Matrix::Random(3'000, 1);
  const Matrix w = Matrix::Random(8, 1);
  const Matrix y = x * w;
  RowsRequest asked = request("norm2(X*w - y)^2");
  asked.files = {{"X", save("X.npy", x)}, {"y", save("y.npy", y)}};
  EXPECT_LT((solved(asked, Message::numbers_by_least_squares) - w).cwiseAbs().maxCoeff(), 1e-5);
}

TEST_F(SolveRows, RankDeficientGivesTheShortest) {
  Matrix x = Matrix::Random(3'000, 6);
  x.col(5) = x.col(1);
  const Matrix y = Matrix::Random(3'000, 1);
  RowsRequest asked = request("norm2(X*w - y)^2");
  asked.files = {{"X", save("X.npy", x)}, {"y", save("y.npy", y)}};
  const Matrix found = solved(asked, Message::numbers_by_least_squares);
  EXPECT_LT((found - shortest_solution(x, y).x).cwiseAbs().maxCoeff(), 1e-9);
}

TEST_F(SolveRows, WhatIsNotUnderstoodIsLeftToOthers) {
  const Matrix x = Matrix::Random(50, 4);
  for (const char* objective : {"norm2(tanh(X)*w - y)^2", "norm2(diag(v)*(X*w - y))^2"}) {
    RowsRequest asked = request(objective);
    asked.files = {{"X", save("X.npy", x)}};
    asked.data = {named_array("y", Matrix::Random(50, 1)), named_array("v", Matrix::Random(50, 1))};
    const auto found = solve_rows(asked);
    ASSERT_TRUE(found.has_value()) << objective;
    EXPECT_FALSE(found->has_value()) << objective;
  }
}

TEST_F(SolveRows, RowsThatDoNotFit) {
  RowsRequest asked = request("norm2(X*w - y)^2");
  asked.files = {{"X", save("X.npy", Matrix::Random(50, 4))}};
  asked.data = {named_array("y", Matrix::Random(40, 1))};
  const auto found = solve_rows(asked);
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().at(0).message, Message::data_sizes_disagree);
}

}  // namespace
}  // namespace matgrad
