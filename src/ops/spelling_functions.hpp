// SPDX-License-Identifier: MIT
// What functions of whole matrices are called in target languages; see spelling.hpp.
#pragma once

#include "ops/operator.hpp"

namespace matgrad::code {

inline constexpr Spelling adjugate[] = {
    {"numpy jax torch", "_adjugate({0})",
     "def _adjugate(A):\n"
     "    U, s, Vt = {np}.linalg.svd(A)\n"
     "    cofactors = {np}.stack([{np}.prod({np}.hstack([s[:i], s[i + 1:]])) for i in range(len(s))])\n"
     "    return {np}.linalg.det(U) * {np}.linalg.det(Vt) * (Vt.T * cofactors) @ U.T\n"},
    {"cpp", "adjugate({0})",
     "const auto adjugate = [](const Eigen::MatrixXd& A) {\n"
     "  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(A, Eigen::ComputeFullU | Eigen::ComputeFullV);\n"
     "  const Eigen::MatrixXd& U = svd.matrixU();\n"
     "  const Eigen::MatrixXd& V = svd.matrixV();\n"
     "  Eigen::VectorXd cofactors(A.rows());\n"
     "  for (Eigen::Index i = 0; i < A.rows(); ++i) {\n"
     "    Eigen::VectorXd others = svd.singularValues();\n"
     "    others(i) = 1;\n"
     "    cofactors(i) = others.prod();\n"
     "  }\n"
     "  return Eigen::MatrixXd(U.determinant() * V.determinant() * V * cofactors.asDiagonal() * U.transpose());\n"
     "};"},
    {"matlab", "adjugate({0})",
     "function Y = adjugate(A)\n"
     "    [U, S, V] = svd(A);\n"
     "    s = diag(S);\n"
     "    cofactors = zeros(size(s));\n"
     "    for i = 1:numel(s)\n"
     "        cofactors(i) = prod(s([1:i - 1, i + 1:end]));\n"
     "    end\n"
     "    Y = det(U) * det(V) * V * diag(cofactors) * U';\n"
     "end"},
    {"julia", "adjugate({0})",
     "function adjugate(A)\n"
     "    U, s, V = svd(A)\n"
     "    cofactors = [prod(s[1:end .!= i]) for i in eachindex(s)]\n"
     "    return det(U) * det(V) * V * Diagonal(cofactors) * U'\n"
     "end"},
};
inline constexpr Spelling pseudo_inverse[] = {
    {"numpy jax torch", "{np}.linalg.pinv({0})", "", "", true},
    {"cpp", "Eigen::MatrixXd({0}).completeOrthogonalDecomposition().pseudoInverse()"},
    {"matlab julia", "pinv({0})"},
};
inline constexpr Spelling exponential[] = {
    {"numpy jax", "{la}.expm({0})"},
    {"torch", "torch.matrix_exp({0})"},
    {"cpp", "Eigen::MatrixXd({0}).exp().eval()", "", "#include <unsupported/Eigen/MatrixFunctions>"},
    {"matlab", "expm({0})"},
    {"julia", "exp({0})"},
};
inline constexpr Spelling frechet[] = {
    {"numpy jax", "{la}.expm_frechet({0}, {1}, compute_expm=False)"},
    {"torch", "_expm_frechet({0}, {1})",
     "def _expm_frechet(A, E):\n"
     "    n = len(A)\n"
     "    top, bottom = torch.hstack([A, E]), torch.hstack([torch.zeros_like(A), A])\n"
     "    return torch.matrix_exp(torch.vstack([top, bottom]))[:n, n:]\n"},
    {"cpp", "expm_frechet({0}, {1})",
     "const auto expm_frechet = [](const Eigen::MatrixXd& A, const Eigen::MatrixXd& E) {\n"
     "  const Eigen::Index n = A.rows();\n"
     "  Eigen::MatrixXd whole(2 * n, 2 * n);\n"
     "  whole << A, E, Eigen::MatrixXd::Zero(n, n), A;\n"
     "  return Eigen::MatrixXd(whole.exp().topRightCorner(n, n));\n"
     "};",
     "#include <unsupported/Eigen/MatrixFunctions>"},
    {"matlab", "expm_frechet({0}, {1})",
     "function Y = expm_frechet(A, E)\n"
     "    n = size(A, 1);\n"
     "    Y = expm([A, E; zeros(n), A]);\n"
     "    Y = Y(1:n, n + 1:end);\n"
     "end"},
    {"julia", "expm_frechet({0}, {1})",
     "function expm_frechet(A, E)\n"
     "    n = size(A, 1)\n"
     "    return exp([A E; zero(A) A])[1:n, n+1:end]\n"
     "end"},
};
inline constexpr Spelling square_root[] = {
    {"numpy jax", "{np}.real({la}.sqrtm({0}))"},
    {"torch", "_sqrtm({0})",
     "def _sqrtm(A):\n"
     "    w, V = torch.linalg.eig(A)\n"
     "    return torch.linalg.solve(V.T, (V * torch.sqrt(w)).T).T.real\n"},
    {"cpp", "Eigen::MatrixXd({0}).sqrt().eval()", "", "#include <unsupported/Eigen/MatrixFunctions>"},
    {"matlab", "real(sqrtm({0}))"},
    {"julia", "real(sqrt({0}))"},
};
inline constexpr Spelling sylvester[] = {
    {"numpy", "scipy.linalg.solve_sylvester({0}, {1}, {2})", "", "", true},
    {"jax torch", "_sylvester({0}, {1}, {2})",
     "def _sylvester(A, B, C):\n"
     "    m, n = C.shape\n"
     "    K = {np}.kron({np}.eye(n){like}, A) + {np}.kron(B.T, {np}.eye(m){like})\n"
     "    return {np}.linalg.solve(K, C.T.ravel()).reshape(n, m).T\n",
     "", true},
    {"cpp", "sylvester({0}, {1}, {2})",
     "const auto sylvester = [](const Eigen::MatrixXd& A, const Eigen::MatrixXd& B, const Eigen::MatrixXd& C) {\n"
     "  const Eigen::Index m = C.rows(), n = C.cols();\n"
     "  const Eigen::MatrixXd K = Eigen::kroneckerProduct(Eigen::MatrixXd::Identity(n, n), A).eval() +\n"
     "                            Eigen::kroneckerProduct(B.transpose(), Eigen::MatrixXd::Identity(m, m)).eval();\n"
     "  const Eigen::VectorXd z = K.partialPivLu().solve(Eigen::VectorXd(C.reshaped()));\n"
     "  return Eigen::MatrixXd(z.reshaped(m, n));\n"
     "};",
     "#include <unsupported/Eigen/KroneckerProduct>"},
    {"matlab", "solve_sylvester({0}, {1}, {2})",
     "function Z = solve_sylvester(A, B, C)\n"
     "    [m, n] = size(C);\n"
     "    Z = reshape((kron(eye(n), A) + kron(B.', eye(m))) \\ C(:), m, n);\n"
     "end"},
    {"julia", "sylvester({0}, {1}, -({2}))"},
};
inline constexpr Spelling cholesky[] = {
    {"numpy jax torch", "{np}.linalg.cholesky({0})"},
    {"cpp", "Eigen::MatrixXd(Eigen::MatrixXd({0}).llt().matrixL())"},
    {"matlab", "chol({0}, 'lower')"},
    {"julia", "Matrix(cholesky(Symmetric({0})).L)"},
};
inline constexpr Spelling softmax[] = {
    {"numpy", "scipy.special.softmax({0})"},
    {"jax", "jax.nn.softmax({0})"},
    {"torch", "torch.softmax({0}, 0)"},
    {"cpp", "softmax({0})",
     "const auto softmax = [](const Eigen::VectorXd& x) {\n"
     "  const Eigen::ArrayXd e = (x.array() - x.maxCoeff()).exp();\n"
     "  return Eigen::VectorXd(e / e.sum());\n"
     "};"},
    {"matlab", "softmax({0})",
     "function y = softmax(x)\n"
     "    y = exp(x - max(x));\n"
     "    y = y / sum(y);\n"
     "end"},
    {"julia", "softmax({0})",
     "function softmax(x)\n"
     "    y = exp.(x .- maximum(x))\n"
     "    return y ./ sum(y)\n"
     "end"},
};
inline constexpr Spelling softmax_rows[] = {
    {"numpy", "scipy.special.softmax({0}, axis=1)", "", "", true},
    {"jax", "jax.nn.softmax({0}, axis=1)", "", "", true},
    {"torch", "torch.softmax({0}, 1)", "", "", true},
    {"cpp", "softmax_rows({0})",
     "const auto softmax_rows = [](const Eigen::MatrixXd& A) {\n"
     "  Eigen::MatrixXd Y = (A.colwise() - A.rowwise().maxCoeff()).array().exp();\n"
     "  Y.array().colwise() /= Y.rowwise().sum().array().eval();\n"
     "  return Y;\n"
     "};"},
    {"matlab", "softmax_rows({0})",
     "function Y = softmax_rows(A)\n"
     "    Y = exp(A - max(A, [], 2));\n"
     "    Y = Y ./ sum(Y, 2);\n"
     "end"},
    {"julia", "softmax_rows({0})",
     "function softmax_rows(A)\n"
     "    Y = exp.(A .- maximum(A, dims=2))\n"
     "    return Y ./ sum(Y, dims=2)\n"
     "end"},
};
inline constexpr Spelling log_sum_exp_rows[] = {
    {"numpy jax", "{special}.logsumexp({0}, axis=1)"},
    {"torch", "torch.logsumexp({0}, 1)"},
    {"cpp", "log_sum_exp_rows({0})",
     "const auto log_sum_exp_rows = [](const Eigen::MatrixXd& A) {\n"
     "  const Eigen::VectorXd largest = A.rowwise().maxCoeff();\n"
     "  return Eigen::VectorXd(largest.array() + (A.colwise() - largest).array().exp().rowwise().sum().log());\n"
     "};"},
    {"matlab", "log_sum_exp_rows({0})",
     "function y = log_sum_exp_rows(A)\n"
     "    y = max(A, [], 2) + log(sum(exp(A - max(A, [], 2)), 2));\n"
     "end"},
    {"julia", "log_sum_exp_rows({0})",
     "function log_sum_exp_rows(A)\n"
     "    largest = maximum(A, dims=2)\n"
     "    return vec(largest .+ log.(sum(exp.(A .- largest), dims=2)))\n"
     "end"},
};
inline constexpr Spelling leading_singular[] = {
    {"numpy jax torch", "_leading_singular({0})",
     "def _leading_singular(A):\n"
     "    U, _, Vt = {np}.linalg.svd(A, full_matrices=False)\n"
     "    return {np}.outer(U[:, 0], Vt[0])\n"},
    {"cpp", "leading_singular({0})",
     "const auto leading_singular = [](const Eigen::MatrixXd& A) {\n"
     "  const Eigen::JacobiSVD<Eigen::MatrixXd> svd(A, Eigen::ComputeThinU | Eigen::ComputeThinV);\n"
     "  return Eigen::MatrixXd(svd.matrixU().col(0) * svd.matrixV().col(0).transpose());\n"
     "};"},
    {"matlab", "leading_singular({0})",
     "function Y = leading_singular(A)\n"
     "    [U, ~, V] = svd(A, 'econ');\n"
     "    Y = U(:, 1) * V(:, 1)';\n"
     "end"},
    {"julia", "leading_singular({0})",
     "function leading_singular(A)\n"
     "    U, _, V = svd(A)\n"
     "    return U[:, 1] * V[:, 1]'\n"
     "end"},
};
inline constexpr Spelling eigenvector[] = {
    {"numpy jax torch", "_eigenvector({0}, {place})",
     "def _eigenvector(A, i):\n"
     "    v = {np}.linalg.eigh(A)[1][:, i]\n"
     "    return v * {np}.sign(v[{np}.argmax({np}.abs(v))])\n"},
    {"cpp", "eigenvector({0}, {place})",
     "const auto eigenvector = [](const Eigen::MatrixXd& A, Eigen::Index i) {\n"
     "  Eigen::VectorXd v = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(A).eigenvectors().col(i);\n"
     "  Eigen::Index largest = 0;\n"
     "  v.cwiseAbs().maxCoeff(&largest);\n"
     "  return Eigen::VectorXd(v(largest) < 0 ? -v : v);\n"
     "};"},
    {"matlab", "eigenvector({0}, {1})",
     "function v = eigenvector(A, i)\n"
     "    [V, D] = eig((A + A') / 2);\n"
     "    [~, order] = sort(diag(D));\n"
     "    v = V(:, order(i));\n"
     "    [~, largest] = max(abs(v));\n"
     "    v = v * sign(v(largest));\n"
     "end"},
    {"julia", "eigenvector({0}, {1})",
     "function eigenvector(A, i)\n"
     "    v = eigvecs(Symmetric(A))[:, i]\n"
     "    return v * sign(v[argmax(abs.(v))])\n"
     "end"},
};

}  // namespace matgrad::code
