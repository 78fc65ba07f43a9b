// SPDX-License-Identifier: MIT
// Commands run by sh as a user would run them, and how what they print is compared with what is on record.
//
//   Scratch scratch;
//   Output output = run("matgrad diff \"x'*x\" --wrt x --quiet", scratch);   // {{"2*x"}, {}, 0}
#pragma once

#include <filesystem>
#include <string>
#include <vector>

using Lines = std::vector<std::string>;

Lines read_lines(const std::filesystem::path& path);
void write_lines(const std::filesystem::path& path, const Lines& lines);

// A directory for the outputs of one test, gone with it.
struct Scratch {
  std::filesystem::path path;
  Scratch();
  ~Scratch() { std::filesystem::remove_all(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

struct Output {
  Lines out;
  Lines err;
  int code = 0;
};

// Runs the command in tests/golden, with the built program in PATH as `matgrad` and an environment that is the same
// for everyone.
Output run(const std::string& command, const Scratch& scratch);

// `got` with the measured errors of `wanted`, "largest relative error 2.8e-16", "vanish to 3e-15": they differ from
// machine to machine.
Lines with_errors_of(const Lines& wanted, Lines got);

// Whether what is on record is to be rewritten instead of compared: MATGRAD_GOLDEN_ACCEPT is set.
bool accepting();

// The longest common subsequence, shown as a diff: "-" is wanted, "+" is what came.
std::string difference(const Lines& wanted, const Lines& got);

// A name for a parameterised test: letters and digits of the text, "_" for the rest.
std::string test_name(std::string text);
