// SPDX-License-Identifier: MIT
// Half of the changes that libFuzzer makes to an input are its own, to bytes; the other half are these, to words: what
// results is an expression more often.
#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <vector>

#include "ops/table.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {

using Words = std::vector<std::string>;

bool is_letter(unsigned char c) {
  return std::isalnum(c) != 0 || c == '_' || c >= 0x80;
}

Words words_of(const std::string& text) {
  Words words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && is_letter(static_cast<unsigned char>(text[at])) &&
           is_letter(static_cast<unsigned char>(text[end]))) {
      ++end;
    }
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

class Change {
 public:
  Change(Words words, unsigned seed) : words_(std::move(words)), random_(seed) {}

  std::string operator()() {
    if (words_.empty()) words_.emplace_back("x");
    const std::size_t at = below(words_.size());
    const std::size_t end = at + 1 + below(std::min<std::size_t>(8, words_.size() - at));
    switch (below(6)) {
      case 0: words_[at] = some_word(); break;
      case 1: insert(at, {some_word()}); break;
      case 2: erase(at, end); break;
      case 3: insert(below(words_.size()), {words_.begin() + signed_(at), words_.begin() + signed_(end)}); break;
      case 4: std::swap(words_[at], words_[below(words_.size())]); break;
      default: wrap(at, end);
    }
    std::string text;
    for (const std::string& word : words_) text += word;
    return text;
  }

 private:
  static std::ptrdiff_t signed_(std::size_t at) { return static_cast<std::ptrdiff_t>(at); }
  std::size_t below(std::size_t count) { return random_() % count; }
  void insert(std::size_t at, Words what) { words_.insert(words_.begin() + signed_(at), what.begin(), what.end()); }
  void erase(std::size_t at, std::size_t end) {
    words_.erase(words_.begin() + signed_(at), words_.begin() + signed_(end));
  }

  std::string some_function() {
    const auto& names = matgrad::OperatorTable::get().names();
    return std::string(names[below(names.size())]) + "(";
  }
  std::string some_word() {
    static const Words signs{"+", "-", "*", "/", ".*", "./", "'", "^2", "^-1", ".^2", "^", ".^", ",", "(", ")"};
    static const Words leaves{"x", "X", "A", "w", "y", "1", "2", "1/2", "I(n)", "ones(n)", "S", "a"};
    const std::size_t pick = below(3);
    if (pick == 0) return signs[below(signs.size())];
    if (pick == 1) return leaves[below(leaves.size())];
    return some_function() + leaves[below(leaves.size())] + ")";
  }
  void wrap(std::size_t at, std::size_t end) {
    insert(end, {")"});
    insert(at, {below(4) == 0 ? "(" : some_function()});
  }

  Words words_;
  std::minstd_rand random_;
};

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  if (seed % 2 == 0) return LLVMFuzzerMutate(data, size, most);
  const std::string text = Change(words_of(std::string(reinterpret_cast<const char*>(data), size)), seed)();
  const std::size_t length = std::min(text.size(), most);
  std::copy_n(text.begin(), length, data);
  return length;
}
