// SPDX-License-Identifier: MIT
#include "expr/unify.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace matgrad {
namespace {

using Outcome = Unifier::Outcome;

// Equations written as text: `m*n + 2`, with unknowns as ?u.
class Equations {
 public:
  Dim dim(const std::string& text) {
    Dim total = dim_zero;
    std::string token;
    Dim term = dim_one;
    auto end_factor = [&] {
      if (token.empty()) return;
      term = dims.multiply(term, factor(token));
      token.clear();
    };
    for (char c : text) {
      if (c == '*' || c == '+') end_factor();
      if (c == '+') {
        total = dims.add(total, term);
        term = dim_one;
      }
      if (c != '*' && c != '+' && c != ' ') token += c;
    }
    end_factor();
    return dims.add(total, term);
  }
  Outcome unify(const std::string& a, const std::string& b, std::uint32_t reason = 0) {
    return unifier.unify(dim(a), dim(b), reason);
  }
  std::string value(const std::string& text) { return dims.text(unifier.resolve(dim(text))); }

  Dims dims;
  Unifier unifier{dims};

 private:
  Dim factor(const std::string& token) {
    if (token[0] >= '0' && token[0] <= '9') return dims.constant(std::stoll(token));
    if (token[0] != '?') return dims.name(token);
    auto at = unknowns_.find(token);
    if (at == unknowns_.end()) at = unknowns_.emplace(token, dims.unknown()).first;
    return at->second;
  }
  std::map<std::string, Dim> unknowns_;
};

TEST(Unify, OneEquation) {
  struct Case {
    const char* left;
    const char* right;
    Outcome outcome;
  };
  const Case cases[] = {
      {"3", "3", Outcome::equal},         {"3", "4", Outcome::mismatch},        {"m", "m", Outcome::equal},
      {"m", "k", Outcome::mismatch},      {"m", "3", Outcome::mismatch},        {"?u", "3", Outcome::solved},
      {"?u", "m*n", Outcome::solved},     {"?u", "m + 1", Outcome::solved},     {"?u", "?u", Outcome::equal},
      {"?u", "?v", Outcome::solved},      {"?u + 1", "?u", Outcome::mismatch},  {"?u*m", "n*m", Outcome::solved},
      {"2*?u", "6", Outcome::solved},     {"2*?u", "7", Outcome::mismatch},     {"2*m", "4", Outcome::mismatch},
      {"m*n", "n*m", Outcome::equal},     {"m*n", "n", Outcome::mismatch},      {"m*n", "k", Outcome::mismatch},
      {"m*n", "p*q", Outcome::deferred},  {"?u*?v", "m*n", Outcome::deferred},  {"?u*?v", "6", Outcome::deferred},
      {"?u + m", "n", Outcome::deferred}, {"m + n", "m", Outcome::mismatch},    {"?u + m", "m", Outcome::mismatch},
      {"m + n", "n + m", Outcome::equal}, {"?u + m", "n + m", Outcome::solved}, {"m + 2", "5", Outcome::mismatch},
      {"m*m", "m", Outcome::mismatch},    {"?u*m", "m", Outcome::solved},       {"0", "m", Outcome::mismatch},
  };
  for (const Case& c : cases) {
    Equations forward;
    EXPECT_EQ(forward.unify(c.left, c.right), c.outcome) << c.left << " = " << c.right;
    Equations backward;
    EXPECT_EQ(backward.unify(c.right, c.left), c.outcome) << c.right << " = " << c.left;
  }
}

// Sizes are positive, so a square has one root, and so has what grows with a name.
TEST(Unify, SquaresAreEqualWhereTheirRootsAre) {
  struct Case {
    const char* left;
    const char* right;
    Outcome outcome;
    const char* k;  // the value of ?k then
  };
  const Case cases[] = {
      {"?k*?k", "n*n", Outcome::solved, "n"},         {"?k*?k", "m*m*n*n", Outcome::solved, "m*n"},
      {"n*n*?k*?k", "m*m*n*n", Outcome::solved, "m"}, {"m*m", "n*n", Outcome::mismatch, "?"},  // two rigid names
      {"?k*?k", "m*n", Outcome::deferred, "?"},       {"?k*?k*?k", "n*n*n", Outcome::solved, "n"},
  };
  for (const Case& c : cases) {
    for (const bool turned : {false, true}) {
      Equations e;
      const std::string open = e.value("?k");
      EXPECT_EQ(turned ? e.unify(c.right, c.left) : e.unify(c.left, c.right), c.outcome) << c.left << " = " << c.right;
      EXPECT_EQ(e.value("?k"), c.k == std::string("?") ? open : c.k) << c.left << " = " << c.right;
    }
  }
}

TEST(Unify, SolutionsReachEverything) {
  Equations e;
  EXPECT_EQ(e.unify("?a", "?b"), Outcome::solved);
  EXPECT_EQ(e.unify("?c", "?b*?d + 1"), Outcome::solved);
  EXPECT_EQ(e.unify("?a", "m"), Outcome::solved);
  EXPECT_EQ(e.unify("?d", "3"), Outcome::solved);
  EXPECT_EQ(e.value("?b"), "m");
  EXPECT_EQ(e.value("?c"), "3*m + 1");
  EXPECT_EQ(e.unify("?c", "m"), Outcome::mismatch);
}

TEST(Unify, WhatWaitsIsTriedAgain) {
  Equations e;
  EXPECT_EQ(e.unify("?a*?b", "m*n", 7), Outcome::deferred);
  EXPECT_EQ(e.unifier.waiting().size(), 1U);
  EXPECT_EQ(e.unify("?a", "m"), Outcome::solved);
  EXPECT_EQ(e.value("?b"), "n");
  EXPECT_TRUE(e.unifier.waiting().empty());
  EXPECT_TRUE(e.unifier.take_failures().empty());
}

TEST(Unify, WhatWaitedMayFail) {
  Equations e;
  EXPECT_EQ(e.unify("?a*?b", "6", 7), Outcome::deferred);
  EXPECT_EQ(e.unify("?a", "4", 8), Outcome::solved);
  const auto failures = e.unifier.take_failures();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].reason, 7U);
  EXPECT_TRUE(e.unifier.take_failures().empty());
  EXPECT_TRUE(e.unifier.waiting().empty());
}

TEST(Unify, ChainsOfWaitingEquations) {
  Equations e;
  const int length = 300;
  for (int i = 0; i < length; ++i) {
    const std::string u = "?u" + std::to_string(i);
    const std::string next = "?u" + std::to_string(i + 1);
    EXPECT_EQ(e.unify(u + "*" + next, "m*n"), Outcome::deferred);
  }
  EXPECT_EQ(e.unify("?u0", "m"), Outcome::solved);
  EXPECT_EQ(e.value("?u300"), "m");
  EXPECT_EQ(e.value("?u299"), "n");
}

TEST(Unify, ReasonsAreKept) {
  Equations e;
  EXPECT_EQ(e.unify("?a", "m", 41), Outcome::solved);
  EXPECT_EQ(e.unifier.reason(*e.dims.as_atom(e.dim("?a"))), std::optional<std::uint32_t>(41));
  EXPECT_EQ(e.unifier.reason(*e.dims.as_atom(e.dim("?b"))), std::nullopt);
}

TEST(Unify, LengthsAreNotOne) {
  Equations e;
  e.unifier.forbid_one(e.dim("?n"));
  EXPECT_EQ(e.unify("?n", "1"), Outcome::mismatch);
  EXPECT_EQ(e.unify("?n", "?k"), Outcome::solved);
  EXPECT_EQ(e.unify("?k", "1"), Outcome::mismatch);  // passed on
  EXPECT_EQ(e.unify("?k", "2"), Outcome::solved);
}

TEST(Unify, ChoicesAmongSeveralSolutions) {
  struct Case {
    const char* left;
    const char* right;
    bool reversed;
    const char* u;
    const char* v;
  };
  const Case cases[] = {
      {"?u*?v", "m*n", false, "m", "n"},
      {"?u*?v", "m*n", true, "n", "m"},
      {"?u*?v", "m*n*k", false, "m", "n*k"},
      {"?u + k", "n", false, "-k + n", "?"},
  };
  for (const Case& c : cases) {
    Equations e;
    e.dim("m*n*k");
    e.dim("?u*?v");
    EXPECT_EQ(e.unify(c.left, c.right), Outcome::deferred);
    EXPECT_TRUE(e.unifier.choose(e.unifier.waiting()[0], c.reversed));
    EXPECT_EQ(e.unifier.resolve(e.dim(c.left)), e.unifier.resolve(e.dim(c.right))) << c.left << " = " << c.right;
    if (c.v[0] == '?') continue;
    EXPECT_EQ(e.value("?u"), c.u);
    EXPECT_EQ(e.value("?v"), c.v);
  }
  Equations e;
  e.unify("?u*?v", "6");
  EXPECT_FALSE(e.unifier.choose(e.unifier.waiting()[0], false));
  e.unify("m*n", "p*q");
  EXPECT_FALSE(e.unifier.choose(e.unifier.waiting()[1], false));
}

TEST(Unify, GrowthIsBounded) {
  Equations e;
  for (int i = 0; i < 12; ++i) {
    const std::string u = "?u" + std::to_string(i);
    e.unify("?u" + std::to_string(i + 1), u + "*" + u);
  }
  e.value("?u12");
  EXPECT_TRUE(e.unifier.overflowed());
  Dims dims;
  Dim large = dims.constant(std::int64_t{1} << 40);
  EXPECT_FALSE(bounded_multiply(dims, large, large));
  EXPECT_TRUE(bounded_multiply(dims, large, dims.constant(2)));
}

}  // namespace
}  // namespace matgrad
