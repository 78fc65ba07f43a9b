// SPDX-License-Identifier: MIT
// The pages in docs/derivations are what the program prints now; MATGRAD_GOLDEN_ACCEPT=1 rewrites them.
#include <gtest/gtest.h>

#include <fstream>

#include "transcript.hpp"

namespace {

struct Derivation {
  std::string name;
  std::string arguments;
};

std::vector<Derivation> derivations() {
  std::vector<Derivation> result;
  std::ifstream list(std::string(MATGRAD_SOURCE_DIR) + "/tests/derivations.txt");
  for (std::string line; std::getline(list, line);) {
    const std::size_t blank = line.find(' ');
    if (line.empty() || line[0] == '#' || blank == std::string::npos) continue;
    result.push_back({line.substr(0, blank), line.substr(blank + 1)});
  }
  return result;
}

void expect_pages(const std::string& language, const std::string& ending) {
  const Scratch scratch;
  ASSERT_FALSE(derivations().empty());
  for (const Derivation& one : derivations()) {
    const std::string command = "matgrad diff " + one.arguments + " --format markdown --quiet --lang " + language;
    const Output output = run(command, scratch);
    EXPECT_EQ(output.code, 0) << command;
    const std::filesystem::path page =
        std::filesystem::path(MATGRAD_SOURCE_DIR) / "docs/derivations" / (one.name + ending);
    if (accepting()) {
      write_lines(page, output.out);
    } else {
      EXPECT_EQ(read_lines(page), output.out) << page << " is not what the program prints; ./dev derivations writes it";
    }
  }
}

TEST(GoldenDerivations, English) {
  expect_pages("en", ".md");
}

TEST(GoldenDerivations, Chinese) {
  expect_pages("zh", ".zh.md");
}

}  // namespace
