// SPDX-License-Identifier: MIT
// The public C++ and C interfaces: two of the doors at which our own bugs are caught.
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/derive.hpp"
#include "engine/json.hpp"
#include "matgrad/c_api.h"
#include "matgrad/matgrad.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

Language language_of(const Options& options) {
  return options.chinese ? Language::chinese : Language::english;
}

int exit_code(const Diagnostics& errors) {
  for (const Diagnostic& error : errors) {
    if (error.message == Message::verification_failed) return 3;
    if (error.message == Message::internal_error) return 4;
  }
  return 2;
}

tl::unexpected<Error> failed(const Diagnostics& errors, std::string_view source, Language language) {
  return tl::make_unexpected(Error{exit_code(errors), render(errors, source, language)});
}

tl::unexpected<Error> failed(const std::exception& bug, Language language) {
  return tl::make_unexpected(Error{4, sentence(Message::internal_error, {bug.what()}, language)});
}

Answer answer_of(const Store& store, NodeId id, const Diagnostics& notes, std::string json, Language language) {
  Answer answer;
  answer.text = to_text(store, id);
  answer.unicode = to_unicode(store, id);
  answer.latex = to_latex(store, id);
  answer.json = std::move(json);
  answer.notes = render(notes, {}, language);
  return answer;
}

}  // namespace

tl::expected<Answer, Error> derive(std::string_view expression, std::string_view wrt, const Options& options) try {
  DeriveRequest request;
  request.expression = expression;
  request.wrt = wrt;
  request.variables = options.variables;
  request.layout = options.layout;
  request.form = options.form;
  request.order = options.order;
  request.symmetric_gradient = options.symmetric_gradient;
  request.verify = options.verify;
  const Language language = language_of(options);
  const auto d = derive(request);
  if (!d) return failed(d.error(), expression, language);
  return answer_of((*d)->store, (*d)->presented.result, (*d)->notes, to_json(**d, language), language);
} catch (const std::exception& bug) {
  return failed(bug, language_of(options));
}

tl::expected<Answer, Error> simplify(std::string_view expression, const Options& options) try {
  const Language language = language_of(options);
  const auto s = simplify_text(std::string(expression), options.variables);
  if (!s) return failed(s.error(), expression, language);
  return answer_of((*s)->store, (*s)->result, (*s)->notes, to_json(**s, language), language);
} catch (const std::exception& bug) {
  return failed(bug, language_of(options));
}

namespace {

using Json = nlohmann::ordered_json;

Json error_object(const Error& error) {
  return {{"error", {{"code", error.code}, {"message", error.message}}}};
}

Json answer_request(const Json& request) {
  Options options;
  for (const auto& declaration : request.value("vars", Json::array())) {
    options.variables.push_back(declaration.get<std::string>());
  }
  options.layout = request.value("layout", "denominator") == "numerator" ? Layout::numerator : Layout::denominator;
  const std::string form = request.value("form", "matrix");
  for (Form candidate : {Form::matrix, Form::differential, Form::vec, Form::block}) {
    if (form == name_of(candidate)) options.form = candidate;
  }
  options.order = request.value("order", 1);
  options.verify = request.value("verify", true);
  options.chinese = request.value("lang", "en") == "zh";
  const auto answer = derive(request.at("expr").get<std::string>(), request.at("wrt").get<std::string>(), options);
  return answer ? Json::parse(answer->json) : error_object(answer.error());
}

char* copied(const std::string& text) {
  char* result = static_cast<char*>(std::malloc(text.size() + 1));
  if (result != nullptr) std::memcpy(result, text.c_str(), text.size() + 1);
  return result;
}

}  // namespace
}  // namespace matgrad

extern "C" char* matgrad_diff_json(const char* request) {
  try {
    const auto parsed = nlohmann::ordered_json::parse(request == nullptr ? "" : request);
    return matgrad::copied(matgrad::answer_request(parsed).dump());
  } catch (const std::exception& error) {
    return matgrad::copied(matgrad::error_object({2, error.what()}).dump());
  }
}

extern "C" void matgrad_free(char* text) {
  std::free(text);
}
