// SPDX-License-Identifier: MIT
// The options of every command: what they are, what they set, and what is said where they are not understood.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "engine/code.hpp"
#include "engine/compute.hpp"
#include "engine/rule_table.hpp"
#include "lint_report.hpp"
#include "matgrad/options.hpp"
#include "optimise/optimise.hpp"
#include "syntax/parser.hpp"

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace matgrad {

enum class Format { text, unicode, latex, json, markdown, latex_document, html };
enum class Steps { none, brief, full };

struct CommandLine {
  std::string expression;
  std::string rule;  // the operator whose rule is asked for; empty: of all
  std::string wrt;
  std::vector<std::string> variables;
  Layout layout = Layout::denominator;
  Form form = Form::matrix;
  Format format = Format::text;
  InputNotation notation = InputNotation::guessed;
  LintFormat lint_format = LintFormat::text;
  std::vector<std::string> files;
  RuleFormat rule_format = RuleFormat::text;
  Language language = Language::english;
  SymmetricGradient symmetric = SymmetricGradient::projected;
  int order = 1;
  bool manifold = false;
  Steps steps = Steps::none;
  bool no_verify = false;
  bool trace_passes = false;
  bool quiet = false;
  std::vector<std::string> constraints;  // "A*x = b"
  std::vector<std::string> data;         // "X=X.npy"
  std::vector<std::string> outputs;      // "grad=g.npy"
  double megabytes = 64;                 // of a file that is read as a whole
  std::vector<std::string> starts;       // "w=w0.npy"
  std::vector<std::string> bounds;       // "x >= 0"
  int evaluations = OptimiseOptions().most_evaluations;
  double tolerance = OptimiseOptions().gradient_tolerance;
  bool progress = false;
  std::string plot;  // an SVG file; empty: none
  std::vector<Wanted> wanted;
  bool single_precision = false;
  bool explain_plan = false;
  CodeTarget target = CodeTarget::numpy;
  std::string function = "f";  // its name in generated code
  std::string shard;           // a dimension that devices share; empty: none
  std::string output;          // the file that gets the code; empty: stdout
};

void add_diff_options(CLI::App& command, CommandLine& arguments);
// Those of every command on an expression.
void add_expression_options(CLI::App& command, CommandLine& arguments);
void add_check_options(CLI::App& command, CommandLine& arguments);
void add_eval_options(CLI::App& command, CommandLine& arguments);
void add_codegen_options(CLI::App& command, CommandLine& arguments);
void add_lint_options(CLI::App& command, CommandLine& arguments);
void add_solve_options(CLI::App& command, CommandLine& arguments);
void add_minimize_options(CLI::App& command, CommandLine& arguments);
void add_rules_options(CLI::App& command, CommandLine& arguments);

// What the option parser says, in our words.
Diagnostic explained(const CLI::App& app, const CLI::ParseError& error);
// The language asked for, also where the rest of the line is not understood.
Language language_of(int argc, char** argv);

}  // namespace matgrad
