// SPDX-License-Identifier: MIT
// Expressions as text in the input language (parses back to the same node) and as Unicode.
#pragma once

#include <string>

#include "expr/store.hpp"

namespace matgrad {

std::string to_text(const Store& store, NodeId root);
std::string to_unicode(const Store& store, NodeId root);
std::string to_latex(const Store& store, NodeId root);

// "m×n", "scalar", "n×1" as shapes are named in messages.
std::string shape_text(const Store& store, const Type& type);

}  // namespace matgrad
