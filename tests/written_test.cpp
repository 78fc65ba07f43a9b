// SPDX-License-Identifier: MIT
#include "ops/written.hpp"

#include <gtest/gtest.h>

#include "ops/structural.hpp"
#include "print/text.hpp"
#include "scene.hpp"

namespace matgrad {
namespace {

TEST(Written, ProductsOfTransposesAreTurned) {
  Scene s;
  const NodeId a = s.matrix("A", "n", "n");
  const NodeId b = s.matrix("B", "n", "n");
  const NodeId c = s.matrix("C", "n", "n");
  const NodeId product = s.mul({s.t(c), s.t(b), s.t(a)});
  EXPECT_EQ(to_text(s.store, product), "(A*B*C)'");
  EXPECT_EQ(s.store[product].weight, 3U);
  EXPECT_EQ(to_text(s.store, s.mul({s.t(b), s.t(a)})), "B'*A'");  // shorter by one only, and what one expects
  EXPECT_EQ(to_text(s.store, s.mul({s.t(s.vector("y", "n")), s.t(a)})), "(A*y)'");
}

TEST(Written, RepeatedProductsArePowers) {
  Scene s;
  const NodeId a = s.matrix("A", "m", "n");
  const NodeId b = s.matrix("B", "n", "m");
  EXPECT_EQ(to_text(s.store, s.mul({a, b, a, b})), "(A*B)^2");
  EXPECT_EQ(to_text(s.store, s.mul({a, b, a})), "A*B*A");
  EXPECT_EQ(s.store[s.mul({a, b, a, b, a, b})].weight, 2U);
}

TEST(Written, TransposedSumsOfColumnsAreShort) {
  Scene s;
  const NodeId a = s.matrix("A", "m", "n");
  const NodeId b = s.matrix("B", "m", "n");
  const NodeId u = s.vector("u", "m");
  const NodeId v = s.vector("v", "m");
  const NodeId row = s.t(s.add({s.mul({s.t(a), u}), s.mul({s.t(b), v})}));
  EXPECT_EQ(to_text(s.store, row), "u'*A + v'*B");
  EXPECT_EQ(to_text(s.store, s.t(s.add({u, v}))), "(u + v)'");
}

// The minus of -(1 - c) is not written, and counts as saved once, though the scalar and the product both could turn the
// sum.
TEST(Written, AMinusIsSavedOnce) {
  Scene s;
  const NodeId c = s.scalar("c");
  const NodeId h = s.vector("h", "n");
  const NodeId x = s.vector("x", "n");
  const NodeId one_less = s.add({s.b.number(1), s.b.negate(c)});
  const NodeId turned = s.b.scale(s.b.negate(one_less), x);
  EXPECT_EQ(to_text(s.store, turned), "(c - 1)*x");
  EXPECT_EQ(s.store[turned].weight, 2U);
  const NodeId sum = s.add({h, turned});
  EXPECT_EQ(to_text(s.store, sum), "h - (1 - c)*x");
  EXPECT_EQ(s.store[sum].weight, 3U);
}

// (A + Y)' is -(A - Y') for a skew A, so the product is -(A + Y)'*(A + Y): mirrored, but not semidefinite.
TEST(Written, AMirroredProductWithAMinusIsNotSemidefinite) {
  Scene s;
  const NodeId a = s.matrix("A", "n", "n", skew);
  const NodeId y = s.matrix("Y", "n", "n");
  const NodeId sum = s.add({a, y});
  const NodeId other = s.add({a, s.b.negate(s.t(y))});
  const NodeId product = s.mul({other, sum});
  EXPECT_TRUE(s.store.type(product).has(symmetric));
  EXPECT_FALSE(s.store.type(product).has(positive_semidefinite));
  const NodeId x = s.vector("x", "n");
  EXPECT_EQ(to_text(s.store, s.mul({s.t(x), product, x})), "-norm2((A + Y)*x)^2");
}

}  // namespace
}  // namespace matgrad
