// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>

#include "data/formats.hpp"
#include "data/memory.hpp"
#include "data/number.hpp"

namespace matgrad {
namespace {

enum class Symmetry { general, symmetric, skew };

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// A line's words, each taken off its front.
class Words {
 public:
  explicit Words(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}
  std::string_view next() {
    skip_blanks();
    const char* const begin = at_;
    while (at_ != end_ && !is_blank(*at_)) ++at_;
    return {begin, static_cast<std::size_t>(at_ - begin)};
  }
  bool next_integer(std::uint64_t& value) {
    skip_blanks();
    const auto read = std::from_chars(at_, end_, value);
    at_ = read.ptr;
    return read.ec == std::errc() && (at_ == end_ || is_blank(*at_));
  }
  bool at_end() {
    skip_blanks();
    return at_ == end_;
  }

 private:
  void skip_blanks() {
    while (at_ != end_ && is_blank(*at_)) ++at_;
  }
  const char* at_;
  const char* end_;
};

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return lower;
}

class MtxReader {
 public:
  explicit MtxReader(Input& input) : input_(input), lines_(input, 0, 1) {}
  Result<DataArray> read();

 private:
  Result<void> read_banner();
  Result<void> read_sizes();
  Result<void> allocate();
  Result<void> read_coordinates();
  Result<void> read_column_entries();
  Result<void> read_coordinate(Words words);
  Result<void> read_number_word(std::string_view word, double& value);
  Result<void> put(std::uint64_t i, std::uint64_t j, double value);
  Result<bool> next_content();

  std::string here() const { return place_in(input_, lines_.number()); }
  std::string line() const { return quoted(lines_.text()); }
  auto at_entry(Message message, std::uint64_t i, std::uint64_t j, std::vector<std::string> more) const {
    std::vector<std::string> arguments{here(), std::to_string(i), std::to_string(j)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return failure(message, std::move(arguments));
  }

  Input& input_;
  Lines lines_;
  bool by_coordinates_ = true;
  bool is_pattern_ = false;
  Symmetry symmetry_ = Symmetry::general;
  std::string symmetry_name_;
  std::uint64_t rows_ = 0;
  std::uint64_t cols_ = 0;
  std::uint64_t count_ = 0;  // of the entries that are announced
  std::uint64_t found_ = 0;
  DataArray array_;
  bool kept_ = true;  // false where the file is too short for its entries, which are then only counted
};

// The next line that is neither empty nor a comment.
Result<bool> MtxReader::next_content() {
  for (;;) {
    auto more = lines_.next();
    if (!more || !*more) return more;
    Words words(lines_.text());
    if (!words.at_end() && words.next().front() != '%') return true;
  }
}

Result<void> MtxReader::read_banner() {
  auto more = lines_.next();
  if (!more) return tl::make_unexpected(more.error());
  const std::string banner = lower_case(lines_.text());
  Words words(banner);
  const bool begins = words.next() == "%%matrixmarket" && words.next() == "matrix";
  const std::string_view format = words.next();
  const std::string_view field = words.next();
  symmetry_name_ = words.next();
  if (begins && (field == "complex" || symmetry_name_ == "hermitian")) {
    return failure(Message::mtx_complex, {input_.path(), symmetry_name_ == "hermitian" ? "hermitian" : "complex"});
  }
  by_coordinates_ = format == "coordinate";
  is_pattern_ = field == "pattern";
  if (symmetry_name_ == "symmetric") symmetry_ = Symmetry::symmetric;
  if (symmetry_name_ == "skew-symmetric") symmetry_ = Symmetry::skew;
  const bool is_known = (by_coordinates_ || format == "array") &&
                        (is_pattern_ || field == "real" || field == "integer" || field == "double") &&
                        (symmetry_ != Symmetry::general || symmetry_name_ == "general") &&
                        !(is_pattern_ && (!by_coordinates_ || symmetry_ == Symmetry::skew));
  if (!begins || !is_known || !words.at_end()) return failure(Message::mtx_banner, {here(), line()});
  return {};
}

Result<void> MtxReader::read_sizes() {
  const std::string form = by_coordinates_ ? "ROWS COLUMNS ENTRIES" : "ROWS COLUMNS";
  auto more = next_content();
  if (!more) return tl::make_unexpected(more.error());
  if (!*more) return failure(Message::mtx_size, {here(), quoted(""), form});
  Words words(lines_.text());
  const bool read = words.next_integer(rows_) && words.next_integer(cols_) &&
                    (!by_coordinates_ || words.next_integer(count_)) && words.at_end();
  if (!read) return failure(Message::mtx_size, {here(), line(), form});
  if (rows_ == 0 || cols_ == 0) return failure(Message::data_empty, {input_.path()});
  if (symmetry_ != Symmetry::general && rows_ != cols_) {
    return failure(Message::mtx_not_square,
                   {input_.path(), symmetry_name_, std::to_string(rows_), std::to_string(cols_)});
  }
  if (by_coordinates_) return {};
  const std::uint64_t all = saturating_product(rows_, cols_);
  count_ = all;
  if (all == std::numeric_limits<std::uint64_t>::max()) return {};
  if (symmetry_ == Symmetry::symmetric) count_ = (all - rows_) / 2 + rows_;
  if (symmetry_ == Symmetry::skew) count_ = (all - rows_) / 2;
  return {};
}

// An entry takes two bytes at least, "1\n", or four with its place.
Result<void> MtxReader::allocate() {
  kept_ = count_ <= (input_.size() + 1) / (by_coordinates_ ? 4 : 2);
  if (!kept_) return {};
  auto array = input_.allocate(rows_, cols_, 0);
  if (!array) return tl::make_unexpected(array.error());
  array_ = std::move(*array);
  return {};
}

Result<void> MtxReader::put(std::uint64_t i, std::uint64_t j, double value) {
  ++found_;
  if (!kept_) return {};
  array_.values[static_cast<std::size_t>(j * rows_ + i)] += value;
  if (symmetry_ == Symmetry::general || i == j) return {};
  array_.values[static_cast<std::size_t>(i * rows_ + j)] += symmetry_ == Symmetry::skew ? -value : value;
  return {};
}

Result<void> MtxReader::read_number_word(std::string_view word, double& value) {
  const char* const end = word.data() + word.size();
  const ReadNumber read = read_number(word.data(), end, value);
  if (read.end == end && !read.too_large && !word.empty()) return {};
  const std::string place = place_in(input_, lines_.number(), lines_.text(), word.data());
  return failure(read.end == end && read.too_large ? Message::data_number_too_large : Message::data_not_a_number,
                 {place, quoted(word)});
}

Result<void> MtxReader::read_coordinate(Words words) {
  const auto no_entry = [&] {
    return failure(Message::mtx_entry, {here(), line(), is_pattern_ ? "ROW COLUMN" : "ROW COLUMN VALUE"});
  };
  std::uint64_t i = 0;
  std::uint64_t j = 0;
  if (!words.next_integer(i) || !words.next_integer(j)) return no_entry();
  double value = 1;
  std::string_view word;
  if (!is_pattern_) {
    word = words.next();
    if (word.empty()) return no_entry();
    if (auto read = read_number_word(word, value); !read) return read;
  }
  if (!words.at_end()) return no_entry();
  if (i < 1 || j < 1 || i > rows_ || j > cols_) {
    return at_entry(Message::mtx_outside, i, j, {std::to_string(rows_), std::to_string(cols_)});
  }
  if (symmetry_ != Symmetry::general && i < j) return at_entry(Message::mtx_upper, i, j, {symmetry_name_});
  if (symmetry_ == Symmetry::skew && i == j && value != 0) {
    return failure(Message::mtx_diagonal, {here(), std::to_string(i), quoted(word)});
  }
  return put(i - 1, j - 1, value);
}

Result<void> MtxReader::read_coordinates() {
  for (;;) {
    auto more = next_content();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) return {};
    if (found_ == count_) return failure(Message::mtx_excess, {here(), std::to_string(count_)});
    if (auto entry = read_coordinate(Words(lines_.text())); !entry) return entry;
  }
}

// Column by column; of symmetric matrices only what is on or below the diagonal, of skew-symmetric ones below it.
Result<void> MtxReader::read_column_entries() {
  const auto top = [&](std::uint64_t j) {
    return symmetry_ == Symmetry::general ? 0 : symmetry_ == Symmetry::symmetric ? j : j + 1;
  };
  std::uint64_t j = 0;
  std::uint64_t i = top(0);
  for (;;) {
    auto more = next_content();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) return {};
    for (Words words(lines_.text()); !words.at_end();) {
      if (found_ == count_) return failure(Message::mtx_excess, {here(), std::to_string(count_)});
      double value = 0;
      if (auto read = read_number_word(words.next(), value); !read) return read;
      if (auto entry = put(i, j, value); !entry) return entry;
      if (++i == rows_) i = top(++j);
    }
  }
}

Result<DataArray> MtxReader::read() {
  const auto run = [&]() -> Result<void> {
    if (auto step = check_text(input_); !step) return step;
    if (auto step = read_banner(); !step) return step;
    if (auto step = read_sizes(); !step) return step;
    if (auto step = allocate(); !step) return step;
    if (auto step = by_coordinates_ ? read_coordinates() : read_column_entries(); !step) return step;
    if (found_ == count_ && kept_) return {};
    if (found_ == count_) return failure(Message::data_changed, {input_.path()});
    return failure(Message::mtx_cut, {input_.path(), std::to_string(count_), std::to_string(found_)});
  };
  if (auto done = run(); !done) return tl::make_unexpected(done.error());
  return std::move(array_);
}

}  // namespace

Result<DataArray> read_mtx(Input& input) {
  return MtxReader(input).read();
}

}  // namespace matgrad
