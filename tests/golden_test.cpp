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

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <vector>

#include "transcript.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path golden = fs::path(MATGRAD_SOURCE_DIR) / "tests/golden";

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
Lines transcript(const std::string& command, const Scratch& scratch) {
  const Output output = run(command, scratch);
  Lines lines;
  for (const auto& line : output.out) lines.push_back(escaped(line));
  for (const auto& line : output.err) lines.push_back(line.empty() ? "!" : "! " + line);
  if (output.code != 0) lines.push_back("[" + std::to_string(output.code) + "]");
  return lines;
}

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  if (fs::is_directory(golden))
    for (const auto& entry : fs::directory_iterator(golden))
      if (entry.path().extension() == ".case") names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, Prints) {
  const fs::path file = golden / (GetParam() + ".case");
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
    const Lines got = with_errors_of(wanted, transcript(line.substr(2), scratch));
    if (!accepting() && got != wanted)
      ADD_FAILURE() << file.string() << ":" << number << "\n  " << line << "\n" << difference(wanted, got);
    renewed.insert(renewed.end(), got.begin(), got.end());
  }
  if (accepting() && renewed != lines) write_lines(file, renewed);
}

INSTANTIATE_TEST_SUITE_P(Case, Golden, testing::ValuesIn(case_names()),
                         [](const auto& about) { return test_name(about.param); });
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Golden);

TEST(GoldenDifference, MarksLines) {
  EXPECT_EQ(difference({"a", "b", "c"}, {"a", "x", "c"}), "  a\n- b\n+ x\n  c\n");
  EXPECT_EQ(difference({}, {"x"}), "+ x\n");
  EXPECT_EQ(difference({"x"}, {}), "- x\n");
}

TEST(GoldenErrors, AreNotCompared) {
  const Lines wanted{"(largest relative error 2.8e-16)", R"("max_rel_error": 1.9e-16)", "error 2"};
  const Lines got{"(largest relative error 0.0e+00)", R"("max_rel_error": 0.0)", "mistake 3", "x"};
  EXPECT_EQ(with_errors_of(wanted, got), (Lines{wanted[0], wanted[1], "mistake 3", "x"}));
}

TEST(GoldenNotation, EscapesWhatIsAmbiguous) {
  EXPECT_EQ(escaped(""), "\\");
  EXPECT_EQ(escaped("[2]"), "\\[2]");
  EXPECT_EQ(escaped("[2 3]"), "[2 3]");
  EXPECT_EQ(escaped("$ x"), "\\$ x");
  EXPECT_EQ(escaped("# python"), "# python");
}

}  // namespace
