// SPDX-License-Identifier: MIT
// Expressions as text in the input language (parses back to the same node), as Unicode (likewise) and as LaTeX.
//
//   to_text     A'*(x.*y)/norm2(x)^3
//   to_unicode  Aᵀ·(x⊙y)/norm2(x)³
//   to_latex    \frac{A^{\top} \left(x \odot y\right)}{\left\lVert x \right\rVert^{3}}
#pragma once

#include <string>

#include "expr/store.hpp"

namespace matgrad {

std::string to_text(const Store& store, NodeId root);
std::string to_unicode(const Store& store, NodeId root);
std::string to_latex(const Store& store, NodeId root);

// The bytes that to_text would write, found without writing: shared parts are written as often as they occur, so this
// may be astronomical (it saturates). Texts beyond 2 MB are cut off and end in "…".
std::size_t written_size(const Store& store, NodeId root);

// "m×n", "scalar", "n×1" as shapes are named in messages.
std::string shape_text(const Store& store, const Type& type);

}  // namespace matgrad
