// SPDX-License-Identifier: MIT
// The public functions of numbers: compile once, call often.
#include "matgrad/function.hpp"

#include <algorithm>
#include <exception>

#include "engine/choices.hpp"
#include "engine/compute.hpp"
#include "engine/public_errors.hpp"
#include "engine/sized_plan.hpp"
#include "plan/run.hpp"
#include "print/plan_text.hpp"
#include "print/text.hpp"

namespace matgrad {

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
  return error_of(state_->computation.store(), *failure, state_->language);
} catch (const std::exception& bug) {
  return error_of(bug, state_->language);
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
  auto planned = sized_plan(store, state->computation.outputs, request.sizes, language);
  if (!planned) return tl::make_unexpected(planned.error());
  state->plan = std::move(planned->plan);
  state->sizes = std::move(planned->sizes);
  state->arguments = input_names(store, state->plan);
  state->runner = std::make_unique<Runner<T>>(store, state->plan, state->sizes);
  return BasicFunction<T>(std::move(state));
}

tl::expected<Function, Error> compile(std::string_view expression, const FunctionRequest& request,
                                      const Options& options) try {
  return compile_for<double>(expression, request, options);
} catch (const std::exception& bug) {
  return tl::make_unexpected(error_of(bug, language_of(options)));
}

tl::expected<SingleFunction, Error> compile_single(std::string_view expression, const FunctionRequest& request,
                                                   const Options& options) try {
  return compile_for<float>(expression, request, options);
} catch (const std::exception& bug) {
  return tl::make_unexpected(error_of(bug, language_of(options)));
}

template class BasicFunction<double>;
template class BasicFunction<float>;

}  // namespace matgrad
