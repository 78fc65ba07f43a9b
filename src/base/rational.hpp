// SPDX-License-Identifier: MIT
// Exact rationals. Numerator and denominator are 64-bit where they fit and grow without bound where they do not.
// Invariant: lowest terms, denominator positive, so equality of values is equality of representations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace matgrad {

class Rational {
 public:
  Rational() = default;
  Rational(std::int64_t integer) : numerator_(integer) {}      // NOLINT: an integer is a rational
  Rational(std::int64_t numerator, std::int64_t denominator);  // denominator != 0

  // "2", "0.5", ".5", "1e-3", "-2" exactly; nothing for text that is not a number, whose exponent is beyond ±400 or
  // that has more than 1000 digits.
  static std::optional<Rational> parse(std::string_view text);

  bool is_zero() const { return !big_ && numerator_ == 0; }
  bool is_one() const { return !big_ && numerator_ == 1 && denominator_ == 1; }
  bool is_negative() const;
  bool is_integer() const;
  // The value where it is a 64-bit integer.
  std::optional<std::int64_t> as_int64() const;
  double as_double() const;
  std::string numerator_text() const;
  std::string denominator_text() const;
  std::string text() const;  // "-3", "1/2"
  std::size_t hash() const;
  // The number of bits of the larger part: callers bound it to keep results finite.
  std::size_t bits() const;

  friend Rational operator+(const Rational& a, const Rational& b);
  friend Rational operator-(const Rational& a, const Rational& b);
  friend Rational operator*(const Rational& a, const Rational& b);
  friend Rational operator/(const Rational& a, const Rational& b);  // b != 0
  Rational operator-() const { return Rational(0) - *this; }
  friend bool operator==(const Rational& a, const Rational& b);
  friend bool operator<(const Rational& a, const Rational& b);

  // The greatest rational that divides both into integers, non-negative: gcd(4/3, 2) = 2/3.
  friend Rational gcd(const Rational& a, const Rational& b);
  // this^exponent, exactly; nothing where the result would exceed 4096 bits or is 1/0.
  std::optional<Rational> power(std::int64_t exponent) const;

 private:
  struct Big;  // an arbitrary-precision pair, set only when 64 bits do not suffice
  friend struct RationalArithmetic;
  std::int64_t numerator_ = 0;
  std::int64_t denominator_ = 1;
  std::shared_ptr<const Big> big_;
};

}  // namespace matgrad
