// SPDX-License-Identifier: MIT
// The public C++ and C interfaces: two of the doors at which our own bugs are caught.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <nlohmann/json.hpp>

#include "engine/choices.hpp"
#include "engine/derive.hpp"
#include "engine/json.hpp"
#include "engine/public_errors.hpp"
#include "matgrad/c_api.h"
#include "matgrad/matgrad.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

tl::unexpected<Error> failed(const Diagnostics& errors, std::string_view source, Language language) {
  return tl::make_unexpected(error_of(errors, source, language));
}

tl::unexpected<Error> failed(const std::exception& bug, Language language) {
  return tl::make_unexpected(error_of(bug, language));
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
  request.manifold = options.manifold;
  request.verify = options.verify;
  request.steps = options.steps;
  request.shared = true;
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

// A request that is no request: said as any other error.
struct BadRequest {
  Message message;
  std::vector<std::string> arguments;
};

template <class T>
T value_of(const Json& request, const char* key, T otherwise) {
  const auto at = request.find(key);
  if (at == request.end()) return otherwise;
  try {
    return at->get<T>();
  } catch (const Json::exception&) {
    throw BadRequest{Message::request_bad_value, {key, at->dump(-1, ' ', false, Json::error_handler_t::replace)}};
  }
}

template <class T>
T choice_of(const Json& request, const char* key, std::span<const Choice<T>> choices) {
  const auto name = value_of<std::string>(request, key, choices[0].name);
  if (const auto value = chosen(choices, name)) return *value;
  throw BadRequest{Message::not_one_of, {key, names_of(choices), name}};
}

constexpr Choice<bool> languages[] = {{"en", false}, {"zh", true}};

void refuse_unknown_keys(const Json& request) {
  static constexpr std::string_view known[] = {"expr",      "wrt",      "vars",   "layout", "form", "order",
                                               "symmetric", "manifold", "verify", "steps",  "lang"};
  for (const auto& [key, value] : request.items()) {
    if (std::find(std::begin(known), std::end(known), key) == std::end(known)) {
      throw BadRequest{Message::request_unknown_key, {key}};
    }
  }
}

Options options_of(const Json& request) {
  Options options;
  options.variables = value_of<std::vector<std::string>>(request, "vars", {});
  options.layout = choice_of<Layout>(request, "layout", layouts);
  options.form = choice_of<Form>(request, "form", forms);
  options.symmetric_gradient = choice_of<SymmetricGradient>(request, "symmetric", symmetric_gradients);
  options.order = value_of(request, "order", 1);
  options.manifold = value_of(request, "manifold", false);
  options.verify = value_of(request, "verify", true);
  options.steps = value_of(request, "steps", false);
  options.chinese = choice_of<bool>(request, "lang", languages);
  return options;
}

std::string answer_request(const char* text) {
  const Json request = Json::parse(text == nullptr ? "" : text, nullptr, false);
  bool chinese = false;
  try {
    if (!request.is_object()) throw BadRequest{Message::request_no_object, {}};
    chinese = choice_of<bool>(request, "lang", languages);
    refuse_unknown_keys(request);
    for (const char* key : {"expr", "wrt"}) {
      if (!request.contains(key)) throw BadRequest{Message::request_lacks_key, {key}};
    }
    const auto answer = derive(value_of<std::string>(request, "expr", ""), value_of<std::string>(request, "wrt", ""),
                               options_of(request));
    return answer ? answer->json : error_json(answer.error().code, answer.error().message);
  } catch (const BadRequest& bad) {
    Diagnostic diagnostic;
    diagnostic.message = bad.message;
    diagnostic.arguments = bad.arguments;
    return error_json(2, render(diagnostic, {}, chinese ? Language::chinese : Language::english));
  }
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
    return matgrad::copied(matgrad::answer_request(request));
  } catch (const std::exception& bug) {
    return matgrad::copied(matgrad::error_json(
        4, matgrad::sentence(matgrad::Message::internal_error, {bug.what()}, matgrad::Language::english)));
  }
}

extern "C" void matgrad_free(char* text) {
  std::free(text);
}
