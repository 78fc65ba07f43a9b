// SPDX-License-Identifier: MIT
// Neighbouring steps of a plan that can be run by blocks of columns, so that what only they need never leaves the
// cache:
//
//   t1 = U*V'                 columns of t1 from rows of V
//   t2 = t1 - T, sum(t2.^2)   the same columns
//   grad = 2*t2*V             added up, block by block
//
// An array that nothing else reads keeps the room of one block (a window).
#pragma once

#include <vector>

#include "plan/plan.hpp"

namespace matgrad {

enum class StreamPart : std::uint8_t {
  map,       // columns of a map
  columns,   // A*B, by columns of B
  added_up,  // A*B, by columns of A and rows of B
  rows,      // A*B, by rows of A
};

struct Stream {
  std::size_t first = 0;  // into Plan::steps
  std::vector<StreamPart> parts;
  Dim columns = dim_one;  // what is cut into blocks
  std::vector<BufferId> windows;
  std::size_t end() const { return first + parts.size(); }
};

// In the order of the steps; without windows there is nothing to gain, and no stream.
std::vector<Stream> find_streams(const Plan& plan);

}  // namespace matgrad
