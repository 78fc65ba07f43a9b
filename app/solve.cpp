// SPDX-License-Identifier: MIT
// matgrad solve: the solution on stdout, one line an unknown where there are several.
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/remark.hpp"
#include "commands.hpp"
#include "data/row_file.hpp"
#include "engine/solve_rows.hpp"
#include "engine/steps.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

// The derivation of the gradient, then what follows from setting it to zero.
void print_solving(const Solved& solved, const CommandLine& arguments) {
  const Detail detail = arguments.steps == Steps::brief ? Detail::brief : Detail::full;
  Trace whole;
  if (solved.derivation) whole = solved.derivation->trace;
  if (solved.equation) whole.input = solved.equation->result;
  whole.steps.insert(whole.steps.end(), solved.trace.steps.begin(), solved.trace.steps.end());
  Explanation explanation{solved.store(), whole};
  explanation.about = solved.derivation ? Explained::stationary_point : Explained::root;
  explanation.kinds = kinds_of(solved.scope());
  explanation.variable = solved.unknowns[0].symbol;
  explanation.result = solved.unknowns[0].value;
  std::fputs(explain(explanation, detail, page_of(arguments.format), arguments.language).c_str(), stdout);
}

void print_solutions(const Solved& solved, const CommandLine& arguments) {
  for (const SolvedUnknown& unknown : solved.unknowns) {
    const std::string value = formatted(solved.store(), unknown.value, arguments.format);
    const std::string name = formatted(solved.store(), unknown.symbol, arguments.format);
    print_line(solved.unknowns.size() == 1 ? value : std::string(name).append(" = ").append(value));
  }
}

void print_how_it_was_checked(const Solved& solved, const CommandLine& arguments) {
  std::string shapes;
  for (const SolvedUnknown& unknown : solved.unknowns) {
    shapes += (shapes.empty() ? "" : ", ") + shape_text(solved.store(), solved.store().type(unknown.value));
  }
  char slope[32];
  std::snprintf(slope, sizeof slope, "%.1e", solved.check.largest_relative_slope);
  const Message message = !solved.verified    ? Message::solution_unverified
                          : solved.derivation ? Message::solution_verified
                                              : Message::equation_verified;
  print_notes({remark(message, {shapes, random_points(solved.check.points, arguments.language), slope})}, arguments);
}

int print_solved_numbers(SolvedNumbers numbers, const CommandLine& arguments) {
  Diagnostics notes = numbers.solved->notes;
  const Diagnostics more = about(*numbers.solved);
  notes.insert(notes.end(), more.begin(), more.end());
  notes.insert(notes.end(), numbers.notes.begin(), numbers.notes.end());
  return print_numbers(std::move(numbers.outputs), notes, arguments);
}

// Whether an option of --data names a file that is too large to be read as a whole, and which.
std::optional<RowsRequest::File> large_file(const std::string& option, double megabytes) {
  const std::size_t equals = std::min(option.find('='), option.size() - 1);
  const std::string path = option.substr(equals + 1);
  if (static_cast<double>(npy_bytes(path)) <= megabytes * 1e6) return std::nullopt;
  return RowsRequest::File{option.substr(0, equals), path};
}

std::function<void(double)> row_progress(const CommandLine& arguments) {
  if (arguments.quiet || isatty(STDERR_FILENO) == 0) return {};
  return [](double part) {
    constexpr int width = 40;
    const std::string bar(static_cast<std::size_t>(part * width), '#');
    std::fprintf(stderr, part < 1 ? "\r[%-40s] %3.0f %%" : "\r\033[K", bar.c_str(), 100 * part);
    std::fflush(stderr);
  };
}

// Large files by blocks of rows where the problem allows it; nothing otherwise.
std::optional<int> solve_by_blocks(const SolveRequest& question, const CommandLine& arguments) {
  RowsRequest request;
  std::vector<std::string> small;
  for (const std::string& option : arguments.data) {
    const auto large = large_file(option, arguments.megabytes);
    if (large) request.files.push_back(*large);
    if (!large) small.push_back(option);
  }
  if (request.files.empty()) return std::nullopt;
  auto data = read_data(small, arguments);
  if (!data) return report(data.error(), arguments);
  request.question = question;
  request.data = std::move(*data);
  request.progress = row_progress(arguments);
  auto numbers = solve_rows(request);
  if (!numbers) return report(numbers.error(), arguments);
  if (!*numbers) return std::nullopt;
  return print_solved_numbers(std::move(**numbers), arguments);
}

int solve_for_data(SolveRequest request, const CommandLine& arguments) {
  if (const auto printed = solve_by_blocks(request, arguments)) return *printed;
  auto data = read_data(arguments.data, arguments);
  if (!data) return report(data.error(), arguments);
  auto numbers = solve_numbers(std::move(request), std::move(*data));
  if (!numbers) return report(numbers.error(), arguments);
  return print_solved_numbers(std::move(*numbers), arguments);
}

}  // namespace

int run_solve(const CommandLine& arguments) {
  SolveRequest request;
  request.expression = arguments.expression;
  request.unknowns = arguments.wrt;
  request.variables = arguments.variables;
  request.constraints = arguments.constraints;
  request.notation = arguments.notation;
  request.verify = !arguments.no_verify;
  if (!arguments.data.empty()) return solve_for_data(std::move(request), arguments);
  const auto solved = solve(request);
  if (!solved) return report(solved.error(), arguments);
  if (arguments.format == Format::json) {
    print_line(to_json(**solved, arguments.language, arguments.steps == Steps::brief ? Detail::brief : Detail::full));
    return done;
  }
  print_notes((*solved)->notes, arguments);
  if (arguments.steps != Steps::none || is_page(arguments.format)) print_solving(**solved, arguments);
  if (!is_page(arguments.format)) print_solutions(**solved, arguments);
  print_notes(about(**solved), arguments);
  print_how_it_was_checked(**solved, arguments);
  return done;
}

}  // namespace matgrad
