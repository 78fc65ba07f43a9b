// SPDX-License-Identifier: MIT
// Errors that a user can cause are values: Result<T>. Exceptions are for our own bugs only: MATGRAD_ASSERT throws Bug,
// which is caught at the doors (command line, C API, Python, WebAssembly).
#pragma once

#include <stdexcept>
#include <string>
#include <tl/expected.hpp>

#include "base/diagnostic.hpp"

namespace matgrad {

template <class T>
using Result = tl::expected<T, Diagnostics>;

inline auto failure(Diagnostic diagnostic) {
  Diagnostics list;
  list.push_back(std::move(diagnostic));
  return tl::make_unexpected(std::move(list));
}

class Bug : public std::logic_error {
  using std::logic_error::logic_error;
};

[[noreturn]] inline void throw_bug(const char* condition, const char* file, int line) {
  throw Bug(std::string(condition).append(" at ").append(file).append(":").append(std::to_string(line)));
}

}  // namespace matgrad

#define MATGRAD_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::matgrad::throw_bug(#condition, __FILE__, __LINE__))
