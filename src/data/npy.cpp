// SPDX-License-Identifier: MIT
#include <Eigen/Core>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>

#include "base/text.hpp"
#include "data/columns.hpp"
#include "data/formats.hpp"
#include "data/memory.hpp"
#include "data/npy_header.hpp"
#include "data/row_file.hpp"

namespace matgrad {
namespace {

constexpr bool host_is_big = std::endian::native == std::endian::big;

using Convert = void (*)(const char* from, std::size_t count, double* to);

struct NpyType {
  std::size_t size = 0;
  Convert convert = nullptr;
  bool is_native_double = false;
};

template <class T, bool swapped>
void convert_entries(const char* from, std::size_t count, double* to) {
  for (std::size_t i = 0; i < count; ++i, from += sizeof(T)) {
    char bytes[sizeof(T)];
    for (std::size_t k = 0; k < sizeof(T); ++k) bytes[k] = from[swapped ? sizeof(T) - 1 - k : k];
    T value;
    std::memcpy(&value, bytes, sizeof(T));
    to[i] = static_cast<double>(value);
  }
}

template <bool swapped>
void convert_halves(const char* from, std::size_t count, double* to) {
  for (std::size_t i = 0; i < count; ++i, from += 2) {
    const auto low = static_cast<unsigned char>(from[swapped != host_is_big ? 1 : 0]);
    const auto high = static_cast<unsigned char>(from[swapped != host_is_big ? 0 : 1]);
    const auto bits = static_cast<std::uint16_t>(high << 8U | low);
    to[i] = static_cast<double>(Eigen::half_impl::half_to_float(Eigen::half_impl::raw_uint16_to_half(bits)));
  }
}

void convert_truths(const char* from, std::size_t count, double* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i] != 0 ? 1 : 0;
}

template <bool swapped>
NpyType type_named(std::string_view name) {
  if (name == "f8") return {8, convert_entries<double, swapped>, !swapped};
  if (name == "f4") return {4, convert_entries<float, swapped>};
  if (name == "f2") return {2, convert_halves<swapped>};
  if (name == "i8") return {8, convert_entries<std::int64_t, swapped>};
  if (name == "i4") return {4, convert_entries<std::int32_t, swapped>};
  if (name == "i2") return {2, convert_entries<std::int16_t, swapped>};
  if (name == "i1") return {1, convert_entries<std::int8_t, swapped>};
  if (name == "u8") return {8, convert_entries<std::uint64_t, swapped>};
  if (name == "u4") return {4, convert_entries<std::uint32_t, swapped>};
  if (name == "u2") return {2, convert_entries<std::uint16_t, swapped>};
  if (name == "u1") return {1, convert_entries<std::uint8_t, swapped>};
  if (name == "b1") return {1, convert_truths};
  return {};
}

Result<NpyType> type_of(const Input& input, const NpyHeader& header) {
  std::string_view name = header.type;
  bool is_big = host_is_big;
  if (!name.empty() && std::string_view("<>=|").find(name.front()) != std::string_view::npos) {
    if (name.front() == '<') is_big = false;
    if (name.front() == '>') is_big = true;
    name.remove_prefix(1);
  }
  const NpyType type = is_big == host_is_big ? type_named<false>(name) : type_named<true>(name);
  // Entries of several bytes say their order.
  if (type.convert != nullptr && (type.size == 1 || header.type.front() != '|')) return type;
  const std::string shown = shorten(printable(header.type), 40);
  const char kind = name.empty() ? ' ' : name.front();
  if (kind == 'c') return failure(Message::npy_complex, {input.path(), shown});
  if (kind == 'O') return failure(Message::npy_objects, {input.path(), shown});
  return failure(Message::npy_type, {input.path(), shown});
}

class NpyReader {
 public:
  NpyReader(Input& input, const NpyHeader& header, const NpyType& type) : input_(input), header_(header), type_(type) {}

  // The shape, if the file has as many bytes as it asks for.
  Result<void> begin() {
    if (auto fits = check_size(); !fits) return fits;
    const std::vector<std::uint64_t>& shape = header_.shape;
    rows_ = shape.empty() ? 1 : shape[0];
    cols_ = shape.size() < 2 ? 1 : shape[1];
    by_columns_ = header_.fortran_order || rows_ == 1 || cols_ == 1;
    return {};
  }
  std::uint64_t rows() const { return rows_; }
  std::uint64_t cols() const { return cols_; }
  bool is_by_columns() const { return by_columns_; }

  // Some rows, one behind the other.
  Result<void> read_some_rows(std::uint64_t first, std::size_t count, double* to) {
    if (!by_columns_ || cols_ == 1) return read_run(first * cols_, count * cols_, to);
    column_.resize(std::max(column_.size(), count));
    for (std::size_t j = 0; j < cols_; ++j) {
      if (auto got = read_run(j * rows_ + first, count, column_.data()); !got) return got;
      for (std::size_t i = 0; i < count; ++i) to[i * cols_ + j] = column_[i];
    }
    return {};
  }

  Result<DataArray> read() {
    if (auto begun = begin(); !begun) return tl::make_unexpected(begun.error());
    const bool into_place = by_columns_ && type_.is_native_double;
    const std::uint64_t block = std::min<std::uint64_t>(rows_ * cols_, block_entries);
    auto array = input_.allocate(rows_, cols_, into_place ? 0 : block * (type_.size + sizeof(double)));
    if (!array) return array;
    array->dimensions = static_cast<int>(header_.shape.size());
    auto filled = by_columns_ ? read_columns(array->values) : read_rows(array->values);
    if (!filled) return tl::make_unexpected(filled.error());
    return array;
  }

 private:
  // Before anything is allocated: the file has just as many bytes as its header claims.
  Result<void> check_size() {
    if (header_.shape.size() > 2) return failure(Message::npy_dimensions, {input_.path(), header_.shape_text});
    std::uint64_t bytes = type_.size;
    bool is_empty = false;
    for (const std::uint64_t size : header_.shape) {
      bytes = saturating_product(bytes, size);
      is_empty = is_empty || size == 0;
    }
    if (is_empty) return failure(Message::npy_empty, {input_.path(), header_.shape_text});
    const std::uint64_t there = input_.size() - header_.length;
    if (bytes == there) return {};
    // What exceeds 64 bits is not known exactly, and need not be.
    const std::string claimed = bytes == std::numeric_limits<std::uint64_t>::max() ? "≥ 2⁶⁴" : std::to_string(bytes);
    return failure(bytes > there ? Message::npy_cut : Message::npy_excess,
                   {input_.path(), header_.shape_text, header_.type, claimed, std::to_string(there)});
  }

  Result<void> read_raw(std::uint64_t first, std::size_t count, char* to) {
    auto got = input_.read(header_.length + first * type_.size, to, count * type_.size);
    if (!got) return tl::make_unexpected(got.error());
    if (*got != count * type_.size) return failure(Message::data_changed, {input_.path()});
    return {};
  }

  // `count` entries from the one numbered `first` in the file's order.
  Result<void> read_run(std::uint64_t first, std::size_t count, double* to) {
    if (type_.is_native_double) return read_raw(first, count, reinterpret_cast<char*>(to));
    raw_.resize(std::max(raw_.size(), count * type_.size));
    if (auto got = read_raw(first, count, raw_.data()); !got) return got;
    type_.convert(raw_.data(), count, to);
    return {};
  }

  Result<void> read_columns(std::vector<double>& values) {
    for (std::size_t at = 0; at < values.size();) {
      const std::size_t count = std::min(block_entries, values.size() - at);
      if (auto got = read_run(at, count, values.data() + at); !got) return got;
      at += count;
      input_.report(static_cast<double>(at) / static_cast<double>(values.size()));
    }
    return {};
  }

  // In tiles of whole rows where these are short, of pieces of 64 rows where they are long.
  Result<void> read_rows(std::vector<double>& values) {
    const std::size_t tall = std::min<std::size_t>(rows_, std::max<std::size_t>(64, block_entries / cols_));
    const std::size_t wide = std::min<std::size_t>(cols_, std::max<std::size_t>(1, block_entries / tall));
    std::vector<double> tile(tall * wide);
    for (std::size_t i = 0; i < rows_; i += tall) {
      const std::size_t height = std::min<std::size_t>(tall, rows_ - i);
      for (std::size_t j = 0; j < cols_; j += wide) {
        const std::size_t width = std::min<std::size_t>(wide, cols_ - j);
        if (auto got = read_tile(i, j, height, width, tile.data()); !got) return got;
        transpose(tile.data(), height, width, values.data() + j * rows_ + i, rows_);
        const double done =
            static_cast<double>(i) * static_cast<double>(cols_) + static_cast<double>(height * (j + width));
        input_.report(done / static_cast<double>(values.size()));
      }
    }
    return {};
  }

  Result<void> read_tile(std::size_t i, std::size_t j, std::size_t height, std::size_t width, double* to) {
    if (width == cols_) return read_run(std::uint64_t{i} * cols_, height * width, to);
    for (std::size_t k = 0; k < height; ++k) {
      if (auto got = read_run(std::uint64_t{i + k} * cols_ + j, width, to + k * width); !got) return got;
    }
    return {};
  }

  Input& input_;
  const NpyHeader& header_;
  const NpyType& type_;
  std::uint64_t rows_ = 1;
  std::uint64_t cols_ = 1;
  bool by_columns_ = true;
  std::vector<char> raw_;
  std::vector<double> column_;
};

std::string header_text(const DataView& array) {
  std::string shape = "()";
  if (array.dimensions == 1) shape = "(" + std::to_string(array.rows * array.cols) + ",)";
  if (array.dimensions == 2) shape = "(" + std::to_string(array.rows) + ", " + std::to_string(array.cols) + ")";
  std::string text = std::string("{'descr': '") + (host_is_big ? '>' : '<') +
                     "f8', 'fortran_order': " + (array.dimensions == 2 ? "True" : "False") + ", 'shape': " + shape +
                     ", }";
  // The entries begin at a multiple of 64 bytes.
  constexpr std::size_t before = 10;
  text.append(63 - (before + text.size()) % 64, ' ').push_back('\n');
  const std::size_t length = text.size();
  std::string header("\x93NUMPY\x01\0", 8);
  header.push_back(static_cast<char>(length % 256));
  header.push_back(static_cast<char>(length / 256));
  return header + text;
}

}  // namespace

Result<DataArray> read_npy(Input& input) {
  const auto header = read_npy_header(input);
  if (!header) return tl::make_unexpected(header.error());
  const auto type = type_of(input, *header);
  if (!type) return tl::make_unexpected(type.error());
  return NpyReader(input, *header, *type).read();
}

struct RowFile::State {
  Input input;
  NpyHeader header;
  NpyType type;
  NpyReader reader{input, header, type};
};

RowFile::RowFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
RowFile::RowFile(RowFile&&) noexcept = default;
RowFile& RowFile::operator=(RowFile&&) noexcept = default;
RowFile::~RowFile() = default;

Result<RowFile> RowFile::open(const std::string& path) {
  auto input = Input::open(path, {});
  if (!input) return tl::make_unexpected(input.error());
  auto header = read_npy_header(*input);
  if (!header) return tl::make_unexpected(header.error());
  const auto type = type_of(*input, *header);
  if (!type) return tl::make_unexpected(type.error());
  std::unique_ptr<State> state(new State{std::move(*input), std::move(*header), *type});
  if (auto begun = state->reader.begin(); !begun) return tl::make_unexpected(begun.error());
  return RowFile(std::move(state));
}

std::int64_t RowFile::rows() const {
  return static_cast<std::int64_t>(state_->reader.rows());
}
std::int64_t RowFile::cols() const {
  return static_cast<std::int64_t>(state_->reader.cols());
}
const std::string& RowFile::path() const {
  return state_->input.path();
}
Result<void> RowFile::read(std::int64_t first, std::int64_t count, double* to) {
  return state_->reader.read_some_rows(static_cast<std::uint64_t>(first), static_cast<std::size_t>(count), to);
}

void RowFile::announce(std::int64_t first, std::int64_t count) const {
  if (state_->reader.is_by_columns()) return;
  const std::uint64_t width = state_->reader.cols() * state_->type.size;
  state_->input.announce(state_->header.length + static_cast<std::uint64_t>(first) * width,
                         static_cast<std::uint64_t>(count) * width);
}

std::uint64_t npy_bytes(const std::string& path) {
  const auto input = Input::open(path, {});
  return input && input->head().substr(0, 6) == "\x93NUMPY" ? input->size() : 0;
}

Result<void> write_npy(const std::string& path, const DataView& array) {
  errno = 0;
  std::FILE* const file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return failure(Message::data_cannot_write, {path, std::strerror(errno)});
  const std::string header = header_text(array);
  const auto count = static_cast<std::size_t>(array.rows * array.cols);
  const bool written = std::fwrite(header.data(), 1, header.size(), file) == header.size() &&
                       std::fwrite(array.values, sizeof(double), count, file) == count;
  int error = written ? 0 : errno;
  if (std::fclose(file) != 0 && error == 0) error = errno;  // what was left in the buffer did not fit
  if (!written || error != 0) return failure(Message::data_cannot_write, {path, std::strerror(error)});
  return {};
}

}  // namespace matgrad
