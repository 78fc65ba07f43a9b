// SPDX-License-Identifier: MIT
#include "plan/kronecker.hpp"

#include <cstring>

#include "plan/loops.hpp"
#include "plan/narrow.hpp"

namespace matgrad::dense {
namespace {

// Entries of a result that leaves the caches before it is read: then it is written in the order of memory, so that
// whole lines go out, rather than by tiles.
constexpr std::ptrdiff_t largest_in_cache = 1'000'000;

template <class T>
void copy_column(const Matrix<const T>& from, std::ptrdiff_t column, T factor, T* to) {
  const T* first = from.transposed ? from.data + column : from.data + column * from.rows;
  const std::ptrdiff_t stride = from.transposed ? from.cols : 1;
  for (std::ptrdiff_t i = 0; i < from.rows; ++i) to[i] = factor * first[i * stride];
}

// kron(A,I): each entry of A along the diagonal of a block.
template <class T>
void kronecker_with_identity(const KroneckerTerm<T>& term, bool adds, T* out, std::vector<T>& column) {
  const std::ptrdiff_t m = term.a.rows;
  const std::ptrdiff_t p = term.b.rows;
  const std::ptrdiff_t height = m * p;
  column.resize(static_cast<std::size_t>(m));
  if (!adds)
    std::memset(out, 0, static_cast<std::size_t>(height * term.a.cols * p) * sizeof(T));  // all at once: faster
  for (std::ptrdiff_t j = 0; j < term.a.cols; ++j) {
    copy_column(term.a, j, term.alpha, column.data());
    for (std::ptrdiff_t l = 0; l < p; ++l, out += height) {
      for (std::ptrdiff_t i = 0; i < m; ++i) out[i * p + l] += column[static_cast<std::size_t>(i)];
    }
  }
}

}  // namespace

// A column of kron(A,B) is vec(b*a'), with b and a columns of B and A; K(p,m) makes it vec(a*b') (Magnus & Neudecker
// (2019), 2.2 and 3.7).
template <class T>
void kronecker_sum(const std::vector<KroneckerTerm<T>>& terms, bool commuted, bool adds, T* out,
                   std::vector<T>& scratch) {
  if (terms.size() == 1 && terms[0].b_is_identity && !commuted) {
    kronecker_with_identity(terms[0], adds, out, scratch);
    return;
  }
  const auto count = static_cast<std::ptrdiff_t>(terms.size());
  const std::ptrdiff_t m = terms[0].a.rows;
  const std::ptrdiff_t p = terms[0].b.rows;
  const std::ptrdiff_t q = terms[0].b.cols;
  scratch.resize(static_cast<std::size_t>(count * (m + p * q)));
  const bool is_large = m * p * q * terms[0].a.cols > largest_in_cache;
  auto outer = [&](std::ptrdiff_t rows, std::ptrdiff_t cols, const T* first, const T* second) {
    is_large ? loops::outer_sum(rows, cols, count, first, second, adds, out)
             : multiply_outer<T>(rows, cols, count, first, second, adds, out);
  };
  T* u = scratch.data();
  T* columns = u + count * m;  // of all B beside each other
  for (std::ptrdiff_t l = 0; l < q; ++l) {
    for (std::ptrdiff_t t = 0; t < count; ++t) {
      copy_column(terms[static_cast<std::size_t>(t)].b, l, T(1), columns + (l * count + t) * p);
    }
  }
  for (std::ptrdiff_t j = 0; j < terms[0].a.cols; ++j) {
    for (std::ptrdiff_t t = 0; t < count; ++t) {
      const KroneckerTerm<T>& term = terms[static_cast<std::size_t>(t)];
      copy_column(term.a, j, term.alpha, u + t * m);
    }
    for (std::ptrdiff_t l = 0; l < q; ++l, out += m * p) {
      const T* v = columns + l * count * p;
      if (commuted) {
        outer(m, p, u, v);
      } else {
        outer(p, m, v, u);
      }
    }
  }
}

template <class T>
void commute(const Matrix<const T>& a, std::ptrdiff_t m, std::ptrdiff_t n, T* out) {
  for (std::ptrdiff_t j = 0; j < a.cols; ++j, out += a.rows) {
    const T* from = a.transposed ? a.data + j : a.data + j * a.rows;
    const std::ptrdiff_t stride = a.transposed ? a.cols : 1;
    for (std::ptrdiff_t k = 0; k < n; ++k) {
      for (std::ptrdiff_t i = 0; i < m; ++i) out[k + i * n] = from[(i + k * m) * stride];
    }
  }
}

template void commute(const Matrix<const double>&, std::ptrdiff_t, std::ptrdiff_t, double*);
template void commute(const Matrix<const float>&, std::ptrdiff_t, std::ptrdiff_t, float*);
template void kronecker_sum(const std::vector<KroneckerTerm<double>>&, bool, bool, double*, std::vector<double>&);
template void kronecker_sum(const std::vector<KroneckerTerm<float>>&, bool, bool, float*, std::vector<float>&);

}  // namespace matgrad::dense
