// SPDX-License-Identifier: MIT
// What types say of expressions (symmetric, definite, triangular …) is so: expressions whose types were wrong once, and
// their like. Random ones are checked by random_checks.cpp, operators one by one by table_test.cpp.
#include <gtest/gtest.h>

#include "numeric/sample.hpp"
#include "simplify/simplify.hpp"
#include "syntax/elaborate.hpp"
#include "table_claims.hpp"

namespace matgrad {
namespace {

struct Example {
  const char* expression;
  std::vector<const char*> variables;
};

const Example examples[] = {
    {"A'*Q*B'*B*Q*A", {"Q: skew(n)", "A: matrix(n,m)", "B: matrix(p,n)"}},
    {"Q*S*Q", {"Q: skew(n)", "S: spd(n)"}},
    {"Q^2", {"Q: skew(n)"}},
    {"A'*Q*A", {"Q: skew(n)", "A: matrix(n,m)"}},
};

TEST(Promises, AreKept) {
  for (const Example& example : examples) {
    Store store;
    Scope scope(store);
    for (const char* variable : example.variables) ASSERT_TRUE(scope.declare(variable).has_value());
    const auto tree = parse(example.expression);
    ASSERT_TRUE(tree.has_value());
    const auto input = elaborate(scope, *tree);
    ASSERT_TRUE(input.has_value());
    Build build(store);
    const std::vector<NodeId> roots{input->root, Simplifier(build)(input->root)};
    const auto point = sample(store, roots, {}, 1);
    ASSERT_TRUE(point.has_value()) << example.expression;
    EXPECT_EQ(broken_promise(store, roots, *point), "") << example.expression;
  }
}

}  // namespace
}  // namespace matgrad
