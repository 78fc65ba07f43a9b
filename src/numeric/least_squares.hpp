// SPDX-License-Identifier: MIT
// Least squares by orthogonal factorisations: as exact as the condition number of A allows, not of A'*A.
#pragma once

#include <Eigen/Core>

namespace matgrad {

struct ShortestSolution {
  Eigen::MatrixXd x;      // of the smallest norm where there are many
  Eigen::Index rank = 0;  // of A, as far as rounding tells
  double condition = 1;   // the largest singular value over the smallest that counts
  double residual = 0;    // norm2(A*x - b)
};

// The x for which norm2(A*x - b) is smallest, for every column of b. `a` is overwritten. Source: Golub & Van Loan
// (2013), 5.2 and 5.5. `rows`: of the matrix that a triangular A comes from, for the rounding in it.
ShortestSolution shortest_solution(Eigen::MatrixXd a, const Eigen::MatrixXd& b, Eigen::Index rows = 0);

}  // namespace matgrad
