// SPDX-License-Identifier: MIT
// docs/coverage*.md say what the program answers now; MATGRAD_GOLDEN_ACCEPT=1 rewrites them.
#include <gtest/gtest.h>

#include "coverage_page.hpp"
#include "transcript.hpp"

namespace {

void expect_page(const std::string& path, matgrad::Language language) {
  const std::filesystem::path file = std::filesystem::path(MATGRAD_SOURCE_DIR) / path;
  const Lines page = matgrad::coverage_page(language);
  if (accepting()) return write_lines(file, page);
  if (read_lines(file) != page) ADD_FAILURE() << path << " is not what is printed; ./dev coverage-page writes it anew";
}

TEST(GoldenCoverage, English) {
  expect_page("docs/coverage.md", matgrad::Language::english);
}

TEST(GoldenCoverage, Chinese) {
  expect_page("docs/coverage.zh.md", matgrad::Language::chinese);
}

}  // namespace
