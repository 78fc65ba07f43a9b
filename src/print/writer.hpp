// SPDX-License-Identifier: MIT
// Writes a presentation out. A notation says how tightly each piece binds and what it consists of; parentheses, the
// traversal (a loop: depth costs memory, not the stack), the bound on the output and its size in advance are here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "print/present.hpp"

namespace matgrad {

// How tightly a piece binds, as the parser has it.
enum class Level : std::uint8_t {
  sum,
  product,  // also a minus sign in front
  postfix,  // powers and transposes
  atom,
};

// What is longer is cut off and ends in "…", which no reader accepts.
inline constexpr std::size_t maximum_written = 2'000'000;

class Writer {
 public:
  explicit Writer(Presentation presentation) : pieces_(std::move(presentation)) {}
  virtual ~Writer() = default;
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::string write();
  // The length of what write() would return without its bound; saturating.
  std::size_t size();

 protected:
  virtual Level level(PieceId id) const = 0;
  // Calls put and wrapped for the piece's own signs and its parts, from left to right.
  virtual void expand(PieceId id) = 0;
  virtual std::string_view open() const { return "("; }
  virtual std::string_view close() const { return ")"; }

  void put(std::string_view text) { pending_.push_back({std::string(text), colon_piece}); }
  void put_piece(PieceId id) { pending_.push_back({{}, id}); }
  // In parentheses where it binds less tightly than `least`.
  void put(PieceId id, Level least) { put(id, level(id) < least); }
  void put(PieceId id, bool parenthesised);
  void put_list(std::span<const PieceId> parts, std::string_view separator, Level least);

  const Presentation pieces_;

 private:
  struct Item {
    std::string text;
    PieceId piece;  // the colon: it is `text`
  };
  std::vector<Item> pending_;
};

}  // namespace matgrad
