// SPDX-License-Identifier: MIT
#include "base/rational.hpp"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace matgrad {
namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t smallest = std::numeric_limits<std::int64_t>::min();

Rational read(std::string_view text) {
  const auto value = Rational::parse(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(Rational(0));
}

TEST(Rational, ReadsDecimalsExactly) {
  EXPECT_EQ(read("2").text(), "2");
  EXPECT_EQ(read("0.5").text(), "1/2");
  EXPECT_EQ(read(".5").text(), "1/2");
  EXPECT_EQ(read("2.").text(), "2");
  EXPECT_EQ(read("-3").text(), "-3");
  EXPECT_EQ(read("1e-3").text(), "1/1000");
  EXPECT_EQ(read("1E+3").text(), "1000");
  EXPECT_EQ(read("00010").text(), "10");
  EXPECT_EQ(read("000").text(), "0");
  EXPECT_EQ(read("0.0").text(), "0");
  EXPECT_EQ(read("08.09").text(), "809/100");
  EXPECT_EQ(read("123456789012345678901234567890").text(), "123456789012345678901234567890");
  EXPECT_EQ(read("0.1").as_double(), 0.1);
}

TEST(Rational, RefusesWhatIsNoNumber) {
  for (const char* text : {"", ".", "-", "e3", "1e", "1e+", "1e401", "1e-401", "1e99999999999999999999", "1.2.3", "x",
                           "1x", "0x10", " 1", "1 ", "+1", "1/2", "--1"}) {
    EXPECT_FALSE(Rational::parse(text).has_value()) << text;
  }
  EXPECT_FALSE(Rational::parse(std::string(100'000, '7')).has_value());
  EXPECT_TRUE(Rational::parse("1e400").has_value());
  EXPECT_TRUE(Rational::parse("1e-400").has_value());
}

TEST(Rational, StaysInLowestTerms) {
  EXPECT_EQ(Rational(6, -4).text(), "-3/2");
  EXPECT_EQ(Rational(0, -7).text(), "0");
  EXPECT_EQ(Rational(smallest, -1).text(), "9223372036854775808");
  EXPECT_EQ(Rational(smallest, smallest).text(), "1");
  EXPECT_EQ(Rational(1, smallest).text(), "-1/9223372036854775808");
  EXPECT_EQ((-Rational(smallest)).text(), "9223372036854775808");
  EXPECT_EQ(-(-Rational(smallest)), Rational(smallest));
}

TEST(Rational, GrowsAndShrinksBack) {
  const Rational beyond = Rational(largest) + Rational(1);
  EXPECT_EQ(beyond.text(), "9223372036854775808");
  EXPECT_FALSE(beyond.as_int64().has_value());
  const Rational back = beyond - Rational(1);
  EXPECT_EQ(back, Rational(largest));
  EXPECT_EQ(back.hash(), Rational(largest).hash());
  EXPECT_EQ(back.as_int64(), largest);
  EXPECT_EQ(beyond, Rational(largest) + Rational(1));
  EXPECT_EQ(beyond.hash(), (Rational(largest) + Rational(1)).hash());
  EXPECT_TRUE(beyond.is_integer());
  EXPECT_FALSE(beyond.is_negative());
  EXPECT_TRUE((-beyond - beyond).is_negative());
}

TEST(Rational, GreatestCommonDivisor) {
  EXPECT_EQ(gcd(Rational(4, 3), Rational(2)).text(), "2/3");
  EXPECT_EQ(gcd(Rational(0), Rational(-5, 7)).text(), "5/7");
  EXPECT_EQ(gcd(Rational(0), Rational(0)).text(), "0");
  EXPECT_EQ(gcd(Rational(smallest), Rational(smallest)).text(), "9223372036854775808");
  EXPECT_EQ(gcd(Rational(smallest), Rational(0)).text(), "9223372036854775808");
}

TEST(Rational, Powers) {
  EXPECT_EQ(Rational(2, 3).power(3)->text(), "8/27");
  EXPECT_EQ(Rational(-2, 3).power(-3)->text(), "-27/8");
  EXPECT_EQ(Rational(0).power(0)->text(), "1");
  EXPECT_EQ(Rational(0).power(5)->text(), "0");
  EXPECT_FALSE(Rational(0).power(-1).has_value());
  EXPECT_EQ(Rational(-1).power(largest)->text(), "-1");
  EXPECT_EQ(Rational(-1).power(smallest)->text(), "1");
  EXPECT_EQ(Rational(1).power(smallest)->text(), "1");
  EXPECT_EQ(Rational(2).power(4095)->bits(), 4096U);
  EXPECT_FALSE(Rational(2).power(4096).has_value());
  EXPECT_FALSE(Rational(2).power(largest).has_value());
  EXPECT_FALSE(Rational(1, 2).power(smallest).has_value());
  EXPECT_FALSE(Rational(3).power(4000).has_value());
}

TEST(Rational, DoublesAreNearest) {
  EXPECT_EQ(Rational(1, 3).as_double(), 1.0 / 3.0);
  EXPECT_EQ(Rational(largest).as_double(), 9223372036854775807.0);
  EXPECT_EQ(read("1e300").as_double(), 1e300);
  EXPECT_EQ(read("1.7976931348623157e308").as_double(), 1.7976931348623157e308);
  EXPECT_EQ(read("2.2250738585072014e-308").as_double(), 2.2250738585072014e-308);
  EXPECT_EQ(read("1e-300").as_double(), 1e-300);
  EXPECT_TRUE(std::isinf(read("1e400").as_double()));
  EXPECT_EQ(read("1e-400").as_double(), 0.0);
}

TEST(Rational, Bits) {
  EXPECT_EQ(Rational(0).bits(), 1U);  // the denominator 1
  EXPECT_EQ(Rational(255).bits(), 8U);
  EXPECT_EQ(Rational(1, 256).bits(), 9U);
  EXPECT_EQ(Rational(smallest).bits(), 64U);
}

// Integers near the borders where 64 bits overflow, and ordinary ones.
std::int64_t random_integer(std::mt19937_64& random) {
  switch (random() % 4) {
    case 0: return static_cast<std::int64_t>(random() % 21) - 10;
    case 1: return static_cast<std::int64_t>(random());
    case 2: return largest - static_cast<std::int64_t>(random() % 3);
    default: return smallest + static_cast<std::int64_t>(random() % 3);
  }
}

TEST(Rational, AgreesWithArbitraryPrecision) {
  std::mt19937_64 random(20240611);
  std::vector<std::pair<Rational, cpp_rational>> pool;
  const auto text = [](const cpp_rational& value) { return value.str(); };
  for (int round = 0; round < 20'000; ++round) {
    const std::int64_t top = random_integer(random);
    std::int64_t bottom = random_integer(random);
    if (bottom == 0) bottom = 1;
    cpp_int exact_top = top;
    cpp_int exact_bottom = bottom;
    if (exact_bottom < 0) {
      exact_top = -exact_top;
      exact_bottom = -exact_bottom;
    }
    Rational a(top, bottom);
    cpp_rational b(exact_top, exact_bottom);
    ASSERT_EQ(a.text(), text(b));
    if (!pool.empty()) {
      const auto& [c, d] = pool[random() % pool.size()];
      ASSERT_EQ(a < c, b < d);
      ASSERT_EQ(c < a, d < b);
      ASSERT_EQ(a == c, b == d);
      ASSERT_EQ((a + c).text(), text(b + d));
      ASSERT_EQ((a - c).text(), text(b - d));
      ASSERT_EQ((a * c).text(), text(b * d));
      ASSERT_EQ((-a).text(), text(-b));
      if (d != 0) {
        ASSERT_EQ((a / c).text(), text(b / d));
      }
      ASSERT_EQ((a + c) - c, a);
      ASSERT_EQ(((a + c) - c).hash(), a.hash());
      const Rational common = gcd(a, c);
      if (!common.is_zero()) {
        ASSERT_TRUE((a / common).is_integer());
        ASSERT_TRUE((c / common).is_integer());
        ASSERT_TRUE(gcd(a / common, c / common).is_one());
      }
      a = random() % 2 == 0 ? a + c : a * c;
      if (a.bits() > 300) continue;
      b = cpp_rational(cpp_int(a.numerator_text()), cpp_int(a.denominator_text()));
    }
    pool.emplace_back(a, b);
    if (pool.size() > 200) pool.erase(pool.begin());
  }
}

}  // namespace
}  // namespace matgrad
