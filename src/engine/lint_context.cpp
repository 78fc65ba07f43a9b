// SPDX-License-Identifier: MIT
#include "engine/lint_context.hpp"

#include <algorithm>
#include <regex>

#include "syntax/parser.hpp"

namespace matgrad {
namespace {

constexpr std::size_t longest_name = 30;

std::string kind_of_set(const std::string& set, bool is_definite, std::string dims) {
  dims = std::regex_replace(dims, std::regex(R"(\\times|×)"), ",");
  dims = std::regex_replace(dims, std::regex(R"([{}\s])"), "");
  if (!std::regex_match(dims, std::regex(R"([A-Za-z0-9+*,-]*)"))) return {};
  if (set == "S") return (is_definite ? "spd(" : "symmetric(") + dims + ")";
  if (dims.empty()) return "scalar";
  const std::size_t comma = dims.find(',');
  if (comma == std::string::npos) return dims == "1" ? "scalar" : "vector(" + dims + ")";
  if (dims.substr(comma + 1) == "1") return "vector(" + dims.substr(0, comma) + ")";
  if (std::count(dims.begin(), dims.end(), ',') > 1) return {};
  return "matrix(" + dims + ")";
}

struct Structure {
  const char* pattern;
  const char* kind;
};
constexpr Structure structures[] = {{"(?:symmetric )?positive[- ]definite|SPD|s\\.p\\.d\\.|对称正定|正定", "spd"},
                                    {"symmetric|self-adjoint|对称", "symmetric"},
                                    {"orthogonal|正交", "orthogonal"},
                                    {"skew-symmetric|antisymmetric|反对称", "skew"},
                                    {"diagonal|对角", "diagonal"},
                                    {"invertible|可逆", ""}};

}  // namespace

std::string name_of(const std::string& latex, const LatexMacros& macros) {
  LatexContext context;
  context.macros = macros;
  Problems problems;
  const std::vector<Token> tokens = lex_latex(latex, problems, context);
  return problems.empty() && tokens.size() == 2 && tokens[0].kind == TokenKind::name ? tokens[0].text : std::string();
}

void LintContext::declare(std::string_view text) {
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(';', begin), text.size());
    const std::string one(text.substr(begin, end - begin));
    if (const auto declaration = parse_declaration(one)) declared_[declaration->name] = one;
    begin = end + 1;
  }
}

void LintContext::bare_name(const std::string& statement, const LatexMacros& macros) {
  if (statement.size() > longest_name) return;
  const std::string name = name_of(statement, macros);
  if (!name.empty()) waiting_.push_back(name);
}

void LintContext::membership(const std::string& statement, const LatexMacros& macros) {
  static const std::regex form(
      R"(^([^=]*?)\\in\s*(?:\\(?:mathbb|mathbf|mathcal|Bbb)\s*\{?\s*([RS])\s*\}?|\\(R|Re)eals?)\s*(?:_\s*\{?\s*(\+*)\s*\}?)?\s*(?:\^\s*(?:\{([^}]*)\}|(\w)))?)");
  std::smatch match;
  std::vector<std::string> names = std::move(waiting_);
  waiting_.clear();
  if (!std::regex_search(statement, match, form)) return;
  const std::string name = name_of(match[1].str(), macros);
  if (!name.empty()) names.push_back(name);
  const std::string set = match[2].matched ? match[2].str() : "R";
  const std::string kind = kind_of_set(set, match[4].str() == "++", match[5].str() + match[6].str());
  for (const std::string& one : names) {
    if (kind.empty()) {
      memberships_.erase(one);
    } else {
      memberships_[one] = std::string(one).append(": ").append(kind);
    }
    structures_.erase(one);
  }
}

void LintContext::note_structure(const std::string& name, const std::string& kind, bool lasts) {
  if (kind.empty()) return;
  (lasts ? structures_ : in_sentence_)[name] = kind;
}

void LintContext::words(const std::string& sentence) {
  static const std::regex denial(
      R"(\b(not|without|unless|no longer|need not|isn't|if and only if|whether|even if)\b|不|未|无论|并非|没有)");
  if (std::regex_search(sentence, denial)) return;
  static const std::regex lasting(R"(\b(let|suppose|assume|throughout|denote|here)\b|设|假设|令|记)",
                                  std::regex::icase);
  const bool lasts = std::regex_search(sentence, lasting);
  const std::string name = R"(\$?\s*\\?(?:math(?:bf|rm)|boldsymbol|bm)?\{?([A-Za-z])\}?\s*\$?)";
  for (const Structure& structure : structures) {
    const std::string word = std::string("(?:").append(structure.pattern).append(")");
    std::string in_front = word;
    in_front.append(R"((?:\s*matri(?:x|ces)|\s*矩阵|阵)?\s*)").append(name).append(R"((?![A-Za-z]))");
    std::string behind = R"((?:^|[^A-Za-z\\]))";
    behind.append(name)
        .append(R"(\s*(?:is|are|be|being|为|是)?\s*(?:an?|the)?\s*(?:real |invertible |square |实)?)")
        .append(word);
    const std::regex before(in_front, std::regex::icase);
    const std::regex after(behind, std::regex::icase);
    std::smatch match;
    bool found = false;
    for (const std::regex* form : {&before, &after}) {
      if (!std::regex_search(sentence, match, *form)) continue;
      note_structure(match[1].str(), structure.kind, lasts);
      found = true;
    }
    if (found) return;
  }
}

void LintContext::end_sentence() {
  in_sentence_.clear();
  waiting_.clear();
}

const LintContext::Definition* LintContext::definition(const std::string& name) const {
  const auto found = definitions_.find(name);
  return found == definitions_.end() ? nullptr : &found->second;
}

std::vector<std::string> LintContext::declarations(const LatexFaces& faces, int level) const {
  std::map<std::string, std::string> result;
  if (level >= 1) {
    for (const auto& [name, face] : faces) {
      const bool is_capital = name[0] >= 'A' && name[0] <= 'Z';
      if (face == 'b') result[name] = name + (is_capital ? ": matrix" : ": vector");
    }
  }
  if (level >= 2) {
    for (const auto& [name, declaration] : memberships_) result[name] = declaration;
    for (const auto& [name, kind] : structures_) result[name] = std::string(name).append(": ").append(kind);
  }
  for (const auto& [name, declaration] : declared_) result[name] = declaration;
  if (level >= 1) {
    for (const auto& [name, kind] : in_sentence_) {
      // The size stays as declared.
      const auto known = result.find(name);
      static const std::regex sizes(R"(\(\s*([^,()]+)\s*(?:,[^()]*)?\))");
      std::smatch match;
      const bool sized = known != result.end() && std::regex_search(known->second, match, sizes);
      result[name] = std::string(name).append(": ").append(kind);
      if (sized) result[name].append("(").append(match[1].str()).append(")");
    }
  }
  std::vector<std::string> list;
  list.reserve(result.size());
  for (const auto& [name, declaration] : result) list.push_back(declaration);
  return list;
}

}  // namespace matgrad
