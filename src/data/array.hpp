// SPDX-License-Identifier: MIT
// Arrays of real numbers in files: .npy, .csv (and other text) and .mtx are read, .npy and text are written.
// Always holds: a DataArray has at least one entry, values.size() == rows * cols, and values go down the columns.
// Numbers that a double does not hold exactly (64-bit integers, decimals) are rounded to the nearest; NaN and
// infinities are read as such. Nothing large is allocated before the file was seen to hold that much and the memory to
// be free.
//
//   auto X = read_array("X.npy");         // Result<DataArray>
//   write_npy("Y.npy", view_of(*X));
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace matgrad {

struct DataArray {
  std::int64_t rows = 1;
  std::int64_t cols = 1;
  int dimensions = 0;  // as the file has it: 0, 1 (a column here) or 2
  std::vector<double> values;
};

// An array that lives elsewhere.
struct DataView {
  std::int64_t rows = 1;
  std::int64_t cols = 1;
  int dimensions = 0;
  const double* values = nullptr;
};
inline DataView view_of(const DataArray& array) {
  return {array.rows, array.cols, array.dimensions, array.values.data()};
}

struct ReadOptions {
  std::function<void(double)> progress;  // told now and then which part is done, from 0 to 1
  std::optional<std::uint64_t> memory;   // bytes that may be taken; where not set, what the system has free
};

// The extension says how to read (.npy, .mtx, .csv, .tsv); where it is another, the beginning of the file does.
Result<DataArray> read_array(const std::string& path, const ReadOptions& options = {});

// Version 1.0, doubles by columns. After an error the file may be there in part.
Result<void> write_npy(const std::string& path, const DataView& array);

// One line a row, columns aligned to the right and parted by blanks; each number is the shortest that reads back as the
// same double. read_array reads it, and MATLAB does between [ and ].
std::string write_text(const DataView& array);

}  // namespace matgrad
