// SPDX-License-Identifier: MIT
#include <cctype>

#include "data/formats.hpp"

namespace matgrad {
namespace {

std::string extension_of(const std::string& path) {
  const std::size_t dot = path.find_last_of("./\\");
  if (dot == std::string::npos || path[dot] != '.') return {};
  std::string extension = path.substr(dot);
  for (char& letter : extension) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return extension;
}

bool begins_as(std::string_view text, std::string_view lower_case) {
  if (text.size() < lower_case.size()) return false;
  for (std::size_t i = 0; i < lower_case.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != lower_case[i]) return false;
  }
  return true;
}

Result<DataArray> read_from(Input& input) {
  const std::string extension = extension_of(input.path());
  if (extension == ".npy") return read_npy(input);
  if (extension == ".mtx") return read_mtx(input);
  if (extension == ".csv" || extension == ".tsv") return read_csv(input);
  if (input.head().substr(0, 6) == "\x93NUMPY") return read_npy(input);
  if (begins_as(input.head(), "%%matrixmarket")) return read_mtx(input);
  return read_csv(input);
}

}  // namespace

Result<DataArray> read_array(const std::string& path, const ReadOptions& options) {
  auto input = Input::open(path, options);
  if (!input) return tl::make_unexpected(input.error());
  auto array = read_from(*input);
  if (array) input->report(1);
  return array;
}

}  // namespace matgrad
