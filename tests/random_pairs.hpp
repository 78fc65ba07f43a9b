// SPDX-License-Identifier: MIT
// Which operators stood directly inside which others in generated expressions, of all the pairs that shapes allow.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "random_sketch.hpp"

namespace matgrad {

class PairCoverage {
 public:
  void count(const Sketch& sketch);
  void add(const PairCoverage& other);

  std::size_t covered() const;
  static std::size_t possible();
  // "inv inside cross", at most so many.
  std::vector<std::string> missing(std::size_t most) const;
  // Operators that never occurred.
  std::vector<std::string> missing_operators() const;

 private:
  std::vector<std::uint8_t> seen_;  // outer * kinds + inner
};

}  // namespace matgrad
