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
  request.what = compute_request(arguments);
  request.target = arguments.target;
  request.name = arguments.function;
  request.language = arguments.language;
  request.shard = arguments.shard;
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
