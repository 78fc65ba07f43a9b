// SPDX-License-Identifier: MIT
#include "engine/parameters.hpp"

#include <Eigen/Cholesky>
#include <cmath>
#include <utility>

namespace matgrad {
namespace {

using Matrix = Eigen::MatrixXd;
using In = Eigen::Map<const Matrix>;
using Out = Eigen::Map<Matrix>;

bool has(Properties properties, Properties wanted) {
  return (properties & wanted) == wanted;
}

// Whether the entry has a number of its own; the others are zero or follow from those.
bool is_free(Properties properties, std::int64_t row, std::int64_t col) {
  if (has(properties, diagonal)) return row == col;
  if (has(properties, skew)) return row > col;
  if (has(properties, symmetric) || has(properties, lower)) return row >= col;
  return !has(properties, upper) || row <= col;
}

// Calls f(row, col, index) for the entries that have numbers of their own.
template <class F>
void each_free(const Parameters::Unknown& u, F f) {
  std::size_t at = u.first;
  for (std::int64_t j = 0; j < u.cols; ++j) {
    for (std::int64_t i = 0; i < u.rows; ++i) {
      if (is_free(u.properties, i, j)) f(i, j, at++);
    }
  }
}

Matrix factor_of(const Parameters::Unknown& u, const double* numbers) {
  Matrix lower = Matrix::Zero(u.rows, u.rows);
  each_free(u, [&](std::int64_t i, std::int64_t j, std::size_t at) { lower(i, j) = numbers[at]; });
  return lower;
}

}  // namespace

bool Parameters::are_known(Properties properties) {
  return !has(properties, orthogonal);
}

void Parameters::add(std::string name, Properties properties, std::int64_t rows, std::int64_t cols) {
  Unknown u{std::move(name), properties, rows, cols, count_, 0, array_size_};
  each_free(u, [&](std::int64_t, std::int64_t, std::size_t) { ++u.count; });
  count_ += u.count;
  array_size_ += u.size();
  unknowns_.push_back(std::move(u));
}

void Parameters::to_arrays(const double* numbers, double* arrays) const {
  for (const Unknown& u : unknowns_) {
    Out x(arrays + u.array, u.rows, u.cols);
    if (u.is_factored()) {
      const Matrix l = factor_of(u, numbers);
      x = l * l.transpose();
      continue;
    }
    if (u.count != u.size()) x.setZero();
    each_free(u, [&](std::int64_t i, std::int64_t j, std::size_t at) {
      x(i, j) = u.is_logarithmic() ? std::exp(numbers[at]) : numbers[at];
      if (i == j) return;
      if (has(u.properties, symmetric)) x(j, i) = x(i, j);
      if (has(u.properties, skew)) x(j, i) = -x(i, j);
    });
  }
}

void Parameters::to_numbers(const double* arrays, double* numbers) const {
  for (const Unknown& u : unknowns_) {
    const In x(arrays + u.array, u.rows, u.cols);
    Matrix source = x;
    if (u.is_factored()) source = Matrix(Eigen::LLT<Matrix>(source).matrixL());
    each_free(u, [&](std::int64_t i, std::int64_t j, std::size_t at) {
      numbers[at] = u.is_logarithmic() && !u.is_factored() ? std::log(source(i, j)) : source(i, j);
    });
  }
}

void Parameters::gradient(const double* numbers, const double* gradients, double* by_numbers) const {
  for (const Unknown& u : unknowns_) {
    const In g(gradients + u.array, u.rows, u.cols);
    if (u.is_factored()) {
      const Matrix by_factor = (g + g.transpose()) * factor_of(u, numbers);  // d(L*L') = dL*L' + L*dL'
      each_free(u, [&](std::int64_t i, std::int64_t j, std::size_t at) { by_numbers[at] = by_factor(i, j); });
      continue;
    }
    each_free(u, [&](std::int64_t i, std::int64_t j, std::size_t at) {
      double slope = g(i, j);
      if (i != j && has(u.properties, symmetric)) slope += g(j, i);
      if (i != j && has(u.properties, skew)) slope -= g(j, i);
      by_numbers[at] = u.is_logarithmic() ? slope * std::exp(numbers[at]) : slope;
    });
  }
}

std::vector<std::size_t> Parameters::numbers_by_entry(const Unknown& unknown) {
  std::vector<std::size_t> found(unknown.size(), npos);
  if (unknown.is_factored()) return found;
  const auto at_entry = [&](std::int64_t i, std::int64_t j) -> std::size_t& {
    return found[static_cast<std::size_t>(i + j * unknown.rows)];
  };
  each_free(unknown, [&](std::int64_t i, std::int64_t j, std::size_t at) {
    at_entry(i, j) = at;
    if (has(unknown.properties, symmetric)) at_entry(j, i) = at;
  });
  return found;
}

}  // namespace matgrad
