// SPDX-License-Identifier: MIT
// A file being read: in blocks at any place, or line by line. What cannot be read twice (a pipe) is kept in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/remark.hpp"
#include "data/array.hpp"

namespace matgrad {

class Input {
 public:
  static Result<Input> open(const std::string& path, const ReadOptions& options);

  const std::string& path() const { return path_; }
  std::string_view head() const { return head_; }  // the first 64 kB, or all of a shorter file
  std::uint64_t size() const { return size_; }

  // Reads `bytes` bytes, fewer only at the end of the file. The count, or the system's error.
  Result<std::size_t> read(std::uint64_t offset, char* to, std::size_t bytes);

  // That these bytes will be read soon, so that the system may fetch them meanwhile.
  void announce(std::uint64_t offset, std::uint64_t bytes) const;

  // An error unless so much memory is free.
  Result<void> check_free(std::uint64_t bytes) const;
  // An array of zeros; `beside` are bytes needed besides.
  Result<DataArray> allocate(std::uint64_t rows, std::uint64_t cols, std::uint64_t beside) const;
  void report(double fraction) const {
    if (options_.progress) options_.progress(fraction);
  }

 private:
  Input(std::string path, const ReadOptions& options) : path_(std::move(path)), options_(options) {}
  Result<void> read_head();
  Result<void> keep_all();
  Result<std::size_t> read_on(char* to, std::size_t bytes);

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::string path_;
  ReadOptions options_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string head_;
  std::uint64_t size_ = 0;
  std::uint64_t at_ = 0;  // where the file stands
  bool kept_ = false;
  std::string all_;  // the whole file, where `kept_`
};

// The lines of a text file from its beginning, without their ends (LF, CR LF or CR) and without a byte order mark.
// Progress goes from `from` to `to`.
class Lines {
 public:
  Lines(Input& input, double from, double to);

  // Goes to the next line; false at the end of the file.
  Result<bool> next() {
    const char* found = nullptr;
    if (begin_ + searched_ < end_) found = find_end();
    return found != nullptr ? step(found) : refill();
  }
  std::string_view text() const { return line_; }
  std::uint64_t number() const { return number_; }

 private:
  const char* find_end() const;
  bool step(const char* end);
  Result<bool> refill();
  Result<void> make_room();

  Input& input_;
  double from_;
  double to_;
  char terminator_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;     // of what is not handed out yet
  std::size_t searched_ = 0;  // bytes from there that hold no end of a line
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;  // of the file, behind what the buffer holds
  std::string_view line_;
  std::uint64_t number_ = 0;
};

// Refuses what is binary or UTF-16.
Result<void> check_text(const Input& input);

// "X.csv:3:7" for a place within a line, in characters from 1.
std::string place_in(const Input& input, std::uint64_t line_number, std::string_view line, const char* at);
std::string place_in(const Input& input, std::uint64_t line_number);

// The text as an error quotes it.
std::string quoted(std::string_view text);

}  // namespace matgrad
