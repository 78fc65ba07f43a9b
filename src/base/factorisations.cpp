// SPDX-License-Identifier: MIT
#include "base/factorisations.hpp"

namespace Eigen {

template class PartialPivLU<MatrixXd>;
template class PartialPivLU<MatrixXcd>;
template class ColPivHouseholderQR<MatrixXd>;
template class JacobiSVD<MatrixXd>;
template class SelfAdjointEigenSolver<MatrixXd>;
template SelfAdjointEigenSolver<MatrixXd>& SelfAdjointEigenSolver<MatrixXd>::compute(const EigenBase<MatrixXd>& matrix,
                                                                                     int options);

}  // namespace Eigen
