// SPDX-License-Identifier: MIT
// Runs tests/golden/*.case against the built program, one test a file. A case is
//
//   # a comment (between cases only)
//   $ matgrad diff "x'*x" --wrt x          <- run by sh in tests/golden
//   2*x                                    <- stdout, exactly
//   ! note: x is a vector                  <- stderr, exactly
//   [2]                                    <- the exit code, where it is not 0
//
// up to a blank line or the next "$". A line of stdout that is empty or would be taken for one of these is written
// with a backslash before it. MATGRAD_GOLDEN_ACCEPT=1 rewrites the files with what the program says now.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

const fs::path golden = fs::path(MATGRAD_SOURCE_DIR) / "tests/golden";

Lines read_lines(const fs::path& path) {
  Lines lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

bool is_command(const std::string& line) {
  return line.rfind("$ ", 0) == 0;
}

bool is_exit_code(const std::string& line) {
  return line.size() > 2 && line.front() == '[' && line.back() == ']' &&
         std::all_of(line.begin() + 1, line.end() - 1, [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string escaped(const std::string& line) {
  const bool ambiguous = line.empty() || line[0] == '\\' || line[0] == '!' || is_command(line) || is_exit_code(line);
  return ambiguous ? "\\" + line : line;
}

// What the command prints, in the notation of a case.
Lines transcript(const std::string& command, const fs::path& scratch) {
  const fs::path out = scratch / "out";
  const fs::path err = scratch / "err";
  const std::string script = "cd '" + golden.string() + "' && { " + command + "\n} >'" + out.string() + "' 2>'" +
                             err.string() + "' </dev/null";
  const int status = std::system(script.c_str());
  Lines lines;
  for (const auto& line : read_lines(out)) lines.push_back(escaped(line));
  for (const auto& line : read_lines(err)) lines.push_back(line.empty() ? "!" : "! " + line);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (code != 0) lines.push_back("[" + std::to_string(code) + "]");
  return lines;
}

// The longest common subsequence, shown as a diff: "-" is wanted, "+" is what came.
std::string difference(const Lines& wanted, const Lines& got) {
  std::vector<std::vector<std::size_t>> common(wanted.size() + 1, std::vector<std::size_t>(got.size() + 1, 0));
  for (std::size_t i = wanted.size(); i-- > 0;)
    for (std::size_t j = got.size(); j-- > 0;)
      common[i][j] = wanted[i] == got[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
  std::string text;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < wanted.size() || j < got.size()) {
    if (i < wanted.size() && j < got.size() && wanted[i] == got[j]) {
      text.append("  ").append(wanted[i]).append("\n");
      ++i, ++j;
    } else if (j == got.size() || (i < wanted.size() && common[i + 1][j] >= common[i][j + 1])) {
      text.append("- ").append(wanted[i++]).append("\n");
    } else {
      text.append("+ ").append(got[j++]).append("\n");
    }
  }
  return text;
}

// A directory for the outputs of one test, gone with it.
struct Scratch {
  fs::path path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "matgrad-golden-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory " + name);
    path = name;
  }
  ~Scratch() { fs::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  if (fs::is_directory(golden))
    for (const auto& entry : fs::directory_iterator(golden))
      if (entry.path().extension() == ".case") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

// So that a case says `matgrad`, and prints the same for everyone.
void set_environment() {
  const std::string path = fs::path(MATGRAD_PROGRAM).parent_path().string() + ":" + std::getenv("PATH");
  setenv("PATH", path.c_str(), 1);
  setenv("LC_ALL", "C.UTF-8", 1);
  setenv("NO_COLOR", "1", 1);
  setenv("COLUMNS", "100", 1);
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, Prints) {
  set_environment();
  const fs::path file = golden / (GetParam() + ".case");
  const bool accept = std::getenv("MATGRAD_GOLDEN_ACCEPT") != nullptr;
  const Scratch scratch;
  const Lines lines = read_lines(file);
  Lines renewed;
  for (std::size_t at = 0; at < lines.size();) {
    const std::string line = lines[at];
    const std::size_t number = ++at;
    renewed.push_back(line);
    if (!is_command(line)) {
      EXPECT_TRUE(line.empty() || line[0] == '#') << file << ":" << number << ": output without a command: " << line;
      continue;
    }
    Lines wanted;
    while (at < lines.size() && !lines[at].empty() && !is_command(lines[at])) wanted.push_back(lines[at++]);
    const Lines got = transcript(line.substr(2), scratch.path);
    if (!accept && got != wanted)
      ADD_FAILURE() << file.string() << ":" << number << "\n  " << line << "\n" << difference(wanted, got);
    renewed.insert(renewed.end(), got.begin(), got.end());
  }
  if (accept && renewed != lines) {
    std::ofstream out(file);
    for (const auto& line : renewed) out << line << '\n';
  }
}

INSTANTIATE_TEST_SUITE_P(Case, Golden, testing::ValuesIn(case_names()), [](const auto& about) {
  std::string name = about.param;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
});
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Golden);

TEST(GoldenDifference, MarksLines) {
  EXPECT_EQ(difference({"a", "b", "c"}, {"a", "x", "c"}), "  a\n- b\n+ x\n  c\n");
  EXPECT_EQ(difference({}, {"x"}), "+ x\n");
  EXPECT_EQ(difference({"x"}, {}), "- x\n");
}

TEST(GoldenNotation, EscapesWhatIsAmbiguous) {
  EXPECT_EQ(escaped(""), "\\");
  EXPECT_EQ(escaped("[2]"), "\\[2]");
  EXPECT_EQ(escaped("[2 3]"), "[2 3]");
  EXPECT_EQ(escaped("$ x"), "\\$ x");
  EXPECT_EQ(escaped("# python"), "# python");
}

}  // namespace
