// SPDX-License-Identifier: MIT
// The public functions of numbers: compile once, call often.
#include "matgrad/function.hpp"

#include <algorithm>
#include <exception>

#include "engine/choices.hpp"
#include "engine/compute.hpp"
#include "plan/run.hpp"
#include "print/plan_text.hpp"
#include "print/text.hpp"

namespace matgrad {

namespace {

Language language_of(const Options& options) {
  return options.chinese ? Language::chinese : Language::english;
}

Error error_of(const Diagnostics& errors, std::string_view source, Language language) {
  return Error{is_failed_check(errors) ? 3 : 2, render(errors, source, language)};
}

Error error_of(Message message, const std::vector<std::string>& arguments, Language language) {
  Diagnostic diagnostic;
  diagnostic.message = message;
  diagnostic.arguments = arguments;
  return Error{2, render(diagnostic, {}, language)};
}

}  // namespace

template <class T>
struct BasicFunction<T>::State {
  Computation computation;
  Plan plan;
  std::vector<std::int64_t> sizes;
  std::vector<std::string> arguments;
  std::unique_ptr<Runner<T>> runner;
  Language language = Language::english;
};

template <class T>
BasicFunction<T>::BasicFunction(std::unique_ptr<State> state) : state_(std::move(state)) {}
template <class T>
BasicFunction<T>::BasicFunction(BasicFunction&&) noexcept = default;
template <class T>
BasicFunction<T>& BasicFunction<T>::operator=(BasicFunction&&) noexcept = default;
template <class T>
BasicFunction<T>::~BasicFunction() = default;

template <class T>
const std::vector<std::string>& BasicFunction<T>::arguments() const {
  return state_->arguments;
}

template <class T>
std::size_t BasicFunction<T>::result_count() const {
  return state_->plan.outputs.size();
}

template <class T>
std::pair<std::int64_t, std::int64_t> BasicFunction<T>::shape(std::size_t argument) const {
  const Store& store = state_->computation.store();
  const Type& type = state_->plan.buffers[state_->plan.inputs[argument]].type;
  return {store.dims.evaluate(type.rows, state_->sizes).value_or(0),
          store.dims.evaluate(type.cols, state_->sizes).value_or(0)};
}

template <class T>
std::optional<Error> BasicFunction<T>::operator()(std::initializer_list<const T*> arguments) {
  MATGRAD_ASSERT(arguments.size() == state_->arguments.size());
  return (*this)(arguments.begin());
}

template <class T>
std::optional<Error> BasicFunction<T>::operator()(const T* const* arguments) try {
  for (std::size_t i = 0; i < state_->arguments.size(); ++i) state_->runner->set_input(i, arguments[i]);
  const auto failure = state_->runner->run();
  if (!failure) return std::nullopt;
  const std::string node = to_text(state_->computation.store(), failure->node);
  switch (failure->kind) {
    case PlanFailure::Kind::singular: return error_of(Message::matrix_is_singular, {node, "inf"}, state_->language);
    case PlanFailure::Kind::not_positive_definite:
      return error_of(Message::matrix_not_definite, {node}, state_->language);
    default: return error_of(Message::plan_index_out_of_range, {node}, state_->language);
  }
} catch (const std::exception& bug) {
  return Error{4, sentence(Message::internal_error, {bug.what()}, state_->language)};
}

template <class T>
NumbersView<T> BasicFunction<T>::result(std::size_t at) const {
  const auto view = state_->runner->output(at);
  return {state_->plan.outputs[at].name, view.rows(), view.cols(), view.data()};
}

template <class T>
std::string BasicFunction<T>::plan() const {
  return plan_text(state_->computation.store(), state_->plan);
}

template <class T>
tl::expected<BasicFunction<T>, Error> compile_for(std::string_view expression, const FunctionRequest& request,
                                                  const Options& options) {
  const Language language = language_of(options);
  ComputeRequest wanted;
  wanted.question.expression = expression;
  wanted.question.wrt = request.wrt;
  wanted.question.variables = options.variables;
  wanted.question.layout = options.layout;
  wanted.question.symmetric_gradient = options.symmetric_gradient;
  wanted.question.manifold = options.manifold;
  wanted.question.verify = options.verify;
  wanted.wanted.clear();
  for (const std::string& name : request.what) {
    const auto choice = chosen<Wanted>(wanted_results, name);
    if (!choice) {
      return tl::make_unexpected(
          error_of(Message::not_one_of, {"what", names_of<Wanted>(wanted_results), name}, language));
    }
    wanted.wanted.push_back(*choice);
  }
  auto computation = compute(wanted);
  if (!computation) return tl::make_unexpected(error_of(computation.error(), expression, language));
  auto state = std::make_unique<typename BasicFunction<T>::State>();
  state->computation = std::move(*computation);
  state->language = language;
  Store& store = state->computation.store();
  state->sizes.assign(store.dims.atom_count(), 0);
  for (const auto& [name, size] : request.sizes) {
    if (const auto atom = store.dims.find(name)) state->sizes[*atom] = size;
  }
  Build build(store);
  state->plan = make_plan(build, {state->computation.outputs, state->sizes});
  state->sizes.resize(store.dims.atom_count(), 0);
  for (const Buffer& buffer : state->plan.buffers) {
    for (Dim dim : {buffer.type.rows, buffer.type.cols}) {
      const auto value = store.dims.evaluate(dim, state->sizes);
      if (value && *value >= 1) continue;
      return tl::make_unexpected(error_of(Message::size_unknown, {store.dims.text(dim)}, language));
    }
  }
  for (BufferId input : state->plan.inputs) {
    state->arguments.push_back(store.symbol_at(store[state->plan.buffers[input].node].first).name);
  }
  state->runner = std::make_unique<Runner<T>>(store, state->plan, state->sizes);
  return BasicFunction<T>(std::move(state));
}

tl::expected<Function, Error> compile(std::string_view expression, const FunctionRequest& request,
                                      const Options& options) try {
  return compile_for<double>(expression, request, options);
} catch (const std::exception& bug) {
  return tl::make_unexpected(Error{4, sentence(Message::internal_error, {bug.what()}, language_of(options))});
}

tl::expected<SingleFunction, Error> compile_single(std::string_view expression, const FunctionRequest& request,
                                                   const Options& options) try {
  return compile_for<float>(expression, request, options);
} catch (const std::exception& bug) {
  return tl::make_unexpected(Error{4, sentence(Message::internal_error, {bug.what()}, language_of(options))});
}

template class BasicFunction<double>;
template class BasicFunction<float>;

}  // namespace matgrad
