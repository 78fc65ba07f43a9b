// SPDX-License-Identifier: MIT
// Rearrangements: diagonals, vec, triangles, sums along rows and columns.
#include "ops/build.hpp"
#include "ops/families.hpp"
#include "ops/spelling.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

// The scalar of a linear function in front: f(s*A) = s*f(A).
std::optional<NodeId> scalar_in_front(Build& build, OpId self, NodeId a) {
  if (build.store()[a].op != op::scale) return std::nullopt;
  const auto [scalar, body] = build.split_scale(a);
  return build.scale(scalar, build.call(self, NodeList{body}));
}

std::optional<NodeId> canonical_diagonal_matrix(Build& build, OpId self, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  const Node node = build.store()[a];
  if (node.type.is_scalar()) return a;
  if (node.op == op::ones) return build.identity(node.type.rows);
  if (node.op == op::zeros) return build.zeros(node.type.rows, node.type.rows);
  return scalar_in_front(build, self, a);
}

std::optional<NodeId> canonical_diagonal_part(Build& build, OpId self, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  const Node node = build.store()[a];
  if (node.type.is_scalar()) return a;
  if (node.op == op::identity || node.op == op::ones) return build.ones(node.type.rows, dim_one);
  if (node.op == op::zeros) return build.zeros(node.type.rows, dim_one);
  return scalar_in_front(build, self, a);
}

std::optional<NodeId> canonical_vec(Build& build, OpId self, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  const Node node = build.store()[a];
  if (node.type.cols == dim_one) return a;
  if (node.type.is_row()) return build.transpose(a);
  const Dim size = build.store().dims.multiply(node.type.rows, node.type.cols);
  if (node.op == op::zeros) return build.zeros(size, dim_one);
  if (node.op == op::ones) return build.ones(size, dim_one);
  if (node.op == op::unvec) return build.store().child(a, 0);
  return scalar_in_front(build, self, a);
}

std::optional<NodeId> canonical_half_vec(Build& build, OpId self, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  const Node node = build.store()[a];
  if (node.type.is_scalar()) return a;
  Dims& dims = build.store().dims;
  const Dim size = dims.quotient(dims.multiply(node.type.rows, dims.add(node.type.rows, dim_one)), 2);
  if (node.op == op::zeros) return build.zeros(size, dim_one);
  if (node.op == op::ones) return build.ones(size, dim_one);
  return scalar_in_front(build, self, a);
}

std::optional<NodeId> canonical_triangle(Build& build, OpId self, std::span<const NodeId> arguments) {
  const NodeId a = arguments[0];
  const Node node = build.store()[a];
  const bool already = node.type.has(entry_of(self).gives);
  if (node.op == op::zeros || node.type.is_scalar() || already) return a;
  if (node.type.properties & (lower | upper)) return build.hadamard(NodeList{build.identity(node.type.rows), a});
  return scalar_in_front(build, self, a);
}

constexpr Operator structure[] = {
    {.name = "diagm",
     .also = {"diag"},
     .type = "(n,1) -> (n,n)",
     .keeps = 0,
     .gives = diagonal | symmetric | lower | upper,
     .slots = {linear("diagpart(G)", "sum(i, 1, n, kron(e(i,n), e(i,n)*e(i,n)'))")},
     .rewrites =
         {{"diagm(x)*y = x.*y", "vector(y)", {"diagonal matrix times a vector", "对角阵乘向量"}},
          {"x'*diagm(y) = (x.*y)'", "vector(x)", {"diagonal matrix times a vector", "对角阵乘向量"}},
          {"diagm(x)*diagm(y) = diagm(x.*y)", "", {"product of diagonal matrices", "对角阵之积"}},
          {"diagm(x) + diagm(y) = diagm(x + y)", "", {"sum of diagonal matrices", "对角阵之和"}},
          {"diagm(x).*diagm(y) = diagm(x.*y)", "", {"product of diagonal matrices", "对角阵之积"}},
          {"(x*ones(1,n)).*A = diagm(x)*A", "vector(x)", {"rows scaled by a diagonal matrix", "对角阵缩放各行"}},
          {"(ones(m)*x').*A = A*diagm(x)", "vector(x)", {"columns scaled by a diagonal matrix", "对角阵缩放各列"}},
          {"diagm(x).*A = diagm(x.*diagpart(A))", "", {"diagonal part", "取对角"}},
          {"diagm(diagpart(A)) = A", "diagonal(A)", {"diagonal matrix of its diagonal", "对角阵由其对角给出"}},
          {"diagm(diagpart(A)) = I(n).*A", "", {"diagonal part", "取对角"}},
          {"(I(n).*A)*y = diagpart(A).*y", "vector(y)", {"diagonal matrix times a vector", "对角阵乘向量"}},
          {"x'*(I(n).*A) = (x.*diagpart(A))'", "vector(x)", {"diagonal matrix times a vector", "对角阵乘向量"}}},
     .latex = "\\operatorname{diag}({0})",
     .code = code::diagonal_matrix,
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       return Array<T>(a[0].col(0).asDiagonal());
     }),
     .computed = Computed::diagonal_matrix,
     .canonical = canonical_diagonal_matrix,
     .step = {"diagonal matrices are linear", "对角阵是线性的"},
     .source = "definition | 定义"},
    {.name = "diagpart",
     .also = {"diag"},
     .type = "(n,n) -> (n,1)",
     .transposing = Transposing::invariant,
     .slots = {linear("diagm(G)", "sum(i, 1, n, kron(e(i,n), e(i,n)*e(i,n)'))'")},
     .rewrites = {{"diagpart(diagm(x)) = x", "", {"diagonal of a diagonal matrix", "对角阵的对角"}},
                  {"diagpart(A*diagm(x)*B) = (A.*B')*x", "", {"diagonal of a product", "乘积的对角"}},
                  {"diagpart(B*(A./B)') = rowsum(A)", "", {"diagonal of a product", "乘积的对角"}},
                  {"diagpart(I(n).*A) = diagpart(A)", "", {"diagonal of a diagonal matrix", "对角阵的对角"}},
                  {"sum(diagpart(A)) = tr(A)", "", {"sum of the diagonal is the trace", "对角之和即迹"}},
                  {"diagpart(x*y') = x.*y", "vector(x),vector(y)", {"diagonal of an outer product", "外积的对角"}}},
     .latex = "\\operatorname{diag}({0})",
     .code = code::diagonal_part,
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       return Array<T>(a[0].diagonal());
     }),
     .computed = Computed::diagonal_part,
     .canonical = canonical_diagonal_part,
     .step = {"the diagonal is linear", "取对角是线性的"},
     .source = "definition | 定义"},
    {.name = "diag",
     .type = "(1,n) -> (n,n)",
     .definition = "diagm(A')",
     .step = {"diagonal matrix of a row", "由行向量构成的对角阵"},
     .source = "definition | 定义"},
    {.name = "vec",
     .type = "(m,n) -> (m*n,1)",
     .slots = {linear("unvec(G, m, n)", "I(m*n)")},
     .rewrites = {{"vec(A)'*vec(B) = tr(A'*B)", "", {"inner product of vecs is a trace", "vec 的内积即迹"}},
                  {"norm2(vec(A)) = norm2(A)", "", {"norm of a vec", "vec 的范数"}},
                  {"sum(vec(A)) = sum(A)", "", {"sum of a vec", "vec 的元素之和"}},
                  {"vec(A) + vec(B) = vec(A + B)", "", {"vec is linear", "vec 是线性的"}},
                  {"vec(A).*vec(B) = vec(A.*B)", "", {"vec of a Hadamard product", "哈达玛积的 vec"}},
                  {"vec(A).^b = vec(A.^b)", "scalar(b)", {"vec of a power", "逐元素幂的 vec"}},
                  {"kron(A,B)*vec(C) = vec(B*C*A')", "", {"vec of a product", "乘积的 vec"}},
                  {"vec(C)'*kron(A,B) = vec(B'*C*A)'", "", {"vec of a product", "乘积的 vec"}},
                  {"vec(x*y') = kron(y,x)", "vector(x),vector(y)", {"vec of an outer product", "外积的 vec"}}},
     .latex = "\\operatorname{vec}({0})",
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       return Array<T>(a[0].reshaped());
     }),
     .computed = Computed::column_stack,
     .canonical = canonical_vec,
     .step = {"vec is linear", "vec 是线性的"},
     .source = "Magnus & Neudecker (2019), 2.4"},
    {.name = "vech",
     .type = "(n,n) -> (n*(n+1)/2,1)",
     .slots = {linear("unvec(L(n)'*G, n, n)", "L(n)")},
     .rewrites = {{"vech(A) + vech(B) = vech(A + B)", "", {"vech is linear", "vech 是线性的"}},
                  {"vech(A).*vech(B) = vech(A.*B)", "", {"vech of a Hadamard product", "哈达玛积的 vech"}},
                  {"vech(tril(A)) = vech(A)", "", {"vech of a lower triangle", "下三角的 vech"}}},
     .latex = "\\operatorname{vech}({0})",
     .code = code::half_vec,
     .kernel = kernel([](auto a, Size size) {
       using T = typename decltype(a)::Scalar;
       Array<T> out(size.rows, 1);
       Eigen::Index next = 0;
       for (Eigen::Index j = 0; j < a[0].cols(); ++j) {
         for (Eigen::Index i = j; i < a[0].rows(); ++i) out(next++, 0) = a[0](i, j);
       }
       return out;
     }),
     .canonical = canonical_half_vec,
     .step = {"vech is linear", "vech 是线性的"},
     .source = "Magnus & Neudecker (2019), 3.8"},
    {.name = "tril",
     .type = "(m,n) -> (m,n)",
     .gives = lower,
     .mirror = "triu",
     .slots = {linear("tril(G)", "diagm(vec(tril(ones(m,n))))")},
     .latex = "\\operatorname{tril}({0})",
     .code = code::lower_triangle,
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       return Array<T>(a[0].template triangularView<Eigen::Lower>());
     }),
     .canonical = canonical_triangle,
     .step = {"the lower triangle is linear", "取下三角是线性的"},
     .source = "definition | 定义"},
    {.name = "triu",
     .type = "(m,n) -> (m,n)",
     .gives = upper,
     .mirror = "tril",
     .slots = {linear("triu(G)", "diagm(vec(triu(ones(m,n))))")},
     .latex = "\\operatorname{triu}({0})",
     .code = code::upper_triangle,
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       return Array<T>(a[0].template triangularView<Eigen::Upper>());
     }),
     .canonical = canonical_triangle,
     .step = {"the upper triangle is linear", "取上三角是线性的"},
     .source = "definition | 定义"},
    {.name = "rowsum",
     .type = "(m,n) -> (m,1)",
     .definition = "A*ones(n)",
     .step = {"row sums as a product with ones", "行和即与全一向量相乘"},
     .source = "definition | 定义"},
    {.name = "colsum",
     .type = "(m,n) -> (1,n)",
     .definition = "ones(1,m)*A",
     .step = {"column sums as a product with ones", "列和即与全一向量相乘"},
     .source = "definition | 定义"},
};
static_assert(complete(structure));

}  // namespace

std::span<const Operator> structure_family() {
  return structure;
}

}  // namespace matgrad
