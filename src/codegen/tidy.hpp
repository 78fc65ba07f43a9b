// SPDX-License-Identifier: MIT
// What is known of values once all are there: how often each is read, and what one would write otherwise.
#pragma once

#include "codegen/values.hpp"

namespace matgrad {

void tidy(Values& values);

}  // namespace matgrad
