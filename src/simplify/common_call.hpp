// SPDX-License-Identifier: MIT
// Terms of a sum that are the same linear function of something: tr(A) + s*tr(B) is tr(A + s*B).
#pragma once

#include <vector>

#include "simplify/term.hpp"

namespace matgrad {

struct CommonCall {
  OpId function;
  std::vector<std::size_t> terms;
  NodeList arguments;  // one a term, with what stands in front of it
};

// Every way to put terms together under one function. Under one with f(A') = f(A), as the trace, also with arguments
// turned where they then begin or end as the first does.
std::vector<CommonCall> common_calls(Build& build, const std::vector<Term>& terms);

}  // namespace matgrad
