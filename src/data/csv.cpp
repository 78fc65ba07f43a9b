// SPDX-License-Identifier: MIT
// Two passes: the first counts the rows, so that the array can be allocated once and at its size.
#include <cctype>
#include <cstring>

#include "base/text.hpp"
#include "data/columns.hpp"
#include "data/formats.hpp"
#include "data/memory.hpp"
#include "data/number.hpp"

namespace matgrad {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

const char* find(const char* begin, const char* end, char c) {
  if (begin == end) return end;
  const void* const found = std::memchr(begin, c, static_cast<std::size_t>(end - begin));
  return found == nullptr ? end : static_cast<const char*>(found);
}

std::string_view trimmed(std::string_view text, std::string_view blanks = " \t") {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return text.substr(text.size());
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// What is outside quotation marks and before the comment, if `visit` stops there: visit(char) says whether to stop.
template <class Visit>
const char* first_unquoted(std::string_view line, Visit visit) {
  bool within = false;
  const char* at = line.data();
  for (const char* const end = at + line.size(); at != end; ++at) {
    if (*at == '"') within = !within;
    if (!within && visit(*at)) break;
  }
  return at;
}

// A line without its comment and the blanks around it. A tab may part cells, so it is no such blank.
std::string_view content_of(std::string_view line) {
  const char* const end = line.data() + line.size();
  const char* stop = find(line.data(), end, '#');
  if (stop != end && find(line.data(), stop, '"') != stop) {
    stop = first_unquoted(line, [](char c) { return c == '#'; });
  }
  const std::string_view text = trimmed(line.substr(0, static_cast<std::size_t>(stop - line.data())), " ");
  return trimmed(text).empty() ? std::string_view() : text;
}

// Calls visit(cell) for each cell, without the blanks around it, until that says false.
template <class Visit>
void visit_cells(std::string_view line, char separator, Visit visit) {
  const bool by_blanks = separator == ' ';
  for (std::string_view rest = by_blanks ? trimmed(line) : line;;) {
    const char* const stop = first_unquoted(rest, [&](char c) { return c == separator || (by_blanks && c == '\t'); });
    const auto length = static_cast<std::size_t>(stop - rest.data());
    if (!visit(trimmed(rest.substr(0, length))) || length == rest.size()) return;
    rest.remove_prefix(length + 1);
    if (by_blanks) rest = trimmed(rest);
  }
}

std::uint64_t count_cells(std::string_view line, char separator) {
  std::uint64_t count = 0;
  visit_cells(line, separator, [&](std::string_view) { return ++count > 0; });
  return count;
}

std::string_view first_cell(std::string_view line, char separator) {
  std::string_view first;
  visit_cells(line, separator, [&](std::string_view cell) {
    first = cell;
    return false;
  });
  return first;
}

std::string_view unquoted(std::string_view cell) {
  if (cell.size() < 2 || cell.front() != '"' || cell.back() != '"') return cell;
  return trimmed(cell.substr(1, cell.size() - 2));
}

// Whether it is, or was meant as, a number: "1,5", "$3", "−2" and "12a" are to be refused rather than skipped as names.
bool begins_as_number(std::string_view cell) {
  if (is_number(cell)) return true;
  while (!cell.empty()) {
    const auto first = static_cast<unsigned char>(cell.front());
    if (is_digit(cell.front())) return true;
    if (cell.substr(0, 3) == "−")
      cell.remove_prefix(2);
    else if (first >= 0x80 || std::isalpha(first) != 0)
      return false;
    cell.remove_prefix(1);
  }
  return false;
}

constexpr char separators[] = {';', ',', '\t', ' '};

// The first of these that the line has. Where blanks part numbers as well, a tab is but one of them.
char separator_of(std::string_view line) {
  for (const char candidate : {';', ','}) {
    const char* const end = line.data() + line.size();
    if (first_unquoted(line, [&](char c) { return c == candidate; }) != end) return candidate;
  }
  char separator = line.find('\t') == std::string_view::npos ? ' ' : '\t';
  visit_cells(line, '\t', [&](std::string_view cell) {
    if (begins_as_number(cell) && cell.find(' ') != std::string_view::npos) separator = ' ';
    return separator == '\t';
  });
  return separator;
}

// How a value that is missing may be written; a line of these alone has no names.
bool is_missing(std::string_view cell) {
  for (const char* word : {"", "NA", "N/A", "na", "n/a", "NULL", "null", "None", "-", "--", ".", "?"}) {
    if (cell == word) return true;
  }
  return false;
}

bool is_header(std::string_view line, char separator) {
  bool has_number = false;
  bool has_name = false;
  visit_cells(line, separator, [&](std::string_view cell) {
    cell = unquoted(cell);
    has_number = begins_as_number(cell);
    has_name = has_name || !is_missing(cell);
    return !has_number;
  });
  return has_name && !has_number;
}

class CsvReader {
 public:
  explicit CsvReader(Input& input) : input_(input) {}
  Result<DataArray> read();

 private:
  Result<void> survey();
  Result<DataArray> allocate();
  Result<void> fill(std::vector<double>& values);
  Result<void> read_row(const Lines& lines, std::string_view text, double* row);
  const char* read_cell(const char* at, const char* end, double& value) const;
  const char* skip_blanks(const char* at, const char* end) const {
    while (at != end && (*at == ' ' || (*at == '\t' && separator_ != '\t'))) ++at;
    return at;
  }
  Result<void> wrong_cell(const Lines& lines, std::string_view text, const char* cell);
  Result<void> ragged(const Lines& lines, std::string_view text);

  Input& input_;
  char separator_ = ',';
  bool has_header_ = false;
  std::uint64_t rows_ = 0;
  std::uint64_t cols_ = 0;
  std::uint64_t first_row_ = 0;  // its line
};

// Counts the rows; learns what parts the cells from the first line if that begins with a number, else the second.
Result<void> CsvReader::survey() {
  struct Seen {
    char separator = ' ';
    bool is_header = false;
    std::uint64_t cells = 0;
    std::uint64_t number = 0;
  };
  const auto see = [](std::string_view text, char separator, std::uint64_t number) {
    return Seen{separator, is_header(text, separator), count_cells(text, separator), number};
  };
  Lines lines(input_, 0, 0.2);
  Seen first[4];  // the first line by each separator
  Seen second;
  bool known = false;
  std::uint64_t count = 0;
  for (;;) {
    auto more = lines.next();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) break;
    const std::string_view text = content_of(lines.text());
    if (text.empty()) continue;
    if (count == 0) {
      separator_ = separator_of(text);
      known = is_number(first_cell(text, separator_));
      for (std::size_t k = 0; k < 4; ++k) first[k] = see(text, separators[k], lines.number());
    } else if (count == 1) {
      if (!known) separator_ = separator_of(text);
      second = see(text, separator_, lines.number());
    }
    ++count;
  }
  for (const Seen& line : first) {
    if (count == 0 || line.separator != separator_) continue;
    has_header_ = line.is_header;
    rows_ = count - (has_header_ ? 1 : 0);
    cols_ = has_header_ ? second.cells : line.cells;
    first_row_ = has_header_ ? second.number : line.number;
  }
  if (rows_ == 0) return failure(Message::data_empty, {input_.path()});
  return {};
}

// Without entries where the file is too short to hold rows × cols numbers: some line has fewer, and fill finds it.
Result<DataArray> CsvReader::allocate() {
  const std::uint64_t count = saturating_product(rows_, cols_);
  if (count > input_.size() / 2 + 1) return DataArray{};
  const std::uint64_t block = RowsToColumns::block_rows(rows_, cols_) * cols_ * sizeof(double);
  return input_.allocate(rows_, cols_, block);
}

Result<void> CsvReader::fill(std::vector<double>& values) {
  RowsToColumns columns(values, rows_, cols_);
  Lines lines(input_, 0.2, 1);
  std::uint64_t count = 0;
  for (bool past_header = !has_header_;;) {
    auto more = lines.next();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) break;
    const std::string_view text = content_of(lines.text());
    if (text.empty()) continue;
    if (!past_header) {
      past_header = true;
      continue;
    }
    if (count == rows_) return failure(Message::data_changed, {input_.path()});
    if (auto row = read_row(lines, text, columns.row()); !row) return row;
    columns.put();
    ++count;
  }
  columns.flush();
  if (count != rows_ || values.empty()) return failure(Message::data_changed, {input_.path()});
  return {};
}

// The end of the number at `at`, in quotation marks or not; nullptr where there is none.
const char* CsvReader::read_cell(const char* at, const char* end, double& value) const {
  if (at != end && *at == '"') {
    const char* const close = find(at + 1, end, '"');
    if (close == end) return nullptr;
    const std::string_view inner = trimmed({at + 1, static_cast<std::size_t>(close - at - 1)});
    const ReadNumber read = read_number(inner.data(), inner.data() + inner.size(), value);
    return !read.too_large && read.end == inner.data() + inner.size() ? close + 1 : nullptr;
  }
  const ReadNumber read = read_number(at, end, value);
  return read.too_large ? nullptr : read.end;
}

Result<void> CsvReader::read_row(const Lines& lines, std::string_view text, double* row) {
  const char* const end = text.data() + text.size();
  const char* at = text.data();
  for (std::uint64_t count = 0;;) {
    at = skip_blanks(at, end);
    const char* const cell = at;
    double value = 0;
    at = read_cell(at, end, value);
    if (at == nullptr) return wrong_cell(lines, text, cell);
    const char* const behind = at;
    at = skip_blanks(at, end);
    if (count == cols_) return ragged(lines, text);
    row[count++] = value;
    if (at == end) {
      if (count != cols_) return ragged(lines, text);
      return {};
    }
    if (separator_ == ' ' ? at == behind : *at != separator_) return wrong_cell(lines, text, cell);
    if (separator_ != ' ') ++at;
  }
}

Result<void> CsvReader::wrong_cell(const Lines& lines, std::string_view text, const char* cell) {
  const std::string_view rest = text.substr(static_cast<std::size_t>(cell - text.data()));
  const std::string place = place_in(input_, lines.number(), lines.text(), cell);
  const std::string_view shown = first_cell(rest, separator_);
  const std::string_view number = unquoted(shown);
  if (number.empty()) return failure(Message::data_missing_number, {place});
  double value = 0;
  const ReadNumber read = read_number(number.data(), number.data() + number.size(), value);
  const bool whole = read.end == number.data() + number.size();
  return failure(whole && read.too_large ? Message::data_number_too_large : Message::data_not_a_number,
                 {place, quoted(shown)});
}

Result<void> CsvReader::ragged(const Lines& lines, std::string_view text) {
  const std::uint64_t count = count_cells(text, separator_);
  return failure(Message::csv_ragged, {place_in(input_, lines.number()), std::to_string(count),
                                       std::to_string(first_row_), std::to_string(cols_)});
}

Result<DataArray> CsvReader::read() {
  if (auto text = check_text(input_); !text) return tl::make_unexpected(text.error());
  if (auto seen = survey(); !seen) return tl::make_unexpected(seen.error());
  auto array = allocate();
  if (!array) return array;
  if (auto filled = fill(array->values); !filled) return tl::make_unexpected(filled.error());
  return array;
}

}  // namespace

Result<DataArray> read_csv(Input& input) {
  return CsvReader(input).read();
}

}  // namespace matgrad
