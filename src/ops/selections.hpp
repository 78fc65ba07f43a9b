// SPDX-License-Identifier: MIT
// The constant matrices of zeros and ones that are written as a letter with their sizes: the commutation matrix K(m,n),
// the duplication matrix D(n), the elimination matrix L(n). Magnus & Neudecker (2019), 3.7 and 3.8.
//
//   K(m,n)*vec(A) = vec(A')      D(n)*vech(S) = vec(S), S symmetric      L(n)*vec(A) = vech(A)
#pragma once

#include <span>
#include <string_view>

#include "ops/structural.hpp"

namespace matgrad {

struct Selection {
  std::string_view name;
  OpId op;
  std::size_t sizes;  // how many it is written with; the children of its node
};
inline constexpr Selection selections[] = {
    {"K", op::commutation, 2}, {"D", op::duplication, 1}, {"L", op::elimination, 1}};

// Null where there is none.
constexpr const Selection* find_selection(std::string_view name) {
  for (const Selection& selection : selections) {
    if (selection.name == name) return &selection;
  }
  return nullptr;
}
constexpr const Selection* find_selection(OpId op) {
  for (const Selection& selection : selections) {
    if (selection.op == op) return &selection;
  }
  return nullptr;
}

}  // namespace matgrad
