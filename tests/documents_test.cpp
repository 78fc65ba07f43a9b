// SPDX-License-Identifier: MIT
// What the documents show is what the program prints. In *.md and docs/**/*.md, every fenced block
//
//   ```console
//   $ matgrad diff "x'*A*x" --wrt x        <- run; a line that ends with a backslash goes on in the next one
//   (A + A')*x                             <- what it prints: stdout alone,
//   $ matgrad diff "X*y*X" --wrt X         <- or, with any line of stderr shown, all of both as a terminal shows them
//   error: …
//   $ echo $?                              <- the exit code of the command before
//   2
//   ```
//
// is compared; so is `$ cat FILE`, run in tests/golden like the others. Other commands in such a block are not run.
// MATGRAD_GOLDEN_ACCEPT=1 rewrites the blocks.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "transcript.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path root = MATGRAD_SOURCE_DIR;

bool begins_with(std::string_view line, std::string_view head) {
  return line.substr(0, head.size()) == head;
}

// How a line of stderr begins; what the command line parser says begins otherwise and is not for documents.
bool is_message(std::string_view line) {
  constexpr std::array<std::string_view, 6> heads = {"note: ", "error: ", "warning: ", "说明：", "错误：", "警告："};
  return std::any_of(heads.begin(), heads.end(), [&](std::string_view head) { return begins_with(line, head); });
}

// stdout alone, or, where `wanted` shows messages, everything: stdout behind as many messages as stand before it there.
Lines shown(const Output& output, const Lines& wanted) {
  const bool with_messages = output.out.empty() || std::any_of(wanted.begin(), wanted.end(), is_message);
  if (!with_messages) return output.out;
  const auto first_result = std::find_if_not(wanted.begin(), wanted.end(), is_message);
  const auto before =
      std::min(first_result - wanted.begin(), static_cast<std::ptrdiff_t>(output.out.empty() ? 0 : output.err.size()));
  Lines lines(output.err.begin(), output.err.begin() + before);
  lines.insert(lines.end(), output.out.begin(), output.out.end());
  lines.insert(lines.end(), output.err.begin() + before, output.err.end());
  return lines;
}

std::vector<std::string> document_names() {
  std::vector<std::string> names;
  const auto take = [&](const fs::path& path) {
    if (path.extension() == ".md") names.push_back(fs::relative(path, root).generic_string());
  };
  for (const auto& entry : fs::directory_iterator(root)) take(entry.path());
  if (fs::is_directory(root / "docs"))
    for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) take(entry.path());
  std::sort(names.begin(), names.end());
  return names;
}

// One document, read from above; what it should say is collected in `renewed`.
class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)), lines_(read_lines(root / name_)) {}

  void check() {
    bool in_block = false;
    while (at_ < lines_.size()) {
      const std::string line = next();
      if (in_block && (begins_with(line, "$ matgrad ") || begins_with(line, "$ cat "))) {
        command(line);
      } else if (in_block && line == "$ echo $?") {
        compare(line, output_until_next(), {std::to_string(code_)});
      } else if (begins_with(line, "```")) {
        in_block = line == "```console";
      }
    }
    if (accepting() && renewed_ != lines_) write_lines(root / name_, renewed_);
  }

 private:
  const std::string& next() {
    renewed_.push_back(lines_[at_]);
    return lines_[at_++];
  }

  Lines output_until_next() {
    Lines wanted;
    while (at_ < lines_.size() && lines_[at_] != "```" && !begins_with(lines_[at_], "$ "))
      wanted.push_back(lines_[at_++]);
    return wanted;
  }

  void command(std::string line) {
    std::string script = line.substr(2);
    while (script.back() == '\\' && at_ < lines_.size()) script.append("\n").append(next());
    const Lines wanted = output_until_next();
    const Output output = run(script, scratch_);
    code_ = output.code;
    compare(line, wanted, shown(output, wanted));
  }

  void compare(const std::string& line, const Lines& wanted, const Lines& printed) {
    const Lines got = with_errors_of(wanted, printed);
    if (!accepting() && got != wanted)
      ADD_FAILURE() << name_ << ":" << renewed_.size() << "\n  " << line << "\n" << difference(wanted, got);
    renewed_.insert(renewed_.end(), got.begin(), got.end());
  }

  std::string name_;
  Lines lines_;
  Lines renewed_;
  std::size_t at_ = 0;
  int code_ = 0;
  Scratch scratch_;
};

class GoldenDocument : public testing::TestWithParam<std::string> {};

TEST_P(GoldenDocument, ShowsWhatIsPrinted) {
  Reader(GetParam()).check();
}

INSTANTIATE_TEST_SUITE_P(Document, GoldenDocument, testing::ValuesIn(document_names()),
                         [](const auto& about) { return test_name(about.param); });

TEST(GoldenDocuments, AreFound) {
  const auto names = document_names();
  EXPECT_NE(std::find(names.begin(), names.end(), "README.md"), names.end());
  EXPECT_NE(std::find(names.begin(), names.end(), "docs/language.md"), names.end());
}

TEST(GoldenDocuments, ShowMessagesWhereTheyDid) {
  const Output output{{"2*x"}, {"note: a", "note: b"}, 0};
  EXPECT_EQ(shown(output, {"3*x"}), (Lines{"2*x"}));
  EXPECT_EQ(shown(output, {"note: a", "3*x"}), (Lines{"note: a", "2*x", "note: b"}));
  EXPECT_EQ(shown({{}, {"error: a", "  x"}, 2}, {}), (Lines{"error: a", "  x"}));
}

}  // namespace
