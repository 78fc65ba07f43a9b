// SPDX-License-Identifier: MIT
// Equations and problems whose solution has a name: what the solution is, in the language, and who says so. In the
// solutions A, B, C are what is known; k is the number of columns of the unknown X.
#pragma once

#include "ops/operator.hpp"

namespace matgrad {

struct NamedSolution {
  const char* solution = "";
  Title name;
  const char* source = "";
};

// A*X + X*B = C.
inline constexpr NamedSolution sylvester_equation = {
    "sylvester(A, B, C)",
    {"a Sylvester equation: `sylvester(A, B, C)` solves `A*X + X*B = C`",
     "Sylvester 方程：`sylvester(A, B, C)` 是 `A*X + X*B = C` 的解"},
    "Bartels & Stewart (1972)"};

// A*X + X*A' = C.
inline constexpr NamedSolution lyapunov_equation = {"sylvester(A, A', C)",
                                                    {"a Lyapunov equation, the Sylvester equation `A*X + X*A' = C`",
                                                     "Lyapunov 方程，即 Sylvester 方程 `A*X + X*A' = C`"},
                                                    "Bartels & Stewart (1972); Golub & Van Loan (2013), 7.6.3"};

// The shortest of the solutions of A*X*B = C, where there are any.
inline constexpr NamedSolution shortest_solution = {
    "pinv(A)*C*pinv(B)",
    {"the system is singular: the shortest of its solutions, by the pseudo-inverse", "方程组奇异：取最短的解（伪逆）"},
    "Penrose (1956)"};

// L of B = L*L', with which X'*B*X = I is V'*V = I for V = L'*X.
inline constexpr const char* root_of_metric = "chol(B)";

// The X with X'*X = I for which tr(A'*X) is largest: U*V' where A = U*S*V' (a singular value decomposition).
inline constexpr NamedSolution orthogonal_procrustes = {
    "A*pinv(sqrtm(A'*A))",
    {"`tr(M'*X)` is largest, among the X with `X'*X = I`, at `U*V'` where `M = U*S*V'` is the singular value "
     "decomposition",
     "在 `X'*X = I` 的 X 中，`tr(M'*X)` 在 `U*V'` 处最大，其中 `M = U*S*V'` 为奇异值分解"},
    "Schönemann (1966); Golub & Van Loan (2013), 6.4.1"};

// Of a vector.
inline constexpr NamedSolution unit_direction = {
    "A/norm2(A)",
    {"`a'*x` is largest, among the x with `x'*x = 1`, in the direction of a",
     "在 `x'*x = 1` 的 x 中，`a'*x` 在 a 的方向上最大"},
    "the Cauchy-Schwarz inequality"};

// The X with X'*X = I for which tr(X'*A*X) is smallest, A symmetric n×n.
inline constexpr NamedSolution smallest_eigenvectors = {
    "sum(i, 1, k, eigvec(A, i)*e(i, k)')",
    {"`tr(X'*A*X)` is smallest, among the X with `X'*X = I`, where the columns of X are the eigenvectors of A for its "
     "smallest eigenvalues",
     "在 `X'*X = I` 的 X 中，`tr(X'*A*X)` 在 X 的各列为 A 的最小特征值的特征向量时最小"},
    "Fan (1949); Horn & Johnson (2013), 4.3.39"};

// Likewise where it is largest.
inline constexpr NamedSolution largest_eigenvectors = {
    "sum(i, 1, k, eigvec(A, n - i + 1)*e(i, k)')",
    {"`tr(X'*A*X)` is largest, among the X with `X'*X = I`, where the columns of X are the eigenvectors of A for its "
     "largest eigenvalues",
     "在 `X'*X = I` 的 X 中，`tr(X'*A*X)` 在 X 的各列为 A 的最大特征值的特征向量时最大"},
    "Fan (1949); Horn & Johnson (2013), 4.3.39"};

}  // namespace matgrad
