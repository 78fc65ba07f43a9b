// SPDX-License-Identifier: MIT
// An array in a .npy file that is read some rows at a time: it may be larger than memory.
//
//   auto file = RowFile::open("X.npy");                 // Result<RowFile>
//   file->read(first, count, block.data());             // entry (i,j) at i*cols + j
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace matgrad {

class RowFile {
 public:
  // Errors: no such file; no .npy file; entries that are no real numbers; a file that is cut short.
  static Result<RowFile> open(const std::string& path);
  RowFile(RowFile&&) noexcept;
  RowFile& operator=(RowFile&&) noexcept;
  ~RowFile();

  std::int64_t rows() const;
  std::int64_t cols() const;
  const std::string& path() const;
  Result<void> read(std::int64_t first, std::int64_t count, double* to);
  // That these rows will be read soon.
  void announce(std::int64_t first, std::int64_t count) const;

 private:
  struct State;
  explicit RowFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The bytes of a .npy file; nothing where the path is no such file.
std::uint64_t npy_bytes(const std::string& path);

}  // namespace matgrad
