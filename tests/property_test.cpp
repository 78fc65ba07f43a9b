// SPDX-License-Identifier: MIT
// A few thousand random expressions: half from a fixed seed, half from a fresh one, which is printed. MATGRAD_SEED and
// MATGRAD_COUNT set them; matgrad_property runs for longer.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>

#include "random_checks.hpp"

namespace matgrad {
namespace {

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void check_from(std::uint64_t seed, std::uint64_t count) {
  PropertyCounts counts;
  for (std::uint64_t i = 0; i < count; ++i) {
    const RandomExpression expression = random_expression(seed + i);
    const auto failure = check_expression(expression, {}, counts);
    ASSERT_FALSE(failure) << failure_text(expression, *failure);
  }
  EXPECT_GT(counts.derivatives, count / 2);
}

TEST(Property, HoldsFromAFixedSeed) {
  check_from(1, setting("MATGRAD_COUNT", 1000));
}

TEST(Property, HoldsFromAFreshSeed) {
  const std::uint64_t seed = setting("MATGRAD_SEED", std::random_device()());
  std::cout << "MATGRAD_SEED=" << seed << "\n";
  check_from(seed, setting("MATGRAD_COUNT", 1000));
}

TEST(Property, EveryDomainOfTheTableCanBeGenerated) {
  const OperatorTable& table = OperatorTable::get();
  for (std::uint16_t i = 0; i < table.size(); ++i) {
    EXPECT_TRUE(is_known_domain(table[OpId{i}].domain)) << table[OpId{i}].name << ": " << table[OpId{i}].domain;
  }
}

}  // namespace
}  // namespace matgrad
