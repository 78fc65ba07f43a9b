// SPDX-License-Identifier: MIT
// Random expressions of a wanted shape, from the operator table itself: what an operator takes and gives is read from
// its signature, what its arguments must satisfy from its domain, so an operator added to the table is generated with
// no change here. The same seed gives the same expression everywhere.
#pragma once

#include <optional>

#include "ops/table.hpp"
#include "random_sketch.hpp"

namespace matgrad {

struct RandomOptions {
  int depth = 8;
  bool sums = true;        // sums with an index, entries, rows and columns
  bool structured = true;  // symmetric, spd, diagonal … variables
};

RandomExpression random_expression(std::uint64_t seed, const RandomOptions& options = {});

// Whether arguments for this domain can be generated; "A > 0" and so on.
bool is_known_domain(std::string_view domain);

}  // namespace matgrad
