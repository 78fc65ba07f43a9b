// SPDX-License-Identifier: MIT
// Where the buffers of a plan stand in memory: two that are never needed at the same time may share their place.
#pragma once

#include <cstddef>
#include <vector>

#include "plan/stream.hpp"

namespace matgrad {

struct Memory {
  std::vector<std::size_t> offsets;    // by buffer, in numbers; of inputs without meaning
  std::vector<std::uint32_t> readers;  // by buffer: how often it is read; an output once more
  std::size_t numbers = 0;
  std::size_t scratch = 0;             // what a single step needs beside
  std::vector<Stream> streams;         // those that are run by blocks, for these sizes
  std::vector<std::ptrdiff_t> widths;  // of their blocks
  std::vector<bool> is_window;         // by buffer
};

Memory lay_out_memory(const Store& store, const Plan& plan, const std::vector<std::int64_t>& sizes);

}  // namespace matgrad
