// SPDX-License-Identifier: MIT
// Block matrices: grids of parts. Nested grids are one grid where the partitions agree; grids of one partition are
// added part by part and multiplied as matrices are: [A, B]*[C; D] is A*C + B*D.
#include <algorithm>

#include "ops/build.hpp"
#include "ops/structural.hpp"

namespace matgrad {

std::size_t Build::block_columns(NodeId id) const {
  return static_cast<std::size_t>(*store_.number_at(store_[store_.child(id, 0)].first).as_int64());
}

namespace {

struct Grid {
  std::size_t rows = 0;
  std::size_t columns = 0;
  NodeList parts;
  NodeId at(std::size_t i, std::size_t j) const { return parts[i * columns + j]; }
};

Grid grid_of(const Build& build, NodeId id) {
  const std::span<const NodeId> children = build.store().children(id);
  Grid grid;
  grid.columns = build.block_columns(id);
  grid.parts.assign(children.begin() + 1, children.end());
  grid.rows = grid.parts.size() / grid.columns;
  return grid;
}

}  // namespace

// Parts that are grids themselves, in a row (or column) of their own kind: [[A, B], C] is [A, B, C], and a column of
// rows with one partition is a grid.
std::optional<NodeId> Build::nested_blocks(std::size_t columns, std::span<const NodeId> parts) {
  const bool is_row = columns == parts.size();
  if (!is_row && columns != 1) return std::nullopt;
  auto is_grid = [&](NodeId part) { return store_[part].op == op::blocks; };
  auto is_line = [&](NodeId part) {
    if (!is_grid(part)) return false;
    const Grid inner = grid_of(*this, part);
    return is_row ? inner.rows == 1 : inner.columns == 1;
  };
  if (std::any_of(parts.begin(), parts.end(), is_line)) {
    NodeList flat;
    for (NodeId part : parts) {
      if (!is_line(part)) {
        flat.push_back(part);
        continue;
      }
      const Grid inner = grid_of(*this, part);
      flat.insert(flat.end(), inner.parts.begin(), inner.parts.end());
    }
    return blocks(is_row ? flat.size() : 1, flat);
  }
  if (!std::all_of(parts.begin(), parts.end(), is_grid)) return std::nullopt;
  std::vector<Grid> grids;
  for (NodeId part : parts) grids.push_back(grid_of(*this, part));
  NodeList all;
  if (!is_row) {  // one below the other
    for (const Grid& grid : grids) {
      if (grid.columns != grids[0].columns) return std::nullopt;
      for (std::size_t j = 0; j < grid.columns; ++j) {
        if (type(grid.at(0, j)).cols != type(grids[0].at(0, j)).cols) return std::nullopt;
      }
      all.insert(all.end(), grid.parts.begin(), grid.parts.end());
    }
    return blocks(grids[0].columns, all);
  }
  std::size_t width = 0;
  for (const Grid& grid : grids) {
    if (grid.rows != grids[0].rows) return std::nullopt;
    for (std::size_t i = 0; i < grid.rows; ++i) {
      if (type(grid.at(i, 0)).rows != type(grids[0].at(i, 0)).rows) return std::nullopt;
    }
    width += grid.columns;
  }
  for (std::size_t i = 0; i < grids[0].rows; ++i) {
    for (const Grid& grid : grids) {
      for (std::size_t j = 0; j < grid.columns; ++j) all.push_back(grid.at(i, j));
    }
  }
  return blocks(width, all);
}

// Zeros, ones, or an identity cut into blocks.
std::optional<NodeId> Build::constant_blocks(std::size_t columns, std::span<const NodeId> parts, Dim rows, Dim cols) {
  if (std::all_of(parts.begin(), parts.end(), [&](NodeId part) { return is_zero(part); })) return zeros(rows, cols);
  auto is_one = [&](NodeId part) { return store_[part].op == op::ones || is_number(part, 1); };
  if (std::all_of(parts.begin(), parts.end(), is_one)) return ones(rows, cols);
  if (rows != cols || columns * columns != parts.size()) return std::nullopt;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool on_diagonal = i / columns == i % columns;
    const bool fits = on_diagonal ? store_[parts[i]].op == op::identity || is_number(parts[i], 1) : is_zero(parts[i]);
    if (!fits) return std::nullopt;
  }
  return identity(rows);
}

NodeId Build::blocks(std::size_t columns, std::span<const NodeId> given) {
  const NodeList parts(given.begin(), given.end());
  MATGRAD_ASSERT(columns > 0 && !parts.empty() && parts.size() % columns == 0);
  if (parts.size() == 1) return parts[0];
  const std::size_t height = parts.size() / columns;
  Dim rows = dim_zero;
  Dim cols = dim_zero;
  for (std::size_t i = 0; i < height; ++i) rows = store_.dims.add(rows, type(parts[i * columns]).rows);
  for (std::size_t j = 0; j < columns; ++j) cols = store_.dims.add(cols, type(parts[j]).cols);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    MATGRAD_ASSERT(type(parts[i]).rows == type(parts[i - i % columns]).rows &&
                   type(parts[i]).cols == type(parts[i % columns]).cols);
  }
  if (auto constant = constant_blocks(columns, parts, rows, cols)) return *constant;
  if (auto grid = nested_blocks(columns, parts)) return *grid;
  Properties known = positive;
  for (NodeId part : parts) known &= type(part).properties;
  bool is_symmetric = rows == cols && columns == height;
  bool is_skew = is_symmetric;
  for (std::size_t i = 0; i < height && (is_symmetric || is_skew); ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const NodeId turned = transpose(parts[j * columns + i]);
      is_symmetric = is_symmetric && parts[i * columns + j] == turned;
      is_skew = is_skew && parts[i * columns + j] == negate(turned);
    }
  }
  if (is_symmetric) known |= symmetric;
  if (is_skew) known |= skew;
  NodeList children{number(static_cast<std::int64_t>(columns))};
  children.insert(children.end(), parts.begin(), parts.end());
  return raw(op::blocks, rows, cols, known, children);
}

bool Build::same_grid(NodeId a, NodeId b) const {
  const Grid x = grid_of(*this, a);
  const Grid y = grid_of(*this, b);
  if (x.columns != y.columns || x.rows != y.rows) return false;
  for (std::size_t i = 0; i < x.parts.size(); ++i) {
    if (!type(x.parts[i]).same_shape(type(y.parts[i]))) return false;
  }
  return true;
}

// c*[A, B] + d*[C, D] is [c*A + d*C, c*B + d*D]. Whether some were put together.
bool Build::merge_blocks(Terms& terms) {
  auto is_grid = [&](const auto& term) { return store_[term.first].op == op::blocks; };
  const auto first = std::find_if(terms.begin(), terms.end(), is_grid);
  if (first == terms.end()) return false;
  const auto second = std::find_if(
      first + 1, terms.end(), [&](const auto& term) { return is_grid(term) && same_grid(first->first, term.first); });
  if (second == terms.end()) return false;
  const Grid a = grid_of(*this, first->first);
  const Grid b = grid_of(*this, second->first);
  NodeList parts;
  for (std::size_t i = 0; i < a.parts.size(); ++i) {
    parts.push_back(add(NodeList{scaled(first->second, a.parts[i]), scaled(second->second, b.parts[i])}));
  }
  terms.erase(second);
  *first = {blocks(a.columns, parts), Rational(1)};
  return true;
}

// Whether the columns of one grid are cut as the rows of the other.
bool Build::meets(NodeId left, NodeId right) const {
  const Grid a = grid_of(*this, left);
  const Grid b = grid_of(*this, right);
  if (a.columns != b.rows) return false;
  for (std::size_t k = 0; k < a.columns; ++k) {
    if (type(a.at(0, k)).cols != type(b.at(k, 0)).rows) return false;
  }
  return true;
}

// The product of two grids, where it is no longer to read than its factors.
std::optional<NodeId> Build::product_of_blocks(NodeId left, NodeId right) {
  if (store_[left].op != op::blocks || store_[right].op != op::blocks || !meets(left, right)) return std::nullopt;
  const Grid a = grid_of(*this, left);
  const Grid b = grid_of(*this, right);
  NodeList parts;
  for (std::size_t i = 0; i < a.rows; ++i) {
    for (std::size_t j = 0; j < b.columns; ++j) {
      NodeList terms;
      for (std::size_t k = 0; k < a.columns; ++k) terms.push_back(product(a.at(i, k), b.at(k, j)));
      parts.push_back(add(terms));
    }
  }
  const NodeId result = blocks(b.columns, parts);
  const bool is_longer = store_[result].weight > store_[left].weight + store_[right].weight + 1;
  return is_longer ? std::nullopt : std::optional(result);
}

// The product with the first two neighbouring grids that go together multiplied; nothing where there are none.
std::optional<NodeId> Build::merge_block_factors(const NodeList& scalars, const NodeList& factors) {
  for (std::size_t i = 1; i < factors.size(); ++i) {
    const auto merged = product_of_blocks(factors[i - 1], factors[i]);
    if (!merged) continue;
    NodeList all = scalars;
    all.insert(all.end(), factors.begin(), factors.begin() + static_cast<std::ptrdiff_t>(i) - 1);
    all.push_back(*merged);
    all.insert(all.end(), factors.begin() + static_cast<std::ptrdiff_t>(i) + 1, factors.end());
    return multiply(all);
  }
  return std::nullopt;
}

std::pair<NodeId, NodeId> Build::selections(NodeId block_matrix, std::size_t at) {
  const Grid grid = grid_of(*this, block_matrix);
  const std::size_t row = at / grid.columns;
  const std::size_t column = at % grid.columns;
  NodeList left;
  NodeList right;
  const Type shape = type(grid.parts[at]);
  for (std::size_t i = 0; i < grid.rows; ++i) {
    left.push_back(i == row ? identity(shape.rows) : zeros(shape.rows, type(grid.at(i, 0)).rows));
  }
  for (std::size_t j = 0; j < grid.columns; ++j) {
    right.push_back(j == column ? identity(shape.cols) : zeros(type(grid.at(0, j)).cols, shape.cols));
  }
  return {blocks(left.size(), left), blocks(1, right)};
}

}  // namespace matgrad
