// SPDX-License-Identifier: MIT
// Inverses: inv, the adjugate, the Moore-Penrose inverse.
#include <limits>

#include "base/factorisations.hpp"
#include "ops/build.hpp"
#include "ops/families.hpp"
#include "ops/rank.hpp"
#include "ops/spelling_functions.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

// inv(s*A) = inv(A)/s, inv(A*B) = inv(B)*inv(A) where every factor is square, and the plain cases.
std::optional<NodeId> canonical_inverse(Build& build, OpId self, std::span<const NodeId> arguments) {
  Store& store = build.store();
  const NodeId a = arguments[0];
  const Node node = store[a];
  if (node.type.is_scalar()) return build.power(a, build.number(-1));
  if (node.op == op::identity) return a;
  if (node.op == op::commutation || node.type.has(orthogonal)) return build.transpose(a);
  if (node.op == self) return store.child(a, 0);
  if (node.op == op::transpose && store[store.child(a, 0)].op == self) {
    return build.transpose(store.child(store.child(a, 0), 0));
  }
  if (node.op == op::scale) {
    const NodeId scalar = store.child(a, 0);
    const NodeId inverse = build.call(self, NodeList{store.child(a, 1)});
    return build.divide(inverse, scalar);
  }
  if (node.op == op::matrix_power) {
    const NodeId exponent = store.child(a, 1);
    const NodeId inverse = build.call(self, NodeList{store.child(a, 0)});
    return build.matrix_power(inverse, exponent);
  }
  if (node.op == op::multiply) {
    NodeList inverses;
    for (std::size_t i = node.count; i-- > 0;) {
      const Type& type = store.type(store.child(a, i));
      if (type.rows != type.cols) return std::nullopt;
      inverses.push_back(store.child(a, i));
    }
    for (NodeId& factor : inverses) factor = build.call(self, NodeList{factor});
    return build.multiply(inverses);
  }
  return std::nullopt;
}

std::optional<NodeId> canonical_pseudo_inverse(Build& build, OpId self, std::span<const NodeId> arguments) {
  Store& store = build.store();
  const NodeId a = arguments[0];
  const Node node = store[a];
  if (node.op == op::zeros || build.is_zero(a)) return build.transpose(a);
  if (node.op == op::number) return build.power(a, build.number(-1));
  if (node.op == op::identity) return a;
  if (node.type.has(orthogonal)) return build.transpose(a);
  if (node.op == self) return store.child(a, 0);
  return std::nullopt;
}

// Of a scalar the adjugate is 1.
std::optional<NodeId> canonical_adjugate(Build& build, OpId, std::span<const NodeId> arguments) {
  if (build.type(arguments[0]).is_scalar()) return build.number(1);
  if (build.store()[arguments[0]].op == op::identity) return arguments[0];
  return std::nullopt;
}

// By singular values, so that it holds for singular matrices as well: adj(U*D*V') = det(U*V')*V*adj(D)*U'.
Array<double> adjugate_of(const Array<double>& a) {
  if (!a.allFinite()) return Array<double>::Constant(a.rows(), a.cols(), std::numeric_limits<double>::quiet_NaN());
  const Eigen::JacobiSVD<Array<double>> svd(a, Eigen::ComputeFullU | Eigen::ComputeFullV);
  Array<double> cofactors = Array<double>::Ones(a.rows(), 1);
  for (Eigen::Index i = 0; i < a.rows(); ++i) {
    for (Eigen::Index j = 0; j < a.rows(); ++j) {
      if (j != i) cofactors(i, 0) *= svd.singularValues()(j);
    }
  }
  const double sign = svd.matrixU().determinant() * svd.matrixV().determinant();
  return sign * svd.matrixV() * cofactors.col(0).asDiagonal() * svd.matrixU().transpose();
}

struct Ranked {
  Eigen::JacobiSVD<Array<double>> svd;
  Eigen::Index rank = 0;
  bool known = false;
};

Ranked ranked(const Array<double>& a) {
  Ranked result;
  if (!a.allFinite()) return result;
  result.svd.compute(a, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const auto [rank, known] = numeric_rank(result.svd.singularValues());
  result.rank = rank;
  result.known = known;
  return result;
}

// Of constant rank r, with U and V of the leading singular vectors: A = F*inv(M)*G for F = A*V, M = U'*A*V, G = U'*A,
// so that the pseudo-inverse is G'*inv(G*G')*M*inv(F'*F)*F', which is analytic in A (Magnus & Neudecker (2019), 2.7).
template <class T>
Array<T> pseudo_inverse_of(const Array<T>& a) {
  const Ranked real = ranked(a.real());
  if (!real.known) return Array<T>::Constant(a.cols(), a.rows(), T(std::numeric_limits<double>::quiet_NaN()));
  const Array<T> u = real.svd.matrixU().leftCols(real.rank).template cast<T>();
  const Array<T> v = real.svd.matrixV().leftCols(real.rank).template cast<T>();
  const Array<T> f = a * v;
  const Array<T> g = u.transpose() * a;
  const Array<T> left = Eigen::PartialPivLU<Array<T>>(g * g.transpose()).solve(g).transpose();
  const Array<T> right = Eigen::PartialPivLU<Array<T>>(f.transpose() * f).solve(f.transpose());
  return left * (g * v) * right;
}

Array<double> pseudo_inverse_of(const Array<double>& a) {
  const Ranked real = ranked(a);
  if (!real.known) return Array<double>::Constant(a.cols(), a.rows(), std::numeric_limits<double>::quiet_NaN());
  const auto inverses = real.svd.singularValues().head(real.rank).cwiseInverse();
  return real.svd.matrixV().leftCols(real.rank) * inverses.asDiagonal() *
         real.svd.matrixU().leftCols(real.rank).transpose();
}

constexpr Operator inverses[] = {
    {.name = "inv",
     .also = {"^-1"},
     .type = "(n,n) -> (n,n)",
     .keeps = symmetric | skew | positive_definite | positive_semidefinite | diagonal | lower | upper,
     .transposing = Transposing::commutes,
     .domain = "det(A) != 0",
     .slots = {smooth("-Y*dA*Y")},
     .rewrites = {{"inv(A)*A = I(n)", "", {"inverse times itself", "逆乘自身"}},
                  {"A*inv(A) = I(n)", "", {"inverse times itself", "逆乘自身"}},
                  {"inv(A)'*A' = I(n)", "", {"inverse times itself", "逆乘自身"}},
                  {"A'*inv(A)' = I(n)", "", {"inverse times itself", "逆乘自身"}},
                  {"inv(kron(A,B)) = kron(inv(A),inv(B))",
                   "square(A)",
                   {"inverse of a Kronecker product", "克罗内克积的逆"}},
                  {"inv(diagm(x)) = diagm(1./x)", "", {"inverse of a diagonal matrix", "对角阵的逆"}}},
     .latex = "{0}^{-1}",
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       return Array<T>(Eigen::PartialPivLU<Array<T>>(a[0]).inverse());
     }),
     .computed = Computed::inverse,
     .canonical = canonical_inverse,
     .step = {"differential of an inverse", "逆矩阵的微分"},
     .source = "Magnus & Neudecker (2019), 8.4; Matrix Cookbook (40)"},
    {.name = "adj",
     .also = {"adjugate"},
     .type = "(n,n) -> (n,n)",
     .keeps = symmetric | diagonal | lower | upper,
     .transposing = Transposing::commutes,
     .domain = "det(A) != 0",
     .slots = {smooth("tr(inv(A)*dA)*Y - inv(A)*dA*Y")},
     .rewrites = {{"adj(A)*A = det(A)*I(n)", "", {"adjugate times its matrix", "伴随矩阵乘原矩阵"}},
                  {"A*adj(A) = det(A)*I(n)", "", {"adjugate times its matrix", "伴随矩阵乘原矩阵"}},
                  {"inv(adj(A)) = A/det(A)", "", {"inverse of an adjugate", "伴随矩阵的逆"}},
                  {"det(adj(A)) = det(A)^(n-1)", "n-by-n(A)", {"determinant of an adjugate", "伴随矩阵的行列式"}}},
     .latex = "\\operatorname{adj}({0})",
     .code = code::adjugate,
     .kernel = kernel_pair([](auto a, Size) { return adjugate_of(a[0]); },
                           [](auto a, Size) {
                             using T = typename decltype(a)::Scalar;
                             const Eigen::PartialPivLU<Array<T>> lu(a[0]);
                             return Array<T>(lu.determinant() * lu.inverse());
                           }),
     .canonical = canonical_adjugate,
     .step = {"differential of an adjugate", "伴随矩阵的微分"},
     .source = "Magnus & Neudecker (2019), 8.6",
     .note = "for nonsingular matrices | 要求矩阵可逆"},
    {.name = "pinv",
     .type = "(m,n) -> (n,m)",
     .keeps = symmetric,
     .transposing = Transposing::commutes,
     .domain = "rank(A) = min(m,n)",
     .slots = {smooth("-Y*dA*Y + Y*Y'*dA'*(I(m)-A*Y) + (I(n)-Y*A)*dA'*Y'*Y")},
     .rewrites = {{"pinv(A)*A*pinv(A) = pinv(A)", "", {"Penrose condition", "彭罗斯条件"}},
                  {"A*pinv(A)*A = A", "", {"Penrose condition", "彭罗斯条件"}},
                  {"pinv(A)'*A' = A*pinv(A)", "", {"Penrose condition", "彭罗斯条件"}},
                  {"A'*pinv(A)' = pinv(A)*A", "!symmetric(A)", {"Penrose condition", "彭罗斯条件"}},
                  {"A'*A*pinv(A) = A'", "", {"Penrose condition", "彭罗斯条件"}},
                  {"pinv(A)*A*A' = A'", "", {"Penrose condition", "彭罗斯条件"}},
                  {"pinv(A)*pinv(A)'*A' = pinv(A)", "", {"Penrose condition", "彭罗斯条件"}},
                  {"A'*pinv(A)'*pinv(A) = pinv(A)", "", {"Penrose condition", "彭罗斯条件"}},
                  {"A*pinv(A)*pinv(A)' = pinv(A)'", "", {"Penrose condition", "彭罗斯条件"}},
                  {"pinv(A)'*pinv(A)*A = pinv(A)'", "", {"Penrose condition", "彭罗斯条件"}},
                  {"A*inv(A'*A) = pinv(A)'", "", {"definition of the pseudo-inverse", "伪逆的定义"}},
                  {"inv(A'*A)*A' = pinv(A)", "", {"definition of the pseudo-inverse", "伪逆的定义"}},
                  {"inv(A*A')*A = pinv(A)'", "", {"definition of the pseudo-inverse", "伪逆的定义"}},
                  {"A'*inv(A*A') = pinv(A)", "", {"definition of the pseudo-inverse", "伪逆的定义"}}},
     .latex = "{0}^{+}",
     .code = code::pseudo_inverse,
     .kernel = kernel_pair([](auto a, Size) { return pseudo_inverse_of(a[0]); },
                           [](auto a, Size) { return pseudo_inverse_of(a[0]); }),
     .canonical = canonical_pseudo_inverse,
     .step = {"differential of a pseudo-inverse", "伪逆的微分"},
     .source = "Magnus & Neudecker (2019), 8.5; Golub & Pereyra (1973), (4.12)",
     .note = "where the rank is constant | 在秩不变处成立"},
};
static_assert(complete(inverses));

}  // namespace

std::span<const Operator> inverses_family() {
  return inverses;
}

}  // namespace matgrad
