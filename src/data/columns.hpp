// SPDX-License-Identifier: MIT
// Rows as files have them put into arrays by columns, in tiles, so that neither side is walked in long strides.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace matgrad {

// How many numbers a block of rows holds while it is read.
constexpr std::size_t block_entries = std::size_t{1} << 19U;

// Writes rows × cols numbers that lie row by row at `from` into columns that begin `stride` apart at `to`.
inline void transpose(const double* from, std::size_t rows, std::size_t cols, double* to, std::size_t stride) {
  constexpr std::size_t tile = 8;  // a cache line of doubles
  for (std::size_t first = 0; first < cols; first += tile) {
    const std::size_t last = std::min(cols, first + tile);
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = first; j < last; ++j) to[j * stride + i] = from[i * cols + j];
    }
  }
}

// Takes rows one after the other.
class RowsToColumns {
 public:
  // `values` has rows * cols entries, or none where the rows are read only to find what is wrong with them.
  RowsToColumns(std::vector<double>& values, std::size_t rows, std::size_t cols)
      : values_(values), rows_(rows), cols_(cols), block_(values.empty() ? 1 : block_rows(rows, cols)) {
    buffer_.resize(block_ * cols_);
  }
  static std::size_t block_rows(std::size_t rows, std::size_t cols) {
    return std::min(rows, std::max<std::size_t>(8, block_entries / cols));
  }

  double* row() { return buffer_.data() + filled_ * cols_; }  // where the next row goes
  void put() {                                                // it is there
    if (++filled_ == block_) flush();
  }
  void flush() {
    if (!values_.empty()) transpose(buffer_.data(), filled_, cols_, values_.data() + done_, rows_);
    done_ += filled_;
    filled_ = 0;
  }

 private:
  std::vector<double>& values_;
  std::size_t rows_;
  std::size_t cols_;
  std::size_t block_;
  std::size_t filled_ = 0;
  std::size_t done_ = 0;
  std::vector<double> buffer_;
};

}  // namespace matgrad
