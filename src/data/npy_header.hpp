// SPDX-License-Identifier: MIT
// The header of a .npy file, of the versions 1.0, 2.0 and 3.0:
//
//   {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
#pragma once

#include "data/input.hpp"

namespace matgrad {

struct NpyHeader {
  std::string type;  // "<f8"
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;  // what is beyond 64 bits is the largest number
  std::string shape_text;
  std::uint64_t length = 0;  // of all that comes before the entries
};

Result<NpyHeader> read_npy_header(Input& input);

}  // namespace matgrad
