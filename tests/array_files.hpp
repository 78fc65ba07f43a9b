// SPDX-License-Identifier: MIT
// Files for the tests of src/data: written to a directory of the test's own, read, and what reading said.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "data/array.hpp"

namespace matgrad {

class ArrayFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "matgrad-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string write(const std::string& name, std::string_view bytes) const {
    std::filesystem::remove(path(name));  // overwriting a file waits for the disk on some systems
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  static std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  // "2x3: 1 2 3 4 5 6", the values down the columns, or the error without the directory's name.
  std::string reading(const std::string& name, std::string_view bytes, const ReadOptions& options = {}) const {
    return said(read_array(write(name, bytes), options));
  }
  std::string said(const Result<DataArray>& array) const {
    if (!array) return said(array.error());
    std::string text = std::to_string(array->rows) + "x" + std::to_string(array->cols);
    if (array->dimensions != 2) text += " of " + std::to_string(array->dimensions);
    text += ':';
    EXPECT_EQ(array->values.size(), static_cast<std::size_t>(array->rows * array->cols));
    for (const double value : array->values) {
      const std::string line = write_text({1, 1, 0, &value});
      text += " " + line.substr(0, line.size() - 1);
    }
    return text;
  }
  std::string said(const Diagnostics& problems) const {
    EXPECT_EQ(problems.size(), 1U);
    std::string text = sentence(problems.at(0).message, problems.at(0).arguments, Language::english);
    for (const std::string& argument : problems[0].arguments) {  // the sentence has a place for each, and no more
      EXPECT_NE(text.find(shorten(argument, 200)), std::string::npos) << text << " without " << argument;
    }
    EXPECT_EQ(sentence(problems[0].message, std::vector<std::string>(problems[0].arguments.size()), Language::english)
                  .find('{'),
              std::string::npos)
        << text;
    const std::string prefix = directory_.string() + "/";
    for (std::size_t at; (at = text.find(prefix)) != std::string::npos;) text.erase(at, prefix.size());
    return text;
  }

  std::filesystem::path directory_;
};

// Version 1.0 by default; `header` is the dictionary, padded as NumPy does.
inline std::string npy(std::string header, std::string_view entries, int major = 1) {
  const std::size_t before = major == 1 ? 10 : 12;
  header.append(63 - (before + header.size()) % 64, ' ').push_back('\n');
  std::string file = "\x93NUMPY";
  file.push_back(static_cast<char>(major));
  file.push_back('\0');
  for (std::size_t k = 0, length = header.size(); k < before - 8; ++k, length /= 256) {
    file.push_back(static_cast<char>(length % 256));
  }
  return file + header + std::string(entries);
}

inline std::string npy_of(const std::string& type, const std::string& shape, std::string_view entries,
                          bool fortran_order = false) {
  return npy("{'descr': '" + type + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                 ", 'shape': " + shape + ", }",
             entries);
}

// The bytes of the numbers, the least significant first or last.
template <class T>
std::string bytes(const std::vector<T>& numbers, bool big_endian = false) {
  std::string result;
  for (const T& number : numbers) {
    std::string one(reinterpret_cast<const char*>(&number), sizeof(T));  // the machines of the tests are little-endian
    if (big_endian) one = std::string(one.rbegin(), one.rend());
    result += one;
  }
  return result;
}

}  // namespace matgrad
