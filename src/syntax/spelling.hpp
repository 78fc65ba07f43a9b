// SPDX-License-Identifier: MIT
// The name that was probably meant: nearest_name("softmx", names) is "softmax".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace matgrad {

// The first of the nearest names, where few enough letters differ; empty otherwise.
std::string nearest_name(std::string_view written, const std::vector<std::string_view>& names);

}  // namespace matgrad
