// SPDX-License-Identifier: MIT
// Expressions and their derivatives as functions of numbers, as fast as by hand: one plan for all that is wanted, with
// everything shared that can be.
//
//   auto f = matgrad::compile("norm2(X*w - y)^2",
//                             {.wrt = "w", .what = {"value", "grad"}, .sizes = {{"m", 500}, {"n", 20}}});
//
//   if (!f) …                            // f.error().message
//
//   f->arguments();                      // {"X", "w", "y"}, each column by column
//
//   if (auto error = (*f)({X, w, y})) …  // a singular matrix, say
//
//   f->result(1);                        // the gradient: rows, cols and the numbers, until the next call
//
// After the first call nothing is allocated, except by operators without a plan of their own (eigenvalues, say). A
// Function may move, and one thread at a time may call it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "matgrad/matgrad.hpp"

namespace matgrad {

struct FunctionRequest {
  std::string wrt;                              // the variable of the derivatives; gradients may be by several: "W1,W2"
  std::vector<std::string> what{"value"};       // of value, grad, hess, in the order of the results
  std::map<std::string, std::int64_t> sizes{};  // of the dimensions that the variables are declared or inferred with
};

template <class T>
struct NumbersView {
  std::string_view name;  // "value", "grad", "hess"; by several variables "grad W1" …
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  const T* values = nullptr;  // column by column
};

template <class T>
class BasicFunction {
 public:
  BasicFunction(BasicFunction&&) noexcept;
  BasicFunction& operator=(BasicFunction&&) noexcept;
  ~BasicFunction();

  const std::vector<std::string>& arguments() const;
  std::size_t result_count() const;
  // rows and columns of an argument.
  std::pair<std::int64_t, std::int64_t> shape(std::size_t argument) const;
  // Each argument as long as its shape says; they are read until the call returns.
  std::optional<Error> operator()(std::initializer_list<const T*> arguments);
  std::optional<Error> operator()(const T* const* arguments);
  NumbersView<T> result(std::size_t at) const;
  // What is computed, step by step, and what it costs.
  std::string plan() const;

 private:
  struct State;
  explicit BasicFunction(std::unique_ptr<State> state);
  template <class U>
  friend tl::expected<BasicFunction<U>, Error> compile_for(std::string_view, const FunctionRequest&, const Options&);
  std::unique_ptr<State> state_;
};

using Function = BasicFunction<double>;
using SingleFunction = BasicFunction<float>;

// Derives, verifies (unless options.verify is off) and plans. Errors: those of derive, and a size that is not given.
tl::expected<Function, Error> compile(std::string_view expression, const FunctionRequest& request,
                                      const Options& options = {});
// The same in single precision.
tl::expected<SingleFunction, Error> compile_single(std::string_view expression, const FunctionRequest& request,
                                                   const Options& options = {});

extern template class BasicFunction<double>;
extern template class BasicFunction<float>;

}  // namespace matgrad
