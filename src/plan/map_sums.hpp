// SPDX-License-Identifier: MIT
// What a map need not store, and when it reads what it was given.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "plan/plan.hpp"

namespace matgrad {

bool is_binary(MapOp op);

struct MapSums {
  using Pair = std::pair<Register, Register>;

  // By output: a and b where it is a sum of (a - b).^2 along rows that nothing else reads, or another sum of a.*b.
  std::vector<std::optional<Pair>> squares;
  std::vector<std::optional<Pair>> inner;
  std::vector<bool> is_collected;  // by instruction: part of such a sum, and not computed on its own
  // Of a map that is nothing but sums of (a - b).^2 along rows: the inputs a, a matrix in order, and b, a row.
  std::optional<Pair> distances;
  // Of a map that is nothing but an input read by rows, stored, and the sum of it times one that is read in order:
  // them.
  std::optional<Pair> turned_beside;
  bool plus_its_transpose = false;  // the map is nothing but A + A'
  // By input: the last instruction that reads it. What is added up or stored as it was read is read when all have run.
  std::vector<std::size_t> last_reader;

  explicit MapSums(const MapProgram& program);

 private:
  void find_sums(const MapProgram& program);
  void find_distances(const MapProgram& program);
  void find_turned_beside(const MapProgram& program);
  void find_plus_its_transpose(const MapProgram& program);
  void find_last_readers(const MapProgram& program);
};

}  // namespace matgrad
