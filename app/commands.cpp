// SPDX-License-Identifier: MIT
#include "commands.hpp"

#include <cstdio>

#include "base/remark.hpp"
#include "document.hpp"
#include "engine/check.hpp"
#include "engine/derive.hpp"
#include "engine/json.hpp"
#include "engine/steps.hpp"
#include "print/text.hpp"

namespace matgrad {

void say(const std::string& text) {
  std::fputs(text.c_str(), stderr);
}

void print_line(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);  // in order with what goes to stderr
}

std::string formatted(const Store& store, NodeId id, Format format) {
  switch (format) {
    case Format::unicode: return to_unicode(store, id);
    case Format::latex: return to_latex(store, id);
    default: break;
  }
  return to_text(store, id);
}

bool is_page(Format format) {
  return format == Format::markdown || format == Format::latex_document || format == Format::html;
}

Page page_of(Format format) {
  switch (format) {
    case Format::unicode: return Page::unicode;
    case Format::latex: return Page::latex;
    case Format::markdown: return Page::markdown;
    case Format::latex_document: return Page::latex_document;
    case Format::html: return Page::html;
    default: return Page::text;
  }
}

namespace {

// The shape, and how the result was checked.
void print_check(const Derivation& d, const CommandLine& arguments) {
  if (arguments.quiet) return;
  const Type& type = d.store.type(d.presented.result);
  char error[32];
  std::snprintf(error, sizeof error, "%.1e", d.verification.largest_relative_error);
  const bool is_denominator = d.request.layout == Layout::denominator;
  const Message layout = is_denominator ? Message::denominator_layout : Message::numerator_layout;
  const Diagnostic note = remark(d.verified ? Message::result_verified : Message::result_unverified,
                                 {shape_text(d.store, type), sentence(layout, {}, arguments.language),
                                  random_points(d.verification.points, arguments.language), error});
  say(render(note, {}, arguments.language));
}

// The explanation; behind it, unless it is a whole page, the result as the last line.
void print_steps(const Derivation& d, const CommandLine& arguments) {
  const Detail detail = arguments.steps == Steps::brief ? Detail::brief : Detail::full;
  const std::string text = explain(explanation_of(d), detail, page_of(arguments.format), arguments.language);
  std::fputs(text.c_str(), stdout);
}

}  // namespace

int report(const Diagnostics& errors, const CommandLine& arguments) {
  const std::string message = render(errors, arguments.expression, arguments.language);
  const int code = is_failed_check(errors) ? failed_check : wrong_input;
  say(message);
  if (arguments.format == Format::json) print_line(error_json(code, message));
  return code;
}

void print_notes(const Diagnostics& notes, const CommandLine& arguments) {
  if (!arguments.quiet) say(render(notes, {}, arguments.language));
}

ComputeRequest compute_request(const CommandLine& arguments) {
  ComputeRequest request;
  request.question.expression = arguments.expression;
  request.question.wrt = arguments.wrt;
  request.question.variables = arguments.variables;
  request.question.notation = arguments.notation;
  request.question.layout = arguments.layout;
  request.question.verify = !arguments.no_verify;
  request.wanted = arguments.wanted;
  if (!request.wanted.empty()) return request;
  request.wanted = {Wanted::value};
  if (!arguments.wrt.empty()) request.wanted.push_back(Wanted::gradient);
  return request;
}

int run_diff(const CommandLine& arguments) {
  DeriveRequest request;
  request.expression = arguments.expression;
  request.wrt = arguments.wrt;
  request.variables = arguments.variables;
  request.notation = arguments.notation;
  request.layout = arguments.layout;
  request.form = arguments.form;
  request.order = arguments.order;
  request.symmetric_gradient = arguments.symmetric;
  request.manifold = arguments.manifold;
  request.verify = !arguments.no_verify;
  request.steps = arguments.steps != Steps::none || is_page(arguments.format);
  request.shared = arguments.format == Format::json;
  if (arguments.trace_passes) {
    request.after_pass = [](const char* pass, const Store& store, NodeId id) {
      std::fprintf(stderr, "after %s: %s\n", pass, to_text(store, id).c_str());
    };
  }
  const auto d = derive(request);
  if (!d) return report(d.error(), arguments);
  if (arguments.format == Format::json) {
    print_line(to_json(**d, arguments.language, arguments.steps == Steps::brief ? Detail::brief : Detail::full));
    return done;
  }
  print_notes((*d)->notes, arguments);
  if (request.steps) print_steps(**d, arguments);
  if (!is_page(arguments.format)) print_line(formatted((*d)->store, (*d)->presented.result, arguments.format));
  print_check(**d, arguments);
  return done;
}

int run_simplify(const CommandLine& arguments, bool shape_only) {
  const auto s = simplify_text(arguments.expression, arguments.variables, arguments.notation);
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

int run_check(const CommandLine& arguments) {
  const auto checked = check(CheckRequest{arguments.expression, arguments.variables, arguments.notation});
  if (!checked) return report(checked.error(), arguments);
  if (arguments.format == Format::json) {
    print_line(to_json(*checked, arguments.language));
  } else {
    print_line(verdict_line(*checked, arguments.language));
    print_notes(details(*checked, arguments.language), arguments);
  }
  return checked->true_in.empty() ? claim_is_false : done;
}

int run_lint(const CommandLine& arguments) {
  std::vector<LintResult> results;
  for (const std::string& file : arguments.files) {
    const auto document = read_document(file);
    if (!document) {
      say(render(document.error(), {}, arguments.language));
      return wrong_input;
    }
    results.push_back(lint(*document));
  }
  std::fputs(write_findings(results, arguments.lint_format, arguments.language).c_str(), stdout);
  return has_faults(results) ? claim_is_false : done;
}

int run_rules(const CommandLine& arguments) {
  const auto operators = operators_with_rules(arguments.rule);
  if (!operators) return report(operators.error(), arguments);
  std::vector<OperatorRule> rules;
  for (OpId op : *operators) rules.push_back(rule_of(op));
  std::fputs(write_rules(rules, arguments.rule_format, arguments.language).c_str(), stdout);
  return done;
}

}  // namespace matgrad
