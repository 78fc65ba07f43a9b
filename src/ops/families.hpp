// SPDX-License-Identifier: MIT
// One line a family of operators; the entries themselves are in the family's file.
#pragma once

#include <span>

#include "ops/operator.hpp"

namespace matgrad {

std::span<const Operator> structural_family();        // arithmetic.cpp
std::span<const Operator> elementwise_family();       // elementwise.cpp
std::span<const Operator> reductions_family();        // reductions.cpp
std::span<const Operator> inverses_family();          // inverses.cpp
std::span<const Operator> structure_family();         // structure.cpp
std::span<const Operator> products_family();          // products.cpp
std::span<const Operator> matrix_functions_family();  // matrix_functions.cpp
std::span<const Operator> spectral_family();          // spectral.cpp

}  // namespace matgrad
