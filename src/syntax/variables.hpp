// SPDX-License-Identifier: MIT
// What a kind says of a variable.
#pragma once

#include <string>

#include "syntax/elaborate.hpp"

namespace matgrad {

Properties properties_of(Kind kind, bool is_positive);
std::string kind_text(const Dims& dims, Kind kind, bool is_positive, Dim rows, Dim cols);
// Its symbol in the store, once its sizes are known.
void give_symbol(Store& store, Variable& variable);

}  // namespace matgrad
