// SPDX-License-Identifier: MIT
#include "plan/narrow.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>
#include <vector>

#include "plan/lanes.hpp"
#include "plan/loops.hpp"
#include "plan/moves.hpp"

namespace matgrad::dense {

#if defined(MATGRAD_WIDE)
namespace {

using Index = std::ptrdiff_t;

constexpr int widest_at_once = 8;        // of what is narrow: as wide as there are registers for
constexpr Index widest = 16;             // in two halves
constexpr Index longest_run = 256;       // columns of A at a time: their pages have to be found again for every strip
constexpr Index longest_columns = 1024;  // of what inner products read again and again
constexpr Index rows_at_once = 128;      // where the halves take turns, so that the second finds them in the cache
constexpr Index largest_for_a_vector = 16384;
constexpr Index least_length = 4;  // of the other two dimensions

// Factors by address. Entry (j,l) of the narrow one, l < width, stands at b[j*b_row + l*b_col].
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
  Index c_row;
  Index c_col;
};

// The strips of all rows: of `count` vectors, then of fewer, then of shorter ones.
template <class Kind, class T, int width, int count, int lanes>
MATGRAD_INLINE void strips_of_rows(const Narrow<T>& n, Index rows, Index other, Index row = 0) {
  for (; row + count * lanes <= rows; row += count * lanes) Kind::template strip<T, width, count, lanes>(n, row, other);
  if constexpr (count > 1) {
    strips_of_rows<Kind, T, width, count / 2, lanes>(n, rows, other, row);
  } else if constexpr (lanes > 1) {
    strips_of_rows<Kind, T, width, 1, lanes / 2>(n, rows, other, row);
  }
}

template <class T, int lanes, std::size_t... first>
MATGRAD_INLINE void fold(const Vector<T, lanes>& x, Vector<T, lanes / 2>& half,
                         std::index_sequence<first...> /*of it*/) {
  half = __builtin_shufflevector(x, x, static_cast<int>(first)...) +
         __builtin_shufflevector(x, x, static_cast<int>(first + lanes / 2)...);
}

template <class T, int lanes>
MATGRAD_INLINE T total(const Vector<T, lanes>& x) {
  if constexpr (lanes == 1) {
    return x[0];
  } else {
    Vector<T, lanes / 2> half;
    fold<T, lanes>(x, half, std::make_index_sequence<lanes / 2>());
    return total<T, lanes / 2>(half);
  }
}

// C = A*B has `width` columns: strips of its rows, in registers, while the columns of A pass by.
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
        auto& to = written<lanes>(n.c + row + l * n.c_col + v * lanes);
        to = n.adds ? to + sums[l][v] * n.alpha : sums[l][v] * n.alpha;
      }
    }
  }
  template <class T, int width, int count, int lanes>
  static MATGRAD_INLINE void all(const Narrow<T>& n, Index rows, Index inner) {
    strips_of_rows<NarrowResult, T, width, count, lanes>(n, rows, inner);
  }
};

// C = A*B where A has `width` columns: strips of its rows, in registers, while the columns of C pass by.
struct NarrowInside {
  template <class T, int width, int count, int lanes>
  static MATGRAD_INLINE void strip(const Narrow<T>& n, Index row, Index cols) {
    Vector<T, lanes> x[width][count];
    for (int l = 0; l < width; ++l) {
      for (int v = 0; v < count; ++v) x[l][v] = read<lanes>(n.a + row + l * n.a_stride + v * lanes) * n.alpha;
    }
    for (Index j = 0; j < cols; ++j) {
      T* column = n.c + row + j * n.c_col;
      Vector<T, lanes> y[count] = {};
      for (int v = 0; v < count && n.adds; ++v) y[v] = read<lanes>(column + v * lanes);
      for (int l = 0; l < width; ++l) {
        const T factor = n.b[j * n.b_row + l * n.b_col];
        for (int v = 0; v < count; ++v) y[v] += x[l][v] * factor;
      }
      for (int v = 0; v < count; ++v) written<lanes>(column + v * lanes) = y[v];
    }
  }
  template <class T, int width, int count, int lanes>
  static MATGRAD_INLINE void all(const Narrow<T>& n, Index rows, Index cols) {
    strips_of_rows<NarrowInside, T, width, count, lanes>(n, rows, cols);
  }
};

// C = A'*B has `width` columns: inner products of `count` columns of A with those of B.
struct NarrowProducts {
  template <class T, int width, int count, int lanes>
  static MATGRAD_INLINE void strip(const Narrow<T>& n, Index col, Index length) {
    Vector<T, lanes> sums[count][width] = {};
    const T* a = n.a + col * n.a_stride;
    Index i = 0;
    for (; i + lanes <= length; i += lanes) {
      Vector<T, lanes> x[count];
      for (int v = 0; v < count; ++v) x[v] = read<lanes>(a + v * n.a_stride + i);
      for (int l = 0; l < width; ++l) {
        const Vector<T, lanes> y = read<lanes>(n.b + l * n.b_col + i);
        for (int v = 0; v < count; ++v) sums[v][l] += x[v] * y;
      }
    }
    constexpr int half = lanes / 2;
    const Index rest = i + half <= length ? i + half : i;  // the last few by half a vector
    for (int v = 0; v < count; ++v) {
      for (int l = 0; l < width; ++l) {
        Vector<T, half> halves;
        fold<T, lanes>(sums[v][l], halves, std::make_index_sequence<half>());
        if (rest > i) halves += read<half>(a + v * n.a_stride + i) * read<half>(n.b + l * n.b_col + i);
        T sum = total<T, half>(halves);
        for (Index k = rest; k < length; ++k) sum += a[v * n.a_stride + k] * n.b[l * n.b_col + k];
        T& to = n.c[(col + v) * n.c_row + l * n.c_col];
        to = n.adds ? to + sum * n.alpha : sum * n.alpha;
      }
    }
  }
  template <class T, int width, int count, int lanes>
  static MATGRAD_INLINE void all(const Narrow<T>& n, Index cols, Index length, Index col = 0) {
    for (; col + count <= cols; col += count) strip<T, width, count, lanes>(n, col, length);
    if constexpr (count > 1) all<T, width, count / 2, lanes>(n, cols, length, col);
  }
};

// How many vectors of a strip there are registers for, 32 or 16 of them.
constexpr int strip_of(int width, bool many) {
  if (many) return width == 1 ? 8 : width <= 5 ? 4 : 3;
  return width <= 2 ? 4 : width == 3 ? 3 : width <= 5 ? 2 : 1;
}

template <class Kind, class T, bool many>
MATGRAD_INLINE void by_width(const Narrow<T>& n, int width, Index rows, Index other) {
  constexpr int lanes = static_cast<int>((many ? 64 : 32) / sizeof(T));
  switch (width) {
    case 1: return Kind::template all<T, 1, strip_of(1, many), lanes>(n, rows, other);
    case 2: return Kind::template all<T, 2, strip_of(2, many), lanes>(n, rows, other);
    case 3: return Kind::template all<T, 3, strip_of(3, many), lanes>(n, rows, other);
    case 4: return Kind::template all<T, 4, strip_of(4, many), lanes>(n, rows, other);
    case 5: return Kind::template all<T, 5, strip_of(5, many), lanes>(n, rows, other);
    case 6: return Kind::template all<T, 6, strip_of(6, many), lanes>(n, rows, other);
    case 7: return Kind::template all<T, 7, strip_of(7, many), lanes>(n, rows, other);
    default: return Kind::template all<T, 8, strip_of(8, many), lanes>(n, rows, other);
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

// For a single vector the library is as fast, once there is enough to do.
bool is_narrow(Index n, Index others) {
  return n == 1 ? others <= largest_for_a_vector : n <= widest;
}

// A product by its strips of rows, each by one half of what is narrow after the other where that is too wide to be
// taken at once. The halves are columns of C, or else (of what is narrow inside) columns of A that are added up.
template <class Kind, class T>
void run_halves(Narrow<T> n, Index width, Index rows, Index other) {
  constexpr bool is_inside = std::is_same_v<Kind, NarrowInside>;
  if (width <= widest_at_once) return run<Kind>(n, width, rows, other);
  const Index first = width - width / 2;
  const Index a_row = std::is_same_v<Kind, NarrowProducts> ? n.a_stride : 1;
  for (Index row = 0; row < rows; row += rows_at_once) {
    const Index count = std::min(rows_at_once, rows - row);
    Narrow<T> part = n;
    part.a += row * a_row;
    part.c += row * n.c_row;
    run<Kind>(part, first, count, other);
    part.b += first * n.b_col;
    if (is_inside) {
      part.a += first * n.a_stride;
      part.adds = true;
    } else {
      part.c += first * n.c_col;
    }
    run<Kind>(part, width - first, count, other);
  }
}

// A with its columns in one piece each. The memory is kept.
template <class T>
__attribute__((noinline)) Matrix<const T> packed(const Matrix<const T>& a) {
  thread_local std::vector<T> columns;
  const auto size = static_cast<std::size_t>(a.rows * a.cols);
  if (columns.size() < size) columns.resize(size);
  loops::turn(a.rows, a.cols, a.data, a.leading(), columns.data(), a.rows);
  return {columns.data(), a.rows, a.cols, false};
}

template <class T>
Matrix<const T> with_columns(const Matrix<const T>& a) {
  return a.transposed && a.leading() > 1 ? packed(a) : a;
}

template <class T>
void multiply_inside(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c, Index leading) {
  const Matrix<const T> left = with_columns(a);
  // What the strips call (j,l) is entry (l,j) of B.
  const Index row = b.transposed ? 1 : b.leading();
  const Index col = b.transposed ? b.leading() : 1;
  run_halves<NarrowInside>(Narrow<T>{left.data, left.leading(), b.data, row, col, alpha, adds, c, 1, leading}, a.cols,
                           a.rows, b.cols);
}

// B is narrow. Entry (i,j) of C stands at c[i*c_row + j*c_col].
template <class T>
void multiply_transposed(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c, Index c_row,
                         Index c_col) {
  const Matrix<const T> right = with_columns(b);
  Narrow<T> n{a.data, a.leading(), right.data, 1, right.leading(), alpha, adds, c, c_row, c_col};
  for (Index i = 0; i < a.cols; i += longest_columns) {
    run_halves<NarrowProducts>(n, b.cols, a.rows, std::min(longest_columns, a.cols - i));
    n.a += longest_columns;
    n.b += longest_columns;
    n.adds = true;
  }
}

template <class T>
void multiply_plain(Narrow<T> n, const Matrix<const T>& a, Index width) {
  for (Index j = 0; j < a.cols; j += longest_run) {
    run_halves<NarrowResult>(n, width, a.rows, std::min(longest_run, a.cols - j));
    n.a += longest_run * n.a_stride;
    n.b += longest_run * n.b_row;
    n.adds = true;
  }
}

// The same where the columns of C are not in one piece.
template <class T>
__attribute__((noinline)) void multiply_beside(Narrow<T> n, const Matrix<const T>& a, Index width) {
  thread_local std::vector<T> beside;
  const auto size = static_cast<std::size_t>(a.rows * width);
  if (beside.size() < size) beside.resize(size);
  Narrow<T> columns = n;
  columns.c = beside.data();
  columns.c_row = 1;
  columns.c_col = a.rows;
  columns.adds = false;
  multiply_plain(columns, a, width);
  for (Index i = 0; i < a.rows; ++i) {
    for (Index j = 0; j < width; ++j) {
      T& to = n.c[i * n.c_row + j * n.c_col];
      to = beside[static_cast<std::size_t>(i + j * a.rows)] + (n.adds ? to : T(0));
    }
  }
}

template <class T>
void multiply_columns(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c, Index c_row,
                      Index c_col) {
  if (a.transposed) return multiply_transposed(alpha, a, b, adds, c, c_row, c_col);
  Narrow<T> n{a.data, a.leading(), b.data, 1, b.leading(), alpha, adds, c, c_row, c_col};
  if (b.transposed) std::swap(n.b_row, n.b_col);
  c_row == 1 ? multiply_plain(n, a, b.cols) : multiply_beside(n, a, b.cols);
}

}  // namespace

template <class T>
bool multiply_narrow(T alpha, const Matrix<const T>& a, const Matrix<const T>& b, bool adds, T* c,
                     std::ptrdiff_t leading) {
  if (!has_vectors) return false;
  if (a.cols > 1 && is_narrow(a.cols, 0) && a.rows >= least_length && b.cols >= least_length) {
    multiply_inside(alpha, a, b, adds, c, leading);
  } else if (is_narrow(b.cols, a.rows * a.cols) && a.rows >= least_length && a.cols >= least_length) {
    multiply_columns(alpha, a, b, adds, c, 1, leading);
  } else if (is_narrow(a.rows, b.rows * b.cols) && b.cols >= least_length && a.cols >= least_length) {
    multiply_columns(alpha, b.turned(), a.turned(), adds, c, leading, 1);
  } else {
    return false;
  }
  return true;
}

template <class T>
void multiply_outer(std::ptrdiff_t rows, std::ptrdiff_t cols, std::ptrdiff_t terms, const T* v, const T* u, bool adds,
                    T* c) {
  if (!has_vectors || terms > widest_at_once) return loops::outer_sum(rows, cols, terms, v, u, adds, c);
  run<NarrowInside>(Narrow<T>{v, rows, u, 1, cols, T(1), adds, c, 1, rows}, terms, rows, cols);
}

#else

template <class T>
void multiply_outer(std::ptrdiff_t rows, std::ptrdiff_t cols, std::ptrdiff_t terms, const T* v, const T* u, bool adds,
                    T* c) {
  loops::outer_sum(rows, cols, terms, v, u, adds, c);
}
template <class T>
bool multiply_narrow(T, const Matrix<const T>&, const Matrix<const T>&, bool, T*, std::ptrdiff_t) {
  return false;
}

#endif

template bool multiply_narrow(double, const Matrix<const double>&, const Matrix<const double>&, bool, double*,
                              std::ptrdiff_t);
template bool multiply_narrow(float, const Matrix<const float>&, const Matrix<const float>&, bool, float*,
                              std::ptrdiff_t);

template void multiply_outer(std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t, const double*, const double*, bool,
                             double*);
template void multiply_outer(std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t, const float*, const float*, bool, float*);

}  // namespace matgrad::dense
