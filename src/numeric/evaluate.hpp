// SPDX-License-Identifier: MIT
// The value of an expression at a point: every node once, children before parents, by the kernels of the entries.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "expr/store.hpp"
#include "ops/kernel.hpp"

namespace matgrad {

// Sizes for the dimension names (indexed by Atom) and values for the symbols (by symbol payload).
template <class T>
struct Point {
  std::vector<std::int64_t> sizes;
  std::unordered_map<std::uint32_t, Array<T>> values;
};

// The array of a node; nothing where a kernel for T is missing (no complex kernel) or a size is not positive.
// Entries that are not finite are returned as they come out.
template <class T>
std::optional<Array<T>> evaluate(const Store& store, NodeId root, const Point<T>& point);

extern template std::optional<Array<double>> evaluate(const Store&, NodeId, const Point<double>&);
extern template std::optional<Array<std::complex<double>>> evaluate(const Store&, NodeId,
                                                                   const Point<std::complex<double>>&);

// rows × cols of a node at these sizes.
Size size_of(const Store& store, NodeId node, const std::vector<std::int64_t>& sizes);

}  // namespace matgrad
