// SPDX-License-Identifier: MIT
// The command line: options in, one line out, everything else to stderr.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "commands.hpp"

namespace {

using namespace matgrad;

// "-logdet(P)" is an expression and no option: a blank in front says so to the option parser, and the parser of
// expressions does not mind it. CLI11 takes the words in reverse.
std::vector<std::string> with_expression_marked(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = argc - 1; i > 0; --i) {
    std::string word = argv[i];
    if (word == "--steps") word = "--steps=full";  // what follows it may be the expression
    const bool is_expression = word.size() > 1 && word[0] == '-' && word[1] != '-' && word != "-h";
    words.push_back(is_expression ? word.insert(0, " ") : word);
  }
  return words;
}

int run(int argc, char** argv) {
  CommandLine arguments;
  CLI::App app{"matgrad derives matrix derivatives you can trust", "matgrad"};
  app.set_version_flag("--version", std::string("matgrad ") + MATGRAD_VERSION);
  app.require_subcommand(1);
  CLI::App* diff = app.add_subcommand("diff", "the derivative of an expression, checked numerically");
  CLI::App* simplify = app.add_subcommand("simplify", "the normal form of an expression");
  CLI::App* shape = app.add_subcommand("shape", "the shape of an expression");
  CLI::App* check =
      app.add_subcommand("check", "whether a claimed derivative is true, in which layouts, or what is wrong");
  CLI::App* lint = app.add_subcommand("lint", "every claimed derivative in documents, with its verdict");
  CLI::App* eval = app.add_subcommand("eval", "numbers: the value of an expression and its derivatives, for your data");
  CLI::App* codegen =
      app.add_subcommand("codegen", "code in another language that computes an expression and its derivatives");
  CLI::App* solve_command =
      app.add_subcommand("solve", "where an objective is smallest or an equation holds, in closed form");
  CLI::App* minimize_command =
      app.add_subcommand("minimize", "numbers: where an objective is smallest, for your data, found step by step");
  CLI::App* rules = app.add_subcommand("rules", "the differential, gradient and Jacobian of every operator");
  add_diff_options(*diff, arguments);
  add_expression_options(*simplify, arguments);
  add_expression_options(*shape, arguments);
  add_check_options(*check, arguments);
  add_lint_options(*lint, arguments);
  add_rules_options(*rules, arguments);
  add_solve_options(*solve_command, arguments);
  add_minimize_options(*minimize_command, arguments);
  add_codegen_options(*codegen, arguments);
  add_eval_options(*eval, arguments);
  try {
    app.parse(with_expression_marked(argc, argv));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    say(render(explained(app, error), {}, language_of(argc, argv)));
    return wrong_input;
  }
  if (!arguments.expression.empty() && arguments.expression[0] == ' ') arguments.expression.erase(0, 1);
  if (diff->parsed()) return run_diff(arguments);
  if (check->parsed()) return run_check(arguments);
  if (lint->parsed()) return run_lint(arguments);
  if (eval->parsed()) return run_eval(arguments);
  if (codegen->parsed()) return run_codegen(arguments);
  if (solve_command->parsed()) return run_solve(arguments);
  if (minimize_command->parsed()) return run_minimize(arguments);
  if (rules->parsed()) return run_rules(arguments);
  return run_simplify(arguments, shape->parsed());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", sentence(Message::internal_error, {error.what()}, Language::english).c_str());
    return bug;
  }
}
