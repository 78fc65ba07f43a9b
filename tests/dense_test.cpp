// SPDX-License-Identifier: MIT
// Products, factorisations and solves on plain memory, small (by Eigen) and large (by BLAS where there is one).
#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <random>

#include "plan/blas.hpp"

namespace matgrad {
namespace {

template <class T>
using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

template <class T>
class DenseTest : public testing::Test {
 protected:
  std::mt19937_64 random{5};
  static constexpr double tolerance = std::is_same_v<T, double> ? 1e-10 : 2e-3;

  Dense<T> matrix(Eigen::Index rows, Eigen::Index cols) {
    std::normal_distribution<double> normal;
    Dense<T> result(rows, cols);
    for (Eigen::Index i = 0; i < result.size(); ++i) result.data()[i] = static_cast<T>(normal(random));
    return result;
  }
  static void expect_near(const Dense<T>& a, const Dense<T>& b, const char* what, Eigen::Index n) {
    ASSERT_EQ(a.rows(), b.rows());
    ASSERT_EQ(a.cols(), b.cols());
    EXPECT_LT((a - b).cwiseAbs().maxCoeff(), tolerance * (1 + static_cast<double>(b.cwiseAbs().maxCoeff())))
        << what << " of size " << n;
  }
};

using Numbers = testing::Types<double, float>;
TYPED_TEST_SUITE(DenseTest, Numbers);

constexpr Eigen::Index sizes[] = {1, 3, 17, 64, 130, 211};

TYPED_TEST(DenseTest, ProductsOfAllKinds) {
  using T = TypeParam;
  for (Eigen::Index n : sizes) {
    for (int kind = 0; kind < 8; ++kind) {
      const bool turn_a = (kind & 1) != 0;
      const bool turn_b = (kind & 2) != 0;
      const bool adds = (kind & 4) != 0;
      for (const auto& [m, k] : {std::pair<Eigen::Index, Eigen::Index>{n, n + 2}, {1, n}, {n, 1}}) {
        for (Eigen::Index cols : {Eigen::Index{1}, n + 1}) {
          const Dense<T> a = turn_a ? this->matrix(k, m) : this->matrix(m, k);
          const Dense<T> b = turn_b ? this->matrix(cols, k) : this->matrix(k, cols);
          Dense<T> c = this->matrix(m, cols);
          Dense<T> expected = T(3) * (turn_a ? Dense<T>(a.transpose()) : a) * (turn_b ? Dense<T>(b.transpose()) : b);
          if (adds) expected += c;
          dense::multiply<T>(3, {a.data(), m, k, turn_a}, {b.data(), k, cols, turn_b}, adds, false, c.data());
          this->expect_near(c, expected, "product", n);
        }
      }
    }
  }
}

TYPED_TEST(DenseTest, TriangularProducts) {
  using T = TypeParam;
  for (Eigen::Index n : sizes) {
    for (int kind = 0; kind < 8; ++kind) {
      const bool is_lower = (kind & 1) != 0;
      const bool is_turned = (kind & 2) != 0;
      const bool adds = (kind & 4) != 0;
      const Dense<T> full = this->matrix(n, n);
      const Dense<T> t = is_lower ? Dense<T>(full.template triangularView<Eigen::Lower>())
                                  : Dense<T>(full.template triangularView<Eigen::Upper>());
      const Dense<T> stored = is_turned ? Dense<T>(t.transpose()) : t;
      const Dense<T> b = this->matrix(n, n + 1);
      Dense<T> c = this->matrix(n, n + 1);
      const Dense<T> left = T(3) * t * b + (adds ? c : Dense<T>::Zero(n, n + 1));
      dense::multiply_triangular<T>(is_lower ? Triangle::left_lower : Triangle::left_upper, 3,
                                    {stored.data(), n, n, is_turned}, {b.data(), n, n + 1, false}, adds, c.data());
      this->expect_near(c, left, "triangular times", n);
      Dense<T> d = this->matrix(n + 1, n);
      const Dense<T> right = T(3) * b.transpose() * t + (adds ? d : Dense<T>::Zero(n + 1, n));
      dense::multiply_triangular<T>(is_lower ? Triangle::right_lower : Triangle::right_upper, 3,
                                    {b.data(), n + 1, n, true}, {stored.data(), n, n, is_turned}, adds, d.data());
      this->expect_near(d, right, "times triangular", n);
    }
  }
}

TYPED_TEST(DenseTest, NarrowProducts) {
  using T = TypeParam;
  for (Eigen::Index rows : {4, 7, 40, 133}) {
    for (Eigen::Index width = 1; width <= 18; ++width) {
      for (Eigen::Index other : {4, 9, 300}) {
        for (int kind = 0; kind < 24; ++kind) {
          const bool turn_a = (kind & 1) != 0;
          const bool turn_b = (kind & 2) != 0;
          const bool adds = (kind & 4) != 0;
          Eigen::Index shape[] = {rows, other, width};  // of C, and inside
          std::rotate(shape, shape + kind / 8, shape + 3);
          const auto [m, n, k] = std::to_array(shape);
          const Dense<T> a = turn_a ? this->matrix(k, m) : this->matrix(m, k);
          const Dense<T> b = turn_b ? this->matrix(n, k) : this->matrix(k, n);
          Dense<T> c = this->matrix(m, n);
          Dense<T> expected = T(-2) * (turn_a ? Dense<T>(a.transpose()) : a) * (turn_b ? Dense<T>(b.transpose()) : b);
          if (adds) expected += c;
          dense::multiply<T>(-2, {a.data(), m, k, turn_a}, {b.data(), k, n, turn_b}, adds, false, c.data());
          this->expect_near(c, expected, "narrow product", width);
        }
      }
    }
  }
}

TYPED_TEST(DenseTest, SymmetricProducts) {
  using T = TypeParam;
  for (Eigen::Index n : sizes) {
    const Dense<T> a = this->matrix(n + 3, n);
    const Dense<T> s = a.transpose() * a;
    Dense<T> c(n, n);
    dense::multiply<T>(1, {a.data(), n, n + 3, true}, {a.data(), n + 3, n, false}, false, true, c.data());
    this->expect_near(c, s, "A'*A", n);
    // Symmetric as a whole, though its factors are not each other's transposes.
    const Dense<T> w = this->matrix(n + 3, 1);
    const Dense<T> b = w.col(0).asDiagonal() * a;
    const Dense<T> expected = a.transpose() * b;
    dense::multiply<T>(1, {a.data(), n, n + 3, true}, {b.data(), n + 3, n, false}, false, true, c.data());
    this->expect_near(c, expected, "A'*D*A", n);
    dense::multiply<T>(-2, {a.data(), n, n + 3, true}, {b.data(), n + 3, n, false}, true, true, c.data());
    this->expect_near(c, -expected, "A'*D*A, added", n);
  }
}

TYPED_TEST(DenseTest, FactorisationsSolveAndInvert) {
  using T = TypeParam;
  for (Eigen::Index n : sizes) {
    const Dense<T> plain = this->matrix(n, n) + Dense<T>(Dense<T>::Identity(n, n) * T(2 * std::sqrt(double(n))));
    const Dense<T> root = this->matrix(n, n);
    const Dense<T> definite = root * root.transpose() / T(n) + Dense<T>(Dense<T>::Identity(n, n));
    const Dense<T> lower = plain.template triangularView<Eigen::Lower>();
    const Dense<T> upper = plain.template triangularView<Eigen::Upper>();
    const Dense<T> b = this->matrix(n, n + 1);
    for (const auto& [kind, a] : {std::pair<Factorisation, Dense<T>>{Factorisation::lu, plain},
                                  {Factorisation::cholesky, definite},
                                  {Factorisation::lower_triangular, lower},
                                  {Factorisation::upper_triangular, upper}}) {
      Dense<T> factor(n, n);
      std::vector<int> pivots(static_cast<std::size_t>(n));
      ASSERT_TRUE(dense::factorise<T>(kind, {a.data(), n, n, false}, factor.data(), pivots.data()));
      EXPECT_TRUE(dense::is_regular<T>(factor.data(), n));
      for (const bool turned : {false, true}) {
        for (Eigen::Index cols : {Eigen::Index{1}, n + 1}) {
          Dense<T> x = b.leftCols(cols);
          dense::solve<T>(kind, factor.data(), pivots.data(), n, turned, x.data(), cols);
          const Dense<T> back = (turned ? Dense<T>(a.transpose()) : a) * x;
          this->expect_near(back, b.leftCols(cols), "solve", n);
        }
      }
      Dense<T> inverse(n, n);
      dense::invert<T>(kind, factor.data(), pivots.data(), n, inverse.data());
      this->expect_near(a * inverse, Dense<T>::Identity(n, n), "inverse", n);
      const Dense<double> wide = a.template cast<double>();
      const Eigen::FullPivLU<Dense<double>> reference(wide);
      const double log = reference.matrixLU().diagonal().array().abs().log().sum();
      EXPECT_NEAR(dense::log_determinant<T>(kind, factor.data(), n), log, this->tolerance * (1 + std::abs(log)));
      if (n > 17) continue;
      const double determinant = reference.determinant();
      EXPECT_NEAR(dense::determinant<T>(kind, factor.data(), pivots.data(), n), determinant,
                  this->tolerance * std::abs(determinant) * 10);
    }
  }
}

TEST(Dense, WhatIsNotPositiveDefiniteIsRefused) {
  for (Eigen::Index n : {2, 200}) {
    Dense<double> a = Dense<double>::Identity(n, n);
    a(n - 1, n - 1) = -1;
    Dense<double> factor(n, n);
    std::vector<int> pivots(static_cast<std::size_t>(n));
    EXPECT_FALSE(
        dense::factorise<double>(Factorisation::cholesky, {a.data(), n, n, false}, factor.data(), pivots.data()));
  }
}

}  // namespace
}  // namespace matgrad
