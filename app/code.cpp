// SPDX-License-Identifier: MIT
// `matgrad codegen`: a function in another language.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "commands.hpp"

namespace matgrad {
namespace {

CodegenRequest request_of(const CommandLine& arguments) {
  CodegenRequest request;
  DeriveRequest& question = request.what.question;
  question.expression = arguments.expression;
  question.wrt = arguments.wrt;
  question.variables = arguments.variables;
  question.notation = arguments.notation;
  question.layout = arguments.layout;
  question.verify = !arguments.no_verify;
  request.what.wanted = arguments.wanted;
  if (arguments.wanted.empty()) {
    request.what.wanted = {Wanted::value};
    if (!arguments.wrt.empty()) request.what.wanted.push_back(Wanted::gradient);
  }
  request.target = arguments.target;
  request.name = arguments.function;
  request.language = arguments.language;
  return request;
}

}  // namespace

int run_codegen(const CommandLine& arguments) {
  const auto code = generate_code(request_of(arguments));
  if (!code) return report(code.error(), arguments);
  print_notes(code->notes, arguments);
  if (arguments.output.empty()) {
    std::fputs(code->text.c_str(), stdout);
    return done;
  }
  std::ofstream file(arguments.output);
  if (file << code->text << std::flush) return done;
  Diagnostic failed;
  failed.message = Message::data_cannot_write;
  failed.arguments = {arguments.output, std::strerror(errno)};
  return report({failed}, arguments);
}

}  // namespace matgrad
