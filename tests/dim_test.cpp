// SPDX-License-Identifier: MIT
#include "expr/dim.hpp"

#include <gtest/gtest.h>

#include "expr/unify.hpp"

namespace matgrad {
namespace {

struct Names {
  Dims dims;
  Dim m = dims.name("m");
  Dim n = dims.name("n");

  Dim next(Dim a) { return dims.add(a, dim_one); }
  // a*(a + 1)/2
  Dim triangle(Dim a) { return *dims.divide(dims.multiply(a, next(a)), 2); }
};

TEST(Dims, AQuotientHasToBeWholeForAllValues) {
  Names t;
  const Dim product = t.dims.multiply(t.n, t.next(t.n));
  EXPECT_TRUE(t.dims.divide(product, 2));
  EXPECT_TRUE(t.dims.divide(t.dims.multiply(product, t.next(t.next(t.n))), 6));
  EXPECT_TRUE(t.dims.divide(t.dims.constant(6), 3));
  EXPECT_FALSE(t.dims.divide(t.n, 2));
  EXPECT_FALSE(t.dims.divide(product, 3));
  EXPECT_FALSE(t.dims.divide(product, 4));
  EXPECT_FALSE(t.dims.divide(t.triangle(t.n), 2));
  EXPECT_FALSE(t.dims.divide(t.dims.multiply(t.n, t.next(t.m)), 2));
  EXPECT_FALSE(t.dims.divide(t.dims.constant(7), 3));
  EXPECT_FALSE(t.dims.divide(t.n, 0));
}

TEST(Dims, EqualQuotientsAreEqualHandles) {
  Names t;
  const Dim half = t.triangle(t.n);
  const Dim square = t.dims.multiply(t.n, t.n);
  EXPECT_EQ(t.dims.add(half, half), t.dims.add(square, t.n));
  EXPECT_EQ(t.dims.subtract(t.dims.add(square, t.n), half), half);
  EXPECT_EQ(t.dims.multiply(half, t.dims.constant(2)), t.dims.multiply(t.n, t.next(t.n)));
  EXPECT_EQ(t.dims.subtract(half, t.n), *t.dims.divide(t.dims.subtract(square, t.n), 2));
  EXPECT_EQ(t.dims.as_constant(t.triangle(t.dims.constant(4))), 10);
  EXPECT_EQ(t.dims.as_atom(half), std::nullopt);
}

TEST(Dims, QuotientsAreWrittenAsProducts) {
  Names t;
  const Dim half = t.triangle(t.n);
  EXPECT_EQ(t.dims.text(half), "n*(n + 1)/2");
  EXPECT_EQ(t.dims.text(half, true), "n*(n + 1)/2");
  EXPECT_EQ(t.dims.text(t.dims.add(half, t.m)), "n*(n + 1)/2 + m");
  EXPECT_EQ(t.dims.text(t.dims.add(half, t.m), true), "(n*(n + 1)/2 + m)");
  EXPECT_EQ(t.dims.text(t.dims.subtract(half, t.n)), "n*(n - 1)/2");
  EXPECT_EQ(t.dims.text(t.dims.multiply(half, t.dims.constant(3))), "3*n*(n + 1)/2");
  EXPECT_EQ(t.dims.text(t.dims.subtract(dim_zero, half)), "-n*(n + 1)/2");
  EXPECT_EQ(t.dims.text(t.triangle(half)), "n*(3*n + 2*n*n + n*n*n + 2)/8");
}

TEST(Dims, QuotientsHaveValues) {
  Names t;
  EXPECT_EQ(t.dims.evaluate(t.triangle(t.n), {0, 7}), 28);
  EXPECT_EQ(t.dims.evaluate(t.triangle(t.triangle(t.n)), {0, 3}), 21);
}

TEST(Dims, QuotientsAreUnified) {
  using Outcome = Unifier::Outcome;
  Names t;
  const Dim half = t.triangle(t.n);
  Unifier unifier(t.dims);
  const Dim u = t.dims.unknown();
  EXPECT_EQ(unifier.unify(u, half, 0), Outcome::solved);
  EXPECT_EQ(unifier.resolve(u), half);
  EXPECT_EQ(unifier.resolve(t.dims.add(u, u)), t.dims.multiply(t.n, t.next(t.n)));
  const Dim k = t.dims.unknown();
  EXPECT_EQ(unifier.unify(t.triangle(k), half, 0), Outcome::solved);  // it grows with its name
  EXPECT_EQ(unifier.resolve(k), t.n);
  EXPECT_EQ(unifier.unify(half, t.triangle(t.m), 0), Outcome::mismatch);
  EXPECT_EQ(unifier.unify(half, t.m, 0), Outcome::mismatch);
  EXPECT_EQ(unifier.unify(half, t.n, 0), Outcome::mismatch);
  const Dim open = t.dims.unknown();
  EXPECT_EQ(unifier.unify(t.triangle(open), t.m, 0), Outcome::deferred);
  EXPECT_EQ(unifier.unify(open, t.dims.constant(3), 0), Outcome::solved);
  EXPECT_EQ(unifier.take_failures().size(), 1U);  // m is not 6
}

}  // namespace
}  // namespace matgrad
