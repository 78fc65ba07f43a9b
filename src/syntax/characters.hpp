// SPDX-License-Identifier: MIT
// What the characters beyond ASCII mean in an expression.
#pragma once

#include <string_view>

namespace matgrad {

// "lambda" for λ, "Sigma" for Σ, also for the variants ϕ ϵ ϑ ς; empty for any other character.
std::string_view greek_name(char32_t letter);

// Whether a name may begin with it: Greek and the letters of other scripts, not symbols and not digits.
bool is_letter(char32_t letter);

// A mark that combines with the letter before it, as the hat of x̂: inside a name only.
bool is_combining(char32_t mark);

// The ASCII spelling of an operator or a bracket: "*" for · and ×, "'" for ′, "(" for the full-width （. "T" is the
// transpose ᵀ, "kron" ⊗, "norm" ‖, "sqrt" √, "sum" ∑, " " every kind of space; empty for any other character.
std::string_view symbol(char32_t character);

// '2' for ², '-' for ⁻; 0 for what is no superscript digit or sign.
char superscript(char32_t character);

// '2' for ₂; 0 for what is no subscript digit.
char subscript(char32_t character);

}  // namespace matgrad
