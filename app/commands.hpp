// SPDX-License-Identifier: MIT
// What the commands do: one line on stdout, everything else to stderr, and an exit code.
#pragma once

#include "engine/evaluate_plan.hpp"
#include "options.hpp"
#include "print/explain.hpp"

namespace matgrad {

enum ExitCode { done = 0, claim_is_false = 1, wrong_input = 2, failed_check = 3, bug = 4 };

void say(const std::string& text);
// Errors of the input, or of the result, and their exit code.
int report(const Diagnostics& errors, const CommandLine& arguments);
// What was inferred or assumed, unless the result alone is wanted.
void print_notes(const Diagnostics& notes, const CommandLine& arguments);

// What `eval` and `codegen` compute: the value, and the gradient where a variable is named, unless --what says else.
ComputeRequest compute_request(const CommandLine& arguments);

int run_diff(const CommandLine& arguments);
int run_simplify(const CommandLine& arguments, bool shape_only);
int run_check(const CommandLine& arguments);
int run_lint(const CommandLine& arguments);
int run_eval(const CommandLine& arguments);
int run_codegen(const CommandLine& arguments);
int run_rules(const CommandLine& arguments);
int run_solve(const CommandLine& arguments);
int run_minimize(const CommandLine& arguments);

// --data or --start, read.
Result<std::vector<NamedArray>> read_data(const std::vector<std::string>& options, const CommandLine& arguments);
// Numbers on stdout, or in the files of --output.
int print_numbers(std::vector<Numbers::Output> outputs, const Diagnostics& notes, const CommandLine& arguments);
// Likewise of a search, whose text shows the digits that it is exact to; `about`: in JSON, how they were found.
int print_found(std::vector<Numbers::Output> outputs, const Diagnostics& notes, const std::string& about,
                const CommandLine& arguments);

// A result as it was asked for, and a line on stdout.
std::string formatted(const Store& store, NodeId id, Format format);
void print_line(const std::string& line);
bool is_page(Format format);
Page page_of(Format format);

}  // namespace matgrad
