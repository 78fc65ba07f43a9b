// SPDX-License-Identifier: MIT
// What is printed must say what was derived: the text is read again, as a reader's program would, and compared.
#pragma once

#include <span>
#include <string>

#include "numeric/sizes.hpp"
#include "syntax/elaborate.hpp"

namespace matgrad {

// Why the text of `result`, read with these names, means something else; empty where it means the same. It is the same
// where it reads back as the same node, or has the same value at random points. What is too long to be read, or is
// written with a name that only the result knows, is not judged.
std::string misread(Build& build, const Scope& scope, std::span<const NodeId> holes, NodeId result,
                    std::span<const SizeCondition> conditions);

}  // namespace matgrad
