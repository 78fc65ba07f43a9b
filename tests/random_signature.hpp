// SPDX-License-Identifier: MIT
// A signature read backwards: which shapes of arguments give a result of a wanted shape.
#pragma once

#include <functional>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

#include "ops/table.hpp"

namespace matgrad {

struct SignatureArgument {
  Dim rows = dim_one;
  Dim cols = dim_one;
};

// Nothing where the signature cannot give that shape. Letters that the result leaves open get `any_size()`.
std::optional<std::vector<SignatureArgument>> arguments_for(Dims& dims, const Signature& signature, Dim rows, Dim cols,
                                                            const std::function<Dim()>& any_size,
                                                            std::mt19937_64& random);

// The operator that the name means with arguments of these shapes.
OpId first_that_fits(Dims& dims, std::string_view name, const std::vector<SignatureArgument>& shapes);

}  // namespace matgrad
