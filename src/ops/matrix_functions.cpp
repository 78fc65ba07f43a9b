// SPDX-License-Identifier: MIT
// Functions of a vector or matrix as a whole, and constants by name.
#include <cmath>

#include "ops/families.hpp"

namespace matgrad {
namespace {

template <class T>
Array<T> softmax_of(const Array<T>& x) {
  const T shift = T(x.real().maxCoeff());
  const Array<T> exponentials = (x.array() - shift).exp().matrix();
  return exponentials / exponentials.sum();
}

constexpr Operator matrix_functions[] = {
    {.name = "softmax",
     .type = "(n,1) -> (n,1)",
     .gives = positive,
     .columns = "softmax_rows(A')'",
     .slots = {smooth("Y.*dA - Y*(Y'*dA)")},
     .rewrites = {{"sum(softmax(x)) = 1", "", {"softmax sums to one", "softmax 之和为一"}}},
     .latex = "\\operatorname{softmax}({0})",
     .kernel = kernel([](auto a, Size) { return softmax_of(a[0]); }),
     .step = {"differential of softmax", "softmax 的微分"},
     .source = "definition and quotient rule"},
    {.name = "softmax_rows",
     .type = "(m,n) -> (m,n)",
     .gives = positive,
     .slots = {smooth("Y.*dA - diagm((Y.*dA)*ones(n))*Y")},
     .rewrites = {{"softmax_rows(A)*ones(n) = ones(m)", "", {"softmax sums to one", "softmax 之和为一"}}},
     .latex = "\\operatorname{softmax}_{\\mathrm{rows}}({0})",
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       Array<T> result(a[0].rows(), a[0].cols());
       for (Eigen::Index i = 0; i < a[0].rows(); ++i) {
         result.row(i) = softmax_of(Array<T>(a[0].row(i).transpose())).transpose();
       }
       return result;
     }),
     .step = {"differential of softmax along rows", "按行 softmax 的微分"},
     .source = "definition and quotient rule"},
    {.name = "pi",
     .type = "-> ()",
     .gives = positive,
     .latex = "\\pi",
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       return Array<T>(Array<T>::Constant(1, 1, T(3.14159265358979323846)));
     }),
     .step = {"differential of a constant", "常数的微分"},
     .source = "definition"},
};
static_assert(complete(matrix_functions));

}  // namespace

std::span<const Operator> matrix_functions_family() {
  return matrix_functions;
}

}  // namespace matgrad
