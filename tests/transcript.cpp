// SPDX-License-Identifier: MIT
#include "transcript.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <stdexcept>

namespace fs = std::filesystem;

namespace {

void set_environment() {
  const std::string directory = fs::path(MATGRAD_PROGRAM).parent_path().string() + ":";
  const std::string path = std::getenv("PATH");
  if (path.rfind(directory, 0) != 0) setenv("PATH", (directory + path).c_str(), 1);
  setenv("LC_ALL", "C.UTF-8", 1);
  setenv("NO_COLOR", "1", 1);
  setenv("COLUMNS", "100", 1);
}

std::string without_error(const std::string& line) {
  static const std::regex error(
      "(error |误差 |\"max_rel_error\": |differences are at most |directions vanish to |stopped after |its gradient is "
      "|unknowns that is |left open vanish to |constraints hold to )[0-9][0-9.e+-]*");
  return std::regex_replace(line, error, "$1");
}

}  // namespace

Lines read_lines(const fs::path& path) {
  Lines lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

void write_lines(const fs::path& path, const Lines& lines) {
  std::ofstream file(path);
  for (const auto& line : lines) file << line << '\n';
}

Scratch::Scratch() {
  std::string name = (fs::temp_directory_path() / "matgrad-golden-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory " + name);
  path = name;
}

Output run(const std::string& command, const Scratch& scratch) {
  set_environment();
  const fs::path out = scratch.path / "out";
  const fs::path err = scratch.path / "err";
  const std::string script = "cd '" MATGRAD_SOURCE_DIR "/tests/golden' && { " + command + "\n} >'" + out.string() +
                             "' 2>'" + err.string() + "' </dev/null";
  const int status = std::system(script.c_str());
  return {read_lines(out), read_lines(err), WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)};
}

Lines with_errors_of(const Lines& wanted, Lines got) {
  for (std::size_t i = 0; i < std::min(wanted.size(), got.size()); ++i)
    if (without_error(wanted[i]) == without_error(got[i])) got[i] = wanted[i];
  return got;
}

bool accepting() {
  return std::getenv("MATGRAD_GOLDEN_ACCEPT") != nullptr;
}

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

std::string test_name(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return text;
}
