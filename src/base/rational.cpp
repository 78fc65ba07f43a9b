// SPDX-License-Identifier: MIT
#include "base/rational.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <numeric>

#include "base/result.hpp"

namespace matgrad {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
__extension__ using int128 = __int128;

struct Rational::Big {
  cpp_int numerator;
  cpp_int denominator;
};

namespace {

constexpr std::size_t max_bits = 4096;
constexpr std::int64_t max_decimal_exponent = 400;
constexpr std::size_t max_digits = 1000;  // of a literal; reading more would cost quadratic time
constexpr std::int64_t exact_in_double = std::int64_t{1} << 53;

bool fits(int128 value) {
  return value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max();
}

bool fits(const cpp_int& value) {
  return value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max();
}

int128 greatest_common_divisor(int128 a, int128 b) {
  if (a < 0) a = -a;
  if (b < 0) b = -b;
  while (b != 0) {
    if (fits(a) && fits(b)) return std::gcd(static_cast<std::int64_t>(a), static_cast<std::int64_t>(b));
    const int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

std::size_t bit_count(const cpp_int& value) {
  return value == 0 ? 0 : msb(abs(value)) + 1;
}

std::size_t bit_count(std::int64_t value) {
  auto magnitude = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  std::size_t count = 0;
  for (; magnitude != 0; magnitude >>= 1) ++count;
  return count;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

struct RationalArithmetic {
  static cpp_int numerator(const Rational& a) { return a.big_ ? a.big_->numerator : cpp_int(a.numerator_); }
  static cpp_int denominator(const Rational& a) { return a.big_ ? a.big_->denominator : cpp_int(a.denominator_); }

  static Rational make(cpp_int top, cpp_int bottom) {
    MATGRAD_ASSERT(bottom != 0);
    if (bottom < 0) {
      top = -top;
      bottom = -bottom;
    }
    const cpp_int common = gcd(top, bottom);
    if (common > 1) {
      top /= common;
      bottom /= common;
    }
    Rational result;
    if (fits(top) && fits(bottom)) {
      result.numerator_ = static_cast<std::int64_t>(top);
      result.denominator_ = static_cast<std::int64_t>(bottom);
    } else {
      result.big_ = std::make_shared<const Rational::Big>(Rational::Big{std::move(top), std::move(bottom)});
    }
    return result;
  }

  // |top| and |bottom| stay below 2^127, which sums and products of 64-bit fractions do.
  static Rational make(int128 top, int128 bottom) {
    MATGRAD_ASSERT(bottom != 0);
    if (bottom < 0) {
      top = -top;
      bottom = -bottom;
    }
    const int128 common = bottom == 1 ? 1 : greatest_common_divisor(top, bottom);
    top /= common;
    bottom /= common;
    if (!fits(top) || !fits(bottom)) return make(cpp_int(top), cpp_int(bottom));
    Rational result;
    result.numerator_ = static_cast<std::int64_t>(top);
    result.denominator_ = static_cast<std::int64_t>(bottom);
    return result;
  }

  static bool both_small(const Rational& a, const Rational& b) { return !a.big_ && !b.big_; }
  static int128 top(const Rational& a) { return a.numerator_; }
  static int128 bottom(const Rational& a) { return a.denominator_; }
};

using Arithmetic = RationalArithmetic;

Rational::Rational(std::int64_t numerator, std::int64_t denominator)
    : Rational(Arithmetic::make(static_cast<int128>(numerator), static_cast<int128>(denominator))) {}

std::optional<Rational> Rational::parse(std::string_view text) {
  std::string digits;
  std::int64_t exponent = 0;
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) ++at;
  const auto read_digits = [&] {
    for (; at < text.size() && is_digit(text[at]); ++at) digits += text[at];
  };
  read_digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    const std::size_t whole = digits.size();
    read_digits();
    exponent -= static_cast<std::int64_t>(digits.size() - whole);
  }
  if (digits.empty() || digits.size() > max_digits) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    const bool small = at < text.size() && text[at] == '-';
    if (small || (at < text.size() && text[at] == '+')) ++at;
    if (at == text.size()) return std::nullopt;
    std::int64_t written = 0;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      written = std::min<std::int64_t>(written * 10 + (text[at] - '0'), max_decimal_exponent + 1);
    }
    if (written > max_decimal_exponent) return std::nullopt;
    exponent += small ? -written : written;
  }
  if (at != text.size()) return std::nullopt;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));  // a leading 0 would mean octal
  cpp_int top(digits);
  if (negative) top = -top;
  const cpp_int scale = pow(cpp_int(10), static_cast<unsigned>(exponent < 0 ? -exponent : exponent));
  Rational result = exponent < 0 ? Arithmetic::make(top, scale) : Arithmetic::make(top * scale, 1);
  if (result.bits() > max_bits) return std::nullopt;
  return result;
}

bool Rational::is_negative() const {
  return big_ ? big_->numerator < 0 : numerator_ < 0;
}
bool Rational::is_integer() const {
  return big_ ? big_->denominator == 1 : denominator_ == 1;
}

std::optional<std::int64_t> Rational::as_int64() const {
  if (big_ || denominator_ != 1) return std::nullopt;
  return numerator_;
}

double Rational::as_double() const {
  if (!big_ && numerator_ >= -exact_in_double && numerator_ <= exact_in_double && denominator_ <= exact_in_double) {
    return static_cast<double>(numerator_) / static_cast<double>(denominator_);
  }
  return cpp_rational(Arithmetic::numerator(*this), Arithmetic::denominator(*this)).convert_to<double>();
}

std::string Rational::numerator_text() const {
  return big_ ? big_->numerator.str() : std::to_string(numerator_);
}
std::string Rational::denominator_text() const {
  return big_ ? big_->denominator.str() : std::to_string(denominator_);
}

std::string Rational::text() const {
  return is_integer() ? numerator_text() : numerator_text() + "/" + denominator_text();
}

std::size_t Rational::hash() const {
  const auto mix = [](std::size_t seed, std::size_t value) {
    return seed ^ (value + 0x9e3779b9U + (seed << 6) + (seed >> 2));
  };
  if (big_) return mix(hash_value(big_->numerator), hash_value(big_->denominator));
  return mix(std::hash<std::int64_t>{}(numerator_), std::hash<std::int64_t>{}(denominator_));
}

std::size_t Rational::bits() const {
  return big_ ? std::max(bit_count(big_->numerator), bit_count(big_->denominator))
              : std::max(bit_count(numerator_), bit_count(denominator_));
}

Rational operator+(const Rational& a, const Rational& b) {
  if (Arithmetic::both_small(a, b)) {
    return Arithmetic::make(Arithmetic::top(a) * b.denominator_ + Arithmetic::top(b) * a.denominator_,
                            Arithmetic::bottom(a) * b.denominator_);
  }
  return Arithmetic::make(
      Arithmetic::numerator(a) * Arithmetic::denominator(b) + Arithmetic::numerator(b) * Arithmetic::denominator(a),
      Arithmetic::denominator(a) * Arithmetic::denominator(b));
}

Rational operator-(const Rational& a, const Rational& b) {
  if (Arithmetic::both_small(a, b)) {
    return Arithmetic::make(Arithmetic::top(a) * b.denominator_ - Arithmetic::top(b) * a.denominator_,
                            Arithmetic::bottom(a) * b.denominator_);
  }
  return Arithmetic::make(
      Arithmetic::numerator(a) * Arithmetic::denominator(b) - Arithmetic::numerator(b) * Arithmetic::denominator(a),
      Arithmetic::denominator(a) * Arithmetic::denominator(b));
}

Rational operator*(const Rational& a, const Rational& b) {
  if (Arithmetic::both_small(a, b)) {
    return Arithmetic::make(Arithmetic::top(a) * b.numerator_, Arithmetic::bottom(a) * b.denominator_);
  }
  return Arithmetic::make(Arithmetic::numerator(a) * Arithmetic::numerator(b),
                          Arithmetic::denominator(a) * Arithmetic::denominator(b));
}

Rational operator/(const Rational& a, const Rational& b) {
  if (Arithmetic::both_small(a, b)) {
    return Arithmetic::make(Arithmetic::top(a) * b.denominator_, Arithmetic::bottom(a) * b.numerator_);
  }
  return Arithmetic::make(Arithmetic::numerator(a) * Arithmetic::denominator(b),
                          Arithmetic::denominator(a) * Arithmetic::numerator(b));
}

bool operator==(const Rational& a, const Rational& b) {
  if (Arithmetic::both_small(a, b)) return a.numerator_ == b.numerator_ && a.denominator_ == b.denominator_;
  return a.big_ && b.big_ && a.big_->numerator == b.big_->numerator && a.big_->denominator == b.big_->denominator;
}

bool operator<(const Rational& a, const Rational& b) {
  if (Arithmetic::both_small(a, b)) {
    return Arithmetic::top(a) * b.denominator_ < Arithmetic::top(b) * a.denominator_;
  }
  return Arithmetic::numerator(a) * Arithmetic::denominator(b) < Arithmetic::numerator(b) * Arithmetic::denominator(a);
}

Rational gcd(const Rational& a, const Rational& b) {
  if (Arithmetic::both_small(a, b)) {
    const int128 top = greatest_common_divisor(a.numerator_, b.numerator_);
    const int128 common = greatest_common_divisor(a.denominator_, b.denominator_);
    return Arithmetic::make(top, a.denominator_ / common * b.denominator_);
  }
  return Arithmetic::make(cpp_int(gcd(Arithmetic::numerator(a), Arithmetic::numerator(b))),
                          cpp_int(lcm(Arithmetic::denominator(a), Arithmetic::denominator(b))));
}

std::optional<Rational> Rational::power(std::int64_t exponent) const {
  if (exponent == 0 || is_one()) return Rational(1);
  if (is_zero()) return exponent < 0 ? std::nullopt : std::optional<Rational>(*this);
  if (!big_ && numerator_ == -1 && denominator_ == 1) return exponent % 2 == 0 ? Rational(1) : *this;
  const std::uint64_t steps =
      exponent < 0 ? 0 - static_cast<std::uint64_t>(exponent) : static_cast<std::uint64_t>(exponent);
  // The larger part is at least 2^(bits - 1), hence its power at least 2^((bits - 1) steps).
  if (steps > max_bits || (bits() - 1) * steps >= max_bits) return std::nullopt;
  cpp_int top = pow(Arithmetic::numerator(*this), static_cast<unsigned>(steps));
  cpp_int bottom = pow(Arithmetic::denominator(*this), static_cast<unsigned>(steps));
  if (exponent < 0) top.swap(bottom);
  Rational result = Arithmetic::make(std::move(top), std::move(bottom));
  if (result.bits() > max_bits) return std::nullopt;
  return result;
}

}  // namespace matgrad
