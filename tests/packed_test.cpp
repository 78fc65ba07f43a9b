// SPDX-License-Identifier: MIT
// Products by panels: every way to read the factors, halves of results, edges of tiles and of what is packed at once.
#include "plan/packed.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <random>

namespace matgrad {
namespace {

using Index = Eigen::Index;
using dense::Half;

struct Sizes {
  Index rows;
  Index inner;
  Index cols;
};

template <class T>
class PackedTest : public testing::Test {
 protected:
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

  Matrix matrix(Index rows, Index cols) {
    return Matrix::NullaryExpr(rows, cols, [&] { return static_cast<T>(normal_(random_)); });
  }

  // A factor in memory with two rows more than it has, and how it is read.
  struct Factor {
    Matrix memory;
    bool transposed;
    Matrix value() const {
      const Matrix all = memory.topRows(memory.rows() - 2);
      return transposed ? Matrix(all.transpose()) : all;
    }
    dense::Matrix<const T> view() const {
      const Index rows = memory.rows() - 2;
      return {memory.data(), transposed ? memory.cols() : rows, transposed ? rows : memory.cols(), transposed,
              memory.rows()};
    }
  };
  Factor factor(Index rows, Index cols, bool transposed) {
    return {matrix((transposed ? cols : rows) + 2, transposed ? rows : cols), transposed};
  }

  // Whether a product of this kind was computed, and all entries are right; the others are not touched.
  void expect_product(const Factor& a, const Factor& b, bool weighted, bool adds, Half half) {
    const Matrix left = a.value();
    const Matrix right = b.value();
    const Matrix weights = weighted ? matrix(left.cols(), 1) : Matrix(Matrix::Ones(left.cols(), 1));
    const Matrix before = matrix(left.rows() + 3, right.cols());
    Matrix after = before;
    const bool done = dense::multiply_packed<T>(
        {T(-0.5), a.view(), b.view(), weighted ? weights.data() : nullptr, adds, after.data(), after.rows(), half});
    if (!done) return;
    ++computed_;
    const Matrix product = T(-0.5) * left * weights.asDiagonal() * right;
    const double tolerance = (sizeof(T) == 8 ? 1e-13 : 1e-4) * static_cast<double>(left.cols());
    for (Index j = 0; j < after.cols(); ++j) {
      for (Index i = 0; i < after.rows(); ++i) {
        const bool is_outside = i >= left.rows() || (half == Half::lower && i < j) || (half == Half::upper && i > j);
        const T expected = is_outside ? before(i, j) : product(i, j) + (adds ? before(i, j) : T(0));
        ASSERT_NEAR(after(i, j), expected, is_outside ? 0 : tolerance)
            << i << ", " << j << " of " << left.rows() << "x" << left.cols() << "x" << right.cols()
            << (a.transposed ? " A'" : " A") << (b.transposed ? "*B'" : "*B") << (weighted ? " weighted" : "")
            << (adds ? " adds" : "") << " half " << static_cast<int>(half);
      }
    }
  }

  int computed_ = 0;

 private:
  std::mt19937_64 random_{11};
  std::normal_distribution<double> normal_;
};

using Numbers = testing::Types<double, float>;
TYPED_TEST_SUITE(PackedTest, Numbers);

// Elsewhere nothing is computed so, and the tests of products and plans hold as well.
bool expected_here() {
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__)
  return __builtin_cpu_supports("x86-64-v4");
#else
  return false;
#endif
}

TYPED_TEST(PackedTest, ReadsFactorsEitherWay) {
  const Sizes sizes[] = {{110, 101, 115}, {97, 120, 103}, {120, 96, 96}, {105, 133, 111}};
  for (const Sizes& size : sizes) {
    for (int kind = 0; kind < 16; ++kind) {
      const auto a = this->factor(size.rows, size.inner, (kind & 1) != 0);
      const auto b = this->factor(size.inner, size.cols, (kind & 2) != 0);
      this->expect_product(a, b, (kind & 4) != 0, (kind & 8) != 0, Half::both);
    }
  }
  EXPECT_EQ(this->computed_, expected_here() ? 64 : 0);
}

TYPED_TEST(PackedTest, HalvesLeaveTheOtherAsItIs) {
  for (Index n : {32, 33, 48, 71, 120, 200}) {
    for (int kind = 0; kind < 16; ++kind) {
      const auto a = this->factor(n, 75, (kind & 1) != 0);
      const auto b = this->factor(75, n, (kind & 2) != 0);
      this->expect_product(a, b, (kind & 4) != 0, (kind & 8) != 0, Half::lower);
      this->expect_product(a, b, (kind & 4) != 0, (kind & 8) != 0, Half::upper);
    }
  }
  EXPECT_EQ(this->computed_, expected_here() ? 192 : 0);
}

// One copy serves both sides.
TYPED_TEST(PackedTest, Squares) {
  for (Index n : {40, 200, 431}) {
    for (int kind = 0; kind < 8; ++kind) {
      const auto a = this->factor(n, 61, (kind & 1) != 0);
      auto b = a;
      b.transposed = !a.transposed;
      const auto product = [&](Half half) {
        typename TestFixture::Matrix c = TestFixture::Matrix::Zero(n, n);
        const dense::Matrix<const TypeParam> left = a.view();
        const bool done =
            dense::multiply_packed<TypeParam>({1, left, left.turned(), nullptr, false, c.data(), n, half});
        EXPECT_EQ(done, expected_here());
        return c;
      };
      const auto half = (kind & 2) != 0 ? Half::lower : Half::upper;
      const auto c = product(half);
      if (!expected_here()) continue;
      const typename TestFixture::Matrix expected = a.value() * a.value().transpose();
      for (Index j = 0; j < n; ++j) {
        for (Index i = 0; i < n; ++i) {
          const bool is_wanted = half == Half::lower ? i >= j : i <= j;
          ASSERT_NEAR(c(i, j), is_wanted ? expected(i, j) : 0, sizeof(TypeParam) == 8 ? 1e-12 : 1e-3) << i << " " << j;
        }
      }
    }
  }
}

// Longer than what is packed at once in each direction; large enough to be shared between threads.
TYPED_TEST(PackedTest, LargeOnes) {
  if (!expected_here()) GTEST_SKIP() << "large, and computed elsewhere";
  const Sizes sizes[] = {{70, 900, 1300}, {450, 410, 64}, {200, 1000, 80}};
  for (const Sizes& size : sizes) {
    for (int kind = 0; kind < 4; ++kind) {
      const auto a = this->factor(size.rows, size.inner, (kind & 1) != 0);
      const auto b = this->factor(size.inner, size.cols, (kind & 2) != 0);
      this->expect_product(a, b, kind == 1, kind == 2, Half::both);
    }
  }
  for (Half half : {Half::lower, Half::upper}) {
    const auto a = this->factor(1250, 40, half == Half::lower);
    const auto b = this->factor(40, 1250, false);
    this->expect_product(a, b, false, true, half);
  }
  EXPECT_EQ(this->computed_, 14);
}

TYPED_TEST(PackedTest, SmallOnesAreLeftToOthers) {
  const auto a = this->factor(31, 200, false);
  const auto b = this->factor(200, 200, false);
  this->expect_product(a, b, false, false, Half::both);
  EXPECT_EQ(this->computed_, 0);
}

}  // namespace
}  // namespace matgrad
