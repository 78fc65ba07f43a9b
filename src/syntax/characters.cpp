// SPDX-License-Identifier: MIT
#include "syntax/characters.hpp"

#include <algorithm>
#include <iterator>

namespace matgrad {
namespace {

struct Meaning {
  char32_t character;
  std::string_view text;
};

template <std::size_t N>
std::string_view look_up(const Meaning (&table)[N], char32_t character) {
  const auto* const found =
      std::find_if(std::begin(table), std::end(table), [&](const Meaning& m) { return m.character == character; });
  return found == std::end(table) ? std::string_view() : found->text;
}

// α to ω in the order of their code points, the final sigma among them.
constexpr std::string_view small_greek[] = {"alpha",   "beta", "gamma", "delta",  "epsilon", "zeta", "eta",
                                            "theta",   "iota", "kappa", "lambda", "mu",      "nu",   "xi",
                                            "omicron", "pi",   "rho",   "sigma",  "sigma",   "tau",  "upsilon",
                                            "phi",     "chi",  "psi",   "omega"};  // not an operator: a letter
constexpr std::string_view capital_greek[] = {
    "Alpha", "Beta",    "Gamma", "Delta", "Epsilon", "Zeta",  "Eta", "Theta",   "Iota", "Kappa", "Lambda", "Mu",   "Nu",
    "Xi",    "Omicron", "Pi",    "Rho",   "",        "Sigma", "Tau", "Upsilon", "Phi",  "Chi",   "Psi",    "Omega"};
constexpr Meaning greek_variants[] = {{U'ϕ', "phi"},  {U'ϵ', "epsilon"}, {U'ϑ', "theta"},
                                      {U'ϱ', "rho"},  {U'ϖ', "pi"},      {U'ϰ', "kappa"},
                                      {0x00B5, "mu"}, {0x2126, "Omega"}, {0x2206, "Delta"}};

constexpr Meaning symbols[] = {
    {0x00B7, "*"},    {0x00D7, "*"},    {0x2217, "*"},    {0x22C5, "*"}, {0x2219, "*"},    {0x2022, "*"},
    {0xFF0A, "*"},    {0x2212, "-"},    {0x2013, "-"},    {0x2014, "-"}, {0xFF0D, "-"},    {0xFF0B, "+"},
    {0x00F7, "/"},    {0x2215, "/"},    {0x2044, "/"},    {0xFF0F, "/"}, {0xFF3E, "^"},    {0x2299, ".*"},
    {0x2218, ".*"},   {0x2298, "./"},   {0x2297, "kron"}, {0x1D40, "T"}, {0x22A4, "T"},    {0x22BA, "T"},
    {0x1D57, "T"},    {0x2032, "'"},    {0x2019, "'"},    {0xFF07, "'"}, {0x221A, "sqrt"}, {0x2211, "sum"},
    {0x2016, "norm"}, {0x2225, "norm"}, {0xFF08, "("},    {0xFF09, ")"}, {0xFF3B, "["},    {0xFF3D, "]"},
    {0xFF0C, ","},    {0xFF1B, ";"},    {0xFF1A, ":"},    {0xFF1D, "="}, {0x00A0, " "},    {0x1680, " "},
    {0x2000, " "},    {0x2001, " "},    {0x2002, " "},    {0x2003, " "}, {0x2004, " "},    {0x2005, " "},
    {0x2006, " "},    {0x2007, " "},    {0x2008, " "},    {0x2009, " "}, {0x200A, " "},    {0x200B, " "},
    {0x202F, " "},    {0x205F, " "},    {0x2060, " "},    {0x3000, " "}, {0xFEFF, " "}};

struct Range {
  char32_t first;
  char32_t last;
};

// The scripts' letter blocks, coarse on purpose: a name may hold what a reader takes for a letter.
constexpr Range letters[] = {
    {0x00C0, 0x00D6},   {0x00D8, 0x00F6},   {0x00F8, 0x02AF},   {0x0370, 0x0373},  {0x0376, 0x0377}, {0x037B, 0x037D},
    {0x0386, 0x0386},   {0x0388, 0x03FF},   {0x0400, 0x0481},   {0x048A, 0x052F},  {0x0531, 0x0556}, {0x0561, 0x0587},
    {0x05D0, 0x05EA},   {0x0620, 0x064A},   {0x0904, 0x0939},   {0x0E01, 0x0E30},  {0x10A0, 0x10FF}, {0x1100, 0x11FF},
    {0x1E00, 0x1FFC},   {0x2102, 0x2102},   {0x210A, 0x2115},   {0x2119, 0x211D},  {0x2124, 0x2124}, {0x2128, 0x2128},
    {0x212C, 0x2138},   {0x3005, 0x3006},   {0x3041, 0x3096},   {0x30A1, 0x30FA},  {0x30FC, 0x30FE}, {0x3105, 0x312F},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},  {0xFF21, 0xFF3A}, {0xFF41, 0xFF5A},
    {0x1D400, 0x1D6C0}, {0x1D6C2, 0x1D6DA}, {0x1D6DC, 0x1D7CB}, {0x20000, 0x323AF}};

}  // namespace

std::string_view greek_name(char32_t letter) {
  if (letter < 0x80) return {};
  if (letter >= U'α' && letter <= U'ω') return small_greek[letter - U'α'];
  if (letter >= U'Α' && letter <= U'Ω') return capital_greek[letter - U'Α'];
  return look_up(greek_variants, letter);
}

bool is_letter(char32_t letter) {
  if (letter < 0x80) return (letter >= U'a' && letter <= U'z') || (letter >= U'A' && letter <= U'Z');
  return std::any_of(std::begin(letters), std::end(letters),
                     [&](Range range) { return letter >= range.first && letter <= range.last; });
}

bool is_combining(char32_t mark) {
  return mark >= 0x0300 && mark <= 0x036F;
}

std::string_view symbol(char32_t character) {
  return look_up(symbols, character);
}

char superscript(char32_t character) {
  switch (character) {
    case 0x00B9: return '1';
    case 0x00B2: return '2';
    case 0x00B3: return '3';
    default: break;
  }
  constexpr std::string_view digits(
      "0\0\0\0"
      "456789+-",
      12);  // U+2071 to 2073 are other things
  return character >= 0x2070 && character < 0x2070 + digits.size() ? digits[character - 0x2070] : '\0';
}

char subscript(char32_t character) {
  return character >= 0x2080 && character <= 0x2089 ? static_cast<char>('0' + (character - 0x2080)) : '\0';
}

}  // namespace matgrad
