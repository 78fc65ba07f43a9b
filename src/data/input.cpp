// SPDX-License-Identifier: MIT
#include "data/input.hpp"

#include <fcntl.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

#include "base/large_pages.hpp"
#include "base/text.hpp"
#include "data/memory.hpp"

namespace matgrad {
namespace {

constexpr std::size_t head_size = std::size_t{1} << 16U;
constexpr std::size_t block_size = std::size_t{1} << 20U;

auto reading_failed(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return failure(Message::data_no_file, {path});
    case EACCES:
    case EPERM: return failure(Message::data_no_permission, {path});
    case EISDIR: return failure(Message::data_is_directory, {path});
    default: return failure(Message::data_cannot_read, {path, std::strerror(error)});
  }
}

}  // namespace

Result<Input> Input::open(const std::string& path, const ReadOptions& options) {
  Input input(path, options);
  errno = 0;
  // A name with a NUL would open what comes before it.
  if (path.find('\0') != std::string::npos) return reading_failed(path, ENOENT);
  input.file_.reset(std::fopen(path.c_str(), "rb"));
  if (input.file_ == nullptr) return reading_failed(path, errno);
  std::setvbuf(input.file_.get(), nullptr, _IONBF, 0);  // the blocks are ours
  if (auto read = input.read_head(); !read) return tl::make_unexpected(read.error());
  return input;
}

Result<void> Input::read_head() {
  head_.resize(head_size);
  auto read = read_on(head_.data(), head_.size());
  if (!read) return tl::make_unexpected(read.error());
  head_.resize(*read);
  if (*read < head_size) {  // the whole file, or as good as
    size_ = *read;
    all_ = head_;
    kept_ = true;
    return {};
  }
  if (fseeko(file_.get(), 0, SEEK_END) != 0) return keep_all();
  const off_t end = ftello(file_.get());
  // Files of the system's may say 0 and yet have something to read.
  if (end < static_cast<off_t>(head_size)) {
    if (fseeko(file_.get(), static_cast<off_t>(head_size), SEEK_SET) != 0) return reading_failed(path_, errno);
    return keep_all();
  }
  size_ = static_cast<std::uint64_t>(end);
  at_ = size_;
  return {};
}

Result<void> Input::keep_all() {
  all_ = head_;
  kept_ = true;
  for (;;) {
    const std::size_t had = all_.size();
    // Growing a string keeps both copies for a moment.
    if (auto free = check_free(had + block_size > all_.capacity() ? 3 * had : block_size); !free) return free;
    try {
      all_.resize(had + block_size);
    } catch (const std::bad_alloc&) {
      return failure(memory_refused(path_, had + block_size));
    }
    auto read = read_on(all_.data() + had, block_size);
    if (!read) return tl::make_unexpected(read.error());
    all_.resize(had + *read);
    if (*read < block_size) break;
  }
  size_ = all_.size();
  return {};
}

Result<std::size_t> Input::read_on(char* to, std::size_t bytes) {
  std::size_t count = 0;
  errno = 0;
  while (count < bytes) {
    const std::size_t got = std::fread(to + count, 1, bytes - count, file_.get());
    count += got;
    if (got == 0) break;
  }
  if (std::ferror(file_.get()) != 0) return reading_failed(path_, errno);
  return count;
}

Result<std::size_t> Input::read(std::uint64_t offset, char* to, std::size_t bytes) {
  if (kept_) {
    if (offset >= all_.size()) return std::size_t{0};
    return all_.copy(to, bytes, static_cast<std::size_t>(offset));
  }
  if (offset != at_ && fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) {
    return reading_failed(path_, errno);
  }
  auto count = read_on(to, bytes);
  if (count) at_ = offset + *count;
  return count;
}

void Input::announce(std::uint64_t offset, std::uint64_t bytes) const {
#if defined(POSIX_FADV_WILLNEED)
  if (!kept_) {
    posix_fadvise(fileno(file_.get()), static_cast<off_t>(offset), static_cast<off_t>(bytes), POSIX_FADV_WILLNEED);
  }
#else
  (void)offset, (void)bytes;
#endif
}

Result<void> Input::check_free(std::uint64_t bytes) const {
  // Asking the system costs more than a small array does.
  if (!options_.memory && bytes < std::uint64_t{16} * block_size) return {};
  return check_memory(path_, bytes, options_.memory ? options_.memory : available_memory());
}

Result<DataArray> Input::allocate(std::uint64_t rows, std::uint64_t cols, std::uint64_t beside) const {
  const std::uint64_t bytes = saturating_product(saturating_product(rows, cols), sizeof(double));
  const std::uint64_t most = std::uint64_t{0} - 1;
  if (auto free = check_free(bytes > most - beside ? most : bytes + beside); !free) {
    return tl::make_unexpected(free.error());
  }
  if (bytes > static_cast<std::size_t>(-1) / 2) return failure(memory_refused(path_, bytes));
  DataArray array;
  array.rows = static_cast<std::int64_t>(rows);
  array.cols = static_cast<std::int64_t>(cols);
  array.dimensions = 2;
  try {
    array.values.reserve(static_cast<std::size_t>(rows * cols));
    advise_large_pages(array.values.data(), static_cast<std::size_t>(bytes));
    array.values.resize(static_cast<std::size_t>(rows * cols));
  } catch (const std::bad_alloc&) {
    return failure(memory_refused(path_, bytes));
  } catch (const std::length_error&) {
    return failure(memory_refused(path_, bytes));
  }
  return array;
}

Lines::Lines(Input& input, double from, double to) : input_(input), from_(from), to_(to) {
  const std::string_view head = input.head();
  // Old spreadsheets end lines with CR alone.
  const bool has_lf = head.find('\n') != std::string_view::npos;
  terminator_ = !has_lf && head.find('\r') != std::string_view::npos ? '\r' : '\n';
  if (head.substr(0, 3) == "\xEF\xBB\xBF") offset_ = 3;
}

const char* Lines::find_end() const {
  const std::size_t from = begin_ + searched_;
  return static_cast<const char*>(std::memchr(buffer_.data() + from, terminator_, end_ - from));
}

bool Lines::step(const char* end) {
  const char* const begin = buffer_.data() + begin_;
  line_ = {begin, static_cast<std::size_t>(end - begin)};
  begin_ = std::min(end_, begin_ + line_.size() + 1);
  searched_ = 0;
  if (!line_.empty() && line_.back() == '\r') line_.remove_suffix(1);
  ++number_;
  return true;
}

Result<void> Lines::make_room() {
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  // A small file is held whole, with a byte more in which its end shows.
  if (buffer_.size() - end_ >= (buffer_.size() < block_size ? 1 : block_size / 2)) return {};
  const std::size_t whole = static_cast<std::size_t>(std::min<std::uint64_t>(block_size, input_.size() + 1));
  const std::size_t wanted = buffer_.empty() ? whole : std::max(block_size, 2 * buffer_.size());
  if (wanted > block_size) {  // a line that does not fit into one block
    if (auto free = input_.check_free(wanted); !free) return free;
  }
  try {
    buffer_.resize(wanted);
  } catch (const std::bad_alloc&) {
    return failure(memory_refused(input_.path(), wanted));
  }
  return {};
}

Result<bool> Lines::refill() {
  for (;;) {
    searched_ = end_ - begin_;
    if (auto room = make_room(); !room) return tl::make_unexpected(room.error());
    auto read = input_.read(offset_, buffer_.data() + end_, buffer_.size() - end_);
    if (!read) return tl::make_unexpected(read.error());
    if (*read == 0) break;
    offset_ += *read;
    end_ += *read;
    const double part = static_cast<double>(offset_) / static_cast<double>(std::max(offset_, input_.size()));
    input_.report(from_ + (to_ - from_) * part);
    if (const char* found = find_end(); found != nullptr) return step(found);
  }
  if (begin_ == end_) return false;
  return step(buffer_.data() + end_);
}

Result<void> check_text(const Input& input) {
  const std::string_view head = input.head();
  if (head.substr(0, 2) == "\xFF\xFE" || head.substr(0, 2) == "\xFE\xFF") {
    return failure(Message::data_utf16, {input.path()});
  }
  if (head.find('\0') != std::string_view::npos) return failure(Message::data_not_text, {input.path()});
  return {};
}

std::string place_in(const Input& input, std::uint64_t line_number, std::string_view line, const char* at) {
  const auto column = code_point_count(line.substr(0, static_cast<std::size_t>(at - line.data()))) + 1;
  return place_in(input, line_number) + ":" + std::to_string(column);
}

std::string place_in(const Input& input, std::uint64_t line_number) {
  return input.path() + ":" + std::to_string(line_number);
}

std::string quoted(std::string_view text) {
  return "`" + shorten(printable(text.substr(0, 200)), 40) + "`";
}

}  // namespace matgrad
