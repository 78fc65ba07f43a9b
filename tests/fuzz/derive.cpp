// SPDX-License-Identifier: MIT
// A question as text: an expression, the variable, what is wanted, and declarations, one a line. What is answered
// agrees with differences of the input and is read back as what it is; what is refused is refused with an error.
//
//   tr(inv(X)*A)
//   X
//   2 vec numerator
//   A: symmetric(n)
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "engine/json.hpp"
#include "print/text.hpp"
#include "round_trip.hpp"

namespace {

using namespace matgrad;

constexpr std::size_t longest = 400;  // a derivative of more takes long and shows no more

[[noreturn]] void report(const std::string& what) {
  std::cerr << what << "\n";
  std::abort();
}

bool mentions(const std::string& text, const char* word) {
  return text.find(word) != std::string::npos;
}

DeriveRequest read(const std::string& text) {
  std::istringstream lines(text);
  DeriveRequest request;
  std::string wanted;
  std::getline(lines, request.expression);
  std::getline(lines, request.wrt);
  std::getline(lines, wanted);
  for (std::string line; std::getline(lines, line);) request.variables.push_back(line);
  if (mentions(wanted, "2")) request.order = 2;
  if (mentions(wanted, "vec")) request.form = Form::vec;
  if (mentions(wanted, "block")) request.form = Form::block;
  if (mentions(wanted, "differential")) request.form = Form::differential;
  if (mentions(wanted, "numerator")) request.layout = Layout::numerator;
  if (mentions(wanted, "free")) request.symmetric_gradient = SymmetricGradient::free_entries;
  return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > longest) return -1;
  const DeriveRequest request = read(std::string(reinterpret_cast<const char*>(data), size));
  const auto derived = derive(request);
  if (!derived) {
    const Diagnostics& errors = derived.error();
    if (errors.empty()) report("refused without an error");
    for (const Diagnostic& error : errors) {
      if (error.message == Message::verification_failed || error.message == Message::internal_error) {
        report(render(errors, request.expression, Language::english));
      }
    }
    if (render(errors, request.expression, Language::chinese).empty()) report("an error without words");
    return 0;
  }
  Derivation& d = **derived;
  if (to_latex(d.store, d.presented.result).empty() || to_json(d, Language::english).empty())
    report("nothing is printed");
  if (const std::string broken = broken_round_trip(d); !broken.empty()) report(broken);
  return 0;
}
