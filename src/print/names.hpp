// SPDX-License-Identifier: MIT
// Names in Greek letters and with indices: lambda_1 is λ₁ and \lambda_{1}. Only what reads back as the same name.
#pragma once

#include <string>
#include <string_view>

namespace matgrad {

// "λ" for "lambda"; empty for what is no Greek letter, and for those that look like a Latin one.
std::string_view greek_letter(std::string_view name);

std::string unicode_name(std::string_view name);
std::string latex_name(std::string_view name);

// "²" for "2", "⁻¹⁰" for "-10".
std::string superscript(std::string_view digits);

}  // namespace matgrad
