// SPDX-License-Identifier: MIT
#include "print/names.hpp"

#include <algorithm>

namespace matgrad {
namespace {

struct Greek {
  std::string_view name;
  std::string_view letter;
};

// The letters that LaTeX has a command for: the others are Latin letters to the eye.
constexpr Greek greek[] = {
    {"alpha", "α"}, {"beta", "β"},  {"gamma", "γ"},   {"delta", "δ"},  {"epsilon", "ε"}, {"zeta", "ζ"},   {"eta", "η"},
    {"theta", "θ"}, {"iota", "ι"},  {"kappa", "κ"},   {"lambda", "λ"}, {"mu", "μ"},      {"nu", "ν"},     {"xi", "ξ"},
    {"pi", "π"},    {"rho", "ρ"},   {"sigma", "σ"},   {"tau", "τ"},    {"upsilon", "υ"}, {"phi", "φ"},    {"chi", "χ"},
    {"psi", "ψ"},   {"omega", "ω"}, {"Gamma", "Γ"},   {"Delta", "Δ"},  {"Theta", "Θ"},   {"Lambda", "Λ"}, {"Xi", "Ξ"},
    {"Pi", "Π"},    {"Sigma", "Σ"}, {"Upsilon", "Υ"}, {"Phi", "Φ"},    {"Psi", "Ψ"},     {"Omega", "Ω"}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string subscript(std::string_view digits) {
  std::string out;
  for (char digit : digits) {
    out += "\xE2\x82";  // U+2080 + digit
    out += static_cast<char>(0x80 + (digit - '0'));
  }
  return out;
}

// Up to the first "_" or digit, and the rest.
std::pair<std::string_view, std::string_view> split_stem(std::string_view name) {
  const std::size_t end = name.find_first_of("_0123456789");
  return end == std::string_view::npos ? std::pair(name, std::string_view())
                                       : std::pair(name.substr(0, end), name.substr(end));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '_') out += '\\';
    out += c;
  }
  return out;
}

// Without subscripts: a letter as it is, a Greek one as its command, longer names upright.
std::string latex_word(std::string_view word) {
  if (!greek_letter(word).empty()) return std::string("\\").append(word);
  if (word.size() == 1) return std::string(word);
  return std::string("\\mathrm{").append(escaped(word)).append("}");
}

}  // namespace

std::string_view greek_letter(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(greek), std::end(greek), [&](const Greek& entry) { return entry.name == name; });
  return found == std::end(greek) ? std::string_view() : found->letter;
}

std::string unicode_name(std::string_view name) {
  const auto [stem, rest] = split_stem(name);
  const std::string_view letter = greek_letter(stem);
  std::string out(letter.empty() ? stem : letter);
  const bool is_indexed = !stem.empty() && rest.size() > 1 && rest[0] == '_' && all_digits(rest.substr(1));
  return out.append(is_indexed ? subscript(rest.substr(1)) : std::string(rest));
}

std::string latex_name(std::string_view name) {
  const std::size_t mark = name.find('_');
  if (mark == std::string_view::npos || mark == 0 || mark + 1 == name.size()) return latex_word(name);
  const std::string_view index = name.substr(mark + 1);
  const std::string subscripted = greek_letter(index).empty() ? escaped(index) : latex_word(index);
  return latex_word(name.substr(0, mark)).append("_{").append(subscripted).append("}");
}

std::string superscript(std::string_view digits) {
  std::string out;
  for (char c : digits) {
    if (c == '-') {
      out += "⁻";
    } else if (c == '1') {
      out += "¹";
    } else if (c == '2' || c == '3') {
      out += c == '2' ? "²" : "³";
    } else {
      out += "\xE2\x81";  // U+2070 + digit
      out += static_cast<char>(0xB0 + (c - '0'));
    }
  }
  return out;
}

}  // namespace matgrad
