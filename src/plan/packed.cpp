// SPDX-License-Identifier: MIT
#include "plan/packed.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "plan/lanes.hpp"
#include "plan/team.hpp"

namespace matgrad::dense {

#if defined(MATGRAD_WIDE)
namespace {

using Index = std::ptrdiff_t;

// A tile of the result is three vectors high and eight columns wide: 24 of 32 registers.
template <class T>
constexpr int lanes = 64 / sizeof(T);
constexpr int vectors = 3;
template <class T>
constexpr int panel = vectors* lanes<T>;
constexpr int tile_cols = 8;

constexpr Index longest_inner = 384;   // of a panel: with tile_cols of the other factor it stays in the nearest cache
constexpr Index rows_at_once = 192;    // of A, in the second cache
constexpr Index cols_at_once = 1152;   // of B, in the third
constexpr Index least_side = 32;       // of all three dimensions
constexpr double least_of_any = 1e6;   // multiplications: smaller ones do without copies in good libraries,
constexpr double least_turned = 64e3;  // but not A'*B
constexpr double least_half = 16e3;    // nor what is computed by half

static_assert(rows_at_once % panel<double> == 0 && rows_at_once % panel<float> == 0);
static_assert(cols_at_once % panel<double> == 0 && cols_at_once % panel<float> == 0);

struct Range {
  Index first;
  Index end;
  Index count() const { return end - first; }
};

Index whole_panels(Index rows, Index height) {
  return (rows + height - 1) / height * height;
}

// Transposes a square of vectors: what stands in wrong quarters of pairs of rows that are `step` apart changes places.
template <class T, int step, std::size_t... entry>
MATGRAD_INLINE void exchange(Vector<T, lanes<T>>& x, Vector<T, lanes<T>>& y, std::index_sequence<entry...> /*all*/) {
  constexpr int other = lanes<T>;
  const Vector<T, lanes<T>> first =
      __builtin_shufflevector(x, y, static_cast<int>((entry & step) != 0 ? other + entry - step : entry)...);
  y = __builtin_shufflevector(x, y, static_cast<int>((entry & step) != 0 ? other + entry : entry + step)...);
  x = first;
}
template <class T, int step = 1>
MATGRAD_INLINE void transpose(Vector<T, lanes<T>>* rows) {
  for (int i = 0; i < lanes<T>; ++i) {
    if ((i & step) == 0) exchange<T, step>(rows[i], rows[i + step], std::make_index_sequence<lanes<T>>());
  }
  if constexpr (2 * step < lanes<T>) transpose<T, 2 * step>(rows);
}

// Rows of A in panels: the entries of one column of A behind those of the one before it; zeros where there are no rows.
template <class T>
struct Packing {
  Matrix<const T> a;
  const T* weights;  // of the columns of A, or nullptr
  Range inner;

  MATGRAD_INLINE T weight(Index k) const { return weights != nullptr ? weights[k] : T(1); }
  MATGRAD_INLINE const T* at(Index row, Index k) const {
    return a.data + (a.transposed ? k + row * a.leading() : row + k * a.leading());
  }

  // A few rows, or the last of the columns: entry by entry.
  MATGRAD_INLINE void entries(Range rows, Index from, Index height, T* to) const {
    for (Index k = from; k < inner.end; ++k) {
      T* column = to + (k - inner.first) * panel<T>;
      for (Index i = 0; i < height; ++i) column[i] = i < rows.count() ? weight(k) * *at(rows.first + i, k) : T(0);
    }
  }

  MATGRAD_INLINE void columns(Index row, T* to) const {
    for (Index k = inner.first; k < inner.end; ++k, to += panel<T>) {
      const T factor = weight(k);
      for (int v = 0; v < panel<T>; v += lanes<T>) {
        written<lanes<T>>(to + v) = read<lanes<T>>(at(row, k) + v) * factor;
      }
    }
  }

  // Rows that stand in one piece each.
  MATGRAD_INLINE void rows_of_memory(Range rows, T* to) const {
    if (rows.count() < lanes<T>) return entries(rows, inner.first, lanes<T>, to);
    Index k = inner.first;
    for (; k + lanes<T> <= inner.end; k += lanes<T>) {
      Vector<T, lanes<T>> square[lanes<T>];
      for (int i = 0; i < lanes<T>; ++i) square[i] = read<lanes<T>>(at(rows.first + i, k));
      if (weights != nullptr) {
        for (int i = 0; i < lanes<T>; ++i) square[i] *= read<lanes<T>>(weights + k);
      }
      transpose<T>(square);
      T* column = to + (k - inner.first) * panel<T>;
      for (int i = 0; i < lanes<T>; ++i) written<lanes<T>>(column + i * panel<T>) = square[i];
    }
    entries(rows, k, lanes<T>, to);
  }

  MATGRAD_INLINE void run(Range rows, T* to) const {
    for (Index row = rows.first; row < rows.end; row += panel<T>, to += panel<T> * inner.count()) {
      const Range here{row, std::min(row + panel<T>, rows.end)};
      if (a.transposed) {
        for (int v = 0; v < panel<T>; v += lanes<T>) {
          rows_of_memory({std::min(row + v, here.end), std::min(row + v + lanes<T>, here.end)}, to + v);
        }
      } else if (here.count() == panel<T>) {
        columns(row, to);
      } else {
        entries(here, inner.first, panel<T>, to);
      }
    }
  }
};

// What a tile becomes.
template <class T>
struct Tile {
  const T* a;  // a panel
  const T* b;  // columns of another one
  Index inner;
  T alpha;
  bool adds;
  T* c;
  Index leading;
  Range rows;  // of C
  Index col;   // of C, the first
  Index cols;  // those that there are
  Half half;
};

// The rows of a column that are wanted, counted from the first one of the tile.
template <class T>
Range wanted_rows(const Tile<T>& tile, Index col) {
  const Index diagonal = tile.col + col - tile.rows.first;
  const Index all = tile.rows.count();
  return {tile.half == Half::lower ? std::clamp<Index>(diagonal, 0, all) : 0,
          tile.half == Half::upper ? std::clamp<Index>(diagonal + 1, 0, all) : all};
}

// The tile that was computed, where not all of it is wanted.
template <class T, int high>
MATGRAD_INLINE void store_part(const Tile<T>& tile, const Vector<T, lanes<T>> (&sums)[tile_cols][high]) {
  for (Index j = 0; j < tile.cols; ++j) {
    T column[high * lanes<T>];
    for (int v = 0; v < high; ++v) written<lanes<T>>(column + v * lanes<T>) = sums[j][v] * tile.alpha;
    T* to = tile.c + j * tile.leading;
    const Range rows = wanted_rows(tile, j);
    for (Index i = rows.first; i < rows.end; ++i) to[i] = tile.adds ? to[i] + column[i] : column[i];
  }
}

template <class T>
bool is_whole(const Tile<T>& tile, Index height) {
  if (tile.rows.count() < height || tile.cols < tile_cols) return false;
  if (tile.half == Half::lower) return tile.rows.first >= tile.col + tile_cols - 1;
  return tile.half == Half::both || tile.rows.end <= tile.col + 1;
}

template <class T, int high>
MATGRAD_INLINE void multiply_tile(const Tile<T>& tile) {
  for (Index j = 0; j < tile_cols; ++j) {
    const T* to = tile.c + std::min(j, tile.cols - 1) * tile.leading;
    for (int v = 0; v < high; ++v) __builtin_prefetch(to + v * lanes<T>, 1);
  }
  Vector<T, lanes<T>> sums[tile_cols][high] = {};
  const T* a = tile.a;
  const T* b = tile.b;
  for (Index k = 0; k < tile.inner; ++k, a += panel<T>, b += panel<T>) {
    Vector<T, lanes<T>> x[high];
    for (int v = 0; v < high; ++v) x[v] = read<lanes<T>>(a + v * lanes<T>);
    for (int j = 0; j < tile_cols; ++j) {
      const T factor = b[j];
      for (int v = 0; v < high; ++v) sums[j][v] += x[v] * factor;
    }
  }
  if (!is_whole(tile, high * lanes<T>)) return store_part<T, high>(tile, sums);
  for (int j = 0; j < tile_cols; ++j) {
    for (int v = 0; v < high; ++v) {
      auto& to = written<lanes<T>>(tile.c + j * tile.leading + v * lanes<T>);
      to = tile.adds ? to + sums[j][v] * tile.alpha : sums[j][v] * tile.alpha;
    }
  }
}

// The columns of C that one thread computes.
template <class T>
struct Columns {
  const PackedProduct<T>& product;
  Range cols;

  bool is_square() const {
    const Matrix<const T>& a = product.a;
    const Matrix<const T>& b = product.b;
    return a.data == b.data && a.transposed != b.transposed && a.leading() == b.leading() &&
           product.weights == nullptr && cols.count() == a.rows && a.rows <= cols_at_once;
  }

  // The rows of a block that are computed of a strip of columns, from a whole vector on.
  Range wanted(Range rows, Range strip) const {
    switch (product.half) {
      case Half::lower: return {std::max(rows.first, strip.first / lanes<T> * lanes<T>), rows.end};
      case Half::upper: return {rows.first, std::min(rows.end, strip.end)};
      case Half::both: break;
    }
    return rows;
  }

  // Rows of C, by panels of A, and columns, by those of B.
  MATGRAD_INLINE void block(const T* a, const T* b, Range rows, Range part, Index inner, bool adds) const {
    for (Index j = part.first; j < part.end; j += tile_cols) {
      const Index beside = j - part.first;
      const T* columns = b + beside / panel<T> * panel<T> * inner + beside % panel<T>;
      const Index count = std::min<Index>(tile_cols, part.end - j);
      Range here = wanted(rows, {j, j + count});
      while (here.first < here.end) {
        const Index row = here.first;
        const Index within = (row - rows.first) % panel<T>;
        here.first = std::min(here.end, row - within + panel<T>);
        const Tile<T> tile{a + (row - rows.first - within) * inner + within,
                           columns,
                           inner,
                           product.alpha,
                           adds,
                           product.c + row + j * product.leading,
                           product.leading,
                           {row, here.first},
                           j,
                           count,
                           product.half};
        switch ((tile.rows.count() + lanes<T> - 1) / lanes<T>) {
          case 1: multiply_tile<T, 1>(tile); break;
          case 2: multiply_tile<T, 2>(tile); break;
          default: multiply_tile<T, 3>(tile); break;
        }
      }
    }
  }

  MATGRAD_INLINE void part(Range inner, Range part, T* memory) const {
    const bool adds = product.adds || inner.first > 0;
    const Index length = inner.count();
    const Index height = product.a.rows;
    Packing<T>{product.b.turned(), nullptr, inner}.run(part, memory);
    T* beside = memory + whole_panels(part.count(), panel<T>) * length;
    const bool square = is_square();
    for (Index row = 0; row < height; row += rows_at_once) {
      const Range rows{row, std::min(row + rows_at_once, height)};
      if (product.half == Half::lower ? rows.end <= part.first : product.half == Half::upper && row >= part.end)
        continue;
      if (!square) Packing<T>{product.a, product.weights, inner}.run(rows, beside);
      block(square ? memory + row * length : beside, memory, rows, part, length, adds);
    }
  }

  MATGRAD_INLINE void run(T* memory) const {
    const Index all = product.a.cols;
    const Index parts = (all + longest_inner - 1) / longest_inner;
    const Index step = whole_panels((all + parts - 1) / parts, lanes<T>);
    for (Index k = 0; k < all; k += step) {
      for (Index j = cols.first; j < cols.end; j += cols_at_once) {
        part({k, std::min(k + step, all)}, {j, std::min(j + cols_at_once, cols.end)}, memory);
      }
    }
  }
};

template <class T>
__attribute__((target("arch=x86-64-v4"))) void run_wide(const Columns<T>& columns, T* memory) {
  columns.run(memory);
}

// On a line of the cache; it is kept.
template <class T>
T* panels_memory(const Columns<T>& columns) {
  thread_local std::vector<T> memory;
  const Index rows = whole_panels(std::min(columns.cols.count(), cols_at_once), panel<T>) +
                     whole_panels(std::min(columns.product.a.rows, rows_at_once), panel<T>);
  const Index inner = std::min<Index>(columns.product.a.cols, longest_inner) + lanes<T>;
  const auto size = static_cast<std::size_t>(rows * inner + lanes<T>);
  if (memory.size() < size) memory.resize(size);
  const auto behind = reinterpret_cast<std::uintptr_t>(memory.data()) % 64;
  return memory.data() + (behind == 0 ? 0 : (64 - behind) / sizeof(T));
}

template <class T>
void run_columns(const PackedProduct<T>& product, Range cols) {
  const Columns<T> columns{product, cols};
  run_wide(columns, panels_memory(columns));
}

// Where a part of the columns begins that is as much work as each of the others.
template <class T>
Index first_column(const PackedProduct<T>& product, int part, int parts) {
  const Index n = product.b.cols;
  if (part == parts) return n;
  const double before = static_cast<double>(part) / parts;
  const double share = product.half == Half::both    ? before
                       : product.half == Half::lower ? 1 - std::sqrt(1 - before)
                                                     : std::sqrt(before);
  return static_cast<Index>(share * static_cast<double>(n)) / panel<T> * panel<T>;
}

const bool has_wide_vectors = __builtin_cpu_supports("x86-64-v4");

template <class T>
bool pays(const PackedProduct<T>& product, double multiplications) {
  const Index least = std::min({product.a.rows, product.a.cols, product.b.cols});
  if (least < least_side) return false;
  if (product.half != Half::both || product.weights != nullptr) return multiplications > least_half;
  return multiplications > (product.a.transposed && !product.b.transposed ? least_turned : least_of_any);
}

}  // namespace

template <class T>
bool multiply_packed(const PackedProduct<T>& product) {
  const double all =
      static_cast<double>(product.a.rows) * static_cast<double>(product.a.cols) * static_cast<double>(product.b.cols);
  if (!has_wide_vectors || !pays(product, all)) return false;
  Team& team = Team::get();
  const auto most = static_cast<int>(std::min<Index>(team.size(), product.b.cols / panel<T>));
  if (all < least_product_for_threads || most <= 1) {
    run_columns(product, {0, product.b.cols});
    return true;
  }
  struct Task {
    const PackedProduct<T>& product;
    int parts;
  } task{product, most};
  team.run(
      most,
      [](void* context, int part) {
        const Task& mine = *static_cast<const Task*>(context);
        run_columns(mine.product,
                    {first_column(mine.product, part, mine.parts), first_column(mine.product, part + 1, mine.parts)});
      },
      &task);
  return true;
}

#else

template <class T>
bool multiply_packed(const PackedProduct<T>&) {
  return false;
}

#endif

template <class T>
void multiply_half(const BlasRoutines<T>& blas, Half half, T alpha, const Matrix<const T>& a, bool adds, T* c,
                   std::ptrdiff_t leading) {
  if (multiply_packed<T>({alpha, a, a.turned(), nullptr, adds, c, leading, half})) return;
  const int n = static_cast<int>(a.rows);
  const int inner = static_cast<int>(a.cols);
  const int lda = static_cast<int>(a.leading());
  const int ldc = static_cast<int>(leading);
  const T beta = adds ? 1 : 0;
  blas.syrk(half == Half::upper ? "U" : "L", a.transposed ? "T" : "N", &n, &inner, &alpha, a.data, &lda, &beta, c,
            &ldc);
}

template bool multiply_packed(const PackedProduct<double>&);
template bool multiply_packed(const PackedProduct<float>&);
template void multiply_half(const BlasRoutines<double>&, Half, double, const Matrix<const double>&, bool, double*,
                            std::ptrdiff_t);
template void multiply_half(const BlasRoutines<float>&, Half, float, const Matrix<const float>&, bool, float*,
                            std::ptrdiff_t);

}  // namespace matgrad::dense
