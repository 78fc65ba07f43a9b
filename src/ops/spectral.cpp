// SPDX-License-Identifier: MIT
// What depends on singular values, eigenvalues and order: mostly refusals, each with its reason.
#include <Eigen/SVD>
#include <limits>

#include "ops/families.hpp"

namespace matgrad {
namespace {

constexpr Operator spectral[] = {
    {.name = "max",
     .type = "(m,n) -> ()",
     .slots = {refused("max is not differentiable where two entries tie; use logsumexp for a smooth maximum",
                       "max 在并列最大处不可微；可用 logsumexp 作光滑近似")},
     .latex = "\\max({0})",
     .kernel = real_kernel([](auto a, Size) { return Array<double>(Array<double>::Constant(1, 1, a[0].maxCoeff())); }),
     .step = {"maximum", "最大值"},
     .source = "definition | 定义"},
    {.name = "min",
     .type = "(m,n) -> ()",
     .slots = {refused("min is not differentiable where two entries tie; use -logsumexp(-x) for a smooth minimum",
                       "min 在并列最小处不可微；可用 -logsumexp(-x) 作光滑近似")},
     .latex = "\\min({0})",
     .kernel = real_kernel([](auto a, Size) { return Array<double>(Array<double>::Constant(1, 1, a[0].minCoeff())); }),
     .step = {"minimum", "最小值"},
     .source = "definition | 定义"},
    {.name = "rank",
     .type = "(m,n) -> ()",
     .slots = {refused("rank takes integer values only: it has no derivative that says anything; nuclear is its convex "
                       "surrogate",
                       "rank 只取整数值，没有有意义的导数；其凸替代是 nuclear")},
     .latex = "\\operatorname{rank}({0})",
     .kernel = real_kernel([](auto a, Size) {
       double rank = std::numeric_limits<double>::quiet_NaN();
       if (a[0].allFinite()) rank = static_cast<double>(Eigen::JacobiSVD<Array<double>>(a[0]).rank());
       return Array<double>(Array<double>::Constant(1, 1, rank));
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
