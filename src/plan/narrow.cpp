// SPDX-License-Identifier: MIT
#include "plan/narrow.hpp"

#include <algorithm>

#include "ops/vector_math.hpp"

namespace matgrad::dense {

#if defined(MATGRAD_WIDE)
namespace {

using Index = std::ptrdiff_t;

constexpr int widest = 8;           // of what is narrow
constexpr Index longest_run = 256;  // columns of A at a time: their pages have to be found again for every strip
constexpr Index least_length = 4;   // of the other two dimensions

// Factors by address: entry (j,l) of what is narrow stands at b[j*b_row + l*b_col].
template <class T>
struct Narrow {
  const T* a;
  Index a_stride;
  const T* b;
  Index b_row;
  Index b_col;
  T alpha;
  bool adds;
  T* c;
  Index c_stride;
};

template <class T, int lanes>
struct Lanes {
  using Type [[gnu::vector_size(lanes * sizeof(T)), gnu::aligned(sizeof(T)), gnu::may_alias]] = T;
};
template <class T, int lanes>
using Vector = typename Lanes<T, lanes>::Type;

template <int lanes, class T>
MATGRAD_INLINE const Vector<T, lanes>& read(const T* from) {
  return *reinterpret_cast<const Vector<T, lanes>*>(from);
}
template <int lanes, class T>
MATGRAD_INLINE Vector<T, lanes>& written(T* to) {
  return *reinterpret_cast<Vector<T, lanes>*>(to);
}

// C has `width` columns: strips of its rows, in registers, while the columns of A pass by.
struct NarrowResult {
  template <class T, int width, int count, int lanes>
  static MATGRAD_INLINE void strip(const Narrow<T>& n, Index row, Index inner) {
    Vector<T, lanes> sums[width][count] = {};
    for (Index j = 0; j < inner; ++j) {
      const T* column = n.a + row + j * n.a_stride;
      Vector<T, lanes> x[count];
      for (int v = 0; v < count; ++v) x[v] = read<lanes>(column + v * lanes);
      for (int l = 0; l < width; ++l) {
        const T factor = n.b[j * n.b_row + l * n.b_col];
        for (int v = 0; v < count; ++v) sums[l][v] += x[v] * factor;
      }
    }
    for (int l = 0; l < width; ++l) {
      for (int v = 0; v < count; ++v) {
        auto& to = written<lanes>(n.c + row + l * n.c_stride + v * lanes);
        to = n.adds ? to + sums[l][v] * n.alpha : sums[l][v] * n.alpha;
      }
    }
  }
};

// A has `width` columns: strips of its rows, in registers, while the columns of C pass by.
struct NarrowInside {
  template <class T, int width, int count, int lanes>
  static MATGRAD_INLINE void strip(const Narrow<T>& n, Index row, Index cols) {
    Vector<T, lanes> x[width][count];
    for (int l = 0; l < width; ++l) {
      for (int v = 0; v < count; ++v) x[l][v] = read<lanes>(n.a + row + l * n.a_stride + v * lanes) * n.alpha;
    }
    for (Index j = 0; j < cols; ++j) {
      T* column = n.c + row + j * n.c_stride;
      Vector<T, lanes> y[count] = {};
      for (int v = 0; v < count && n.adds; ++v) y[v] = read<lanes>(column + v * lanes);
      for (int l = 0; l < width; ++l) {
        const T factor = n.b[j * n.b_row + l * n.b_col];
        for (int v = 0; v < count; ++v) y[v] += x[l][v] * factor;
      }
      for (int v = 0; v < count; ++v) written<lanes>(column + v * lanes) = y[v];
    }
  }
};

// The strips of all rows: of `count` vectors, then of one, then of shorter ones.
template <class Kind, class T, int width, int count, int lanes>
MATGRAD_INLINE void all_strips(const Narrow<T>& n, Index rows, Index other) {
  Index row = 0;
  for (; row + count * lanes <= rows; row += count * lanes) Kind::template strip<T, width, count, lanes>(n, row, other);
  for (; row + lanes <= rows; row += lanes) Kind::template strip<T, width, 1, lanes>(n, row, other);
  for (; row + lanes / 2 <= rows; row += lanes / 2) Kind::template strip<T, width, 1, lanes / 2>(n, row, other);
  for (; row < rows; ++row) Kind::template strip<T, width, 1, 1>(n, row, other);
}

// How many vectors of a strip there are registers for, 32 or 16 of them.
constexpr int strip_of(int width, bool many) {
  if (many) return width <= 5 ? 4 : 3;
  return width <= 2 ? 4 : width == 3 ? 3 : width <= 5 ? 2 : 1;
}

template <class Kind, class T, bool many>
MATGRAD_INLINE void by_width(const Narrow<T>& n, int width, Index rows, Index other) {
  constexpr int lanes = static_cast<int>((many ? 64 : 32) / sizeof(T));
  switch (width) {
    case 2: return all_strips<Kind, T, 2, strip_of(2, many), lanes>(n, rows, other);
    case 3: return all_strips<Kind, T, 3, strip_of(3, many), lanes>(n, rows, other);
    case 4: return all_strips<Kind, T, 4, strip_of(4, many), lanes>(n, rows, other);
    case 5: return all_strips<Kind, T, 5, strip_of(5, many), lanes>(n, rows, other);
    case 6: return all_strips<Kind, T, 6, strip_of(6, many), lanes>(n, rows, other);
    case 7: return all_strips<Kind, T, 7, strip_of(7, many), lanes>(n, rows, other);
    default: return all_strips<Kind, T, 8, strip_of(8, many), lanes>(n, rows, other);
  }
}

template <class Kind, class T>
__attribute__((target("arch=x86-64-v4"))) void run_wide(const Narrow<T>& n, int width, Index rows, Index other) {
  by_width<Kind, T, true>(n, width, rows, other);
}
template <class Kind, class T>
__attribute__((target("arch=x86-64-v3"))) void run_plain(const Narrow<T>& n, int width, Index rows, Index other) {
  by_width<Kind, T, false>(n, width, rows, other);
}

const bool has_wide_vectors = __builtin_cpu_supports("x86-64-v4");
const bool has_vectors = __builtin_cpu_supports("x86-64-v3");

template <class Kind, class T>
void run(const Narrow<T>& n, Index width, Index rows, Index other) {
  has_wide_vectors ? run_wide<Kind>(n, static_cast<int>(width), rows, other)
                   : run_plain<Kind>(n, static_cast<int>(width), rows, other);
}

bool is_narrow(Index n) {
  return n >= 2 && n <= widest;
}

}  // namespace

template <class T>
bool multiply_narrow(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c,
                     std::ptrdiff_t leading) {
  if (!has_vectors || a.transposed || a.rows < least_length) return false;
  Narrow<T> n{a.data, a.leading(), b.data, 1, b.leading(), alpha, adds, c, leading};
  if (b.transposed) std::swap(n.b_row, n.b_col);
  if (is_narrow(a.cols) && b.cols >= least_length) {
    // The narrow side of B is its rows: entry (l,j) is what the strips call (j,l).
    std::swap(n.b_row, n.b_col);
    run<NarrowInside>(n, a.cols, a.rows, b.cols);
    return true;
  }
  if (!is_narrow(b.cols) || a.cols < least_length) return false;
  for (Index j = 0; j < a.cols; j += longest_run) {
    run<NarrowResult>(n, b.cols, a.rows, std::min(longest_run, a.cols - j));
    n.a += longest_run * n.a_stride;
    n.b += longest_run * n.b_row;
    n.adds = true;
  }
  return true;
}

#else

template <class T>
bool multiply_narrow(T, const Matrix<const T>&, const Matrix<const T>&, bool, T*, std::ptrdiff_t) {
  return false;
}

#endif

template bool multiply_narrow(double, const Matrix<const double>&, const Matrix<const double>&, bool, double*,
                              std::ptrdiff_t);
template bool multiply_narrow(float, const Matrix<const float>&, const Matrix<const float>&, bool, float*,
                              std::ptrdiff_t);

}  // namespace matgrad::dense
