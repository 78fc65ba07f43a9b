// SPDX-License-Identifier: MIT
// `matgrad minimize`: an objective and data in, the numbers for which it is smallest out.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/remark.hpp"
#include "commands.hpp"
#include "convergence_plot.hpp"
#include "engine/minimise.hpp"
#include "engine/problem_file.hpp"

namespace matgrad {
namespace {

bool is_problem_file(const std::string& expression) {
  return std::filesystem::path(expression).extension() == ".mg";
}

std::vector<std::string> names_in(const std::string& list) {
  std::vector<std::string> names;
  std::istringstream words(list);
  for (std::string name; std::getline(words, name, ',');) {
    const std::size_t begin = name.find_first_not_of(' ');
    if (begin != std::string::npos) names.push_back(name.substr(begin, name.find_last_not_of(' ') + 1 - begin));
  }
  return names;
}

// Files are named from where the problem file is.
std::string option_of(const ProblemFile::Name& name, const std::filesystem::path& folder) {
  char* end = nullptr;
  std::strtod(name.source.c_str(), &end);
  const bool is_number = *end == '\0';
  const std::filesystem::path file(name.source);
  return name.name + "=" + (is_number || file.is_absolute() ? name.source : (folder / file).string());
}

// What the file says, as if it had been said on the command line.
Result<ProblemFile> read_file(CommandLine& arguments) {
  std::ifstream file(arguments.expression, std::ios::binary);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf())) {
    return failure(Message::data_cannot_read, {arguments.expression, std::strerror(errno)});
  }
  auto problem = read_problem(text.str(), arguments.expression);
  if (!problem) return problem;
  const std::filesystem::path folder = std::filesystem::path(arguments.expression).parent_path();
  for (const ProblemFile::Name& name : problem->given) {
    if (!name.declaration.text.empty()) arguments.variables.push_back(name.declaration.text);
    if (!name.source.empty()) arguments.data.push_back(option_of(name, folder));
  }
  for (const ProblemFile::Name& name : problem->over) {
    if (!name.declaration.text.empty()) arguments.variables.push_back(name.declaration.text);
    if (!name.source.empty()) arguments.starts.push_back(option_of(name, folder));
    arguments.wrt += (arguments.wrt.empty() ? "" : ",") + name.name;
  }
  for (const ProblemFile::Part& constraint : problem->constraints) arguments.constraints.push_back(constraint.text);
  arguments.expression = problem->objective.text;
  return problem;
}

// A line that overwrites itself at a terminal; one a step where they are asked for.
std::function<void(const Iterate&)> progress_of(const CommandLine& arguments) {
  const bool is_terminal = isatty(STDERR_FILENO) != 0;
  if (arguments.quiet || (!arguments.progress && !is_terminal)) return {};
  return [every = arguments.progress](const Iterate& now) {
    std::fprintf(stderr, every ? "%6d  %.10g  %.3e\n" : "\r\033[K%6d  %.10g  %.3e", now.evaluations, now.value,
                 now.slope);
    std::fflush(stderr);
  };
}

Result<MinimiseRequest> request_of(const CommandLine& arguments) {
  MinimiseRequest request;
  request.objective = arguments.expression;
  request.unknowns = names_in(arguments.wrt);
  request.variables = arguments.variables;
  request.constraints = arguments.constraints;
  request.constraints.insert(request.constraints.end(), arguments.bounds.begin(), arguments.bounds.end());
  request.notation = arguments.notation;
  request.verify = !arguments.no_verify;
  request.options.gradient_tolerance = arguments.tolerance;
  request.options.most_evaluations = arguments.evaluations;
  request.options.progress = progress_of(arguments);
  request.optimiser = optimise;
  auto data = read_data(arguments.data, arguments);
  if (!data) return tl::make_unexpected(data.error());
  request.data = std::move(*data);
  auto starts = read_data(arguments.starts, arguments);
  if (!starts) return tl::make_unexpected(starts.error());
  request.start = std::move(*starts);
  return request;
}

// The reasons of Stop, for programs.
constexpr const char* reasons[] = {"gradient", "decrease", "evaluations", "rounding"};

std::string search_json(const Minimised& found) {
  nlohmann::ordered_json search;
  search["value"] = found.optimum.value;
  search["gradient"] = found.optimum.slope;
  search["steepness"] = found.optimum.steepness;
  search["violation"] = found.optimum.violation;
  search["evaluations"] = found.optimum.evaluations;
  search["seconds"] = found.seconds;
  search["stopped_by"] = reasons[static_cast<std::size_t>(found.optimum.stop)];
  search["confirmed"] = found.is_confirmed;
  return search.dump();
}

Result<void> write_plot(const Optimum& optimum, const CommandLine& arguments) {
  if (arguments.plot.empty()) return {};
  std::ofstream file(arguments.plot);
  if (file << convergence_plot(optimum, arguments.expression, arguments.language) << std::flush) return {};
  return failure(Message::data_cannot_write, {arguments.plot, std::strerror(errno)});
}

}  // namespace

int run_minimize(const CommandLine& given) {
  CommandLine arguments = given;
  std::optional<ProblemFile> file;
  if (is_problem_file(given.expression)) {
    auto problem = read_file(arguments);
    if (!problem) return report(problem.error(), arguments);
    file = std::move(*problem);
  }
  const auto report_located = [&](const Diagnostics& errors) {
    return report(file ? file->located(errors, given.expression) : errors, arguments);
  };
  if (arguments.wrt.empty())
    return report(failure(Message::option_missing, {"--over", "matgrad minimize"}).value(), arguments);
  const auto request = request_of(arguments);
  if (!request) return report_located(request.error());
  auto found = minimise(*request);
  if (!arguments.progress && !arguments.quiet && isatty(STDERR_FILENO) != 0) say("\r\033[K");
  if (!found) return report_located(found.error());
  if (auto written = write_plot(found->optimum, arguments); !written) return report(written.error(), arguments);
  const int printed = print_found(std::move(found->outputs), found->notes, search_json(*found), arguments);
  return printed != done ? printed : found->is_confirmed ? done : failed_check;
}

}  // namespace matgrad
