// SPDX-License-Identifier: MIT
// What the architecture promises, read from the sources: includes point one way down the list of modules, only
// src/ops names an operator that is not structural, public headers stand alone, and files stay small.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path root = MATGRAD_SOURCE_DIR;

// Each module sees itself and the layers before its own.
const std::vector<std::vector<std::string>> layers = {{"base"},
                                                      {"data", "optimise"},
                                                      {"expr"},
                                                      {"ops"},
                                                      {"syntax"},
                                                      {"rules"},
                                                      {"simplify"},
                                                      {"calculus"},
                                                      {"numeric"},
                                                      {"plan"},
                                                      {"print", "codegen", "solve"},
                                                      {"engine"},
                                                      {"app", "bindings"}};

constexpr std::size_t max_lines = 400;

// Files that were longer when this rule found them, with the length they may not exceed. It only goes down.
const std::map<std::string, std::size_t> longer = {};

struct Source {
  std::string path;  // from the root, with '/'
  std::vector<std::string> lines;

  std::string module() const {
    const std::size_t from = path.rfind("src/", 0) == 0 ? 4 : 0;
    return path.substr(from, path.find('/', from) - from);
  }
};

Source read(const fs::path& path) {
  Source source{fs::relative(path, root).generic_string(), {}};
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) source.lines.push_back(line);
  return source;
}

std::vector<Source> sources(const std::vector<std::string>& directories) {
  std::vector<Source> found;
  for (const auto& directory : directories) {
    if (!fs::is_directory(root / directory)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / directory)) {
      const auto extension = entry.path().extension();
      if (extension == ".cpp" || extension == ".hpp" || extension == ".h") found.push_back(read(entry.path()));
    }
  }
  return found;
}

// The layer of a module, or -1.
int layer_of(const std::string& module) {
  for (std::size_t at = 0; at < layers.size(); ++at)
    for (const auto& name : layers[at])
      if (name == module) return static_cast<int>(at);
  return -1;
}

// The part of a line before a // comment. A "//" within a string literal does not count.
std::string code_of(const std::string& line) {
  bool quoted = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\' && quoted) {
      ++at;
    } else if (line[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && line.compare(at, 2, "//") == 0) {
      return line.substr(0, at);
    }
  }
  return line;
}

std::string where(const Source& source, std::size_t line) {
  return source.path + ":" + std::to_string(line + 1);
}

template <class Visit>  // Visit(match) for every match in the line
void for_each_match(const std::string& line, const std::regex& pattern, Visit visit) {
  for (std::sregex_iterator at(line.begin(), line.end(), pattern), end; at != end; ++at) visit(*at);
}

// The faults of one file under the include order.
std::vector<std::string> arrows_up(const Source& source) {
  static const std::regex include(R"re(^\s*#\s*include\s*"([a-z_]+)/)re");
  std::vector<std::string> faults;
  const int own = layer_of(source.module());
  if (own < 0) return {source.path + ": module '" + source.module() + "' has no place in the list of layers"};
  for (std::size_t n = 0; n < source.lines.size(); ++n) {
    std::smatch match;
    if (!std::regex_search(source.lines[n], match, include)) continue;
    const std::string target = match[1];
    if (target == "matgrad" || target == source.module()) continue;
    const int seen = layer_of(target);
    if (seen < 0 || seen >= own) faults.push_back(where(source, n) + ": " + source.module() + " may not see " + target);
  }
  return faults;
}

// `.name = "inv"` in src/ops/*.cpp.
std::set<std::string> operator_names(const std::vector<Source>& ops) {
  static const std::regex name(R"re(\.name\s*=\s*"([^"]+)")re");
  std::set<std::string> names;
  for (const auto& source : ops)
    for (const auto& line : source.lines)
      for_each_match(code_of(line), name, [&](const std::smatch& match) { names.insert(match[1]); });
  return names;
}

// The constants of src/ops/structural.hpp: operators that any code may name.
std::set<std::string> structural_names(const Source& header) {
  static const std::regex constant(R"re(\bOpId (\w+)\{)re");
  std::set<std::string> names;
  for (const auto& line : header.lines) {
    for_each_match(code_of(line), constant, [&](const std::smatch& match) { names.insert(match[1]); });
  }
  return names;
}

// Places that name one of `names` as a whole string literal or as op::name. A literal that means something else says
// so on its line: // not an operator
std::vector<std::string> namings(const Source& source, const std::set<std::string>& names) {
  static const std::regex literal(R"re("((?:[^"\\]|\\.)*)")re");
  static const std::regex qualified(R"re(\bop::(\w+))re");
  std::vector<std::string> faults;
  for (std::size_t n = 0; n < source.lines.size(); ++n) {
    if (source.lines[n].find("// not an operator") != std::string::npos) continue;
    const std::string code = code_of(source.lines[n]);
    const auto judge = [&](const std::smatch& match) {
      if (names.count(match[1]) > 0) faults.push_back(where(source, n) + ": names the operator " + match.str());
    };
    for_each_match(code, literal, judge);
    for_each_match(code, qualified, judge);
  }
  return faults;
}

void expect_none(const std::vector<std::string>& faults) {
  for (const auto& fault : faults) ADD_FAILURE() << fault;
}

TEST(Layers, IncludesPointDown) {
  for (const auto& source : sources({"src", "app", "bindings"})) expect_none(arrows_up(source));
}

TEST(Layers, AnArrowUpIsSeen) {
  const auto faults = [](const std::string& path, const std::string& line) {
    return arrows_up({path, {"// SPDX", line}}).size();
  };
  EXPECT_EQ(faults("src/ops/table.cpp", "#include \"rules/match.hpp\""), 1U);
  EXPECT_EQ(faults("src/print/text.cpp", "#include \"codegen/emit.hpp\""), 1U);
  EXPECT_EQ(faults("src/base/text.cpp", "# include \"expr/store.hpp\""), 1U);
  EXPECT_EQ(faults("src/base/text.cpp", "#include \"elsewhere/store.hpp\""), 1U);
  EXPECT_EQ(faults("src/novel/text.cpp", ""), 1U);
  EXPECT_EQ(faults("src/rules/match.cpp", "#include \"ops/table.hpp\""), 0U);
  EXPECT_EQ(faults("src/rules/match.cpp", "#include \"rules/match.hpp\""), 0U);
  EXPECT_EQ(faults("app/main.cpp", "#include \"engine/derive.hpp\""), 0U);
}

TEST(Layers, PublicHeadersStandAlone) {
  static const std::regex include(R"re(^\s*#\s*include\s*(?:"([^"]*)"|<([a-z]+/[^>]*)>))re");
  for (const auto& source : sources({"include"}))
    for (std::size_t n = 0; n < source.lines.size(); ++n) {
      std::smatch match;
      if (!std::regex_search(source.lines[n], match, include)) continue;
      const std::string target = match[1].matched ? match[1] : match[2];
      EXPECT_TRUE(target.rfind("matgrad/", 0) == 0 || target.rfind("tl/", 0) == 0)
          << where(source, n) << ": a public header may not need " << target;
    }
}

// Tables of characters: there a name is that of a letter or sign, such as π and ⊗.
const std::set<std::string> character_tables{"src/syntax/characters.cpp", "src/syntax/names.cpp",
                                             "src/print/names.cpp"};

TEST(Layers, OnlyOpsNamesAnOperator) {
  std::set<std::string> names = operator_names(sources({"src/ops"}));
  for (const auto& name : structural_names(read(root / "src/ops/structural.hpp"))) names.erase(name);
  for (const auto& source : sources({"src", "app", "bindings"}))
    if (source.module() != "ops" && character_tables.count(source.path) == 0) expect_none(namings(source, names));
}

TEST(Layers, NamingAnOperatorIsSeen) {
  const Source entries{"src/ops/inverses.cpp", {"{ .name = \"inv\", .also = {\"^-1\"},", "// .name = \"ghost\""}};
  EXPECT_EQ(operator_names({entries}), (std::set<std::string>{"inv"}));
  const Source structural{
      "src/ops/structural.hpp",
      {"namespace matgrad::op {", "inline constexpr OpId sum{0};  // OpId a{1}", "inline constexpr OpId product{3};"}};
  EXPECT_EQ(structural_names(structural), (std::set<std::string>{"sum", "product"}));
  const auto faults = [](const std::string& line) { return namings({"src/print/text.cpp", {line}}, {"inv"}).size(); };
  EXPECT_EQ(faults("if (name == \"inv\") return;"), 1U);
  EXPECT_EQ(faults("case op::inv: return;"), 1U);
  EXPECT_EQ(faults("if (at(\"a\\\"\") == \"inv\") return;"), 1U);
  EXPECT_EQ(faults("say(\"inv needs a square matrix\");  // \"inv\""), 0U);
  EXPECT_EQ(faults("form == \"inv\"  // not an operator"), 0U);
}

// MESSAGE(name, …) of src/base/messages.inc.
std::set<std::string> messages() {
  static const std::regex entry(R"re(^MESSAGE\((\w+),)re");
  std::set<std::string> names;
  for (const auto& line : read(root / "src/base/messages.inc").lines) {
    for_each_match(line, entry, [&](const std::smatch& match) { names.insert(match[1]); });
  }
  return names;
}

TEST(Layers, EveryMessageIsUsed) {
  static const std::regex use(R"re(\bMessage::(\w+))re");
  std::set<std::string> unused = messages();
  EXPECT_GT(unused.size(), 200U);
  for (const auto& source : sources({"src", "app", "bindings"}))
    for (const auto& line : source.lines)
      for_each_match(code_of(line), use, [&](const std::smatch& match) { unused.erase(match[1]); });
  for (const auto& name : unused) ADD_FAILURE() << "src/base/messages.inc: nothing says " << name;
}

TEST(Layers, FilesStaySmall) {
  std::set<std::string> seen;
  for (const auto& source : sources({"src", "app", "include", "tests", "bench"})) {
    const auto exception = longer.find(source.path);
    const std::size_t allowed = exception == longer.end() ? max_lines : exception->second;
    EXPECT_LE(source.lines.size(), allowed) << source.path;
    if (exception != longer.end()) {
      seen.insert(source.path);
      EXPECT_GT(source.lines.size(), max_lines) << source.path << " is short now: take it off the list";
    }
  }
  for (const auto& [path, lines] : longer) EXPECT_TRUE(seen.count(path)) << path << " is gone: take it off the list";
}

}  // namespace
