// SPDX-License-Identifier: MIT
// Functions of a vector or matrix as a whole, and constants by name.
#include <cmath>
#include <limits>
#include <unsupported/Eigen/MatrixFunctions>
#include <utility>

#include "base/factorisations.hpp"
#include "ops/build.hpp"
#include "ops/families.hpp"
#include "ops/spelling.hpp"
#include "ops/spelling_functions.hpp"
#include "ops/structural.hpp"
#include "ops/vectorised.hpp"

namespace matgrad {
namespace {

template <class T>
Array<T> softmax_of(const Array<T>& x) {
  // The whole complex number: the largest exponential is 1, and what the others take from it keeps all its digits.
  Eigen::Index row = 0;
  Eigen::Index col = 0;
  x.real().maxCoeff(&row, &col);
  const T shift = x(row, col);
  // One by one: vectorised exponentials do not reach 0.
  const Array<T> exponentials = x.unaryExpr([&](T entry) { return T(std::exp(entry - shift)); });
  return exponentials / exponentials.sum();
}

template <class T>
Array<T> log_sum_exp_of_rows(const Array<T>& x) {
  Array<T> result(x.rows(), 1);
  for (Eigen::Index i = 0; i < x.rows(); ++i) {
    const double largest = x.row(i).real().maxCoeff();
    const T shift = std::isfinite(largest) ? T(largest) : T(0);
    result(i) = shift + T(std::log(x.row(i).unaryExpr([&](T entry) { return T(std::exp(entry - shift)); }).sum()));
  }
  return result;
}

template <class T>
Array<T> not_a_number(const Array<T>& shape) {
  return Array<T>::Constant(shape.rows(), shape.cols(), T(std::numeric_limits<double>::quiet_NaN()));
}

// ---------------------------------------------------------------- the matrix exponential

// Whether b is a multiple of a power of the matrix that a is a multiple of: then they commute.
bool commutes(Build& build, NodeId a, NodeId b) {
  auto base = [&](NodeId id) { return build.split_matrix_power(build.split_scale(id).second).first; };
  return build.store()[base(b)].op == op::identity || base(a) == base(b);
}

std::optional<NodeId> canonical_exponential(Build& build, OpId self, std::span<const NodeId> arguments) {
  Store& store = build.store();
  const NodeId a = arguments[0];
  const Type shape = store.type(a);
  if (store[a].op == op::zeros) return build.identity(shape.rows);
  const auto [scalar, body] = build.split_scale(a);
  if (store[body].op == op::identity) return build.scale(build.call("exp", {scalar}), body);
  if (shape.has(symmetric) || shape.has(skew)) {
    const NodeId result = build.raw_call(self, arguments);
    store.add_properties(result, shape.has(symmetric) ? positive_definite : orthogonal);
    return result;
  }
  return std::nullopt;
}

// L(X,E) = expm(X)*E where X and E commute; linear in E.
std::optional<NodeId> canonical_frechet(Build& build, OpId self, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  const NodeId direction = arguments[1];
  const auto [scalar, body] = build.split_scale(direction);
  if (build.is_zero(direction)) return direction;
  if (commutes(build, a, body)) return build.product(direction, build.call("expm", {a}));
  if (body != direction) return build.scale(scalar, build.call(self, NodeList{a, body}));
  return std::nullopt;
}

// A diagonal scaling D, of powers of 2, for which inv(D)*A*D has rows and columns of like size (Parlett and Reinsch
// (1969), Balancing a matrix for calculation of eigenvalues and eigenvectors). What is below 1 needs no balance.
template <class T>
Eigen::VectorXd balance(Array<T>& a) {
  constexpr int most_sweeps = 50;
  Eigen::VectorXd d = Eigen::VectorXd::Ones(a.rows());
  bool changed = true;
  for (int sweep = 0; changed && sweep < most_sweeps; ++sweep) {
    changed = false;
    for (Eigen::Index i = 0; i < a.rows(); ++i) {
      const double column = 1 + a.col(i).cwiseAbs().sum() - std::abs(a(i, i));
      const double row = 1 + a.row(i).cwiseAbs().sum() - std::abs(a(i, i));
      const double factor = std::exp2(std::round(std::log2(row / column) / 2));
      if (!(column * factor + row / factor < 0.95 * (column + row))) continue;
      a.col(i) *= factor;
      a.row(i) /= factor;
      d(i) *= factor;
      changed = true;
    }
  }
  return d;
}

// Balanced first: the exponential halves its argument by the norm of the whole, and beside a large E in [A, E; 0, A]
// nothing of A would be left.
template <class T>
Array<T> exponential_of(Array<T> a) {
  if (!a.allFinite()) return not_a_number(a);
  const Eigen::VectorXd d = balance(a);
  if (!d.allFinite() || d.minCoeff() == 0) return not_a_number(a);
  const Array<T> exponential = a.exp();
  return d.asDiagonal() * exponential * d.cwiseInverse().asDiagonal();
}

// The upper right block of expm([A, E; 0, A]) (Higham, Functions of Matrices (2008), 3.2).
template <class T>
Array<T> frechet_of(const Array<T>& a, const Array<T>& direction) {
  const Eigen::Index n = a.rows();
  Array<T> whole = Array<T>::Zero(2 * n, 2 * n);
  whole.topLeftCorner(n, n) = a;
  whole.bottomRightCorner(n, n) = a;
  whole.topRightCorner(n, n) = direction;
  return exponential_of(std::move(whole)).topRightCorner(n, n);
}

// ---------------------------------------------------------------- square roots, Sylvester equations

std::optional<NodeId> canonical_square_root(Build& build, OpId self, std::span<const NodeId> arguments) {
  Store& store = build.store();
  const NodeId a = arguments[0];
  if (store[a].op == op::zeros || store[a].op == op::identity) return a;
  const auto [scalar, body] = build.split_scale(a);
  if (body != a && store.type(scalar).has(positive)) {
    return build.scale(build.power(scalar, build.number(Rational(1, 2))), build.call(self, NodeList{body}));
  }
  return std::nullopt;
}

// A*Z + Z*B = C; linear in C, and half of inv(A)*C where A = B commutes with C.
std::optional<NodeId> canonical_sylvester(Build& build, OpId self, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  const NodeId b = arguments[1];
  const NodeId c = arguments[2];
  if (build.is_zero(c)) return c;
  if (a == b && commutes(build, a, c)) {
    return build.scaled(Rational(1, 2), build.product(build.call("inv", {a}), c));
  }
  const auto [scalar, body] = build.split_scale(c);
  if (body != c) return build.scale(scalar, build.call(self, NodeList{a, b, body}));
  return std::nullopt;
}

constexpr double smallest_reciprocal_condition = 1e-15;

template <class T>
Array<T> sylvester_of(const Array<T>& a, const Array<T>& b, const Array<T>& c) {
  const Eigen::Index m = a.rows();
  const Eigen::Index n = b.rows();
  Array<T> whole = Array<T>::Zero(m * n, m * n);
  for (Eigen::Index j = 0; j < n; ++j) {
    whole.block(j * m, j * m, m, m) += a;
    for (Eigen::Index k = 0; k < n; ++k) {
      whole.block(j * m, k * m, m, m).diagonal().array() += b(k, j);
    }
  }
  const Array<T> right = c.reshaped(m * n, 1);
  const Eigen::PartialPivLU<Array<T>> factors(whole);
  // A and -B share an eigenvalue but for rounding: there is no solution, or there are many.
  if (!(factors.rcond() > smallest_reciprocal_condition)) return not_a_number(c);
  const Array<T> solution = factors.solve(right);
  return solution.reshaped(m, n);
}

// Denman and Beavers' iteration, analytic in the entries (Higham (2008), 6.3).
template <class T>
Array<T> square_root_of(const Array<T>& a) {
  constexpr int most_steps = 60;
  Array<T> root = a;
  Array<T> inverse = Array<T>::Identity(a.rows(), a.cols());
  for (int step = 0; step < most_steps; ++step) {
    if (!root.allFinite() || !inverse.allFinite()) break;
    const Array<T> next = (root + inverse.inverse()) / T(2);
    inverse = (inverse + root.inverse()) / T(2);
    const double change = (next - root).cwiseAbs().maxCoeff();
    root = next;
    // The imaginary part of a complex step converges with the real one, a step behind.
    if (change <= 1e-14 * root.cwiseAbs().maxCoeff() && step > 3) {
      return (root + inverse.inverse()) / T(2);
    }
  }
  return not_a_number(a);
}

Array<double> real_square_root_of(const Array<double>& a) {
  if (!a.allFinite()) return not_a_number(a);
  if ((a - a.transpose()).cwiseAbs().maxCoeff() > 1e-12 * a.cwiseAbs().maxCoeff()) return square_root_of(a);
  const Eigen::SelfAdjointEigenSolver<Array<double>> solver(a);
  const double rounding = 1e-13 * std::max(1e-300, solver.eigenvalues().cwiseAbs().maxCoeff());
  if (solver.eigenvalues().minCoeff() < -rounding) return not_a_number(a);
  const Array<double> roots =
      solver.eigenvalues().unaryExpr([&](double value) { return value < rounding ? 0.0 : std::sqrt(value); });
  return solver.eigenvectors() * roots.col(0).asDiagonal() * solver.eigenvectors().transpose();
}

// Of the symmetric part, without conjugation.
template <class T>
Array<T> cholesky_of(const Array<T>& a) {
  const Eigen::Index n = a.rows();
  Array<T> factor = Array<T>::Zero(n, n);
  for (Eigen::Index j = 0; j < n; ++j) {
    for (Eigen::Index i = j; i < n; ++i) {
      T rest = (a(i, j) + a(j, i)) / T(2);
      for (Eigen::Index k = 0; k < j; ++k) rest -= factor(i, k) * factor(j, k);
      if (i == j && !(real_part(rest) > 0)) return not_a_number(a);
      factor(i, j) = i == j ? T(std::sqrt(rest)) : T(rest / factor(j, j));
    }
  }
  return factor;
}

constexpr const char* frechet_blocks = "[I(n), zeros(n,n)]*expm([A, B; zeros(n,n), A])*[zeros(n,n); I(n)]";

constexpr Operator matrix_functions[] = {
    {.name = "expm",
     .type = "(n,n) -> (n,n)",
     .keeps = symmetric | diagonal | lower | upper,
     .transposing = Transposing::commutes,
     .slots = {smooth("expm_frechet(A, dA)")},
     .rewrites = {{"expm(A)*expm(-A) = I(n)", "", {"exponential of the negative", "负矩阵的指数"}},
                  {"expm(-A)*expm(A) = I(n)", "", {"exponential of the negative", "负矩阵的指数"}},
                  {"inv(expm(A)) = expm(-A)", "", {"inverse of an exponential", "矩阵指数的逆"}},
                  {"det(expm(A)) = exp(tr(A))", "", {"determinant of an exponential", "矩阵指数的行列式"}},
                  {"logdet(expm(A)) = tr(A)", "", {"determinant of an exponential", "矩阵指数的行列式"}},
                  {"expm(diagm(x)) = diagm(exp(x))", "", {"exponential of a diagonal matrix", "对角阵的指数"}}},
     .latex = "\\operatorname{expm}({0})",
     .code = code::exponential,
     .kernel = kernel([](auto a, Size) { return exponential_of(a[0]); }),
     .canonical = canonical_exponential,
     .step = {"differential of a matrix exponential (Fréchet derivative)", "矩阵指数的微分（Fréchet 导数）"},
     .source = "Higham (2008), Functions of Matrices, (10.15)"},
    // The Fréchet derivative of expm at A in the direction B: the integral of expm(s*A)*B*expm((1-s)*A) over s in
    // [0,1].
    {.name = "expm_frechet",
     .type = "(n,n),(n,n) -> (n,n)",
     .transposing = Transposing::pushes,
     .slots = {smooth("[I(n), zeros(n,n)]*expm_frechet([A, B; zeros(n,n), A], [dA, zeros(n,n); zeros(n,n), dA])*"
                      "[zeros(n,n); I(n)]"),
               linear("expm_frechet(A', G)",
                      "[I(n*n), zeros(n*n,n*n)]*expm([kron(A',I(n)), I(n*n); zeros(n*n,n*n), kron(I(n),A)])*"
                      "[zeros(n*n,n*n); I(n*n)]")},
     .written_out = frechet_blocks,
     .code = code::frechet,
     .kernel = kernel([](auto a, Size) { return frechet_of(a[0], a[1]); }),
     .canonical = canonical_frechet,
     .step = {"second Fréchet derivative of the exponential", "矩阵指数的二阶 Fréchet 导数"},
     .source = "Higham & Relton (2014), Higher order Fréchet derivatives"},
    {.name = "sqrtm",
     .type = "(n,n) -> (n,n)",
     .keeps = symmetric | positive_definite | positive_semidefinite | diagonal | lower | upper,
     .transposing = Transposing::commutes,
     .domain = "no negative eigenvalue",
     .slots = {smooth("sylvester(Y, Y, dA)")},
     .rewrites = {{"sqrtm(A)^2 = A", "", {"square of a square root", "平方根的平方"}},
                  {"sqrtm(A^2) = A", "spd(A)", {"square root of a square", "平方的平方根"}},
                  {"det(sqrtm(A)) = sqrt(det(A))", "", {"determinant of a square root", "平方根的行列式"}},
                  {"sqrtm(diagm(x)) = diagm(sqrt(x))", "", {"square root of a diagonal matrix", "对角阵的平方根"}}},
     .latex = "\\operatorname{sqrtm}({0})",
     .code = code::square_root,
     .kernel = kernel_pair([](auto a, Size) { return real_square_root_of(a[0]); },
                           [](auto a, Size) { return square_root_of(a[0]); }),
     .canonical = canonical_square_root,
     .step = {"differential of a matrix square root: Y*dY + dY*Y = dA", "矩阵平方根的微分：Y*dY + dY*Y = dA"},
     .source = "Higham (2008), Functions of Matrices, chapter 6",
     .note = "sqrtm is the principal square root: no eigenvalue may be negative or zero | "
             "sqrtm 是主平方根：不得有非正特征值"},
    // The solution Z of A*Z + Z*B = C.
    {.name = "sylvester",
     .type = "(m,m),(n,n),(m,n) -> (m,n)",
     .slots = {smooth("-sylvester(A, B, dA*Y)"), smooth("-sylvester(A, B, Y*dB)"),
               linear("sylvester(A', B', G)", "inv(kron(I(n), A) + kron(B', I(m)))")},
     .written_out = "kron(vec(I(n))', I(m))*kron(I(n), inv(kron(I(n), A) + kron(B', I(m)))*vec(C))",
     .latex = "\\operatorname{sylvester}({0}, {1}, {2})",
     .code = code::sylvester,
     .kernel = kernel([](auto a, Size) { return sylvester_of(a[0], a[1], a[2]); }),
     .canonical = canonical_sylvester,
     .step = {"differential of a Sylvester solution", "Sylvester 方程解的微分"},
     .source = "differential of A*Z + Z*B = C | 方程 A*Z + Z*B = C 的微分"},
    {.name = "chol",
     .also = {"cholesky"},
     .type = "(n,n) -> (n,n)",
     .keeps = diagonal,
     .gives = lower,
     .needs = symmetric,
     .domain = "spd",
     .slots = {smooth("Y*(tril(inv(Y)*dA*inv(Y)') - diagm(diagpart(inv(Y)*dA*inv(Y)'))/2)")},
     .rewrites =
         {{"sum(log(diagpart(chol(A)))) = logdet(A)/2",
           "symmetric(A)",
           {"determinant by the Cholesky factor", "由 Cholesky 因子求行列式"}},
          {"det(chol(A)) = sqrt(det(A))",
           "symmetric(A)",
           {"determinant by the Cholesky factor", "由 Cholesky 因子求行列式"}},
          {"logdet(chol(A)) = logdet(A)/2",
           "symmetric(A)",
           {"determinant by the Cholesky factor", "由 Cholesky 因子求行列式"}},
          {"chol(A)*chol(A)' = A", "symmetric(A)", {"definition of the Cholesky factor", "Cholesky 因子的定义"}},
          {"chol(diagm(x)) = diagm(sqrt(x))", "", {"Cholesky factor of a diagonal matrix", "对角阵的 Cholesky 因子"}}},
     .latex = "\\operatorname{chol}({0})",
     .code = code::cholesky,
     .kernel = kernel([](auto a, Size) { return cholesky_of(a[0]); }),
     .step =
         {"differential of a Cholesky factor: dL = L*Φ(inv(L)*dS*inv(L)'), Φ the lower triangle with half the diagonal",
          "Cholesky 因子的微分：dL = L*Φ(inv(L)*dS*inv(L)')，Φ 取下三角且对角减半"},
     .source = "Murray (2016), Differentiation of the Cholesky decomposition"},
    {.name = "softmax",
     .type = "(n,1) -> (n,1)",
     .gives = positive,
     .columns = "softmax_rows(A')'",
     .slots = {smooth("Y.*dA - Y*(Y'*dA)")},
     .rewrites = {{"sum(softmax(x)) = 1", "", {"softmax sums to one", "softmax 之和为一"}}},
     .latex = "\\operatorname{softmax}({0})",
     .code = code::softmax,
     .kernel = with_array(
         kernel([](auto a, Size) { return softmax_of(a[0]); }),
         [](const double* from, double* to, Size size) { vectorised::softmax(from, to, 1, size.rows * size.cols); }),
     .step = {"differential of softmax", "softmax 的微分"},
     .source = "definition and quotient rule | 定义与商法则"},
    {.name = "softmax_rows",
     .type = "(m,n) -> (m,n)",
     .gives = positive,
     .rowwise = true,
     .slots = {smooth("Y.*dA - diagm((Y.*dA)*ones(n))*Y")},
     .rewrites =
         {{"softmax_rows(A)*ones(n) = ones(m)", "", {"softmax sums to one", "softmax 之和为一"}},
          {"diagm(1./(exp(A)*ones(n)))*exp(A) = softmax_rows(A)", "", {"definition of softmax", "softmax 的定义"}},
          {"exp(A)*diagm(1./(exp(A)'*ones(m))) = softmax_rows(A')'", "", {"definition of softmax", "softmax 的定义"}}},
     .latex = "\\operatorname{softmax\\_rows}({0})",
     .code = code::softmax_rows,
     .kernel = with_array(
         kernel([](auto a, Size) {
           using T = typename decltype(a)::Scalar;
           Array<T> result(a[0].rows(), a[0].cols());
           for (Eigen::Index i = 0; i < a[0].rows(); ++i) {
             result.row(i) = softmax_of(Array<T>(a[0].row(i).transpose())).transpose();
           }
           return result;
         }),
         [](const double* from, double* to, Size size) { vectorised::softmax(from, to, size.rows, size.cols); }),
     .step = {"differential of softmax along rows", "按行 softmax 的微分"},
     .source = "definition and quotient rule | 定义与商法则"},
    {.name = "logsumexp_rows",
     .type = "(m,n) -> (m,1)",
     .rowwise = true,
     .slots = {smooth("(softmax_rows(A).*dA)*ones(n)")},
     .rewrites = {{"logsumexp_rows(x) = x", "vector(x)", {"log undoes exp", "log 还原 exp"}},
                  {"logsumexp_rows(x') = logsumexp(x)", "vector(x)", {"one row is a vector", "单行即向量"}}},
     .latex = "\\operatorname{logsumexp\\_rows}({0})",
     .code = code::log_sum_exp_rows,
     .kernel = with_array(
         kernel([](auto a, Size) { return log_sum_exp_of_rows(a[0]); }),
         [](const double* from, double* to, Size size) { vectorised::log_sum_exp(from, to, size.rows, size.cols); }),
     .step = {"differential of log-sum-exp along rows", "按行 log-sum-exp 的微分"},
     .source = "definition and chain rule | 定义与链式法则"},
    {.name = "pi",
     .type = "-> ()",
     .gives = positive,
     .latex = "\\pi",
     .code = code::circle_number,
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       return Array<T>(Array<T>::Constant(1, 1, T(3.14159265358979323846)));
     }),
     .step = {"differential of a constant", "常数的微分"},
     .source = "definition | 定义"},
};
static_assert(complete(matrix_functions));

}  // namespace

std::span<const Operator> matrix_functions_family() {
  return matrix_functions;
}

}  // namespace matgrad
