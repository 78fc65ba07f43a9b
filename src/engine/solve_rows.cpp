// SPDX-License-Identifier: MIT
#include "engine/solve_rows.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <random>

#include "base/factorisations.hpp"
#include "base/remark.hpp"
#include "data/row_file.hpp"
#include "expr/walk.hpp"
#include "numeric/least_squares.hpp"
#include "ops/structural.hpp"
#include "plan/blas.hpp"
#include "solve/squares.hpp"

namespace matgrad {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr std::int64_t block_numbers = 1 << 20;  // 8 MB of rows at a time
constexpr std::int64_t ahead = 4;                // blocks that are fetched meanwhile
constexpr double least_reciprocal = 1e-6;        // condition of X'*X: the root of it costs three digits of sixteen

// X and y, block by block.
class Rows {
 public:
  Rows(RowFile& x, RowFile* y_file, const double* y, std::function<void(double)> progress)
      : x_(x), y_file_(y_file), y_(y), progress_(std::move(progress)) {
    block_ = std::clamp<std::int64_t>(block_numbers / x.cols(), 1, x.rows());
    rows_.resize(static_cast<std::size_t>(block_ * x.cols()));
    right_.resize(static_cast<std::size_t>(block_));
  }
  std::int64_t count() const { return x_.rows(); }
  std::int64_t cols() const { return x_.cols(); }

  // f(X', y) of every block: its rows are the columns of X'.
  template <class F>
  Result<void> each(double from, double to, F f) {
    for (std::int64_t first = 0; first < x_.rows(); first += block_) {
      const std::int64_t count = std::min(block_, x_.rows() - first);
      if (auto got = x_.read(first, count, rows_.data()); !got) return got;
      if (first + count < x_.rows()) x_.announce(first + count, std::min(ahead * block_, x_.rows() - first - count));
      const double* right = y_ == nullptr ? right_.data() : y_ + first;
      if (y_ == nullptr) {
        if (auto got = y_file_->read(first, count, right_.data()); !got) return got;
      }
      f(Eigen::Map<const Matrix>(rows_.data(), x_.cols(), count), Eigen::Map<const Vector>(right, count));
      const double part = static_cast<double>(first + count) / static_cast<double>(x_.rows());
      if (progress_) progress_(from + (to - from) * part);
    }
    return {};
  }

 private:
  RowFile& x_;
  RowFile* y_file_;
  const double* y_;
  std::function<void(double)> progress_;
  std::int64_t block_ = 1;
  std::vector<double> rows_;
  std::vector<double> right_;
};

// The sums that the normal equations are made of.
struct Sums {
  Matrix squares;  // X'*X
  Vector products;
};

Result<Sums> sums_of(Rows& rows) {
  const Eigen::Index n = rows.cols();
  Sums sums{Matrix::Zero(n, n), Vector::Zero(n)};
  auto summed = rows.each(0, 0.5, [&](const auto& x, const auto& y) {
    const dense::Matrix<const double> turned{x.data(), n, x.cols(), false};
    dense::multiply<double>(1, turned, turned.turned(), true, true, sums.squares.data());
    sums.products.noalias() += x * y;
  });
  if (!summed) return tl::make_unexpected(summed.error());
  return sums;
}

// R of [X y], block by block: Q is not kept. Source: Golub & Van Loan (2013), 5.2; Demmel et al. (2012), TSQR.
Result<Matrix> triangle_of(Rows& rows, double ridge) {
  const Eigen::Index n = rows.cols();
  Matrix r = Matrix::Zero(n + 1, n + 1);
  r.diagonal().head(n).setConstant(std::sqrt(ridge));
  auto reduced = rows.each(0.5, 0.75, [&](const auto& x, const auto& y) {
    Matrix stacked(n + 1 + x.cols(), n + 1);
    stacked.topRows(n + 1) = r;
    stacked.bottomRows(x.cols()).leftCols(n) = x.transpose();
    stacked.bottomRows(x.cols()).col(n) = y;
    const Eigen::HouseholderQR<Eigen::Ref<Matrix>> factors(stacked);
    r = factors.matrixQR().topRows(n + 1).template triangularView<Eigen::Upper>();
  });
  if (!reduced) return tl::make_unexpected(reduced.error());
  return r;
}

class RowSolver {
 public:
  RowSolver(Rows& rows, double ridge) : rows_(rows), ridge_(ridge) {}
  Diagnostics notes;

  Result<Vector> run() {
    auto sums = sums_of(rows_);
    if (!sums) return tl::make_unexpected(sums.error());
    sums->squares.diagonal().array() += ridge_;
    const Eigen::LLT<Matrix> factor(sums->squares);
    Vector found;
    if (factor.info() == Eigen::Success && factor.rcond() >= least_reciprocal) {
      found = factor.solve(sums->products);
      notes.push_back(remark(Message::numbers_by_closed_form));
    } else {
      auto by_triangle = orthogonally();
      if (!by_triangle) return by_triangle;
      found = std::move(*by_triangle);
    }
    if (auto confirmed = confirm(found); !confirmed) return tl::make_unexpected(confirmed.error());
    return found;
  }

 private:
  Result<Vector> orthogonally() {
    const Eigen::Index n = rows_.cols();
    auto r = triangle_of(rows_, ridge_);
    if (!r) return tl::make_unexpected(r.error());
    ShortestSolution solution = shortest_solution(r->topLeftCorner(n, n), r->topRightCorner(n, 1), rows_.count());
    const double residual = std::hypot(solution.residual, (*r)(n, n));
    const Diagnostics said = about_least_squares(rows_.count(), n, solution, residual);
    notes.insert(notes.end(), said.begin(), said.end());
    return Vector(solution.x.col(0));
  }

  // The objective at the point and on both sides of it along random directions, in one pass.
  Result<void> confirm(const Vector& found) {
    const Eigen::Index n = rows_.cols();
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    Matrix points(n, 1 + 2 * stationary_directions);
    points.col(0) = found;
    const double length = std::max(found.norm(), 1e-300);
    for (int i = 0; i < stationary_directions; ++i) {
      const Vector direction = Vector(n).unaryExpr([&](double) { return normal(random); }).normalized();
      points.col(1 + 2 * i) = found + stationary_step * length * direction;
      points.col(2 + 2 * i) = found - stationary_step * length * direction;
    }
    Eigen::RowVectorXd values = ridge_ * points.colwise().squaredNorm();
    auto passed = rows_.each(0.75, 1, [&](const auto& x, const auto& y) {
      values += ((x.transpose() * points).colwise() - Vector(y)).colwise().squaredNorm();
    });
    if (!passed) return passed;
    Surroundings around{values(0), {}, 1e-13};  // sums of many squares
    for (int i = 0; i < stationary_directions; ++i) around.sides.emplace_back(values(1 + 2 * i), values(2 + 2 * i));
    auto judged = judged_stationary(around);
    if (!judged) return tl::make_unexpected(judged.error());
    notes.push_back(std::move(*judged));
    return {};
  }

  Rows& rows_;
  double ridge_;
};

class Streamed {
 public:
  explicit Streamed(const RowsRequest& request) : request_(request) {}

  Result<std::optional<SolvedNumbers>> run() {
    if (auto opened = open(); !opened) return tl::make_unexpected(opened.error());
    auto solved = solve(question());
    if (!solved) return tl::make_unexpected(solved.error());
    solved_ = std::move(*solved);
    const bool is_plain = solved_->unknowns.size() == 1 && solved_->constraints.empty() && solved_->derivation;
    if (!is_plain || !solved_->unknowns[0].point.equation) return std::optional<SolvedNumbers>();
    Build build(solved_->store());
    const auto parts = as_squares(build, *solved_->unknowns[0].point.equation, solved_->unknowns[0].point.unknown);
    if (!parts || !understood(*parts)) return std::optional<SolvedNumbers>();
    double weight = 0;
    double ridge = 0;
    for (const Squares& part : *parts) {
      const auto value = value_in(*solved_, request_.data, part.weight);
      if (!value) return tl::make_unexpected(value.error());
      (solved_->store()[part.factor].op == op::identity ? ridge : weight) += (*value)(0);
    }
    if (!(weight > 0) || !(ridge >= 0)) return std::optional<SolvedNumbers>();
    return solve_by_rows(ridge / weight);
  }

 private:
  Result<void> open() {
    for (const RowsRequest::File& file : request_.files) {
      auto opened = RowFile::open(file.path);
      if (!opened) return tl::make_unexpected(opened.error());
      files_.push_back(std::move(*opened));
    }
    return {};
  }

  SolveRequest question() const {
    SolveRequest question = request_.question;
    for (std::string& kind : declarations_by_data(request_.data, question.variables)) {
      question.variables.push_back(std::move(kind));
    }
    for (std::size_t i = 0; i < files_.size(); ++i) {
      if (is_declared(request_.files[i].name, question.variables)) continue;
      question.variables.push_back(request_.files[i].name + (files_[i].cols() > 1 ? ": matrix" : ": vector"));
    }
    return question;
  }

  // The file of a symbol's name.
  std::optional<std::size_t> file_of(NodeId id) const {
    const Store& store = solved_->store();
    if (id == no_node || store[id].op != op::symbol) return std::nullopt;
    const std::string& name = store.symbol_at(store[id].first).name;
    for (std::size_t i = 0; i < request_.files.size(); ++i) {
      if (request_.files[i].name == name) return i;
    }
    return std::nullopt;
  }

  const NamedArray* data_of(NodeId id) const {
    const Store& store = solved_->store();
    if (id == no_node || store[id].op != op::symbol) return nullptr;
    return find_named(request_.data, store.symbol_at(store[id].first).name);
  }

  // One part with rows in a file, and nothing else but a multiple of norm2(w)^2.
  bool understood(const std::vector<Squares>& parts) {
    int with_rows = 0;
    for (const Squares& part : parts) {
      if (part.middle != no_node) return false;
      if (solved_->store()[part.factor].op == op::identity) {
        if (part.rest != no_node) return false;
        continue;
      }
      const auto x = file_of(part.factor);
      const auto y = file_of(part.rest);
      const NamedArray* given = data_of(part.rest);
      if (!x || (!y && given == nullptr)) return false;
      x_ = *x;
      y_ = y;
      given_ = given;
      ++with_rows;
    }
    return with_rows == 1;
  }

  Result<std::optional<SolvedNumbers>> solve_by_rows(double ridge) {
    RowFile& x = files_[x_];
    const std::int64_t rights =
        y_ ? files_[*y_].rows() * files_[*y_].cols() : static_cast<std::int64_t>(given_->array.values.size());
    if (rights != x.rows()) {
      const std::string name = y_ ? request_.files[*y_].name : given_->name;
      return failure(Message::data_sizes_disagree,
                     {name, y_ ? files_[*y_].path() : given_->source, std::to_string(rights), "m",
                      std::to_string(x.rows()), request_.files[x_].name});
    }
    Rows rows(x, y_ ? &files_[*y_] : nullptr, y_ ? nullptr : given_->array.values.data(), request_.progress);
    RowSolver solver(rows, ridge);
    auto found = solver.run();
    if (!found) return tl::make_unexpected(found.error());
    DataArray array;
    array.rows = found->size();
    array.dimensions = 1;
    array.values.assign(found->data(), found->data() + found->size());
    std::vector<Numbers::Output> outputs;
    outputs.push_back({solved_->unknowns[0].name, std::move(array)});
    return std::optional<SolvedNumbers>(SolvedNumbers{std::move(solved_), std::move(outputs), std::move(solver.notes)});
  }

  const RowsRequest& request_;
  std::vector<RowFile> files_;
  std::unique_ptr<Solved> solved_;
  std::size_t x_ = 0;
  std::optional<std::size_t> y_;
  const NamedArray* given_ = nullptr;
};

}  // namespace

Result<std::optional<SolvedNumbers>> solve_rows(const RowsRequest& request) {
  return Streamed(request).run();
}

}  // namespace matgrad
