// SPDX-License-Identifier: MIT
#include "engine/relation.hpp"

#include <cstdlib>
#include <string_view>

namespace matgrad {
namespace {

struct Spelling {
  std::string_view text;
  RelationSign sign;
};

// Longer ones before those that they begin with.
constexpr Spelling spellings[] = {
    {"<=", RelationSign::at_most},     {">=", RelationSign::at_least},  {"==", RelationSign::equal},
    {"<", RelationSign::at_most},      {">", RelationSign::at_least},   {"=", RelationSign::equal},
    {"≤", RelationSign::at_most},      {"≥", RelationSign::at_least},   {"\\leq", RelationSign::at_most},
    {"\\geq", RelationSign::at_least}, {"\\le", RelationSign::at_most}, {"\\ge", RelationSign::at_least},
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

const Spelling* sign_at(std::string_view text, std::size_t at) {
  for (const Spelling& spelling : spellings) {
    if (text.substr(at, spelling.text.size()) != spelling.text) continue;
    const std::size_t end = at + spelling.text.size();
    const bool is_command = spelling.text[0] == '\\';
    if (is_command && end < text.size() && is_letter(text[end])) continue;  // \left
    return &spelling;
  }
  return nullptr;
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") + 1 - begin));
}

}  // namespace

std::optional<std::vector<Relation>> read_relations(const std::string& text) {
  std::vector<Relation> found;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const Spelling* spelling = sign_at(text, at);
    if (spelling == nullptr) continue;
    const std::string side = trimmed(std::string_view(text).substr(begin, at - begin));
    if (side.empty()) return std::nullopt;
    if (!found.empty()) found.back().right = side;
    found.push_back({side, {}, spelling->sign});
    begin = at + spelling->text.size();
    at = begin - 1;
  }
  if (found.empty()) return std::nullopt;
  found.back().right = trimmed(std::string_view(text).substr(begin));
  if (found.back().right.empty()) return std::nullopt;
  return found;
}

std::optional<double> number_in(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') return std::nullopt;
  return value;
}

}  // namespace matgrad
