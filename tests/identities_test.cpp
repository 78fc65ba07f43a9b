// SPDX-License-Identifier: MIT
// Every identity of the tables in tests/identities is derived, verified, equal to the published form at random points,
// and no longer than that.
#include <gtest/gtest.h>

#include "identity_rows.hpp"
#include "numeric/sample.hpp"
#include "print/text.hpp"
#include "syntax/parser.hpp"

namespace matgrad {
namespace {

// The published form in the names of the derivation; no_node where it cannot be read there.
NodeId published(Derivation& d, const std::string& text) {
  const NodeId hole = d.question.hole;
  const std::string& name = d.store.symbol_at(d.store[hole].first).name;
  if (d.scope.find(name) == nullptr) d.scope.add(name, d.store[hole].first);
  const auto tree = parse(text);
  if (!tree) return no_node;
  const auto result = elaborate(d.scope, *tree);
  return result ? result->root : no_node;
}

// A bound of a sum is a size, and the exponent k of X^k a scalar of the same name: where both occur the published form
// is read by itself and compared as text.
void expect_same_text(const DeriveRequest& request, const std::string& result, const std::string& expected) {
  std::vector<std::string> variables = request.variables;
  for (const std::string& variable : request.variables) {
    if (variable.rfind(request.wrt + ":", 0) == 0) variables.push_back("d" + variable);
  }
  const auto wanted = simplify_text(expected, variables);
  if (!wanted) {
    ADD_FAILURE() << render(wanted.error(), expected, Language::english);
  } else {
    EXPECT_EQ(result, to_text((*wanted)->store, (*wanted)->result));
  }
}

void expect_equal_values(const Derivation& d, NodeId wanted) {
  const std::vector<NodeId> roots{d.presented.result, wanted, d.input};
  for (std::uint64_t seed : {11, 12}) {
    const auto point = sample(d.store, roots, d.scope.conditions(), seed);
    ASSERT_TRUE(point) << "no point to compare at";
    const auto a = evaluate(d.store, d.presented.result, *point);
    const auto b = evaluate(d.store, wanted, *point);
    ASSERT_TRUE(a && b);
    ASSERT_EQ(a->rows(), b->rows());
    ASSERT_EQ(a->cols(), b->cols());
    const double scale = std::max(1.0, b->cwiseAbs().maxCoeff());
    EXPECT_LT((*a - *b).cwiseAbs().maxCoeff() / scale, 1e-7);
  }
}

// Whether the result is longer than the published form.
bool expect_published(const DeriveRequest& request, const std::optional<std::string>& expected) {
  const auto derived = derive(request);
  if (!derived) {
    ADD_FAILURE() << render(derived.error(), request.expression, Language::english);
    return false;
  }
  Derivation& d = **derived;
  EXPECT_TRUE(d.verified);
  if (!expected) return false;
  const std::string text = to_text(d.store, d.presented.result);
  const NodeId wanted = published(d, *expected);
  if (wanted == no_node) {
    expect_same_text(request, text, *expected);
    return operator_count(text) > operator_count(*expected);
  }
  SCOPED_TRACE(text + "  should be  " + *expected);
  EXPECT_TRUE(d.store.type(d.presented.result).same_shape(d.store.type(wanted)));
  expect_equal_values(d, wanted);
  return operator_count(text) > operator_count(*expected);
}

// "eigenvalues" is apart from the cookbook because the acceptance judge does not know these functions.
constexpr const char* tables[] = {"wikipedia", "cookbook", "eigenvalues", "machine_learning", "nasty"};

class Identities : public testing::TestWithParam<const char*> {};

TEST_P(Identities, AreFoundAndAsShort) {
  for (const IdentityRow& row : identity_rows(GetParam())) {
    SCOPED_TRACE(row.id + ": " + row.expression + " by " + row.wrt);
    bool longer = false;
    for (Layout layout : layouts_of(row)) {
      const bool first = layout == row.layout;
      const bool own = expect_published(request_for(row, layout), first ? row.expected : row.expected_numerator);
      EXPECT_TRUE(!own || row.longer) << "longer than published";
      longer = longer || own;
    }
    if (row.expected_free_entries) {
      DeriveRequest request = request_for(row, row.layout);
      request.symmetric_gradient = SymmetricGradient::free_entries;
      longer = expect_published(request, row.expected_free_entries) || longer;
    }
    EXPECT_TRUE(longer || !row.longer) << "no longer than published: the reason is not needed any more";
  }
}

INSTANTIATE_TEST_SUITE_P(Table, Identities, testing::ValuesIn(tables),
                         [](const auto& about) { return std::string(about.param); });

TEST(IdentityRows, OperatorsAreCountedAsByTheJudge) {
  EXPECT_EQ(operator_count("2*A'*(A*x - y)"), 5U);
  EXPECT_EQ(operator_count("-inv(X)'"), 3U);
  EXPECT_EQ(operator_count("I(n*n) + K(m,n)"), 1U);
  EXPECT_EQ(operator_count("X[:,2]*e(2,n)'"), 4U);
}

TEST(IdentityRows, FewAreLongerThanPublished) {
  std::size_t count = 0;
  for (const char* name : tables) {
    for (const IdentityRow& row : identity_rows(name)) count += row.longer ? 1 : 0;
  }
  EXPECT_LE(count, 1U);  // only goes down
}

}  // namespace
}  // namespace matgrad
