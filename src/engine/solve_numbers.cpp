// SPDX-License-Identifier: MIT
#include "engine/solve_numbers.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <random>

#include "base/remark.hpp"
#include "expr/walk.hpp"
#include "numeric/least_squares.hpp"
#include "numeric/sample.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"
#include "solve/squares.hpp"

namespace matgrad {
namespace {

using Matrix = Eigen::MatrixXd;

constexpr double tolerance = 1e-6;

std::string figure(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g", value);
  return buffer;
}

bool is_read(const Store& store, NodeId id, const std::string& name) {
  for (NodeId below : topological(store, id)) {
    if (store[below].op == op::symbol && store.symbol_at(store[below].first).name == name) return true;
  }
  return false;
}

class NumberSolver {
 public:
  NumberSolver(Solved& solved, std::vector<NamedArray> data)
      : solved_(solved), build_(solved.store()), data_(std::move(data)) {}

  Diagnostics notes;

  Result<std::vector<Numbers::Output>> run() {
    std::vector<Numbers::Output> outputs;
    const bool is_plain = solved_.unknowns.size() == 1 && solved_.constraints.empty() && solved_.derivation;
    if (is_plain && solved_.unknowns[0].point.equation) {
      auto found = by_squares(solved_.unknowns[0]);
      if (!found) return tl::make_unexpected(found.error());
      if (*found) outputs.push_back({solved_.unknowns[0].name, array_of(**found)});
    }
    if (outputs.empty()) {
      for (const SolvedUnknown& unknown : solved_.unknowns) {
        auto value = evaluate(unknown.value);
        if (!value) return tl::make_unexpected(value.error());
        outputs.push_back({unknown.name, array_of(*value)});
      }
      notes.push_back(remark(Message::numbers_by_closed_form));
    }
    if (solved_.derivation && solved_.constraints.empty()) {
      if (auto confirmed = confirm(outputs); !confirmed) return tl::make_unexpected(confirmed.error());
    }
    return outputs;
  }

 private:
  static DataArray array_of(const Matrix& matrix) {
    DataArray array;
    array.rows = matrix.rows();
    array.cols = matrix.cols();
    array.dimensions = matrix.size() == 1 ? 0 : matrix.cols() == 1 ? 1 : 2;
    array.values.assign(matrix.data(), matrix.data() + matrix.size());
    return array;
  }

  Result<Matrix> evaluate(NodeId id) const { return value_in(solved_, data_, id); }

  // Nothing where the objective is no sum of squares.
  Result<std::optional<Matrix>> by_squares(const SolvedUnknown& unknown) {
    const Unknown& symbols = unknown.point.unknown;
    if (const auto parts = as_squares(build_, *unknown.point.equation, symbols)) return by_rows(*parts);
    if (const auto sides = as_two_sided_squares(build_, *unknown.point.equation, symbols)) return by_sides(*sides);
    return std::optional<Matrix>();
  }

  // One block of rows for each square: sqrt(weight)*R*F with W = R'*R.
  Result<std::optional<Matrix>> by_rows(const std::vector<Squares>& parts) {
    std::vector<Matrix> blocks;
    std::vector<Matrix> rights;
    Eigen::Index cols = 0;
    for (const Squares& part : parts) {
      const auto weight = evaluate(part.weight);
      if (!weight) return tl::make_unexpected(weight.error());
      if (!((*weight)(0) >= 0)) return std::optional<Matrix>();
      if (solved_.store()[part.factor].op == op::identity) {
        blocks.emplace_back(*weight);  // as many rows as there are columns: known at the end
        rights.emplace_back();
        continue;
      }
      auto block = block_of(part, std::sqrt((*weight)(0)));
      if (!block) return tl::make_unexpected(block.error());
      if (!*block) return std::optional<Matrix>();
      cols = (*block)->first.cols();
      blocks.push_back(std::move((*block)->first));
      rights.push_back(std::move((*block)->second));
    }
    if (cols == 0) return std::optional<Matrix>();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      if (rights[i].size() != 0) continue;
      blocks[i] = std::sqrt(blocks[i](0)) * Matrix::Identity(cols, cols);
      rights[i] = Matrix::Zero(cols, 1);
    }
    return std::optional<Matrix>(solved_by_rows(blocks, rights));
  }

  using Block = std::pair<Matrix, Matrix>;
  Result<std::optional<Block>> block_of(const Squares& part, double scale) {
    auto factor = evaluate(part.factor);
    if (!factor) return tl::make_unexpected(factor.error());
    Matrix rest = Matrix::Zero(factor->rows(), 1);
    if (part.rest != no_node) {
      auto value = evaluate(part.rest);
      if (!value) return tl::make_unexpected(value.error());
      rest = std::move(*value);
    }
    if (part.middle != no_node) {
      const auto middle = evaluate(part.middle);
      if (!middle) return tl::make_unexpected(middle.error());
      const Eigen::LLT<Matrix> root(*middle);  // W = L*L', R = L'
      if (root.info() != Eigen::Success) return std::optional<Block>();
      *factor = root.matrixU() * *factor;
      rest = root.matrixL().solve(rest);
    }
    return std::optional<Block>(Block{scale * *factor, scale * rest});
  }

  Matrix solved_by_rows(const std::vector<Matrix>& blocks, const std::vector<Matrix>& rights) {
    Eigen::Index rows = 0;
    for (const Matrix& block : blocks) rows += block.rows();
    Matrix all(rows, blocks[0].cols());
    Matrix right(rows, 1);
    Eigen::Index at = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      all.middleRows(at, blocks[i].rows()) = blocks[i];
      right.middleRows(at, blocks[i].rows()) = rights[i];
      at += blocks[i].rows();
    }
    return shortest(std::move(all), right);
  }

  Matrix shortest(Matrix a, const Matrix& b) {
    const Eigen::Index rows = a.rows();
    const Eigen::Index cols = a.cols();
    ShortestSolution solution = shortest_solution(std::move(a), b);
    const Diagnostics said = about_least_squares(rows, cols, solution, solution.residual);
    notes.insert(notes.end(), said.begin(), said.end());
    return std::move(solution.x);
  }

  // F*X*G' nearest to T: first Y = X*G', then X.
  Result<std::optional<Matrix>> by_sides(const TwoSidedSquares& sides) {
    auto value = evaluate(sides.target);
    if (!value) return tl::make_unexpected(value.error());
    Matrix found = std::move(*value);
    if (sides.left != no_node) {
      auto left = evaluate(sides.left);
      if (!left) return tl::make_unexpected(left.error());
      found = shortest(std::move(*left), found);
    }
    if (sides.right != no_node) {
      auto right = evaluate(sides.right);
      if (!right) return tl::make_unexpected(right.error());
      found = Matrix(shortest(std::move(*right), found.transpose()).transpose());
    }
    return std::optional<Matrix>(found);
  }

  // The objective at the solution, moved by `step` along a direction in all unknowns.
  Result<double> objective(const std::vector<Numbers::Output>& outputs, const std::vector<Matrix>& direction,
                           double step) {
    const std::vector<NamedArray> given = data_;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      NamedArray named{outputs[i].name, outputs[i].name, outputs[i].array};
      for (std::size_t k = 0; k < named.array.values.size(); ++k) {
        named.array.values[k] += step * direction[i](static_cast<Eigen::Index>(k));
      }
      data_.push_back(std::move(named));
    }
    auto value = evaluate(solved_.derivation->input);
    data_ = given;
    if (!value) return tl::make_unexpected(value.error());
    return (*value)(0);
  }

  Result<std::pair<double, double>> both_sides(const std::vector<Numbers::Output>& outputs,
                                               const std::vector<Matrix>& direction, double step) {
    const auto up = objective(outputs, direction, step);
    const auto down = objective(outputs, direction, -step);
    if (!up || !down) return tl::make_unexpected(up ? down.error() : up.error());
    return std::pair(*up, *down);
  }

  // Differences along random directions of all unknowns.
  Result<void> confirm(const std::vector<Numbers::Output>& outputs) {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    std::vector<Matrix> direction;
    double length = 0;
    for (const Numbers::Output& output : outputs) {
      direction.push_back(Matrix::Zero(output.array.rows, output.array.cols));
      for (const double value : output.array.values) length += value * value;
    }
    length = std::sqrt(length);
    const auto here = objective(outputs, direction, 0);
    if (!here) return tl::make_unexpected(here.error());
    Surroundings values{*here, {}};
    for (int i = 0; i < stationary_directions; ++i) {
      double norm = 0;
      for (std::size_t u = 0; u < outputs.size(); ++u) {
        direction[u] = direction[u].unaryExpr([&](double) { return normal(random); });
        direction[u] = projected(solved_.store().type(solved_.unknowns[u].symbol).properties, direction[u]);
        norm += direction[u].squaredNorm();
      }
      const double step = stationary_step * length / std::sqrt(norm);
      const auto sides = both_sides(outputs, direction, step);
      if (!sides) return tl::make_unexpected(sides.error());
      if (judged_stationary({*here, {*sides}})) {
        values.sides.push_back(*sides);
        continue;
      }
      // The third derivative may be what is seen: extrapolated from half the step (Richardson).
      const auto halves = both_sides(outputs, direction, step / 2);
      if (!halves) return tl::make_unexpected(halves.error());
      const double mean = (sides->first + sides->second) / 2;
      const double change = (8 * (halves->first - halves->second) - (sides->first - sides->second)) / 6;
      values.sides.emplace_back(mean + change, mean - change);
    }
    auto judged = judged_stationary(values);
    if (!judged) return tl::make_unexpected(judged.error());
    notes.push_back(std::move(*judged));
    return {};
  }

  Solved& solved_;
  Build build_;
  std::vector<NamedArray> data_;
};

}  // namespace

Diagnostics about_least_squares(Eigen::Index rows, Eigen::Index cols, const ShortestSolution& solution,
                                double residual) {
  Diagnostics said{remark(Message::numbers_by_least_squares,
                          {std::to_string(rows), std::to_string(cols), figure(solution.condition), figure(residual)})};
  if (solution.rank < cols) {
    said.push_back(remark(Message::numbers_rank_deficient, {std::to_string(solution.rank), std::to_string(cols)}));
    said.back().severity = Severity::warning;
  }
  return said;
}

// The slope in terms of the curvature: how far the point is from a stationary one, in its own length.
Result<Diagnostic> judged_stationary(const Surroundings& values) {
  double worst = 0;
  for (const auto& [up, down] : values.sides) {
    const double slope = std::abs(up - down) / 2 / stationary_step;
    const double bend = std::abs(up + down - 2 * values.here) / 2 / (stationary_step * stationary_step);
    const double rounding = values.rounding / stationary_step * std::abs(values.here);
    if (slope > rounding) worst = std::max(worst, slope / std::max(bend, 1e-300));
  }
  if (!(worst <= tolerance)) return failure(Message::numbers_not_stationary, {figure(worst)});
  return remark(Message::numbers_stationary, {figure(values.here), std::to_string(values.sides.size()), figure(worst)});
}

Result<Eigen::MatrixXd> value_in(const Solved& solved, const std::vector<NamedArray>& data, NodeId id) {
  NumberRequest request;
  request.what.question.expression = to_text(solved.store(), id);
  for (const Variable& variable : solved.scope().variables()) {
    request.what.question.variables.push_back(
        std::string(variable.name).append(": ").append(solved.scope().kind_text(variable)));
  }
  request.what.question.notation = InputNotation::text;
  request.what.wanted = {Wanted::value};
  for (const NamedArray& named : data) {
    if (is_read(solved.store(), id, named.name)) request.data.push_back(named);
  }
  auto numbers = evaluate_numbers(std::move(request));
  if (!numbers) return tl::make_unexpected(numbers.error());
  const DataArray& array = numbers->outputs[0].array;
  return Matrix(Eigen::Map<const Matrix>(array.values.data(), array.rows, array.cols));
}

Result<SolvedNumbers> solve_numbers(SolveRequest request, std::vector<NamedArray> data) {
  const std::vector<std::string> kinds = declarations_by_data(data, request.variables);
  request.variables.insert(request.variables.end(), kinds.begin(), kinds.end());
  auto solved = solve(request);
  if (!solved) return tl::make_unexpected(solved.error());
  NumberSolver solver(**solved, std::move(data));
  auto outputs = solver.run();
  if (!outputs) return tl::make_unexpected(outputs.error());
  return SolvedNumbers{std::move(*solved), std::move(*outputs), std::move(solver.notes)};
}

}  // namespace matgrad
