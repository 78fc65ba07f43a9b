// SPDX-License-Identifier: MIT
#include "numeric/least_squares.hpp"

#include <algorithm>
#include <limits>

#include "base/factorisations.hpp"

namespace matgrad {
namespace {

constexpr Eigen::Index largest_for_singular_values = 600;

double condition_of(const Eigen::MatrixXd& r, Eigen::Index rank) {
  if (rank == 0) return std::numeric_limits<double>::infinity();
  if (std::min(r.rows(), r.cols()) > largest_for_singular_values) {  // an estimate: the pivots
    const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> qr(r);
    const Eigen::VectorXd pivots = qr.matrixQR().diagonal().cwiseAbs();
    return pivots(0) / pivots(rank - 1);
  }
  const Eigen::VectorXd values = Eigen::BDCSVD<Eigen::MatrixXd>(r).singularValues();
  return values(0) / values(rank - 1);
}

}  // namespace

ShortestSolution shortest_solution(Eigen::MatrixXd a, const Eigen::MatrixXd& b, Eigen::Index rows) {
  const Eigen::Index m = a.rows();
  const Eigen::Index n = a.cols();
  ShortestSolution result;
  Eigen::MatrixXd right = b;
  double rest = 0;
  if (m > n) {  // one pass over the tall matrix, by blocks; what is left is n×n
    const Eigen::HouseholderQR<Eigen::Ref<Eigen::MatrixXd>> qr(a);
    right.applyOnTheLeft(qr.householderQ().adjoint());
    rest = right.bottomRows(m - n).norm();
    right.conservativeResize(n, Eigen::NoChange);
    a = Eigen::MatrixXd(qr.matrixQR().topRows(n).triangularView<Eigen::Upper>());
  }
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> complete;
  complete.setThreshold(std::numeric_limits<double>::epsilon() * static_cast<double>(std::max({m, n, rows})));
  complete.compute(a);
  result.x = complete.solve(right);
  result.rank = complete.rank();
  result.condition = condition_of(a, result.rank);
  const double here = (a * result.x - right).norm();
  result.residual = std::hypot(here, rest);
  return result;
}

}  // namespace matgrad
