// SPDX-License-Identifier: MIT
// Eigen's factorisations of real and complex matrices, compiled once (factorisations.cpp): each is seconds of work for
// a compiler, in every source that would instantiate it anew.
#pragma once

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>
#include <Eigen/SVD>

namespace Eigen {

extern template class PartialPivLU<MatrixXd>;
extern template class PartialPivLU<MatrixXcd>;
extern template class ColPivHouseholderQR<MatrixXd>;
extern template class JacobiSVD<MatrixXd>;
extern template class SelfAdjointEigenSolver<MatrixXd>;
extern template SelfAdjointEigenSolver<MatrixXd>& SelfAdjointEigenSolver<MatrixXd>::compute(
    const EigenBase<MatrixXd>& matrix, int options);

}  // namespace Eigen
