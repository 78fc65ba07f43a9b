// SPDX-License-Identifier: MIT
// By what ∇ differentiates where it has no subscript: the only name there is, else the one by which gradients are
// usually taken, where there is one such.
//
//   {"A", "x", "b"}   x      {"X", "w", "y"}   w, as X is data      {"W", "x"}   nothing: both are usual
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace matgrad {

std::optional<std::string> variable_of_nabla(const std::vector<std::string>& names);

}  // namespace matgrad
