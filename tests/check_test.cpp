// SPDX-License-Identifier: MIT
// tests/claims.jsonl: claims of all sorts, true and false, each with what makes it true and, where it is false, with a
// word that the explanation must have.
#include "engine/check.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace matgrad {
namespace {

std::string words(const Diagnostics& list, Language language) {
  std::string text;
  for (const Diagnostic& one : list) text += sentence(one.message, one.arguments, language) + "; ";
  return text;
}

TEST(Check, SaysOfEveryClaimWhatMakesItTrue) {
  std::ifstream file(std::string(MATGRAD_SOURCE_DIR) + "/tests/claims.jsonl");
  ASSERT_TRUE(file);
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    const auto row = nlohmann::json::parse(line);
    CheckRequest request;
    request.claim = row["claim"].get<std::string>();
    SCOPED_TRACE(request.claim);
    for (const auto& [name, kind] : row["vars"].items())
      request.variables.push_back(name + ": " + kind.get<std::string>());
    const auto checked = check(request);
    if (!checked) {
      ADD_FAILURE() << render(checked.error(), request.claim, Language::english);
      continue;
    }
    EXPECT_EQ(checked->true_in, row["true_in"].get<std::vector<std::string>>())
        << words(checked->why, Language::english);
    const std::string condition =
        checked->condition ? sentence(checked->condition->message, checked->condition->arguments, Language::english)
                           : "";
    EXPECT_EQ(condition, row.value("condition", "")) << words(checked->why, Language::english);
    if (!checked->true_in.empty()) continue;
    EXPECT_FALSE(checked->why.empty());
    EXPECT_NE(words(checked->why, Language::english).find(row.value("why", "")), std::string::npos)
        << words(checked->why, Language::english);
    EXPECT_FALSE(words(checked->why, Language::chinese).empty());
  }
  EXPECT_GE(count, 150u);
}

TEST(Check, ACounterexampleIsSmallAndRefutes) {
  const auto checked = check(CheckRequest{"d(x'*A*x)/dx = 2*A*x", {"A: matrix(n,n)", "x: vector(n)"}});
  ASSERT_TRUE(checked);
  ASSERT_TRUE(checked->counterexample);
  const Counterexample& example = *checked->counterexample;
  EXPECT_EQ(example.sizes, (std::vector<std::pair<std::string, std::int64_t>>{{"n", 2}}));
  EXPECT_GT((example.claimed - example.correct).norm(), 1e-3);
  EXPECT_EQ(example.values.size(), 2u);
}

TEST(Check, WhatIsNoClaimIsRefused) {
  for (const char* text : {"x'*A*x", "d(x'*A*x)/dx =", "= 2*x", "d(x'*)/dx = x", "d(foo(x))/dx = x", "∇(u'*v) = v",
                           "∇(x'*w) = w", "d(A*B) = A*B", "d2(x)/dx2 = I"}) {
    EXPECT_FALSE(check(CheckRequest{text, {}})) << text;
  }
}

TEST(Check, WhatCannotBeReadIsShown) {
  const auto place = [](const std::string& text) {
    const auto checked = check(CheckRequest{text, {}});
    return checked ? std::string("accepted") : std::string(under(text, checked.error()[0].span));
  };
  EXPECT_EQ(place("d(x'*x)/dx"), "d(x'*x)/dx");
  EXPECT_EQ(place("d(x'*x)/dx ="), "=");
  EXPECT_EQ(place("= 2*x"), "=");
  EXPECT_EQ(place("d(x'*x/dx = 2*x"), "(");
  EXPECT_EQ(place("d(x'*x)/dx = 2*foo(x)"), "foo(x)");
  EXPECT_EQ(place("\\frac{\\partial x^T x}{\\partial x} = \\foo x"), "\\foo");
}

TEST(Check, AChainHoldsInTheLayoutOfAllItsParts) {
  const std::vector<std::string> variables{"A: symmetric(n)", "x: vector(n)"};
  const auto holds = check(CheckRequest{"d(x'*A*x)/dx = (A+A')*x = 2*A*x", variables});
  ASSERT_TRUE(holds);
  EXPECT_EQ(holds->true_in, std::vector<std::string>{"denominator"});
  const auto mixes = check(CheckRequest{"d(x'*A*x)/dx = 2*A*x = 2*x'*A", variables});
  ASSERT_TRUE(mixes);
  EXPECT_TRUE(mixes->true_in.empty());
  EXPECT_FALSE(mixes->why.empty());
}

}  // namespace
}  // namespace matgrad
