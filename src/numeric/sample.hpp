// SPDX-License-Identifier: MIT
// Random points that respect what is declared: distinct small sizes for the dimensions (so that a transpose too many
// shows), values of the declared structure and otherwise as unstructured as can be, in the domain of the expression.
#pragma once

#include <optional>
#include <random>
#include <span>

#include "numeric/evaluate.hpp"
#include "numeric/sizes.hpp"

namespace matgrad {

// A point for every symbol that the roots mention, at which every root is finite and well-conditioned (nothing when
// none is found in a bounded number of tries). Different seeds give different sizes and values; the same seed the same.
std::optional<Point<double>> sample(const Store& store, std::span<const NodeId> roots,
                                    std::span<const SizeCondition> conditions, std::uint64_t seed);

// A random value with the structure of `type` (symmetric, spd, skew, diagonal, lower, upper, orthogonal, positive).
Array<double> random_value(Properties properties, Size size, std::mt19937_64& random);

// The part of a value that has the structure: the symmetric part, the lower triangle … A definite or an orthogonal
// matrix moves along what is symmetric or along anything.
Array<double> projected(Properties properties, const Array<double>& value);

}  // namespace matgrad
