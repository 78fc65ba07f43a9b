// SPDX-License-Identifier: MIT
#include "plan/large_vector.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>

namespace matgrad {
namespace {

template <class T>
class LargeByVector : public testing::Test {};
using Numbers = testing::Types<double, float>;
TYPED_TEST_SUITE(LargeByVector, Numbers);

template <class T>
using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

// Both ways round, as a column and as a row, added or not; sizes that no block divides.
TYPED_TEST(LargeByVector, IsTheProduct) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Eigen::Index, Eigen::Index>{4099, 77}, {517, 1001}, {16, 20000}, {31000, 9}}) {
    const Dense<T> A = Dense<T>::Random(m, n);
    for (const bool turned : {false, true}) {
      const dense::Matrix<const T> a{A.data(), turned ? n : m, turned ? m : n, turned};
      const Dense<T> x = Dense<T>::Random(a.cols, 1);
      const dense::Matrix<const T> b{x.data(), a.cols, 1, false};
      for (const bool adds : {false, true}) {
        Dense<T> y = Dense<T>::Ones(a.rows, 1);
        Dense<T> row = y;
        const Dense<T> product = turned ? Dense<T>(A.transpose() * x) : Dense<T>(A * x);
        const Dense<T> expected = T(2) * product + (adds ? 1 : 0) * Dense<T>::Ones(a.rows, 1);
        const T bound = (sizeof(T) == 8 ? T(1e-12) : T(1e-4)) * std::sqrt(static_cast<T>(a.cols * a.rows));
        ASSERT_TRUE(dense::multiply_large_by_vector(T(2), a, b, adds, y.data(), a.rows));
        EXPECT_LE((y - expected).norm(), bound) << m << "×" << n << (turned ? " turned" : "");
        ASSERT_TRUE(dense::multiply_large_by_vector(T(2), b.turned(), a.turned(), adds, row.data(), 1));
        EXPECT_EQ(row, y);
      }
    }
  }
}

TYPED_TEST(LargeByVector, BothWaysAtOnce) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair<Eigen::Index, Eigen::Index>{20, 30}, {4099, 77}, {517, 1001}, {31000, 9}}) {
    const Dense<T> A = Dense<T>::Random(m, n);
    const Dense<T> x = Dense<T>::Random(n, 1);
    const Dense<T> u = Dense<T>::Random(m, 1);
    Dense<T> y = Dense<T>::Ones(m, 1);
    Dense<T> z = Dense<T>::Ones(n, 1);
    dense::multiply_both_ways(m, n, A.data(), x.data(), u.data(), y.data(), z.data());
    const T bound = (sizeof(T) == 8 ? T(1e-12) : T(1e-4)) * std::sqrt(static_cast<T>(m * n));
    EXPECT_LE((y - A * x).norm(), bound) << m << "×" << n;
    EXPECT_LE((z - A.transpose() * u).norm(), bound) << m << "×" << n;
  }
}

TEST(LargeByVectorOnly, LeavesTheRestAlone) {
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(600, 600);
  Eigen::MatrixXd y(600, 600);
  const dense::Matrix<const double> a{A.data(), 600, 600, false};
  EXPECT_FALSE(dense::multiply_large_by_vector(1.0, a, a, false, y.data(), 600));
  const dense::Matrix<const double> small{A.data(), 100, 100, false, 600};
  const dense::Matrix<const double> column{A.data(), 100, 1, false};
  EXPECT_FALSE(dense::multiply_large_by_vector(1.0, small, column, false, y.data(), 100));
  // A column that is stored as a row of a larger matrix.
  const dense::Matrix<const double> apart{A.data(), 600, 1, true, 600};
  EXPECT_FALSE(dense::multiply_large_by_vector(1.0, a, apart, false, y.data(), 600));
}

}  // namespace
}  // namespace matgrad
