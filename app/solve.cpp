// SPDX-License-Identifier: MIT
// matgrad solve: the solution on stdout, one line an unknown where there are several.
#include <cstdio>

#include "base/remark.hpp"
#include "commands.hpp"
#include "engine/solve_numbers.hpp"
#include "engine/steps.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

// The derivation of the gradient, then what follows from setting it to zero.
void print_solving(const Solved& solved, const CommandLine& arguments) {
  const Detail detail = arguments.steps == Steps::brief ? Detail::brief : Detail::full;
  Trace whole;
  if (solved.derivation) whole = solved.derivation->trace;
  whole.steps.insert(whole.steps.end(), solved.trace.steps.begin(), solved.trace.steps.end());
  Explanation explanation{solved.store(), whole, no_node, no_node, false, Message::denominator_layout, {}};
  if (solved.derivation) explanation.kinds = explanation_of(*solved.derivation).kinds;
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
  print_notes({remark(message, {shapes, std::to_string(solved.check.points), slope})}, arguments);
}

int solve_for_data(SolveRequest request, const CommandLine& arguments) {
  auto data = read_data(arguments.data, arguments);
  if (!data) return report(data.error(), arguments);
  auto numbers = solve_numbers(std::move(request), std::move(*data));
  if (!numbers) return report(numbers.error(), arguments);
  Diagnostics notes = numbers->solved->notes;
  const Diagnostics more = about(*numbers->solved);
  notes.insert(notes.end(), more.begin(), more.end());
  notes.insert(notes.end(), numbers->notes.begin(), numbers->notes.end());
  return print_numbers(std::move(numbers->outputs), notes, arguments);
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
