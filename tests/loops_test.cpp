// SPDX-License-Identifier: MIT
// The innermost loops against plain ones, at sizes with and without a rest.
#include "plan/loops.hpp"
#include "plan/moves.hpp"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>
#include <random>

#include "matgrad/function.hpp"
#include "ops/table.hpp"
#include "plan/map_run.hpp"

namespace matgrad {
namespace {

template <class T>
using Dense = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;

template <class T>
class Loops : public testing::Test {
 protected:
  static constexpr double tolerance = sizeof(T) == sizeof(double) ? 1e-12 : 2e-4;
  static Dense<T> random(Eigen::Index rows, Eigen::Index cols) { return Dense<T>::Random(rows, cols); }
};
using Numbers = testing::Types<double, float>;
TYPED_TEST_SUITE(Loops, Numbers);

TYPED_TEST(Loops, CopiesPastTheCaches) {
  using T = TypeParam;
  const Dense<T> from = this->random(300, 1);
  for (const int first : {0, 1, 7, 8, 15}) {
    for (const int count : {0, 1, 5, 16, 17, 100, 270}) {
      Dense<T> to = Dense<T>::Zero(300, 1);
      loops::copy_past_caches<T>(count, from.data() + 3, to.data() + first);
      Dense<T> expected = Dense<T>::Zero(300, 1);
      expected.middleRows(first, count) = from.middleRows(3, count);
      EXPECT_EQ(to, expected) << first << ", " << count;
    }
  }
}

TYPED_TEST(Loops, MultiplyBothWays) {
  using T = TypeParam;
  for (const auto& [m, n] : {std::pair{1, 1}, {5, 3}, {16, 4}, {37, 50}, {130, 71}}) {
    const Dense<T> a = this->random(m, n);
    const Dense<T> x = this->random(n, 1);
    const Dense<T> u = this->random(m, 1);
    Dense<T> y(m, 1);
    Dense<T> z(n, 1);
    loops::multiply_both_ways(m, n, a.data(), x.data(), u.data(), y.data(), z.data());
    EXPECT_LE((y - a * x).norm(), this->tolerance * m) << m << "×" << n;
    EXPECT_LE((z - a.transpose() * u).norm(), this->tolerance * n) << m << "×" << n;
  }
}

// What a kernel computes of many numbers in a row is what it computes of one, at the ends of what it is defined for
// too.
template <class T>
void expect_many_as_one(const Operator& entry, void (*many)(const T*, T*, std::size_t)) {
  std::vector<T> numbers{0, T(-0.0), 1, -1, 800, -800, -720, T(1e300), T(-1e300), T(1e-300), T(-1e-300)};
  for (const T special : {std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN()}) {
    numbers.push_back(special);
    numbers.push_back(-special);
  }
  for (int i = 0; i < 500; ++i) numbers.push_back(static_cast<T>(std::pow(10, i % 7 - 4) * std::sin(i * i)));
  std::vector<T> values(numbers.size());
  many(numbers.data(), values.data(), numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const Array<double> at = Array<double>::Constant(1, 1, static_cast<double>(numbers[i]));
    const Array<double>* argument = &at;
    const T expected = static_cast<T>(entry.kernel.real(Arguments<double>({&argument, 1}), {1, 1})(0, 0));
    const T error = std::abs(values[i] - expected);
    const bool is_close = error <= 8 * std::numeric_limits<T>::epsilon() * std::abs(expected);
    EXPECT_TRUE(is_close || values[i] == expected || (std::isnan(values[i]) && std::isnan(expected)))
        << entry.name << "(" << numbers[i] << ") = " << values[i] << ", not " << expected;
  }
}

TEST(LoopsOfNumbers, ManyNumbersAsOne) {
  std::size_t entrywise = 0;
  for (std::size_t i = 0; i < OperatorTable::get().size(); ++i) {
    const Operator& entry = entry_of(OpId{static_cast<std::uint16_t>(i)});
    if (entry.kernel.entries == nullptr) continue;
    ++entrywise;
    expect_many_as_one<double>(entry, entry.kernel.entries);
    expect_many_as_one<float>(entry, entry.kernel.entries_single);
  }
  EXPECT_GE(entrywise, 15U);
}

// What a kernel computes without memory of its own is what it computes otherwise: for every operator that has both.
TEST(LoopsOfNumbers, ArraysWithoutMemory) {
  std::size_t found = 0;
  for (std::size_t o = 0; o < OperatorTable::get().size(); ++o) {
    const Operator& entry = entry_of(OpId{static_cast<std::uint16_t>(o)});
    if (entry.kernel.array == nullptr) continue;
    ++found;
    for (const auto& [rows, cols] : {std::pair<Eigen::Index, Eigen::Index>{1, 1}, {7, 1}, {1, 9}, {5, 4}, {300, 3}}) {
      if (cols != 1 && std::string_view(entry.type).find("(n,1)") != std::string_view::npos) continue;
      const Array<double> x = 400 * Array<double>::Random(rows, cols);
      const Array<double>* argument = &x;
      const Array<double> expected = entry.kernel.real(Arguments<double>({&argument, 1}), {rows, cols});
      Array<double> result(expected.rows(), expected.cols());
      entry.kernel.array(x.data(), result.data(), {rows, cols});
      EXPECT_LT((result - expected).cwiseAbs().maxCoeff(), 1e-14) << entry.name << " of " << rows << "×" << cols;
      Array<double> in_place = x;
      entry.kernel.array(in_place.data(), in_place.data(), {rows, cols});
      EXPECT_EQ(Array<double>(in_place.leftCols(result.cols())), result) << entry.name << " in place";
    }
  }
  EXPECT_GE(found, 3U);
}

TEST(LoopsOfNumbers, LogSumExpOfRows) {
  const double infinite = std::numeric_limits<double>::infinity();
  const Eigen::MatrixXd A{{1000, 1000}, {-1000, -1001}, {infinite, 3}, {-infinite, -infinite}, {-infinite, 7}};
  Eigen::VectorXd sums(5);
  vectorised::log_sum_exp(A.data(), sums.data(), 5, 2);
  EXPECT_DOUBLE_EQ(sums[0], 1000 + std::log(2.0));
  EXPECT_DOUBLE_EQ(sums[1], -1000 + std::log1p(std::exp(-1.0)));
  EXPECT_EQ(sums[2], infinite);
  EXPECT_EQ(sums[3], -infinite);
  EXPECT_EQ(sums[4], 7);
}

TEST(LoopsOfNumbers, Powers) {
  const std::vector<double> numbers{0, -0.0,   1,     -1,      2,        -2,        0.5, -0.5,
                                    3, 1e-310, 1e308, 1.0 / 3, INFINITY, -INFINITY, NAN};
  std::vector<double> values(numbers.size());
  for (const double exponent : numbers) {
    const auto count = static_cast<std::ptrdiff_t>(numbers.size());
    loops::power(count, {numbers.data(), 0}, {nullptr, exponent}, values.data());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const double expected = std::pow(numbers[i], exponent);
      const bool is_close = std::abs(values[i] - expected) <= 1e-15 * std::abs(expected);
      EXPECT_TRUE(is_close || values[i] == expected || (std::isnan(values[i]) && std::isnan(expected)))
          << numbers[i] << "^" << exponent << " = " << values[i] << ", not " << expected;
    }
  }
}

TYPED_TEST(Loops, Turn) {
  using T = TypeParam;
  for (const auto& [rows, cols] : {std::pair{1, 1}, {4, 4}, {8, 256}, {7, 13}, {3, 21}, {40, 24}, {43, 29}}) {
    const Dense<T> a = this->random(rows, cols);
    Dense<T> turned = Dense<T>::Constant(cols, rows, T(7));
    loops::turn(cols, rows, a.data(), rows, turned.data(), cols);
    EXPECT_EQ(turned, a.transpose()) << rows << "×" << cols;
  }
}

TYPED_TEST(Loops, InversesOfTriangles) {
  using T = TypeParam;
  for (const Eigen::Index n : {1, 2, 7, 8, 32, 40}) {
    const Eigen::Index stride = n + 3;
    Dense<T> lower = this->random(n, n).template triangularView<Eigen::StrictlyLower>();
    lower.diagonal().setConstant(T(2) * std::sqrt(static_cast<T>(n)));
    Dense<T> a = this->random(stride, n);  // what is above is not read
    a.topRows(n).template triangularView<Eigen::Lower>() = lower;
    loops::invert_lower(n, a.data(), stride);
    const Dense<T> inverse = a.topRows(n);
    EXPECT_LE((inverse * lower - Dense<T>::Identity(n, n)).norm(), this->tolerance * static_cast<double>(n)) << n;
    EXPECT_TRUE(inverse.isLowerTriangular(0)) << n;
    loops::lower_squared(n, a.data(), stride);
    const Dense<T> square = a.topRows(n).template selfadjointView<Eigen::Upper>();
    EXPECT_LE((square - inverse.transpose() * inverse).norm(), this->tolerance * static_cast<double>(n)) << n;
  }
}

TYPED_TEST(Loops, Mirror) {
  using T = TypeParam;
  for (const Eigen::Index n : {1, 5, 31, 32, 33, 100}) {
    Dense<T> a = this->random(n, n);
    Dense<T> b = a;
    const Dense<T> by_upper = a.template selfadjointView<Eigen::Upper>();
    const Dense<T> by_lower = b.template selfadjointView<Eigen::Lower>();
    loops::mirror(n, a.data(), true);
    loops::mirror(n, b.data(), false);
    EXPECT_EQ(a, by_upper) << n;
    EXPECT_EQ(b, by_lower) << n;
  }
}

TYPED_TEST(Loops, OuterSum) {
  using T = TypeParam;
  for (int terms = 1; terms <= 5; ++terms) {
    for (const bool adds : {false, true}) {
      const Dense<T> v = this->random(11, terms);
      const Dense<T> u = this->random(6, terms);
      Dense<T> sum = this->random(11, 6);
      const Dense<T> before = adds ? sum : Dense<T>::Zero(11, 6);
      loops::outer_sum(11, 6, terms, v.data(), u.data(), adds, sum.data());
      EXPECT_LE((sum - before - v * u.transpose()).norm(), this->tolerance * 10) << terms << " terms";
    }
  }
}

TYPED_TEST(Loops, EntriesAndSums) {
  using T = TypeParam;
  using Source = loops::Source<T>;
  for (const Eigen::Index count : {1, 31, 32, 100}) {
    const Dense<T> a = this->random(count, 1);
    const Dense<T> b = this->random(count, 1);
    Dense<T> to(count, 1);
    loops::subtract(count, Source{nullptr, T(2)}, Source{b.data(), 0}, to.data());
    EXPECT_EQ(to, (T(2) - b.array()).matrix());
    loops::multiply(count, Source{a.data(), 0}, Source{b.data(), 0}, to.data());
    EXPECT_EQ(to, a.cwiseProduct(b));
    loops::divide(count, Source{a.data(), 0}, Source{nullptr, T(3)}, to.data());
    EXPECT_LE((to - a / T(3)).norm(), this->tolerance);
    EXPECT_NEAR(loops::sum(count, a.data()), a.sum(), this->tolerance * 100);
    Dense<T> squares = b;
    loops::accumulate_squares(count, Source{a.data(), 0}, Source{nullptr, T(1)}, squares.data());
    EXPECT_LE((squares - b - (a.array() - T(1)).square().matrix()).norm(), this->tolerance * 10);
  }
}

// ---------------------------------------------------------------- in compiled functions, at sizes where they are used

Options with(std::vector<std::string> variables) {
  Options options;
  options.variables = std::move(variables);
  return options;
}

Eigen::Map<const Eigen::MatrixXd> matrix(const NumbersView<double>& result) {
  return {result.values, result.rows, result.cols};
}

TEST(LoopsInFunctions, QuadraticForm) {
  auto f = compile("x'*A*x", {"x", {"value", "grad", "hess"}, {{"n", 53}}}, with({"A: matrix(n,n)", "x: vector(n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(53, 53);
  const Eigen::VectorXd x = Eigen::VectorXd::Random(53);
  ASSERT_EQ(f->arguments(), (std::vector<std::string>{"A", "x"}));
  ASSERT_FALSE((*f)({A.data(), x.data()}).has_value());
  EXPECT_NEAR(f->result(0).values[0], x.dot(A * x), 1e-11);
  EXPECT_LE((matrix(f->result(1)) - (A + A.transpose()) * x).norm(), 1e-11);
  EXPECT_LE((matrix(f->result(2)) - A - A.transpose()).norm(), 1e-13);
}

// Both products are one pass: what the first reads must not make room for what the second writes.
TEST(LoopsInFunctions, PairsKeepTheirVectors) {
  auto f = compile("norm2(B*(A'*exp(x))) + norm2(A*exp(-x))", {"", {"value"}, {{"n", 48}, {"p", 3}}},
                   with({"A: matrix(n,n)", "B: matrix(p,n)", "x: vector(n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(48, 48);
  const Eigen::MatrixXd B = Eigen::MatrixXd::Random(3, 48);
  const Eigen::VectorXd x = Eigen::VectorXd::Random(48);
  ASSERT_FALSE((*f)({A.data(), B.data(), x.data()}).has_value());
  const double expected =
      (B * (A.transpose() * x.array().exp().matrix())).norm() + (A * (-x).array().exp().matrix()).norm();
  EXPECT_NEAR(f->result(0).values[0], expected, 1e-11);
}

TEST(LoopsInFunctions, SumOfKroneckerProducts) {
  const int n = 7;
  auto f = compile("tr(A*X'*B*X)", {"X", {"hess", "hvp"}, {{"n", n}}},
                   with({"A: matrix(n,n)", "B: matrix(n,n)", "X: matrix(n,n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n, n);
  const Eigen::MatrixXd B = Eigen::MatrixXd::Random(n, n);
  const Eigen::MatrixXd D = Eigen::MatrixXd::Random(n, n);
  ASSERT_EQ(f->arguments(), (std::vector<std::string>{"A", "B", "dX"}));
  ASSERT_FALSE((*f)({A.data(), B.data(), D.data()}).has_value());
  const Eigen::VectorXd product = matrix(f->result(0)) * D.reshaped();
  EXPECT_LE((product - matrix(f->result(1)).reshaped()).norm(), 1e-12);
  EXPECT_LE((product - (B * D * A + B.transpose() * D * A.transpose()).reshaped()).norm(), 1e-12);
}

TEST(LoopsInFunctions, CommutedKroneckerProducts) {
  const int n = 9;
  auto f = compile("tr(inv(X)*A)", {"X", {"hess", "hvp"}, {{"n", n}}}, with({"X: matrix(n,n)", "A: matrix(n,n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n, n);
  const Eigen::MatrixXd X = Eigen::MatrixXd::Random(n, n) + 3 * Eigen::MatrixXd::Identity(n, n);
  const Eigen::MatrixXd D = Eigen::MatrixXd::Random(n, n);
  ASSERT_EQ(f->arguments(), (std::vector<std::string>{"X", "A", "dX"}));
  ASSERT_FALSE((*f)({X.data(), A.data(), D.data()}).has_value());
  const Eigen::MatrixXd P = X.inverse();
  const Eigen::MatrixXd expected = P * D * P * A * P + P * A * P * D * P;
  EXPECT_LE((matrix(f->result(0)) * D.reshaped() - expected.transpose().reshaped()).norm(), 1e-10);
  EXPECT_LE((matrix(f->result(1)) - expected.transpose()).norm(), 1e-10);
}

TEST(LoopsInFunctions, ATraceBesideItsGradient) {
  auto f =
      compile("tr(A*B)", {"A", {"value", "grad"}, {{"m", 70}, {"n", 300}}}, with({"A: matrix(m,n)", "B: matrix(n,m)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(70, 300);
  const Eigen::MatrixXd B = Eigen::MatrixXd::Random(300, 70);
  ASSERT_EQ(f->arguments(), (std::vector<std::string>{"A", "B"}));
  ASSERT_FALSE((*f)({A.data(), B.data()}).has_value());
  EXPECT_NEAR(f->result(0).values[0], (A * B).trace(), 1e-10);
  EXPECT_EQ(matrix(f->result(1)), B.transpose());
}

// Row sums of (a - b).^2 read a and b when they are added up; what is stored in the place of b comes after that.
TEST(LoopsOfNumbers, SumsOfSquaresBeforeStoresInTheirPlace) {
  const Dim n{1000};  // any that is not one
  MapProgram program;
  program.rows = program.cols = n;
  program.inputs = {{{0, n, n, false}, Access::entry}, {{1, dim_one, dim_one, false}, Access::scalar}};
  MapInstruction twice;
  twice.op = MapOp::multiply;
  twice.a = twice.b = 1;
  MapInstruction difference;
  difference.op = MapOp::subtract;
  difference.a = 2;
  difference.b = 0;
  MapInstruction square;
  square.op = MapOp::square;
  square.a = 3;
  program.code = {twice, difference, square};
  program.outputs = {{2, Collect::store, 2}, {4, Collect::row_totals, 3}};
  MapRun<double> run(program, 3, 3, [](Dim) { return std::ptrdiff_t{3}; });
  Eigen::Matrix3d a = Eigen::Matrix3d::Random();
  const Eigen::Vector3d expected = (4 - a.array()).square().rowwise().sum();
  const double two = 2;
  Eigen::Vector3d totals;
  const double* inputs[] = {a.data(), &two};
  double* outputs[] = {a.data(), totals.data()};
  run.run_columns_of(inputs, outputs, 0, 3);
  EXPECT_LE((totals - expected).norm(), 1e-12);
  EXPECT_EQ(a, Eigen::Matrix3d::Constant(4));
}

// The trace reads what is stored in the same pass: not by rows then, though C' is read by the gradient as well.
TEST(LoopsInFunctions, ATraceOfWhatIsStoredBesideIt) {
  const int n = 7;
  auto f = compile("tr(C*(A./C))", {"C", {"value", "grad"}, {{"n", n}}}, with({"C: matrix(n,n)", "A: matrix(n,n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  const Eigen::MatrixXd C = Eigen::MatrixXd::Random(n, n).array() + 3;
  const Eigen::MatrixXd A = Eigen::MatrixXd::Random(n, n);
  ASSERT_EQ(f->arguments(), (std::vector<std::string>{"C", "A"}));
  ASSERT_FALSE((*f)({C.data(), A.data()}).has_value());
  const Eigen::MatrixXd quotient = A.cwiseQuotient(C);
  EXPECT_NEAR(f->result(0).values[0], (C * quotient).trace(), 1e-12);
  const Eigen::MatrixXd gradient = quotient.transpose() - A.cwiseProduct(C.transpose()).cwiseQuotient(C.cwiseAbs2());
  EXPECT_LE((matrix(f->result(1)) - gradient).norm(), 1e-12);
}

TEST(LoopsInFunctions, SquaredDistances) {
  auto f = compile("a'*exp(-rowsum((Y - ones(m)*x').^2))", {"x", {"value", "grad"}, {{"m", 300}, {"n", 5}}},
                   with({"Y: matrix(m,n)", "a: vector(m)", "x: vector(n)"}));
  ASSERT_TRUE(f.has_value()) << f.error().message;
  const Eigen::MatrixXd Y = Eigen::MatrixXd::Random(300, 5);
  const Eigen::VectorXd a = Eigen::VectorXd::Random(300);
  const Eigen::VectorXd x = Eigen::VectorXd::Random(5);
  ASSERT_EQ(f->arguments(), (std::vector<std::string>{"Y", "a", "x"}));
  ASSERT_FALSE((*f)({Y.data(), a.data(), x.data()}).has_value());
  const Eigen::MatrixXd difference = Y.rowwise() - x.transpose();
  const Eigen::VectorXd k = a.array() * (-difference.rowwise().squaredNorm().array()).exp();
  EXPECT_NEAR(f->result(0).values[0], k.sum(), 1e-12);
  EXPECT_LE((matrix(f->result(1)) - 2 * difference.transpose() * k).norm(), 1e-12);
}

// The inverse comes from blocks of a Cholesky factor, cut at several sizes.
TEST(LoopsInFunctions, InversesByBlocks) {
  for (const Eigen::Index n : {7, 20, 41, 90, 150, 203}) {
    auto f = compile("logdet(S)", {"S", {"value", "grad"}, {{"n", n}}}, with({"S: spd(n)"}));
    ASSERT_TRUE(f.has_value()) << f.error().message;
    const Eigen::MatrixXd a = Eigen::MatrixXd::Random(n, n);
    const Eigen::MatrixXd S = a * a.transpose() + Eigen::MatrixXd::Identity(n, n);
    ASSERT_FALSE((*f)({S.data()}).has_value());
    const Eigen::MatrixXd inverse = S.llt().solve(Eigen::MatrixXd::Identity(n, n));
    EXPECT_LE((matrix(f->result(1)) - inverse).norm(), 1e-10 * inverse.norm()) << n;
    EXPECT_EQ(matrix(f->result(1)), matrix(f->result(1)).transpose()) << n;
  }
}

}  // namespace
}  // namespace matgrad
