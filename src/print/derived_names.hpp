// SPDX-License-Identifier: MIT
// The symbols of explanations, which stand for something that is derived from an expression:
//
//   text      d(A*X)                    df/dX                                        d2f/dX2
//   Unicode   d(A·X)                    ∂f/∂X                                        ∂²f/∂X²
//   LaTeX     \mathrm{d}\left(A X\right)   \frac{\partial f}{\partial X}   \frac{\partial^{2} f}{\partial X^{2}}
#pragma once

#include <string>

#include "expr/store.hpp"

namespace matgrad {

enum class Script : std::uint8_t { text, unicode, latex };

std::string write(const Store& store, NodeId id, Script script);

// Whether the symbol is a differential of something or a derivative.
inline bool is_derived(const Symbol& symbol) {
  return symbol.of != no_node;
}
std::string derived_name(const Store& store, const Symbol& symbol, Script script);

}  // namespace matgrad
