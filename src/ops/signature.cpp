// SPDX-License-Identifier: MIT
#include "ops/signature.hpp"

#include <cctype>

namespace matgrad {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Signature signature() {
    Signature result;
    while (!at("->")) {
      result.arguments.push_back(shape());
      if (at(",")) skip(1);
    }
    skip(2);
    result.result = shape();
    return result;
  }

 private:
  void blanks() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
  }
  bool at(std::string_view wanted) {
    blanks();
    return text_.substr(position_, wanted.size()) == wanted;
  }
  void skip(std::size_t count) { position_ += count; }
  void expect(char c) {
    blanks();
    MATGRAD_ASSERT(position_ < text_.size() && text_[position_] == c);
    ++position_;
  }

  SignatureShape shape() {
    expect('(');
    SignatureShape result;
    if (at(")")) {
      result.rows = result.cols = literal(1);
    } else {
      result.rows = dim();
      expect(',');
      result.cols = dim();
    }
    expect(')');
    return result;
  }

  static SignatureDim literal(std::int64_t value) { return {{{value, {}}}}; }

  SignatureDim dim() {
    SignatureDim result = product();
    while (!at("->") && (at("+") || at("-"))) {
      const SignatureDim sign = literal(at("+") ? 1 : -1);
      skip(1);
      result = std::move(result) + sign * product();
    }
    return result;
  }

  SignatureDim product() {
    SignatureDim result = factor();
    while (at("*")) {
      skip(1);
      result = result * factor();
    }
    if (at("/")) {
      skip(1);
      result.divisor = factor().terms[0].coefficient;
    }
    return result;
  }

  SignatureDim factor() {
    blanks();
    MATGRAD_ASSERT(position_ < text_.size());
    const char c = text_[position_++];
    if (std::isdigit(static_cast<unsigned char>(c))) return literal(c - '0');
    if (c == '(') {
      SignatureDim inside = dim();
      expect(')');
      return inside;
    }
    MATGRAD_ASSERT(c >= 'a' && c <= 'z');
    return {{{1, {c}}}};
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

SignatureDim operator+(SignatureDim a, const SignatureDim& b) {
  MATGRAD_ASSERT(a.divisor == 1 && b.divisor == 1);
  a.terms.insert(a.terms.end(), b.terms.begin(), b.terms.end());
  return a;
}

SignatureDim operator*(const SignatureDim& a, const SignatureDim& b) {
  MATGRAD_ASSERT(a.divisor == 1 && b.divisor == 1);
  SignatureDim result;
  for (const SignatureDim::Term& left : a.terms) {
    for (const SignatureDim::Term& right : b.terms) {
      SignatureDim::Term term{left.coefficient * right.coefficient, left.letters};
      term.letters.insert(term.letters.end(), right.letters.begin(), right.letters.end());
      result.terms.push_back(std::move(term));
    }
  }
  return result;
}

Signature Signature::parse(std::string_view text) {
  return Reader(text).signature();
}

Dim evaluate(Dims& dims, const SignatureDim& dim, const Letters& letters) {
  if (const char letter = dim.letter()) return letters[letter];
  Dim total = dim_zero;
  for (const SignatureDim::Term& term : dim.terms) {
    Dim product = dims.constant(term.coefficient);
    for (char letter : term.letters) product = dims.multiply(product, letters[letter]);
    total = dims.add(total, product);
  }
  return dim.divisor == 1 ? total : dims.quotient(total, dim.divisor);
}

Type result_shape(Dims& dims, const Signature& signature, const Letters& letters) {
  return {evaluate(dims, signature.result.rows, letters), evaluate(dims, signature.result.cols, letters), 0};
}

std::optional<Letters> Signature::bind(const Store& store, std::span<const NodeId> given) const {
  if (given.size() != arguments.size()) return std::nullopt;
  Letters letters;
  auto fits = [&](const SignatureDim& wanted, Dim dim) {
    if (const char letter = wanted.letter()) {
      if (!letters.bound(letter)) {
        letters.bind(letter, dim);
        return true;
      }
      return letters[letter] == dim;
    }
    // Only literals stand in argument positions otherwise.
    return store.dims.as_constant(dim) == wanted.terms[0].coefficient && wanted.terms[0].letters.empty();
  };
  for (std::size_t i = 0; i < given.size(); ++i) {
    const Type& type = store.type(given[i]);
    if (!fits(arguments[i].rows, type.rows) || !fits(arguments[i].cols, type.cols)) return std::nullopt;
  }
  return letters;
}

}  // namespace matgrad
