// SPDX-License-Identifier: MIT
// What operators are called in target languages, for the field `code` of their entries: only where that is not the
// target's default, a function of the operator's name. C++: of functions of one number, the name of a function; a
// helper is a lambda in front.
#pragma once

#include "ops/operator.hpp"

namespace matgrad::code {

// ---------------------------------------------------------------- entry by entry

inline constexpr Spelling arcsin[] = {{"numpy jax torch", "{np}.arcsin({0})"}};
inline constexpr Spelling arccos[] = {{"numpy jax torch", "{np}.arccos({0})"}};
inline constexpr Spelling arctan[] = {{"numpy jax torch", "{np}.arctan({0})"}};
inline constexpr Spelling sign[] = {
    {"cpp", "sign", "const auto sign = [](double x) { return double((x > 0) - (x < 0)); };"},
};
inline constexpr Spelling relu[] = {
    {"numpy jax", "{np}.maximum({0}, 0)"},
    {"torch", "torch.relu({0})"},
    {"cpp", "relu", "const auto relu = [](double x) { return x > 0 ? x : 0.0; };"},
    {"matlab", "max({0}, 0)"},
    {"julia", "relu", "relu(x) = max(x, zero(x))"},
};
inline constexpr Spelling step[] = {
    {"numpy jax", "{np}.heaviside({0}, 0.0)"},
    {"torch", "torch.heaviside({0}, torch.zeros(()){like})"},
    {"cpp", "step", "const auto step = [](double x) { return x > 0 ? 1.0 : 0.0; };"},
    {"matlab", "double({0} > 0)"},
    {"julia", "step_at_0", "step_at_0(x) = x > 0 ? one(x) : zero(x)"},
};
inline constexpr Spelling sigmoid[] = {
    {"numpy jax", "{special}.expit({0})"},
    {"torch", "torch.sigmoid({0})"},
    {"cpp", "sigmoid",
     "const auto sigmoid = [](double x) {\n"
     "  const double e = std::exp(-std::abs(x));\n"
     "  return (x >= 0 ? 1.0 : e) / (1.0 + e);\n"
     "};"},
    {"matlab", "sigmoid({0})",
     "function y = sigmoid(x)\n"
     "    y = 1 ./ (1 + exp(-x));\n"
     "end"},
    {"julia", "sigmoid", "sigmoid(x) = 1 / (1 + exp(-x))"},
};
inline constexpr Spelling softplus[] = {
    {"numpy jax", "{np}.logaddexp(0, {0})"},
    {"torch", "torch.logaddexp({0}, torch.zeros(()){like})"},
    {"cpp", "softplus",
     "const auto softplus = [](double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); };",
     "#include <algorithm>"},
    {"matlab", "softplus({0})",
     "function y = softplus(x)\n"
     "    y = max(x, 0) + log1p(exp(-abs(x)));\n"
     "end"},
    {"julia", "softplus", "softplus(x) = max(x, zero(x)) + log1p(exp(-abs(x)))"},
};
inline constexpr Spelling erf[] = {
    {"numpy jax torch", "{special}.erf({0})"},
    {"cpp", "error_function", "const auto error_function = [](double x) { return std::erf(x); };"},
    {"julia", "erf", "", "using SpecialFunctions: erf"},
};

// ---------------------------------------------------------------- constants

inline constexpr Spelling identity[] = {
    {"numpy jax torch", "{np}.eye({rows}){like}"},
    {"cpp", "Eigen::MatrixXd::Identity({rows}, {cols})"},
    {"matlab", "eye({rows})"},
    {"julia", "Matrix(1.0I, {rows}, {cols})"},
};
inline constexpr Spelling unit[] = {
    {"numpy jax torch", "{np}.eye({rows}){like}[{place}]"},
    {"cpp", "Eigen::VectorXd::Unit({rows}, {place})"},
    {"matlab", "unit_vector({0}, {rows})",
     "function e = unit_vector(i, n)\n"
     "    e = zeros(n, 1);\n"
     "    e(i) = 1;\n"
     "end"},
    {"julia", "Float64.(1:{rows} .== {0})"},
};
inline constexpr Spelling commutation[] = {
    {"numpy jax torch", "{np}.eye({rows}){like}[{np}.arange({rows}).reshape({1}, {0}).T.ravel()]"},
    {"cpp", "commutation({0}, {1})",
     "const auto commutation = [](Eigen::Index m, Eigen::Index n) {\n"
     "  Eigen::MatrixXd K = Eigen::MatrixXd::Zero(m * n, m * n);\n"
     "  for (Eigen::Index i = 0; i < m; ++i) {\n"
     "    for (Eigen::Index j = 0; j < n; ++j) K(i * n + j, j * m + i) = 1;\n"
     "  }\n"
     "  return K;\n"
     "};"},
    {"matlab", "commutation({0}, {1})",
     "function K = commutation(m, n)\n"
     "    K = eye(m * n);\n"
     "    K = K(reshape(reshape(1:m * n, m, n)', [], 1), :);\n"
     "end"},
    {"julia", "commutation({0}, {1})",
     "commutation(m, n) = Matrix(1.0I, m * n, m * n)[vec(permutedims(reshape(1:m * n, m, n))), :]"},
};
inline constexpr Spelling duplication[] = {
    {"numpy", "_duplication({0})",
     "def _duplication(n):\n"
     "    j, i = np.triu_indices(n)\n"
     "    D = np.zeros((n * n, len(i)))\n"
     "    D[j * n + i, np.arange(len(i))] = 1\n"
     "    D[i * n + j, np.arange(len(i))] = 1\n"
     "    return D\n"},
    {"jax", "_duplication({0})",
     "def _duplication(n):\n"
     "    j, i = jnp.triu_indices(n)\n"
     "    k = jnp.arange(len(i))\n"
     "    return jnp.zeros((n * n, len(i))).at[j * n + i, k].set(1).at[i * n + j, k].set(1)\n"},
    {"torch", "_duplication({0}){like}",
     "def _duplication(n):\n"
     "    j, i = torch.triu_indices(n, n)\n"
     "    D = torch.zeros(n * n, len(i))\n"
     "    D[j * n + i, torch.arange(len(i))] = 1\n"
     "    D[i * n + j, torch.arange(len(i))] = 1\n"
     "    return D\n"},
    {"cpp", "duplication({0})",
     "const auto duplication = [](Eigen::Index n) {\n"
     "  Eigen::MatrixXd D = Eigen::MatrixXd::Zero(n * n, n * (n + 1) / 2);\n"
     "  Eigen::Index k = 0;\n"
     "  for (Eigen::Index j = 0; j < n; ++j) {\n"
     "    for (Eigen::Index i = j; i < n; ++i, ++k) D(j * n + i, k) = D(i * n + j, k) = 1;\n"
     "  }\n"
     "  return D;\n"
     "};"},
    {"matlab", "duplication({0})",
     "function D = duplication(n)\n"
     "    [i, j] = find(tril(ones(n)));\n"
     "    k = (1:numel(i))';\n"
     "    D = zeros(n^2, numel(i));\n"
     "    D(sub2ind(size(D), (j - 1) * n + i, k)) = 1;\n"
     "    D(sub2ind(size(D), (i - 1) * n + j, k)) = 1;\n"
     "end"},
    {"julia", "duplication({0})",
     "function duplication(n)\n"
     "    D = zeros(n^2, n * (n + 1) ÷ 2)\n"
     "    for (k, (i, j)) in enumerate((i, j) for j in 1:n for i in j:n)\n"
     "        D[(j - 1) * n + i, k] = D[(i - 1) * n + j, k] = 1\n"
     "    end\n"
     "    return D\n"
     "end"},
};
inline constexpr Spelling elimination[] = {
    {"numpy jax", "_elimination({0})",
     "def _elimination(n):\n"
     "    j, i = {np}.triu_indices(n)\n"
     "    return {np}.eye(n * n)[j * n + i]\n"},
    {"torch", "_elimination({0}){like}",
     "def _elimination(n):\n"
     "    j, i = torch.triu_indices(n, n)\n"
     "    return torch.eye(n * n)[j * n + i]\n"},
    {"cpp", "elimination({0})",
     "const auto elimination = [](Eigen::Index n) {\n"
     "  Eigen::MatrixXd L = Eigen::MatrixXd::Zero(n * (n + 1) / 2, n * n);\n"
     "  Eigen::Index k = 0;\n"
     "  for (Eigen::Index j = 0; j < n; ++j) {\n"
     "    for (Eigen::Index i = j; i < n; ++i, ++k) L(k, j * n + i) = 1;\n"
     "  }\n"
     "  return L;\n"
     "};"},
    {"matlab", "elimination({0})",
     "function L = elimination(n)\n"
     "    L = eye(n^2);\n"
     "    L = L(tril(true(n)), :);\n"
     "end"},
    {"julia", "elimination({0})",
     "elimination(n) = Matrix(1.0I, n^2, n^2)[[(j - 1) * n + i for j in 1:n for i in j:n], :]"},
};
inline constexpr Spelling circle_number[] = {
    {"numpy jax torch", "{np}.pi"},
    {"cpp", "3.14159265358979323846"},
    {"matlab julia", "pi"},
};

// ---------------------------------------------------------------- rearrangements and products

inline constexpr Spelling matrix_power[] = {
    {"numpy jax torch", "{np}.linalg.matrix_power({0}, {1})"},
    {"cpp", "matrix_power({0}, {1})",
     "const auto matrix_power = [](const Eigen::MatrixXd& A, int k) {\n"
     "  Eigen::MatrixXd square = k < 0 ? Eigen::MatrixXd(A.inverse()) : A;\n"
     "  Eigen::MatrixXd result = Eigen::MatrixXd::Identity(A.rows(), A.cols());\n"
     "  for (k = std::abs(k); k > 0; k /= 2, square = square * square) {\n"
     "    if (k % 2 == 1) result = result * square;\n"
     "  }\n"
     "  return result;\n"
     "};"},
    {"matlab julia", "({0}^{1})"},
};
inline constexpr Spelling diagonal_matrix[] = {
    {"numpy jax torch", "{np}.diag({0})"},
    {"cpp", "Eigen::MatrixXd({0}.asDiagonal())"},
    {"matlab", "diag({0})"},
    {"julia", "Matrix(Diagonal({0}))"},
};
inline constexpr Spelling diagonal_part[] = {
    {"numpy jax torch", "{np}.diag({0})"},
    {"cpp", "{0}.diagonal()"},
    {"matlab julia", "diag({0})"},
};
inline constexpr Spelling half_vec[] = {
    {"numpy jax", "_vech({0})",
     "def _vech(A):\n"
     "    j, i = {np}.triu_indices(len(A))\n"
     "    return A[i, j]\n"},
    {"torch", "_vech({0})",
     "def _vech(A):\n"
     "    j, i = torch.triu_indices(len(A), len(A))\n"
     "    return A[i, j]\n"},
    {"cpp", "vech({0})",
     "const auto vech = [](const Eigen::MatrixXd& A) {\n"
     "  Eigen::VectorXd v(A.rows() * (A.rows() + 1) / 2);\n"
     "  Eigen::Index k = 0;\n"
     "  for (Eigen::Index j = 0; j < A.cols(); ++j) {\n"
     "    for (Eigen::Index i = j; i < A.rows(); ++i) v(k++) = A(i, j);\n"
     "  }\n"
     "  return v;\n"
     "};"},
    {"matlab", "vech({0})",
     "function v = vech(A)\n"
     "    v = A(tril(true(size(A))));\n"
     "end"},
    {"julia", "vech({0})", "vech(A) = [A[i, j] for j in axes(A, 2) for i in j:size(A, 1)]"},
};
inline constexpr Spelling lower_triangle[] = {
    {"numpy jax torch", "{np}.tril({0})", "", "", true},
    {"cpp", "Eigen::MatrixXd({0}.triangularView<Eigen::Lower>())"},
    {"matlab julia", "tril({0})"},
};
inline constexpr Spelling upper_triangle[] = {
    {"numpy jax torch", "{np}.triu({0})", "", "", true},
    {"cpp", "Eigen::MatrixXd({0}.triangularView<Eigen::Upper>())"},
    {"matlab julia", "triu({0})"},
};
inline constexpr Spelling kronecker[] = {
    {"numpy jax", "{np}.kron({0}, {1})", "", "", true},
    {"torch", "torch.kron({0}.contiguous(), {1}.contiguous())", "", "", true},  // views fail in PyTorch 1.13
    {"cpp", "Eigen::kroneckerProduct({0}, {1}).eval()", "", "#include <unsupported/Eigen/KroneckerProduct>", true},
    {"matlab julia", "kron({0}, {1})"},
};
inline constexpr Spelling cross[] = {
    {"numpy jax", "{np}.cross({0}, {1})"},
    {"torch", "torch.linalg.cross({0}, {1})"},
    {"cpp", "Eigen::Vector3d({0}).cross(Eigen::Vector3d({1}))", "", "#include <Eigen/Geometry>"},
    {"matlab julia", "cross({0}, {1})"},
};
inline constexpr Spelling cross_matrix[] = {
    {"numpy jax", "{np}.cross({np}.eye(3), {0})"},
    {"torch", "torch.linalg.cross(torch.eye(3){like}, {0}[None, :])"},
    {"cpp", "cross_matrix({0})",
     "const auto cross_matrix = [](const Eigen::VectorXd& x) {\n"
     "  Eigen::MatrixXd S(3, 3);\n"
     "  S << 0, -x(2), x(1), x(2), 0, -x(0), -x(1), x(0), 0;\n"
     "  return S;\n"
     "};"},
    {"matlab", "cross_matrix({0})",
     "function S = cross_matrix(x)\n"
     "    S = [0, -x(3), x(2); x(3), 0, -x(1); -x(2), x(1), 0];\n"
     "end"},
    {"julia", "cross_matrix({0})", "cross_matrix(x) = [0 -x[3] x[2]; x[3] 0 -x[1]; -x[2] x[1] 0]"},
};

// ---------------------------------------------------------------- numbers for arrays

inline constexpr Spelling trace[] = {
    {"numpy jax torch", "{np}.trace({0})"},
    {"cpp", "{0}.trace()"},
    {"matlab", "trace({0})"},
    {"julia", "tr({0})"},
};
inline constexpr Spelling log_sum_exp[] = {
    {"numpy jax", "{special}.logsumexp({0})"},
    {"torch", "torch.logsumexp({0}, 0)"},
    {"cpp", "log_sum_exp({0})",
     "const auto log_sum_exp = [](const Eigen::VectorXd& x) {\n"
     "  const double largest = x.maxCoeff();\n"
     "  return largest + std::log((x.array() - largest).exp().sum());\n"
     "};"},
    {"matlab", "log_sum_exp({0})",
     "function y = log_sum_exp(x)\n"
     "    y = max(x) + log(sum(exp(x - max(x))));\n"
     "end"},
    {"julia", "log_sum_exp({0})", "log_sum_exp(x) = maximum(x) + log(sum(exp.(x .- maximum(x))))"},
};
inline constexpr Spelling nuclear_norm[] = {
    {"numpy jax torch", "{np}.linalg.norm({0}, \"nuc\")"},
    {"cpp", "Eigen::MatrixXd({0}).jacobiSvd().singularValues().sum()"},
    {"matlab", "sum(svd({0}))"},
    {"julia", "sum(svdvals({0}))"},
};
inline constexpr Spelling spectral_norm[] = {
    {"numpy jax torch", "{np}.linalg.norm({0}, 2)"},
    {"cpp", "Eigen::MatrixXd({0}).jacobiSvd().singularValues()(0)"},
    {"matlab", "norm({0})"},
    {"julia", "opnorm({0})"},
};
inline constexpr Spelling eigenvalue[] = {
    {"numpy jax torch", "{np}.linalg.eigvalsh({0})[{place}]"},
    {"cpp", "Eigen::MatrixXd({0}).selfadjointView<Eigen::Lower>().eigenvalues()({place})"},
    {"matlab", "eigenvalue({0}, {1})",
     "function w = eigenvalue(A, i)\n"
     "    w = sort(eig((A + A') / 2));\n"
     "    w = w(i);\n"
     "end"},
    {"julia", "eigvals(Symmetric({0}))[{1}]"},
};
inline constexpr Spelling maximum[] = {{"numpy jax torch", "{np}.max({0})"},
                                       {"cpp", "{0}.maxCoeff()"},
                                       {"matlab", "max(max({0}))"},
                                       {"julia", "maximum({0})"}};
inline constexpr Spelling minimum[] = {{"numpy jax torch", "{np}.min({0})"},
                                       {"cpp", "{0}.minCoeff()"},
                                       {"matlab", "min(min({0}))"},
                                       {"julia", "minimum({0})"}};
inline constexpr Spelling matrix_rank[] = {
    {"numpy jax torch", "{np}.linalg.matrix_rank({0})", "", "", true},
    {"cpp", "double(Eigen::JacobiSVD<Eigen::MatrixXd>({0}).rank())"},
    {"matlab julia", "rank({0})"},
};

}  // namespace matgrad::code
