// SPDX-License-Identifier: MIT
// What `matgrad lint` finds in tests/lint: every claim with its verdict, nothing else, at its place.
// NAME.expected.jsonl says it line by line: {"line": 5, "column": 23, "true_in": ["denominator"], "condition": …}.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "transcript.hpp"

namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

const fs::path documents = fs::path(MATGRAD_SOURCE_DIR) / "tests/lint";

Json lint(const fs::path& file) {
  const Scratch scratch;
  const Output output = run("matgrad lint --format json '" + file.string() + "'", scratch);
  std::string text;
  for (const std::string& line : output.out) text += line + "\n";
  EXPECT_TRUE(output.err.empty());
  return Json::parse(text, nullptr, false);
}

Lines findings(const fs::path& file) {
  Lines lines;
  for (const Json& finding : lint(file)) {
    Json line{{"line", finding["line"]}, {"column", finding["column"]}};
    if (finding["verdict"] == "skipped") {
      line["skipped"] = finding["why"];
    } else {
      line["true_in"] = finding["true_in"];
      if (!finding["condition"].is_null()) line["condition"] = finding["condition"];
    }
    lines.push_back(line.dump());
  }
  return lines;
}

class LintDocument : public testing::TestWithParam<std::string> {};

TEST_P(LintDocument, HasTheFindingsThatAreExpected) {
  const fs::path file = documents / GetParam();
  const fs::path expected = documents / (file.filename().string() + ".expected.jsonl");
  const Lines got = findings(file);
  if (accepting()) write_lines(expected, got);
  const Lines wanted = read_lines(expected);
  EXPECT_EQ(got, wanted) << difference(wanted, got);
}

INSTANTIATE_TEST_SUITE_P(Files, LintDocument,
                         testing::Values("derivatives.md", "derivatives.tex", "contexts.md", "contexts.tex",
                                         "notebook.ipynb", "plain.txt"),
                         [](const auto& name) { return test_name(name.param); });

// The two sheets have forty claims each, fifteen of them wrong.
TEST(Lint, TheSheetsHaveFortyClaimsAndFifteenMistakes) {
  for (const char* name : {"derivatives.md", "derivatives.tex"}) {
    std::size_t claims = 0;
    std::size_t wrong = 0;
    for (const Json& finding : lint(documents / name)) {
      EXPECT_NE(finding["verdict"], "skipped") << finding.dump();
      ++claims;
      if (finding["verdict"] == "true") continue;
      ++wrong;
      EXPECT_FALSE(finding["why"].is_null()) << finding.dump();
    }
    EXPECT_EQ(claims, 40u) << name;
    EXPECT_EQ(wrong, 15u) << name;
  }
}

}  // namespace
