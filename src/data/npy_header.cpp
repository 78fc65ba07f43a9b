// SPDX-License-Identifier: MIT
#include "data/npy_header.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace matgrad {
namespace {

constexpr std::uint64_t max_header = std::uint64_t{1} << 20U;

// Reads the Python dictionary. What does not fit leaves `at_` where it is.
class HeaderParser {
 public:
  HeaderParser(const Input& input, std::string_view text) : input_(input), text_(text) {}
  Result<NpyHeader> parse();

 private:
  Result<void> read_item();
  bool read_string(std::string& value);
  bool read_truth(bool& value);
  bool read_shape();
  bool read_size(std::uint64_t& value);

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
  }
  bool take(std::string_view what) {
    skip_blanks();
    if (text_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  auto not_understood() {
    skip_blanks();
    std::string_view rest = text_.substr(at_);
    rest = rest.empty() ? "\\n" : rest.substr(0, rest.find_last_not_of(" \n") + 1);  // without the padding
    return failure(Message::npy_header, {input_.path(), shorten(printable(rest.substr(0, 200)), 40)});
  }

  const Input& input_;
  std::string_view text_;
  std::size_t at_ = 0;
  NpyHeader header_;
  bool has_type_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
};

bool HeaderParser::read_string(std::string& value) {
  skip_blanks();
  if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return false;
  const std::size_t close = text_.find(text_[at_], at_ + 1);
  if (close == std::string_view::npos) return false;
  const std::string_view inner = text_.substr(at_ + 1, close - at_ - 1);
  if (inner.find_first_of("\\\n") != std::string_view::npos) return false;
  value = inner;
  at_ = close + 1;
  return true;
}

bool HeaderParser::read_truth(bool& value) {
  value = take("True");
  return value || take("False");
}

bool HeaderParser::read_size(std::uint64_t& value) {
  skip_blanks();
  const std::size_t begin = at_;
  constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  for (value = 0; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
    const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
    value = value > (largest - digit) / 10 ? largest : value * 10 + digit;
  }
  if (at_ == begin) return false;
  if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // as Python 2 wrote them
  return true;
}

bool HeaderParser::read_shape() {
  skip_blanks();
  const std::size_t begin = at_;
  if (!take("(")) return false;
  bool comma = true;
  while (!take(")")) {
    std::uint64_t size = 0;
    if (!comma || !read_size(size)) return false;
    header_.shape.push_back(size);
    comma = take(",");
  }
  header_.shape_text = printable(text_.substr(begin, at_ - begin));
  return header_.shape.size() != 1 || comma;  // (3) is no tuple
}

Result<void> HeaderParser::read_item() {
  skip_blanks();
  const std::size_t begin = at_;
  std::string key;
  if (!read_string(key) || !take(":")) return not_understood();
  if (key == "descr" && !has_type_) {
    skip_blanks();
    if (at_ < text_.size() && (text_[at_] == '[' || text_[at_] == '(')) {
      return failure(Message::npy_fields, {input_.path()});
    }
    has_type_ = read_string(header_.type);
    if (has_type_) return {};
  } else if (key == "fortran_order" && !has_order_) {
    has_order_ = read_truth(header_.fortran_order);
    if (has_order_) return {};
  } else if (key == "shape" && !has_shape_) {
    has_shape_ = read_shape();
    if (has_shape_) return {};
  } else {
    at_ = begin;
  }
  return not_understood();
}

Result<NpyHeader> HeaderParser::parse() {
  if (!take("{")) return not_understood();
  while (!take("}")) {
    if (auto item = read_item(); !item) return tl::make_unexpected(item.error());
    if (take(",")) continue;
    if (!take("}")) return not_understood();
    break;
  }
  skip_blanks();
  if (at_ < text_.size()) return not_understood();
  if (!has_type_) return failure(Message::npy_header_lacks, {input_.path(), "descr"});
  if (!has_order_) return failure(Message::npy_header_lacks, {input_.path(), "fortran_order"});
  if (!has_shape_) return failure(Message::npy_header_lacks, {input_.path(), "shape"});
  return header_;
}

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

Result<NpyHeader> read_npy_header(Input& input) {
  const std::string_view head = input.head();
  if (head.substr(0, 6) != "\x93NUMPY") return failure(Message::npy_no_magic, {input.path()});
  if (head.size() < 8) return failure(Message::npy_header_cut, {input.path()});
  const int major = static_cast<unsigned char>(head[6]);
  const int minor = static_cast<unsigned char>(head[7]);
  if (major < 1 || major > 3 || minor != 0) {
    return failure(Message::npy_version, {input.path(), std::to_string(major) + "." + std::to_string(minor)});
  }
  const std::uint64_t begin = major == 1 ? 10 : 12;
  if (input.size() < begin) return failure(Message::npy_header_cut, {input.path()});
  const std::uint64_t length = little_endian(head.substr(8, begin - 8));
  if (length > input.size() - begin) return failure(Message::npy_header_cut, {input.path()});
  std::string text(static_cast<std::size_t>(std::min(length, max_header)), '\0');
  auto read = input.read(begin, text.data(), text.size());
  if (!read) return tl::make_unexpected(read.error());
  text.resize(*read);
  auto header = HeaderParser(input, text).parse();
  if (header) header->length = begin + length;
  return header;
}

}  // namespace matgrad
