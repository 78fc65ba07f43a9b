// SPDX-License-Identifier: MIT
// Products other than the matrix product: Kronecker, outer, Hadamard by name, cross.
#include "ops/build.hpp"
#include "ops/families.hpp"
#include "ops/spelling.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

std::optional<NodeId> canonical_kronecker(Build& build, OpId self, std::span<const NodeId> arguments) {
  Store& store = build.store();
  const NodeId a = arguments[0];
  const NodeId b = arguments[1];
  const Type left = store.type(a);
  const Type right = store.type(b);
  if (left.is_scalar() || right.is_scalar()) return build.product(a, b);
  const auto [scalar_a, body_a] = build.split_scale(a);
  const auto [scalar_b, body_b] = build.split_scale(b);
  if (body_a != a || body_b != b) {
    return build.scale(build.times(NodeList{scalar_a, scalar_b}), build.call(self, NodeList{body_a, body_b}));
  }
  const Dim rows = store.dims.multiply(left.rows, right.rows);
  const Dim cols = store.dims.multiply(left.cols, right.cols);
  if (store[a].op == op::zeros || store[b].op == op::zeros) return build.zeros(rows, cols);
  if (store[a].op == op::ones && store[b].op == op::ones) return build.ones(rows, cols);
  if (store[a].op == op::identity && store[b].op == op::identity) return build.identity(rows);
  // A column and a row have only one product: kron(a, b') = kron(b', a) = a*b'.
  if (left.is_column() && right.is_row()) return build.multiply(NodeList{a, b});
  if (left.is_row() && right.is_column()) return build.multiply(NodeList{b, a});
  return std::nullopt;
}

template <class T>
Array<T> kronecker_of(const Array<T>& a, const Array<T>& b) {
  Array<T> result(a.rows() * b.rows(), a.cols() * b.cols());
  for (Eigen::Index i = 0; i < a.rows(); ++i) {
    for (Eigen::Index j = 0; j < a.cols(); ++j) {
      result.block(i * b.rows(), j * b.cols(), b.rows(), b.cols()) = a(i, j) * b;
    }
  }
  return result;
}

std::optional<NodeId> canonical_cross(Build& build, OpId self, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  const NodeId b = arguments[1];
  const auto [scalar_a, body_a] = build.split_scale(a);
  const auto [scalar_b, body_b] = build.split_scale(b);
  if (body_a == body_b || build.is_zero(a) || build.is_zero(b)) return build.zeros(build.type(a).rows, dim_one);
  if (body_a == a && body_b == b) return std::nullopt;
  return build.scale(build.times(NodeList{scalar_a, scalar_b}), build.call(self, NodeList{body_a, body_b}));
}

std::optional<NodeId> canonical_cross_matrix(Build& build, OpId self, std::span<const NodeId> arguments) {
  const auto [scalar, body] = build.split_scale(arguments[0]);
  if (build.is_zero(arguments[0])) return build.zeros(build.type(body).rows, build.type(body).rows);
  if (body == arguments[0]) return std::nullopt;
  return build.scale(scalar, build.call(self, NodeList{body}));
}

constexpr Operator products[] = {
    {.name = "kron",
     .also = {"⊗"},
     .type = "(m,n),(p,q) -> (m*p,n*q)",
     .keeps = symmetric | positive_definite | positive_semidefinite | diagonal | lower | upper | orthogonal | positive,
     .transposing = Transposing::pushes,
     .slots = {linear("sum(i, 1, q, kron(I(m), B*e(i,q))'*G*kron(I(n), e(i,q)))",
                      "kron(I(n), kron(K(q,m), I(p)))*kron(I(m*n), vec(B))"),
               linear("sum(i, 1, n, kron(A*e(i,n), I(p))'*G*kron(e(i,n), I(q)))",
                      "kron(I(n), kron(K(q,m), I(p)))*kron(vec(A), I(p*q))")},
     .rewrites =
         {{"kron(A,B)*kron(C,D) = kron(A*C,B*D)", "", {"mixed product", "混合积"}},
          {"kron(A,B) + kron(C,B) = kron(A + C,B)", "", {"Kronecker products are linear", "克罗内克积是线性的"}},
          {"kron(A,B) + kron(A,C) = kron(A,B + C)", "", {"Kronecker products are linear", "克罗内克积是线性的"}},
          {"kron(x,A)*B = kron(x,A*B)", "vector(x),matrix(A)", {"mixed product", "混合积"}},
          {"kron(A,x)*B = kron(A*B,x)", "vector(x),matrix(A)", {"mixed product", "混合积"}},
          {"kron(A,B)*kron(C,y) = kron(A*C,B*y)", "", {"mixed product", "混合积"}}},
     .latex = "{0} \\otimes {1}",
     .code = code::kronecker,
     .kernel = kernel([](auto a, Size) { return kronecker_of(a[0], a[1]); }),
     .computed = Computed::kronecker,
     .canonical = canonical_kronecker,
     .step = {"differential of a Kronecker product", "克罗内克积的微分"},
     .source = "Magnus & Neudecker (2019), 8.2; Matrix Cookbook (39)"},
    {.name = "outer",
     .type = "(m,1),(n,1) -> (m,n)",
     .definition = "A*B'",
     .step = {"outer product as a matrix product", "外积即矩阵乘积"},
     .source = "definition | 定义"},
    {.name = "hadamard",
     .type = "(m,n),(m,n) -> (m,n)",
     .definition = "A.*B",
     .step = {"Hadamard product by name", "哈达玛积"},
     .source = "definition | 定义"},
    {.name = "cross",
     .type = "(3,1),(3,1) -> (3,1)",
     .slots = {linear("cross(B, G)", "-skew3(B)"), linear("cross(G, A)", "skew3(A)")},
     .latex = "\\operatorname{cross}({0}, {1})",
     .code = code::cross,
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       Array<T> result(3, 1);
       for (int i = 0; i < 3; ++i) {
         const int j = (i + 1) % 3;
         const int k = (i + 2) % 3;
         result(i, 0) = a[0](j, 0) * a[1](k, 0) - a[0](k, 0) * a[1](j, 0);
       }
       return result;
     }),
     .canonical = canonical_cross,
     .step = {"the cross product is linear in each factor", "叉积对每个因子线性"},
     .source = "definition | 定义"},
    // The matrix of the cross product: skew3(x)*y = cross(x, y).
    {.name = "skew3",
     .type = "(3,1) -> (3,3)",
     .gives = skew,
     .slots = {linear("sum(i, 1, 3, tr(skew3(e(i,3))'*G)*e(i,3))", "sum(i, 1, 3, vec(skew3(e(i,3)))*e(i,3)')")},
     .rewrites = {{"skew3(x)*y = cross(x,y)", "vector(y)", {"cross product as a matrix product", "叉积即矩阵乘积"}}},
     .latex = "\\operatorname{skew3}({0})",
     .code = code::cross_matrix,
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       const Array<T>& x = a[0];
       Array<T> result = Array<T>::Zero(3, 3);
       for (int i = 0; i < 3; ++i) {
         const int j = (i + 1) % 3;
         const int k = (i + 2) % 3;
         result(k, j) = x(i, 0);
         result(j, k) = -x(i, 0);
       }
       return result;
     }),
     .canonical = canonical_cross_matrix,
     .step = {"the cross-product matrix is linear", "叉积矩阵是线性的"},
     .source = "definition | 定义"},
};
static_assert(complete(products));

}  // namespace

std::span<const Operator> products_family() {
  return products;
}

}  // namespace matgrad
