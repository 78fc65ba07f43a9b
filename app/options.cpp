// SPDX-License-Identifier: MIT
#include "options.hpp"

#include <CLI/CLI.hpp>
#include <cstring>

#include "engine/choices.hpp"

namespace matgrad {
namespace {

constexpr Choice<Format> formats[] = {
    {"text", Format::text}, {"unicode", Format::unicode}, {"latex", Format::latex}, {"json", Format::json}};
constexpr Choice<Format> report_formats[] = {{"text", Format::text}, {"json", Format::json}};
constexpr Choice<InputNotation> notations[] = {{"text", InputNotation::text}, {"latex", InputNotation::latex}};
constexpr Choice<LintFormat> lint_formats[] = {{"text", LintFormat::text},
                                               {"json", LintFormat::json},
                                               {"sarif", LintFormat::sarif},
                                               {"github", LintFormat::github}};
constexpr Choice<Format> page_formats[] = {{"text", Format::text},         {"unicode", Format::unicode},
                                           {"latex", Format::latex},       {"json", Format::json},
                                           {"markdown", Format::markdown}, {"latex-document", Format::latex_document},
                                           {"html", Format::html}};
constexpr Choice<bool> precisions[] = {{"double", false}, {"single", true}};
constexpr Choice<Steps> step_details[] = {{"brief", Steps::brief}, {"full", Steps::full}};
constexpr Choice<Language> languages[] = {{"en", Language::english}, {"zh", Language::chinese}};

constexpr Choice<CodeTarget> code_targets[] = {{"numpy", CodeTarget::numpy}, {"jax", CodeTarget::jax},
                                               {"torch", CodeTarget::torch}, {"cpp", CodeTarget::cpp},
                                               {"julia", CodeTarget::julia}, {"matlab", CodeTarget::matlab}};

// A word that is none of the option's.
struct BadChoice : CLI::ValidationError {
  BadChoice(const std::string& option, const std::string& choices, const std::string& given)
      : ValidationError(option, given), arguments{option, choices, given} {}
  std::vector<std::string> arguments;
};

template <class T>
void add_choice(CLI::App& command, const std::string& flag, T& value, std::span<const Choice<T>> choices,
                const std::string& help) {
  const std::string names = names_of(choices);
  const auto set = [&value, choices, flag, names](const std::string& name) {
    const auto choice = chosen(choices, name);
    if (!choice) throw BadChoice(flag, names, name);
    value = *choice;
  };
  command.add_option_function<std::string>(flag, set, help + ": " + names)->type_name("");
}

void add_declarations(CLI::App& command, CommandLine& a) {
  command.add_option("expression", a.expression, "an expression, \"norm2(X*w - y)^2\"")->required();
  command
      .add_option("--var", a.variables,
                  "\"NAME: KIND\": scalar, vector(n), matrix(m,n), symmetric(n), spd(n), skew(n), "
                  "diagonal(n), lower(n), upper(n), orthogonal(n); then \"positive\" if so")
      ->expected(1)
      ->take_all();
  add_choice<InputNotation>(command, "--input", a.notation, notations, "what the input is written in, else guessed");
  add_choice<Language>(command, "--lang", a.language, languages, "language of messages and explanations");
  command.add_flag("--quiet", a.quiet, "print the result only");
}

void add_expression(CLI::App& command, CommandLine& a, std::span<const Choice<Format>> known_formats) {
  add_declarations(command, a);
  add_choice<Format>(command, "--format", a.format, known_formats, "how the result is written");
}

// Pages hold an explanation; asked for without --steps, a full one.
void add_steps(CLI::App& command, CommandLine& a) {
  const auto set = [&a](const std::string& name) {
    const auto detail = chosen<Steps>(step_details, name.empty() ? "full" : name);
    if (!detail) throw BadChoice("--steps", names_of<Steps>(step_details), name);
    a.steps = *detail;
  };
  command
      .add_option_function<std::string>("--steps", set,
                                        "explain the result step by step: " + names_of<Steps>(step_details))
      ->expected(0, 1)
      ->type_name("");
}

// Numbers in, and where those that come out go.
void add_data(CLI::App& command, CommandLine& a) {
  command.add_option("--data", a.data, "NAME=FILE (.npy, .csv, .mtx) or NAME=NUMBER")->expected(1)->take_all();
  command.add_option("--output", a.outputs, "RESULT=FILE.npy: write a result into a file, grad=g.npy")
      ->expected(1)
      ->take_all();
}

// Several choices, parted by commas.
void add_wanted(CLI::App& command, CommandLine& a) {
  const auto set = [&a](const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      const auto choice = chosen<Wanted>(wanted_results, name);
      if (!choice) throw BadChoice("--what", names_of<Wanted>(wanted_results), name);
      a.wanted.push_back(*choice);
    }
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--what", set,
          "what is computed, in this order: " + names_of<Wanted>(wanted_results) + "; value,grad where --wrt is given")
      ->delimiter(',')
      ->type_name("");
}

}  // namespace

void add_expression_options(CLI::App& command, CommandLine& a) {
  add_expression(command, a, formats);
}

void add_diff_options(CLI::App& command, CommandLine& a) {
  add_expression(command, a, page_formats);
  add_steps(command, a);
  command.add_option("--wrt", a.wrt, "the variable: X, x' for a row, x,y for a mixed second derivative")->required();
  add_choice<Layout>(command, "--layout", a.layout, layouts, "layout");
  add_choice<Form>(command, "--form", a.form, forms, "form");
  add_choice<SymmetricGradient>(command, "--symmetric", a.symmetric, symmetric_gradients,
                                "what the gradient by a symmetric matrix means");
  command.add_flag("--manifold", a.manifold,
                   "the Riemannian gradient by an orthogonal, spd or other structured matrix");
  command.add_option("--order", a.order, "1, or 2 for a Hessian");
  command.add_flag("--no-verify", a.no_verify, "do not check the result numerically");
  command.add_flag("--trace-passes", a.trace_passes, "print the expression after every pass");
}

void add_check_options(CLI::App& command, CommandLine& a) {
  add_expression(command, a, report_formats);
  command.get_option("expression")->description("a claim, \"d(x'*A*x)/dx = (A+A')*x\"");
}

void add_eval_options(CLI::App& command, CommandLine& a) {
  add_expression(command, a, report_formats);
  add_data(command, a);
  command.add_option("--wrt", a.wrt, "the variable of the derivatives; several for gradients: W1,W2");
  add_wanted(command, a);
  add_choice<Layout>(command, "--layout", a.layout, layouts, "layout of the gradient");
  add_choice<bool>(command, "--precision", a.single_precision, precisions, "of the numbers");
  command.add_flag("--explain-plan", a.explain_plan, "print how it would be computed, step by step, and stop");
  command.add_flag("--no-verify", a.no_verify, "do not check derivatives numerically before they are used");
}

void add_codegen_options(CLI::App& command, CommandLine& a) {
  add_declarations(command, a);
  add_choice<CodeTarget>(command, "--target", a.target, code_targets, "the language of the code");
  command.get_option("--target")->required();
  command.add_option("--wrt", a.wrt, "the variable of the derivatives; several for gradients: W1,W2");
  add_wanted(command, a);
  add_choice<Layout>(command, "--layout", a.layout, layouts, "layout of the gradient");
  command.add_option("--name", a.function, "the name of the function");
  command.add_option("--shard", a.shard, "JAX: a dimension, m; a second function splits it over devices");
  command.add_option("--output", a.output, "the file to write; without it the code is printed");
  command.add_flag("--no-verify", a.no_verify, "do not check the derivatives numerically");
}

void add_solve_options(CLI::App& command, CommandLine& a) {
  add_expression(command, a, page_formats);
  command.get_option("expression")
      ->description("an objective, \"norm2(X*w - y)^2\", or an equation, \"A*X + X*B = C\"");
  add_steps(command, a);
  command.add_option("--for", a.wrt, "what is solved for; several: mu,S")->required();
  add_data(command, a);
  command.add_option("--subject", a.constraints, "a constraint: \"A*x = b\", \"X'*X = I\"")->expected(1)->take_all();
  command.add_option("--memory", a.megabytes,
                     "MB: .npy files larger than this (64) are read by blocks of rows, where a problem allows it");
  command.add_flag("--no-verify", a.no_verify, "do not check the solution numerically");
}

void add_minimize_options(CLI::App& command, CommandLine& a) {
  add_expression(command, a, report_formats);
  command.get_option("expression")->description("an objective, \"norm2(X*w - y)^2\", or a problem file, problem.mg");
  command.add_option("--over", a.wrt, "what is searched for; several: U,V");
  add_data(command, a);
  command.add_option("--start", a.starts, "NAME=FILE or NAME=NUMBER: where the search begins")->expected(1)->take_all();
  command.add_option("--subject", a.constraints, "a constraint: \"A*x = b\", \"norm2(x)^2 <= 1\"")
      ->expected(1)
      ->take_all();
  command.add_option("--bounds", a.bounds, "bounds of the entries of an unknown: \"x >= 0\", \"0 <= x <= u\"")
      ->expected(1)
      ->take_all();
  command.add_option("--tolerance", a.tolerance,
                     "the gradient at which it stops, relative to the objective and the unknowns");
  command.add_option("--evaluations", a.evaluations, "how often the objective is computed at most");
  command.add_flag("--progress", a.progress, "one line whenever the objective has become smaller");
  command.add_option("--plot", a.plot, "FILE.svg: how the objective and its gradient went down");
  command.add_flag("--no-verify", a.no_verify, "do not check the gradients numerically before they are used");
}

void add_lint_options(CLI::App& command, CommandLine& a) {
  command.add_option("FILE", a.files, "Markdown, LaTeX, notebooks, plain text")->required();
  add_choice<LintFormat>(command, "--format", a.lint_format, lint_formats, "how the findings are written");
  add_choice<Language>(command, "--lang", a.language, languages, "language of messages");
}

void add_rules_options(CLI::App& command, CommandLine& a) {
  command.add_option("operator", a.rule, "the operator; without one, all of them");
  add_choice<RuleFormat>(command, "--format", a.rule_format, rule_formats, "how the rules are written");
  add_choice<Language>(command, "--lang", a.language, languages, "language of titles and messages");
}

Language language_of(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const bool joined = std::strncmp(argv[i], "--lang=", 7) == 0;
    const char* name = joined ? argv[i] + 7 : i + 1 < argc && std::strcmp(argv[i], "--lang") == 0 ? argv[i + 1] : "";
    if (const auto language = chosen<Language>(languages, name)) return *language;
  }
  return Language::english;
}

Diagnostic explained(const CLI::App& app, const CLI::ParseError& error) {
  Diagnostic diagnostic;
  std::string commands;
  std::string used = "matgrad";
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    commands += (commands.empty() ? "" : ", ") + command->get_name();
    if (command->parsed()) used += " " + command->get_name();
  }
  const std::string what = error.what();
  diagnostic.arguments = {what.substr(0, what.find(" is required")), used};
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    const bool no_command = app.get_subcommands().empty();
    diagnostic.message = no_command ? Message::command_missing : Message::option_missing;
    if (no_command) diagnostic.arguments = {commands};
  } else if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    diagnostic.message = Message::option_unknown;
    diagnostic.arguments[0] = what.substr(what.find(": ") + 2);
  } else if (const auto* choice = dynamic_cast<const BadChoice*>(&error)) {
    diagnostic.message = Message::not_one_of;
    diagnostic.arguments = choice->arguments;
  } else {
    diagnostic.message = Message::option_bad_value;
  }
  return diagnostic;
}

}  // namespace matgrad
