// SPDX-License-Identifier: MIT
// Shapes of what is written with signs: sums, products, powers, indices, blocks.
#include <algorithm>

#include "syntax/infer.hpp"
#include "syntax/infer_call.hpp"

namespace matgrad {

void Inference::sum(std::uint32_t at, const char* sign) {
  const std::uint32_t a = forest_.child(at, 0);
  const std::uint32_t b = forest_.child(at, 1);
  if (is_scalar(a) && !is_scalar(b)) {
    raise_terms(a, b, true);
    return set(at, shapes_[b]);
  }
  if (is_scalar(b) && !is_scalar(a)) {
    raise_terms(b, a, true);
    return set(at, shapes_[a]);
  }
  if (shape(a).cols == dim_one && is_open(shape(b).cols)) narrow(b);
  if (shape(b).cols == dim_one && is_open(shape(a).cols)) narrow(a);
  std::pair<Dim, Dim> clash;
  if (!unify_shapes(a, b, at, clash)) return fail({Message::shapes_differ, at, {sign}, {a, b}, clash});
  set(at, poisoned_[a] ? shapes_[b] : shapes_[a]);
}

void Inference::entrywise(std::uint32_t at, const char* sign) {
  const std::uint32_t a = forest_.child(at, 0);
  const std::uint32_t b = forest_.child(at, 1);
  const bool is_power = forest_[at].kind == Syntax::hadamard_power;
  if (is_scalar(a) && !is_scalar(b)) {
    if (!is_power) raise_terms(a, b, false);
    return set(at, shapes_[b]);
  }
  if (is_scalar(b) && !is_scalar(a)) {
    if (!is_power) raise_terms(b, a, false);
    return set(at, shapes_[a]);
  }
  sum(at, sign);
}

void Inference::product(std::uint32_t at) {
  const std::uint32_t a = forest_.child(at, 0);
  const std::uint32_t b = forest_.child(at, 1);
  if (is_scalar(a)) return set(at, shapes_[b]);
  if (is_scalar(b)) return set(at, shapes_[a]);
  const Shape left = shape(a);
  const Shape right = shape(b);
  std::pair<Dim, Dim> clash{left.cols, right.rows};
  // An open dimension of a matrix is not made 1 to fit a vector on its wrong side: w*X is meant as w'*X.
  const bool turned = (left.cols == dim_one && is_open(right.rows) && !poisoned_[b]) ||
                      (right.rows == dim_one && is_open(left.cols) && !poisoned_[a]);
  if (turned || !unify(left.cols, right.rows, at, clash)) {
    return fail({Message::inner_sizes_differ, at, {"*"}, {a, b}, clash});
  }
  set(at, {left.rows, right.cols});
}

void Inference::quotient(std::uint32_t at) {
  const std::uint32_t a = forest_.child(at, 0);
  const std::uint32_t b = forest_.child(at, 1);
  if (!is_scalar(b) && !poisoned_[b]) return fail({Message::divisor_not_scalar, at, {"/"}, {b}, std::nullopt});
  set(at, shapes_[a]);
}

void Inference::power(std::uint32_t at) {
  const std::uint32_t base = forest_.child(at, 0);
  const std::uint32_t exponent = forest_.child(at, 1);
  if (poisoned_[base]) return set(at, shapes_[base]);
  if (!is_scalar(exponent) && !poisoned_[exponent]) {
    return fail({Message::exponent_not_scalar, at, {"^"}, {exponent}, std::nullopt});
  }
  if (is_scalar(base)) return;
  const Shape shape_of_base = shape(base);
  std::pair<Dim, Dim> clash{shape_of_base.rows, shape_of_base.cols};
  if (shape_of_base.rows == dim_one || shape_of_base.cols == dim_one) {
    return fail({Message::power_of_not_square, at, {"^"}, {base}, std::nullopt});
  }
  if (!unify(shape_of_base.rows, shape_of_base.cols, at, clash)) {
    return fail({Message::power_of_not_square, at, {"^"}, {base}, clash});
  }
  if (!may_be_whole(exponent))
    return fail({Message::power_not_integer, at, {forest_.text(exponent)}, {}, std::nullopt});
  set(at, shapes_[base]);
}

// Numbers and names, with +, -, *, over a number and to a power that is one: what may bound a sum as well, since the
// derivative of A^k is a sum up to k. What is named may be a whole number; the rest, as tr(A), is hardly meant.
bool Inference::may_be_whole(std::uint32_t root) {
  const bool negative = forest_[root].kind == Syntax::negate;
  const std::uint32_t whole = negative ? forest_.child(root, 0) : root;
  if (forest_[whole].kind == Syntax::number && !forest_[whole].value.is_integer()) return false;
  std::vector<std::uint32_t> pending{whole};
  while (!pending.empty()) {
    const std::uint32_t at = pending.back();
    pending.pop_back();
    const Syntax kind = forest_[at].kind;
    if (kind == Syntax::number) continue;
    if (kind == Syntax::name && (poisoned_[at] || is_scalar(at))) continue;
    const bool by_number = kind == Syntax::divide || kind == Syntax::power;
    if (by_number) {
      const SyntaxNode& number = forest_[forest_.child(at, 1)];
      if (number.kind != Syntax::number || !number.value.is_integer()) return false;
      const bool fraction = kind == Syntax::divide && forest_[forest_.child(at, 0)].kind == Syntax::number;
      if (fraction) return false;
    }
    const bool is_sum = kind == Syntax::add || kind == Syntax::subtract || kind == Syntax::negate;
    if (!by_number && !is_sum && kind != Syntax::multiply) return false;
    pending.push_back(forest_.child(at, 0));
    if (!by_number && kind != Syntax::negate) pending.push_back(forest_.child(at, 1));
  }
  return true;
}

void Inference::index(std::uint32_t at) {
  const std::uint32_t base = forest_.child(at, 0);
  const std::size_t given = forest_.child_count(at) - 1;
  auto is_colon = [&](std::size_t i) { return forest_[forest_.child(at, i)].kind == Syntax::colon; };
  const Shape whole = shape(base);
  const bool column = whole.cols == dim_one;
  const bool row = whole.rows == dim_one;
  if (!poisoned_[base] && is_scalar(base)) {
    return fail({Message::index_of_scalar, at, {}, {base}, std::nullopt});
  }
  if (!poisoned_[base] && given == 1 && !column && !row) {
    return fail({Message::index_needs_two, at, {}, {base}, std::nullopt});
  }
  Shape result;
  for (std::size_t i = 1; i <= given; ++i) {
    const bool over_rows = given == 2 ? i == 1 : !row;
    const Dim length = over_rows ? whole.rows : whole.cols;
    const std::uint32_t position = forest_.child(at, i);
    if (is_colon(i)) {
      (over_rows ? result.rows : result.cols) = length;
      continue;
    }
    note_position(position, length, at);
  }
  if (given == 1 && row) std::swap(result.rows, result.cols);  // x'[:] is x
  set(at, result);
}

// x[i], x[i + 1], x[i - 1], x[1 + i].
void Inference::note_position(std::uint32_t position, Dim length, std::uint32_t at) {
  std::int64_t shift = 0;
  const Syntax kind = forest_[position].kind;
  if (kind == Syntax::add || kind == Syntax::subtract) {
    std::uint32_t number = forest_.child(position, 1);
    position = forest_.child(position, 0);
    if (kind == Syntax::add && forest_[position].kind == Syntax::number) std::swap(number, position);
    const auto value = forest_[number].kind == Syntax::number ? forest_[number].value.as_int64() : std::nullopt;
    if (!value) return;
    shift = kind == Syntax::add ? *value : -*value;
  }
  if (names_.meaning[position] == Meaning::bound_index) indexed_.push_back({length, names_.id[position], at, shift});
}

// The size of what an index runs over, where nothing else says it: as large as the last position, of several the
// farthest.
void Inference::size_by_indices() {
  std::stable_sort(indexed_.begin(), indexed_.end(),
                   [](const Indexed& a, const Indexed& b) { return a.shift > b.shift; });
  std::pair<Dim, Dim> clash;
  for (const Indexed& use : indexed_) {
    const Index& index = names_.indices[use.index];
    if (!index.whole || !is_open(unifier_.resolve(use.dim))) continue;
    const auto length = bounded_add(dims_, index.length, dims_.constant(use.shift));
    if (length) unify(use.dim, *length, use.node, clash);
  }
}

// Rows of equally many parts are cut alike where nothing says otherwise.
void Inference::align_columns(std::uint32_t at) {
  const SyntaxNode& node = forest_[at];
  std::pair<Dim, Dim> clash;
  std::size_t next = 0;
  for (std::uint32_t columns : node.columns) {
    for (std::uint32_t i = 0; i < columns; ++i, ++next) {
      if (columns != node.columns[0]) continue;
      const Dim width = shape(forest_.child(at, next)).cols;
      const Dim above = shape(forest_.child(at, i)).cols;
      if (is_open(width) || is_open(above)) unify(above, width, at, clash);
    }
  }
}

void Inference::block(std::uint32_t at) {
  const SyntaxNode& node = forest_[at];
  std::pair<Dim, Dim> clash;
  align_columns(at);
  Dim total_height = dim_zero;
  Dim total_width = no_dim;
  std::size_t next = 0;
  for (std::uint32_t columns : node.columns) {
    const std::uint32_t first = forest_.child(at, next);
    Dim width = dim_zero;
    for (std::uint32_t i = 0; i < columns; ++i, ++next) {
      const std::uint32_t entry = forest_.child(at, next);
      if (!unify(shapes_[first].rows, shapes_[entry].rows, at, clash)) {
        return fail({Message::block_heights_differ, at, {}, {first, entry}, clash});
      }
      const auto sum = bounded_add(dims_, width, shape(entry).cols);
      if (!sum) return fail({Message::dimension_too_large, at, {}, {}, std::nullopt});
      width = *sum;
    }
    if (total_width != no_dim && !unify(total_width, width, at, clash)) {
      return fail({Message::block_widths_differ, at, {}, {}, clash});
    }
    if (total_width == no_dim) total_width = width;
    const auto sum = bounded_add(dims_, total_height, shape(first).rows);
    if (!sum) return fail({Message::dimension_too_large, at, {}, {}, std::nullopt});
    total_height = *sum;
  }
  set(at, {total_height, total_width});
}

}  // namespace matgrad
