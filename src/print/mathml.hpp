// SPDX-License-Identifier: MIT
// The LaTeX that is printed here as MathML, which browsers render by themselves: a page with formulas needs no script,
// no font and no network.
#pragma once

#include <string>
#include <string_view>

namespace matgrad {

std::string to_mathml(std::string_view latex, bool display);
std::string escaped_for_html(std::string_view text);

}  // namespace matgrad
