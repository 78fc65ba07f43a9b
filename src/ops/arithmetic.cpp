// SPDX-License-Identifier: MIT
// The structural operators, in the order of structural.hpp. Their constructors are Build's; here stand their
// differentials and names. In a product, A is all that stands before the factor and B all that stands behind it; in a
// commutative product, W is all the others; in a block matrix, A and B are the selections with which A*Y*B is the
// block. m and n are the shape of the argument.
#include "ops/families.hpp"

namespace matgrad {
namespace {

constexpr const char* constants = "Magnus & Neudecker (2019), 8.2; Matrix Cookbook (33)";
constexpr const char* sums = "Magnus & Neudecker (2019), 8.2; Matrix Cookbook (35)";
constexpr const char* products = "Magnus & Neudecker (2019), 8.2; Matrix Cookbook (37)";

constexpr Operator structural[] = {
    {.name = "number", .structural = true, .step = {"differential of a constant", "常数的微分"}, .source = constants},
    {.name = "symbol",
     .written = "A",
     .structural = true,
     .step = {"differential of a variable", "变量的微分"},
     .source = constants},
    {.name = "dimension", .structural = true, .step = {"a dimension is a constant", "维数是常数"}, .source = constants},
    {.name = "zeros", .structural = true, .step = {"differential of a constant", "常数的微分"}, .source = constants},
    {.name = "ones", .structural = true, .step = {"differential of a constant", "常数的微分"}, .source = constants},
    {.name = "identity", .structural = true, .step = {"differential of a constant", "常数的微分"}, .source = constants},
    {.name = "unit",
     .structural = true,
     .slots = {constant()},
     .step = {"differential of a constant", "常数的微分"},
     .source = constants},
    {.name = "commutation",
     .structural = true,
     .slots = {constant(), constant()},
     .rewrites = {{"K(m,n)*vec(A) = vec(A')", "m-by-n(A)", {"commutation matrix of a vec", "交换矩阵作用于 vec"}},
                  {"vec(A)'*K(m,n) = vec(A')'", "n-by-m(A)", {"commutation matrix of a vec", "交换矩阵作用于 vec"}}},
     .step = {"differential of a constant", "常数的微分"},
     .source = "Magnus & Neudecker (2019), 3.7"},
    {.name = "transpose",
     .written = "A'",
     .structural = true,
     .slots = {linear("G'", "K(m,n)")},
     .step = {"differential of a transpose", "转置的微分"},
     .source = "Magnus & Neudecker (2019), 8.2; Matrix Cookbook (44)"},
    {.name = "add",
     .written = "A + B",
     .structural = true,
     .slots = {linear("G", "I(m*n)")},
     .step = {"differential of a sum", "和的微分"},
     .source = sums},
    {.name = "times",
     .written = "a*b",
     .structural = true,
     .slots = {linear("W*G", "W")},
     .rewrites = {{"exp(a)*exp(b) = exp(a + b)", "scalar(a),scalar(b)", {"product of exponentials", "指数之积"}}},
     .step = {"product rule", "乘积法则"},
     .source = products},
    {.name = "scale",
     .written = "a*B",
     .structural = true,
     .slots = {linear("tr(B'*G)", "vec(B)"), linear("A*G", "A*I(m*n)")},
     .step = {"product rule", "乘积法则"},
     .source = products},
    {.name = "multiply",
     .written = "A*B",
     .structural = true,
     .slots = {linear("A'*G*B'", "kron(B', A)")},
     .step = {"product rule", "乘积法则"},
     .source = products},
    {.name = "hadamard",
     .written = "A.*B",
     .structural = true,
     .slots = {linear("W.*G", "diag(vec(W))")},
     .step = {"differential of a Hadamard product", "哈达玛积的微分"},
     .source = "Magnus & Neudecker (2019), 8.2; Matrix Cookbook (38)"},
    {.name = "power",
     .written = "A.^b",
     .structural = true,
     .slots = {smooth("B.*A.^(B-1).*dA"), smooth("Y.*log(A).*dB")},
     .rewrites = {{"1./(1 + exp(A)) = sigmoid(-A)", "", {"definition of the sigmoid", "sigmoid 的定义"}},
                  {"exp(A).^b = exp(b*A)", "scalar(b)", {"power of an exponential", "指数的幂"}},
                  {"(A.^2).^0.5 = abs(A)", "", {"root of a square", "平方的平方根"}},
                  {"abs(A).^2 = A.^2", "", {"square of an absolute value", "绝对值的平方"}}},
     .step = {"power rule", "幂法则"},
     .source = "calculus of one variable, entry by entry | 一元微积分，逐元素"},
    {.name = "matrix_power",
     .written = "A^k",
     .structural = true,
     .slots = {smooth("sum(i, 0, B-1, A^i*dA*A^(B-1-i))"),
               refused("a matrix power is differentiated by its base only", "矩阵幂只能对底数求导")},
     .step = {"differential of a matrix power, one factor at a time", "矩阵幂的微分，逐个因子"},
     .source = products},
    {.name = "sum_over",
     .written = "sum(i, 1, m, x[i]*A)",
     .structural = true,
     .slots = {constant(), constant(), constant(), linear("G", "I(m*n)")},
     .step = {"differential of a sum", "和的微分"},
     .source = sums},
    {.name = "unvec",
     .written = "unvec(x, m, n)",
     .structural = true,
     .slots = {linear("vec(G)", "I(m*n)")},
     .rewrites = {{"unvec(vec(A), m, n) = A", "", {"unvec undoes vec", "unvec 还原 vec"}}},
     .written_out = "kron(vec(I(n))', I(m))*kron(I(n), A)",
     .step = {"differential of a rearrangement", "重排的微分"},
     .source = "Magnus & Neudecker (2019), 2.4"},
    {.name = "blocks",
     .written = "[A, B]",
     .structural = true,
     .slots = {linear("A*G*B", "kron(B, A')")},
     .step = {"differential of a block matrix, block by block", "分块矩阵逐块微分"},
     .source = "Magnus & Neudecker (2019), 8.2"},
};
static_assert(complete(structural));

}  // namespace

std::span<const Operator> structural_family() {
  return structural;
}

}  // namespace matgrad
