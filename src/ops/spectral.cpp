// SPDX-License-Identifier: MIT
// What depends on singular values, eigenvalues and order: norms, eigenpairs, and refusals with their reasons.
#include <cmath>
#include <limits>

#include "base/factorisations.hpp"
#include "ops/build.hpp"
#include "ops/families.hpp"
#include "ops/rank.hpp"
#include "ops/spelling.hpp"
#include "ops/spelling_functions.hpp"

namespace matgrad {
namespace {

// ---------------------------------------------------------------- singular values

// A scalar in front of a function that is homogeneous of degree 1 and even.
std::optional<NodeId> canonical_norm(Build& build, OpId self, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  if (build.is_zero(a)) return build.number(0);
  const auto [c, rest] = build.split_coefficient(a);
  if (!c.is_one()) return build.scaled(c.is_negative() ? -c : c, build.call(self, NodeList{rest}));
  const auto [scalar, body] = build.split_scale(a);
  if (body != a && build.type(scalar).has(positive)) {
    return build.times(NodeList{scalar, build.call(self, NodeList{body})});
  }
  return std::nullopt;
}

// A vector's singular value is its length. A wide matrix of known size is turned, so that inv(X'*X) exists.
std::optional<NodeId> canonical_singular_norm(Build& build, OpId self, std::span<const NodeId> arguments) {
  const Type shape = build.type(arguments[0]);
  if (!shape.is_matrix()) return build.call("norm2", {arguments[0]});
  const Dims& dims = build.store().dims;
  const auto rows = dims.as_constant(shape.rows);
  const auto cols = dims.as_constant(shape.cols);
  if (rows && cols && *rows < *cols) return build.call(self, NodeList{build.transpose(arguments[0])});
  return canonical_norm(build, self, arguments);
}

// Of a vector its direction.
std::optional<NodeId> canonical_leading(Build& build, OpId, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  if (build.type(a).is_matrix() || build.is_zero(a)) return std::nullopt;
  return build.divide(a, build.call("norm2", {a}));
}

Array<double> singular_values(const Array<double>& a) {
  if (!a.allFinite()) return Array<double>::Constant(1, 1, std::numeric_limits<double>::quiet_NaN());
  return Eigen::JacobiSVD<Array<double>>(a).singularValues();
}

Array<double> scalar_array(double value) {
  return Array<double>::Constant(1, 1, value);
}

// Differentiable where the rank stays as it is. A singular value that is nearly zero counts here, but no longer in
// sqrtm(A'*A), with which the derivative is written: its square is lost among the others.
Array<double> nuclear_norm_of(const Array<double>& a) {
  const Array<double> values = singular_values(a);
  return scalar_array(numeric_rank(values).known ? values.sum() : std::numeric_limits<double>::quiet_NaN());
}

// ---------------------------------------------------------------- eigenvalues of a symmetric matrix

struct Eigenpair {
  double value = std::numeric_limits<double>::quiet_NaN();
  Array<double> vector;
};

// The i-th eigenvalue in ascending order; the eigenvector's entry of largest size is positive.
Eigenpair eigenpair_of(const Array<double>& a, double position) {
  const auto i = static_cast<Eigen::Index>(std::lround(position));
  Eigenpair result;
  result.vector = Array<double>::Constant(a.rows(), 1, result.value);
  if (!a.allFinite() || i < 1 || i > a.rows()) return result;
  const Eigen::SelfAdjointEigenSolver<Array<double>> solver((a + a.transpose()) / 2);
  result.value = solver.eigenvalues()(i - 1);
  result.vector = solver.eigenvectors().col(i - 1);
  Eigen::Index largest = 0;
  result.vector.col(0).cwiseAbs().maxCoeff(&largest);
  if (result.vector(largest, 0) < 0) result.vector = -result.vector;
  return result;
}

constexpr const char* simple_eigenvalue =
    "where this eigenvalue is simple; eigenvalues are counted from the smallest, eigenvectors have length 1 | "
    "要求该特征值为单特征值；特征值从小到大编号，特征向量长度为 1";

constexpr Operator spectral[] = {
    {.name = "nuclear",
     .also = {"nuclear_norm"},
     .type = "(m,n) -> ()",
     .transposing = Transposing::invariant,
     .domain = "rank(A) = min(m,n)",
     .slots = {smooth("tr(pinv(sqrtm(A'*A))*A'*dA)")},
     .latex = "\\left\\lVert {0} \\right\\rVert_{*}",
     .code = code::nuclear_norm,
     .kernel = real_kernel([](auto a, Size) { return nuclear_norm_of(a[0]); }),
     .canonical = canonical_singular_norm,
     .step = {"differential of the nuclear norm: U*V' of the singular vectors", "核范数的微分：奇异向量之积 U*V'"},
     .source = "Watson (1992), Characterization of the subdifferential of some matrix norms",
     .note = "X*pinv(sqrtm(X'*X)) is U*V' of the singular value decomposition; where the rank is full | "
             "X*pinv(sqrtm(X'*X)) 即奇异值分解的 U*V'；要求满秩"},
    {.name = "spectral",
     .also = {"spectral_norm"},
     .type = "(m,n) -> ()",
     .transposing = Transposing::invariant,
     .slots = {smooth("tr(leading_singular(A)'*dA)")},
     .latex = "\\left\\lVert {0} \\right\\rVert_{\\mathrm{op}}",
     .code = code::spectral_norm,
     .kernel = real_kernel([](auto a, Size) { return scalar_array(singular_values(a[0]).maxCoeff()); }),
     .canonical = canonical_singular_norm,
     .step = {"differential of the spectral norm: u*v' of the leading singular vectors",
              "谱范数的微分：首奇异向量之积 u*v'"},
     .source = "Watson (1992), Characterization of the subdifferential of some matrix norms",
     .note =
         "the quotient with adj is u*v' of the leading singular vectors; where the largest singular value is simple | "
         "含 adj 的商即首奇异向量之积 u*v'；要求最大奇异值为单奇异值"},
    // u*v' of the leading singular vectors. v*v' is the adjugate of s^2*I - A'*A over its trace.
    {.name = "leading_singular",
     .type = "(m,n) -> (m,n)",
     .transposing = Transposing::commutes,
     .domain = "A != 0",
     .slots = {refused("second derivatives of the spectral norm are not known here", "此处不支持谱范数的二阶导数")},
     .written_out = "A*adj(spectral(A)^2*I(n) - A'*A)/(spectral(A)*tr(adj(spectral(A)^2*I(n) - A'*A)))",
     .code = code::leading_singular,
     .kernel = real_kernel([](auto a, Size) {
       if (!a[0].allFinite() || a[0].isZero(0)) {
         return Array<double>(
             Array<double>::Constant(a[0].rows(), a[0].cols(), std::numeric_limits<double>::quiet_NaN()));
       }
       const Eigen::JacobiSVD<Array<double>> svd(a[0], Eigen::ComputeThinU | Eigen::ComputeThinV);
       return Array<double>(svd.matrixU().col(0) * svd.matrixV().col(0).transpose());
     }),
     .canonical = canonical_leading,
     .step = {"leading singular vectors", "首奇异向量"},
     .source = "definition | 定义"},
    {.name = "eig",
     .type = "(n,n),() -> ()",
     .needs = symmetric,
     .domain = "spd, position",
     .slots = {smooth("eigvec(A, B)'*dA*eigvec(A, B)"), constant()},
     .code = code::eigenvalue,
     .kernel = real_kernel([](auto a, Size) { return scalar_array(eigenpair_of(a[0], a.scalar(1)).value); }),
     .step = {"differential of an eigenvalue", "特征值的微分"},
     .source = "Magnus & Neudecker (2019), 8.9; Matrix Cookbook (67)",
     .note = simple_eigenvalue},
    {.name = "eigvec",
     .type = "(n,n),() -> (n,1)",
     .needs = symmetric,
     .domain = "spd, position",
     .slots = {smooth("pinv(eig(A, B)*I(n) - A)*dA*Y"), constant()},
     .rewrites = {{"norm2(eigvec(A,b)) = 1", "", {"eigenvectors have length 1", "特征向量长度为 1"}},
                  {"A*eigvec(A,b) = eig(A,b)*eigvec(A,b)",
                   "symmetric(A)",
                   {"definition of an eigenvector", "特征向量的定义"}}},
     .code = code::eigenvector,
     .kernel = real_kernel([](auto a, Size) { return eigenpair_of(a[0], a.scalar(1)).vector; }),
     .step = {"differential of an eigenvector", "特征向量的微分"},
     .source = "Magnus & Neudecker (2019), 8.9; Matrix Cookbook (68)",
     .note = simple_eigenvalue},
    {.name = "max",
     .type = "(m,n) -> ()",
     .slots = {refused("max is not differentiable where two entries tie; use logsumexp for a smooth maximum",
                       "max 在并列最大处不可微；可用 logsumexp 作光滑近似")},
     .latex = "\\max({0})",
     .code = code::maximum,
     .kernel = real_kernel([](auto a, Size) { return Array<double>(Array<double>::Constant(1, 1, a[0].maxCoeff())); }),
     .step = {"maximum", "最大值"},
     .source = "definition | 定义"},
    {.name = "min",
     .type = "(m,n) -> ()",
     .slots = {refused("min is not differentiable where two entries tie; use -logsumexp(-x) for a smooth minimum",
                       "min 在并列最小处不可微；可用 -logsumexp(-x) 作光滑近似")},
     .latex = "\\min({0})",
     .code = code::minimum,
     .kernel = real_kernel([](auto a, Size) { return Array<double>(Array<double>::Constant(1, 1, a[0].minCoeff())); }),
     .step = {"minimum", "最小值"},
     .source = "definition | 定义"},
    {.name = "rank",
     .type = "(m,n) -> ()",
     .slots = {refused("rank takes integer values only: it has no derivative that says anything; nuclear is its convex "
                       "surrogate",
                       "rank 只取整数值，没有有意义的导数；其凸替代是 nuclear")},
     .latex = "\\operatorname{rank}({0})",
     .code = code::matrix_rank,
     .kernel = real_kernel([](auto a, Size) {
       const auto [rank, known] = numeric_rank(singular_values(a[0]));
       const bool is_told = known && a[0].allFinite();
       return scalar_array(is_told ? static_cast<double>(rank) : std::numeric_limits<double>::quiet_NaN());
     }),
     .step = {"rank", "秩"},
     .source = "definition | 定义"},
};
static_assert(complete(spectral));

}  // namespace

std::span<const Operator> spectral_family() {
  return spectral;
}

}  // namespace matgrad
