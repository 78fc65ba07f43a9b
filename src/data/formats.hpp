// SPDX-License-Identifier: MIT
// The formats that read_array chooses from.
#pragma once

#include "data/input.hpp"

namespace matgrad {

// NumPy's format: a header that is a Python dictionary, then the entries.
Result<DataArray> read_npy(Input& input);

// Numbers in lines, parted by commas, semicolons, tabs or blanks. A first line in which no cell begins as a number is
// taken for names and skipped; comments begin with #. A decimal comma is not understood, so it is refused.
Result<DataArray> read_csv(Input& input);

// Matrix Market: coordinates (entries of the same place are added) or an array, general or half of a symmetric one.
Result<DataArray> read_mtx(Input& input);

}  // namespace matgrad
