// SPDX-License-Identifier: MIT
#include "plan/moves.hpp"

#include <algorithm>
#include <cstdint>

#include "ops/vector_math.hpp"

#if defined(MATGRAD_WIDE)
#include <immintrin.h>
#endif
#if defined(__GNUC__)
#define MATGRAD_PREFETCH(address) __builtin_prefetch(address)
#else
#define MATGRAD_PREFETCH(address) static_cast<void>(address)
#endif

namespace matgrad::loops {
namespace {

using Index = std::ptrdiff_t;
constexpr Index ahead = 16;  // columns that are fetched before they are read

template <class T>
MATGRAD_INLINE void turn_tile(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {
  constexpr Index block = 4;
  Index r = 0;
  for (; r + block <= height; r += block) {
    const T* source = from + r * from_stride;
    T* target = to + r;
    for (Index k = 0; k < block; ++k) MATGRAD_PREFETCH(source + (ahead + k) * from_stride);
    Index c = 0;
    for (; c + block <= width; c += block) {
      T tile[block][block];
      for (Index k = 0; k < block; ++k) {
        for (Index l = 0; l < block; ++l) tile[l][k] = source[k * from_stride + c + l];
      }
      for (Index l = 0; l < block; ++l) {
        for (Index k = 0; k < block; ++k) target[(c + l) * to_stride + k] = tile[l][k];
      }
    }
    for (Index l = 0; l < width % block; ++l) {
      for (Index k = 0; k < block; ++k) target[(c + l) * to_stride + k] = source[k * from_stride + c + l];
    }
  }
  for (; r < height; ++r) {
    for (Index c = 0; c < width; ++c) to[c * to_stride + r] = from[r * from_stride + c];
  }
}

template <class T>
T turn_beside_rest(Index height, Index width, const T* from, Index from_stride, const T* beside, T* to,
                   Index to_stride) {
  T sum = 0;
  for (Index c = 0; c < width; ++c) {
    for (Index r = 0; r < height; ++r) {
      const T entry = from[c + r * from_stride];
      sum += entry * beside[r + c * to_stride];
      to[r + c * to_stride] = entry;
    }
  }
  return sum;
}

// The columns from `first` on, and the rows from there on.
template <class T>
void add_turned_rest(Index n, Index first, const T* a, T* to) {
  for (Index c = first; c < n; ++c) {
    for (Index r = 0; r <= c; ++r) to[r + c * n] = to[c + r * n] = a[r + c * n] + a[c + r * n];
  }
}

template <class T>
void fetch_lines(Index height, Index width, const T* from, Index stride) {
  constexpr Index line = 64 / sizeof(T);
  for (Index col = 0; col < width; ++col) {
    for (Index row = 0; row < height; row += line) MATGRAD_PREFETCH(from + row + col * stride);
  }
}

#if defined(MATGRAD_WIDE)
#define MATGRAD_WIDE_INLINE __attribute__((target("arch=x86-64-v4"), always_inline)) inline

// Eight columns of eight entries, in registers.
template <class T>
struct Eights {
  using Eight [[gnu::vector_size(8 * sizeof(T)), gnu::aligned(sizeof(T)), gnu::may_alias]] = T;
  Eight column[8];
};

// Neighbours change places, then pairs, then fours.
template <class T>
MATGRAD_WIDE_INLINE Eights<T> turned(const Eights<T>& from) {
  using Eight = typename Eights<T>::Eight;
  const Eight* row = from.column;
  Eight pairs[8];
  Eight fours[8];
  Eights<T> out;
  for (Index i = 0; i < 8; i += 2) {
    pairs[i] = __builtin_shufflevector(row[i], row[i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    pairs[i + 1] = __builtin_shufflevector(row[i], row[i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (Index i = 0; i < 8; i += 4) {
    for (Index k = i; k < i + 2; ++k) {
      fours[k] = __builtin_shufflevector(pairs[k], pairs[k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      fours[k + 2] = __builtin_shufflevector(pairs[k], pairs[k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (Index i = 0; i < 4; ++i) {
    out.column[i] = __builtin_shufflevector(fours[i], fours[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    out.column[i + 4] = __builtin_shufflevector(fours[i], fours[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  return out;
}

template <class T>
MATGRAD_WIDE_INLINE Eights<T> read_eight(const T* from, Index from_stride) {
  Eights<T> result;
  for (Index i = 0; i < 8; ++i) {
    result.column[i] = *reinterpret_cast<const typename Eights<T>::Eight*>(from + i * from_stride);
  }
  return result;
}

template <class T>
MATGRAD_WIDE_INLINE Eights<T> turned_eight(const T* from, Index from_stride) {
  return turned(read_eight(from, from_stride));
}

// Past the caches only where every column begins with a line of them.
template <class T>
MATGRAD_WIDE_INLINE void write_eight(const Eights<T>& eights, T* to, Index to_stride, bool past_caches = false) {
  using Eight = typename Eights<T>::Eight;
  if constexpr (sizeof(T) == 8) {
    if (past_caches) {
      for (Index i = 0; i < 8; ++i) {
        _mm512_stream_pd(to + i * to_stride, reinterpret_cast<const __m512d&>(eights.column[i]));
      }
      return;
    }
  }
  for (Index i = 0; i < 8; ++i) *reinterpret_cast<Eight*>(to + i * to_stride) = eights.column[i];
}

template <class T>
MATGRAD_WIDE_INLINE void turn_eight(const T* from, Index from_stride, T* to, Index to_stride) {
  write_eight(turned_eight(from, from_stride), to, to_stride);
}

template <class T>
bool begins_lines(const T* to, Index to_stride) {
  return reinterpret_cast<std::uintptr_t>(to) % 64 == 0 && to_stride % 8 == 0;
}

template <class T>
void turn_rest(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {
  if (height > 0 && width > 0) turn_tile(height, width, from, from_stride, to, to_stride);
}

template <class T>
__attribute__((target("arch=x86-64-v4"))) void turn_wide(Index height, Index width, const T* from, Index from_stride,
                                                         T* to, Index to_stride) {
  const Index tall = height / 8 * 8;
  const Index wide = width / 8 * 8;
  for (Index r = 0; r < tall; r += 8) {
    for (Index k = 0; k < 8; ++k) MATGRAD_PREFETCH(from + (r + k + ahead) * from_stride);
    for (Index c = 0; c < wide; c += 8)
      turn_eight(from + r * from_stride + c, from_stride, to + r + c * to_stride, to_stride);
  }
  turn_rest(tall, width - wide, from + wide, from_stride, to + wide * to_stride, to_stride);
  turn_rest(height - tall, width, from + tall * from_stride, from_stride, to + tall, to_stride);
}

// The sum of what was turned times what stands beside it, while it is in registers.
template <class T>
__attribute__((target("arch=x86-64-v4"))) T turn_beside_wide(Index height, Index width, const T* from,
                                                             Index from_stride, const T* beside, T* to, Index to_stride,
                                                             bool past_caches) {
  using Eight = typename Eights<T>::Eight;
  Eight sums[2] = {Eight{}, Eight{}};
  for (Index r = 0; r < height; r += 8) {
    for (Index k = 0; k < 8; ++k) MATGRAD_PREFETCH(from + (r + k + ahead) * from_stride);
    for (Index c = 0; c < width; c += 8) {
      const Eights<T> eights = turned_eight(from + r * from_stride + c, from_stride);
      for (Index k = 0; k < 8; ++k) {
        const Index at = r + (c + k) * to_stride;
        sums[k % 2] += eights.column[k] * *reinterpret_cast<const Eight*>(beside + at);
      }
      write_eight(eights, to + r + c * to_stride, to_stride, past_caches);
    }
  }
  T sum = 0;
  for (Index k = 0; k < 8; ++k) sum += sums[0][k] + sums[1][k];
  return sum;
}

// A strip of eight columns from the diagonal down, and its mirror image.
template <class T>
__attribute__((target("arch=x86-64-v4"))) void add_turned_strip(Index n, Index c, const T* a, T* to, bool past_caches) {
  const Index end = n / 8 * 8;
  for (Index r = c; r < end; r += 8) {
    for (Index k = 0; k < 8; ++k) MATGRAD_PREFETCH(a + c + (r + k + ahead) * n);
    Eights<T> sum = turned_eight(a + c + r * n, n);
    const Eights<T> lower = read_eight(a + r + c * n, n);
    for (Index k = 0; k < 8; ++k) sum.column[k] += lower.column[k];
    write_eight(sum, to + r + c * n, n, past_caches);
    if (r > c) write_eight(turned(sum), to + c + r * n, n, past_caches);
  }
}

// Whole lines of the cache from the first that begins in `to` on.
template <class T>
__attribute__((target("arch=x86-64-v4"))) void copy_lines(Index count, const T* from, T* to) {
  constexpr Index line = 64 / sizeof(T);
  const auto begun = static_cast<Index>(reinterpret_cast<std::uintptr_t>(to) / sizeof(T) % line);
  const Index first = std::min(count, begun == 0 ? 0 : line - begun);
  std::copy_n(from, first, to);
  Index i = first;
  for (; i + line <= count; i += line) {
    _mm512_stream_si512(reinterpret_cast<__m512i*>(to + i), _mm512_loadu_si512(from + i));
  }
  std::copy_n(from + i, count - i, to + i);
  _mm_sfence();
}

const bool is_wide = __builtin_cpu_supports("x86-64-v4");

template <class T>
void copy_past(Index count, const T* from, T* to) {
  const bool is_aligned = reinterpret_cast<std::uintptr_t>(to) % sizeof(T) == 0;
  is_wide&& is_aligned ? copy_lines(count, from, to) : static_cast<void>(std::copy_n(from, count, to));
}

template <class T>
T turn_beside_any(Index height, Index width, const T* from, Index from_stride, const T* beside, T* to, Index to_stride,
                  bool past_caches) {
  if (!is_wide) return turn_beside_rest(height, width, from, from_stride, beside, to, to_stride);
  constexpr Index strip = 8;
  const bool is_aligned = begins_lines(to, to_stride);
  const Index tall = height / strip * strip;
  T sum = 0;
  Index c = 0;
  for (; c + strip <= width; c += strip) {
    sum += turn_beside_wide(tall, strip, from + c, from_stride, beside + c * to_stride, to + c * to_stride, to_stride,
                            past_caches && is_aligned);
  }
  if (past_caches) _mm_sfence();  // what went past the caches is there for every thread
  sum +=
      turn_beside_rest(height - tall, c, from + tall * from_stride, from_stride, beside + tall, to + tall, to_stride);
  return sum + turn_beside_rest(height, width - c, from + c, from_stride, beside + c * to_stride, to + c * to_stride,
                                to_stride);
}

template <class T>
void add_turned_any(Index n, const T* a, T* to, bool past_caches) {
  const Index whole = is_wide ? n / 8 * 8 : 0;
  for (Index c = 0; c < whole; c += 8) add_turned_strip(n, c, a, to, past_caches && begins_lines(to, n));
  if (past_caches) _mm_sfence();
  add_turned_rest(n, whole, a, to);
}

template <class T>
void turn_any(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {
  is_wide ? turn_wide(height, width, from, from_stride, to, to_stride)
          : turn_rest(height, width, from, from_stride, to, to_stride);
}
#else
template <class T>
void add_turned_any(Index n, const T* a, T* to, bool) {
  add_turned_rest(n, 0, a, to);
}

template <class T>
T turn_beside_any(Index height, Index width, const T* from, Index from_stride, const T* beside, T* to, Index to_stride,
                  bool) {
  return turn_beside_rest(height, width, from, from_stride, beside, to, to_stride);
}

template <class T>
void copy_past(Index count, const T* from, T* to) {
  std::copy_n(from, count, to);
}

template <class T>
void turn_any(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {
  turn_tile(height, width, from, from_stride, to, to_stride);
}
#endif

template <class T>
void mirrored(Index n, T* a, bool from_upper) {
  constexpr Index tile = 32;
  for (Index j = 0; j < n; j += tile) {
    const Index width = std::min(tile, n - j);
    for (Index i = 0; i < j; i += tile) {
      T* upper = a + i + j * n;
      T* lower = a + j + i * n;
      const Index height = std::min(tile, j - i);
      from_upper ? turn_any(width, height, upper, n, lower, n) : turn_any(height, width, lower, n, upper, n);
    }
    for (Index k = j; k < j + width; ++k) {
      for (Index i = j; i < k; ++i) {
        T& upper = a[i + k * n];
        T& lower = a[k + i * n];
        (from_upper ? lower : upper) = from_upper ? upper : lower;
      }
    }
  }
}

}  // namespace

template <class T>
void turn(Index height, Index width, const T* from, Index from_stride, T* to, Index to_stride) {
  turn_any(height, width, from, from_stride, to, to_stride);
}
template <class T>
T turn_beside(Index height, Index width, const T* from, Index from_stride, const T* beside, T* to, Index to_stride,
              bool past_caches) {
  return turn_beside_any(height, width, from, from_stride, beside, to, to_stride, past_caches);
}
template <class T>
void add_turned(Index n, const T* a, T* to, bool past_caches) {
  add_turned_any(n, a, to, past_caches);
}
template <class T>
void fetch(Index height, Index width, const T* from, Index stride) {
  fetch_lines(height, width, from, stride);
}
template <class T>
void copy_past_caches(Index count, const T* from, T* to) {
  copy_past(count, from, to);
}
template <class T>
void copy_lower(Index n, const T* from, Index from_stride, T* to) {
  for (Index j = 0; j < n; ++j) std::copy_n(from + j + j * from_stride, n - j, to + j + j * n);
}
template <class T>
void mirror(Index n, T* a, bool from_upper) {
  mirrored(n, a, from_upper);
}

#define MATGRAD_MOVES(T)                                                            \
  template void turn(Index, Index, const T*, Index, T*, Index);                     \
  template T turn_beside(Index, Index, const T*, Index, const T*, T*, Index, bool); \
  template void add_turned(Index, const T*, T*, bool);                              \
  template void fetch(Index, Index, const T*, Index);                               \
  template void copy_past_caches(Index, const T*, T*);                              \
  template void copy_lower(Index, const T*, Index, T*);                             \
  template void mirror(Index, T*, bool);
MATGRAD_MOVES(double)
MATGRAD_MOVES(float)
#undef MATGRAD_MOVES

}  // namespace matgrad::loops
