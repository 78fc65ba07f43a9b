// SPDX-License-Identifier: MIT
// The command line: options in, one line out, everything else to stderr. The only file that includes CLI11.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "engine/choices.hpp"
#include "engine/json.hpp"
#include "print/text.hpp"

namespace {

using namespace matgrad;

enum class Format { text, unicode, latex, json };
constexpr Choice<Format> formats[] = {
    {"text", Format::text}, {"unicode", Format::unicode}, {"latex", Format::latex}, {"json", Format::json}};
constexpr Choice<Language> languages[] = {{"en", Language::english}, {"zh", Language::chinese}};

struct Arguments {
  std::string expression;
  std::string wrt;
  std::vector<std::string> variables;
  Layout layout = Layout::denominator;
  Form form = Form::matrix;
  Format format = Format::text;
  Language language = Language::english;
  SymmetricGradient symmetric = SymmetricGradient::projected;
  int order = 1;
  bool no_verify = false;
  bool trace_passes = false;
  bool quiet = false;
};

enum ExitCode { done = 0, claim_is_false = 1, wrong_input = 2, failed_check = 3, bug = 4 };

void say(const std::string& text) {
  std::fputs(text.c_str(), stderr);
}

void print_line(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);  // in order with what goes to stderr
}

int report(const Diagnostics& errors, const Arguments& arguments) {
  const std::string message = render(errors, arguments.expression, arguments.language);
  int code = wrong_input;
  for (const Diagnostic& error : errors) {
    if (error.message == Message::verification_failed) code = failed_check;
  }
  say(message);
  if (arguments.format == Format::json) print_line(error_json(code, message));
  return code;
}

std::string formatted(const Store& store, NodeId id, Format format) {
  switch (format) {
    case Format::unicode: return to_unicode(store, id);
    case Format::latex: return to_latex(store, id);
    case Format::text:
    case Format::json: break;
  }
  return to_text(store, id);
}

// What a reader wants beside the result: the notes, its shape, and how it was checked.
void print_notes(const Diagnostics& notes, const Arguments& arguments) {
  if (!arguments.quiet) say(render(notes, {}, arguments.language));
}

void print_check(const Derivation& d, const Arguments& arguments) {
  if (arguments.quiet) return;
  const Type& type = d.store.type(d.presented.result);
  Diagnostic note;
  note.severity = Severity::note;
  note.message = d.verified ? Message::result_verified : Message::result_unverified;
  char error[32];
  std::snprintf(error, sizeof error, "%.1e", d.verification.largest_relative_error);
  const bool is_denominator = d.request.layout == Layout::denominator;
  const Message layout = is_denominator ? Message::denominator_layout : Message::numerator_layout;
  note.arguments = {shape_text(d.store, type), sentence(layout, {}, arguments.language),
                    std::to_string(d.verification.points), error};
  say(render(note, {}, arguments.language));
}

int run_diff(const Arguments& arguments) {
  DeriveRequest request;
  request.expression = arguments.expression;
  request.wrt = arguments.wrt;
  request.variables = arguments.variables;
  request.layout = arguments.layout;
  request.form = arguments.form;
  request.order = arguments.order;
  request.symmetric_gradient = arguments.symmetric;
  request.verify = !arguments.no_verify;
  if (arguments.trace_passes) {
    request.after_pass = [](const char* pass, const Store& store, NodeId id) {
      std::fprintf(stderr, "after %s: %s\n", pass, to_text(store, id).c_str());
    };
  }
  const auto d = derive(request);
  if (!d) return report(d.error(), arguments);
  if (arguments.format == Format::json) {
    print_line(to_json(**d, arguments.language));
    return done;
  }
  print_notes((*d)->notes, arguments);
  print_line(formatted((*d)->store, (*d)->presented.result, arguments.format));
  print_check(**d, arguments);
  return done;
}

int run_simplify(const Arguments& arguments, bool shape_only) {
  const auto s = simplify_text(arguments.expression, arguments.variables);
  if (!s) return report(s.error(), arguments);
  if (arguments.format == Format::json) {
    print_line(to_json(**s, arguments.language));
    return done;
  }
  print_notes((*s)->notes, arguments);
  const Store& store = (*s)->store;
  print_line(shape_only ? shape_text(store, store.type((*s)->result))
                        : formatted(store, (*s)->result, arguments.format));
  return done;
}

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

// Options that every command on an expression has.
void add_expression_options(CLI::App& command, Arguments& a) {
  command.add_option("expression", a.expression, "an expression, \"norm2(X*w - y)^2\"")->required();
  command
      .add_option("--var", a.variables,
                  "\"NAME: KIND\": scalar, vector(n), matrix(m,n), symmetric(n), spd(n), skew(n), "
                  "diagonal(n), lower(n), upper(n), orthogonal(n); then \"positive\" if so")
      ->expected(1)
      ->take_all();
  add_choice<Format>(command, "--format", a.format, formats, "how the result is written");
  add_choice<Language>(command, "--lang", a.language, languages, "language of messages");
  command.add_flag("--quiet", a.quiet, "print the result only");
}

void add_diff_options(CLI::App& command, Arguments& a) {
  add_expression_options(command, a);
  command.add_option("--wrt", a.wrt, "the variable: X, x' for a row, x,y for a mixed second derivative")->required();
  add_choice<Layout>(command, "--layout", a.layout, layouts, "layout");
  add_choice<Form>(command, "--form", a.form, forms, "form");
  add_choice<SymmetricGradient>(command, "--symmetric", a.symmetric, symmetric_gradients,
                                "what the gradient by a symmetric matrix means");
  command.add_option("--order", a.order, "1, or 2 for a Hessian");
  command.add_flag("--no-verify", a.no_verify, "do not check the result numerically");
  command.add_flag("--trace-passes", a.trace_passes, "print the expression after every pass");
}

// "-logdet(P)" is an expression and no option: a blank in front says so to the option parser, and the parser of
// expressions does not mind it. CLI11 takes the words in reverse.
std::vector<std::string> with_expression_marked(int argc, char** argv) {
  std::vector<std::string> words;
  for (int i = argc - 1; i > 0; --i) {
    std::string word = argv[i];
    const bool is_expression = word.size() > 1 && word[0] == '-' && word[1] != '-' && word != "-h";
    words.push_back(is_expression ? word.insert(0, " ") : word);
  }
  return words;
}

// The language asked for, also where the rest of the line is not understood.
Language language_of(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const bool joined = std::strncmp(argv[i], "--lang=", 7) == 0;
    const char* name = joined ? argv[i] + 7 : i + 1 < argc && std::strcmp(argv[i], "--lang") == 0 ? argv[i + 1] : "";
    if (const auto language = chosen<Language>(languages, name)) return *language;
  }
  return Language::english;
}

// What the option parser says, in our words.
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

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app{"matgrad derives matrix derivatives you can trust", "matgrad"};
  app.set_version_flag("--version", std::string("matgrad ") + MATGRAD_VERSION);
  app.require_subcommand(1);
  CLI::App* diff = app.add_subcommand("diff", "the derivative of an expression, checked numerically");
  CLI::App* simplify = app.add_subcommand("simplify", "the normal form of an expression");
  CLI::App* shape = app.add_subcommand("shape", "the shape of an expression");
  add_diff_options(*diff, arguments);
  add_expression_options(*simplify, arguments);
  add_expression_options(*shape, arguments);
  try {
    app.parse(with_expression_marked(argc, argv));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    say(render(explained(app, error), {}, language_of(argc, argv)));
    return wrong_input;
  }
  if (!arguments.expression.empty() && arguments.expression[0] == ' ') arguments.expression.erase(0, 1);
  if (diff->parsed()) return run_diff(arguments);
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
