// SPDX-License-Identifier: MIT
// Functions applied to every entry. f(A)' = f(A'), and df(A) = f'(A) .* dA.
#include <cmath>
#include <complex>

#include "ops/families.hpp"
#include "ops/spelling.hpp"

namespace matgrad {
namespace {

constexpr const char* by_entries = "calculus of one variable, entry by entry | 一元微积分，逐元素";

constexpr Operator entry(std::string_view name, const char* differential, const char* latex, Kernel kernel, Title step,
                         const char* domain = "", std::array<std::string_view, 4> also = {}) {
  Operator result;
  result.name = name;
  result.also = also;
  result.type = "(m,n) -> (m,n)";
  result.transposing = Transposing::commutes;
  result.entrywise = true;
  result.keeps = symmetric;
  result.domain = domain;
  result.slots[0] = smooth(differential);
  result.latex = latex;
  result.kernel = kernel;
  result.step = step;
  result.source = by_entries;
  return result;
}

constexpr Operator with(Operator base, std::array<Rewrite, 10> rewrites, Properties gives = 0) {
  for (std::size_t i = 0; i < rewrites.size(); ++i) base.rewrites[i] = rewrites[i];
  base.gives = gives;
  return base;
}

constexpr Operator spelled(Operator base, std::span<const Spelling> code) {
  base.code = code;
  return base;
}

// Locally constant functions: their differential is zero wherever it exists.
constexpr Operator step_like(Operator base, const char* note) {
  base.slots[0] = constant();
  base.note = note;
  return base;
}

constexpr Operator noted(Operator base, const char* note) {
  base.note = note;
  return base;
}

constexpr Operator abbreviation(std::string_view name, const char* definition, Title step) {
  Operator result;
  result.name = name;
  result.type = "(m,n) -> (m,n)";
  result.definition = definition;
  result.step = step;
  result.source = "definition | 定义";
  return result;
}

// DLMF 7.6.2: 2/sqrt(pi) exp(-z^2) sum 2^n z^(2n+1)/(2n+1)!!, whose terms do not cancel for a nearly real z.
template <class T>
T error_function(T z) {
  constexpr double two_over_root_pi = 1.1283791670955126;
  constexpr double saturated = 6.5;
  if (std::abs(real_part(z)) > saturated) {
    const double x = real_part(z);  // to first order in the imaginary part, whose slope is still to be seen
    const double slope = two_over_root_pi * std::exp(-x * x);
    return slope == 0 ? T(x > 0 ? 1 : -1) : T(x > 0 ? 1 : -1) + (z - T(x)) * slope;
  }
  T term = z;
  T total = z;
  for (int n = 1; n < 400 && std::abs(term) > 1e-18 * std::abs(total); ++n) {
    term *= T(2) * z * z / T(2 * n + 1);
    total += term;
  }
  return T(two_over_root_pi) * std::exp(-z * z) * total;
}

template <class T>
T sigmoid_of(T x) {
  return real_part(x) >= 0 ? T(1) / (T(1) + std::exp(-x)) : std::exp(x) / (T(1) + std::exp(x));
}

// log(1 + z) and exp(z) - 1 with all digits for a small z too.
inline double log1p_of(double x) {
  return std::log1p(x);
}
inline std::complex<double> log1p_of(std::complex<double> z) {
  const double x = z.real();
  const double y = z.imag();
  return {std::log1p(x * (2 + x) + y * y) / 2, std::atan2(y, 1 + x)};
}
inline double expm1_of(double x) {
  return std::expm1(x);
}
inline std::complex<double> expm1_of(std::complex<double> z) {
  const double half = std::sin(z.imag() / 2);
  return {std::expm1(z.real()) * std::cos(z.imag()) - 2 * half * half, std::exp(z.real()) * std::sin(z.imag())};
}

// Not a number where x is none.
inline double sign_of(double x) {
  return x > 0 ? 1 : x < 0 ? -1 : x + 0.0;  // + 0.0: -0 becomes 0
}
inline double step_of(double x) {
  return x > 0 ? 1 : x <= 0 ? 0 : x;
}

template <class T>
T softplus_of(T x) {
  return real_part(x) > 0 ? x + log1p_of(std::exp(-x)) : log1p_of(std::exp(x));
}

constexpr const char* abs_note = "sign is the subgradient of abs that is 0 at 0 | sign 是 abs 的次梯度，在 0 处取 0";
constexpr const char* relu_note =
    "step is the derivative of relu; at 0, where there is none, it is taken as 0 | step 是 relu 的导数；在 0 处取 0";

constexpr Operator elementwise[] = {
    with(entry("exp", "Y.*dA", "\\exp({0})", entrywise<vectorised::exp>([](auto x) { return std::exp(x); }),
               {"differential of exp", "指数函数的微分"}),
         {{{"exp(log(A)) = A", "", {"exp undoes log", "exp 还原 log"}},
           {"exp(logsumexp(x)) = sum(exp(x))", "", {"definition of logsumexp", "logsumexp 的定义"}},
           {"exp(logsumexp_rows(A)) = exp(A)*ones(n)", "", {"definition of logsumexp", "logsumexp 的定义"}}}},
         positive),
    with(entry("log", "dA./A", "\\log({0})", entrywise<vectorised::log>([](auto x) { return std::log(x); }),
               {"differential of log", "对数函数的微分"}, "A > 0", {"ln"}),
         {{{"log(exp(A)) = A", "", {"log undoes exp", "log 还原 exp"}},
           {"log(abs(det(A))) = logdet(A)", "", {"definition of logdet", "logdet 的定义"}},
           {"log(det(A)) = logdet(A)", "", {"definition of logdet", "logdet 的定义"}},
           {"log(1 + exp(A)) = softplus(A)", "", {"definition of softplus", "softplus 的定义"}},
           {"log(sigmoid(A)) = -softplus(-A)", "", {"log of a sigmoid", "sigmoid 的对数"}},
           {"log(1 - sigmoid(A)) = -softplus(A)", "", {"log of a sigmoid", "sigmoid 的对数"}},
           {"log(sum(exp(x))) = logsumexp(x)", "vector(x)", {"definition of logsumexp", "logsumexp 的定义"}},
           {"log(exp(A)*ones(n)) = logsumexp_rows(A)", "", {"definition of logsumexp", "logsumexp 的定义"}},
           {"log(exp(A)'*ones(m)) = logsumexp_rows(A')", "", {"definition of logsumexp", "logsumexp 的定义"}},
           {"log(softmax(A)) = A - logsumexp(A)", "", {"log of a softmax", "softmax 的对数"}}}}),
    entry("sin", "cos(A).*dA", "\\sin({0})", entrywise<vectorised::sin>([](auto x) { return std::sin(x); }),
          {"differential of sin", "正弦的微分"}),
    entry("cos", "-sin(A).*dA", "\\cos({0})", entrywise<vectorised::cos>([](auto x) { return std::cos(x); }),
          {"differential of cos", "余弦的微分"}),
    entry("tan", "(1 + Y.^2).*dA", "\\tan({0})", entrywise<vectorised::tan>([](auto x) { return std::tan(x); }),
          {"differential of tan", "正切的微分"}),
    entry("sinh", "cosh(A).*dA", "\\sinh({0})", entrywise<vectorised::sinh>([](auto x) { return std::sinh(x); }),
          {"differential of sinh", "双曲正弦的微分"}),
    entry("cosh", "sinh(A).*dA", "\\cosh({0})", entrywise<vectorised::cosh>([](auto x) { return std::cosh(x); }),
          {"differential of cosh", "双曲余弦的微分"}),
    entry("tanh", "(1 - Y.^2).*dA", "\\tanh({0})", entrywise<vectorised::tanh>([](auto x) { return std::tanh(x); }),
          {"differential of tanh", "双曲正切的微分"}),
    spelled(entry("asin", "dA./sqrt(1 - A.^2)", "\\arcsin({0})",
                  entrywise<vectorised::asin>([](auto x) { return std::asin(x); }),
                  {"differential of arcsin", "反正弦的微分"}, "|A| < 1", {"arcsin"}),
            code::arcsin),
    spelled(entry("acos", "-dA./sqrt(1 - A.^2)", "\\arccos({0})",
                  entrywise<vectorised::acos>([](auto x) { return std::acos(x); }),
                  {"differential of arccos", "反余弦的微分"}, "|A| < 1", {"arccos"}),
            code::arccos),
    spelled(entry("atan", "dA./(1 + A.^2)", "\\arctan({0})",
                  entrywise<vectorised::atan>([](auto x) { return std::atan(x); }),
                  {"differential of arctan", "反正切的微分"}, "", {"arctan"}),
            code::arctan),
    noted(with(entry("abs", "sign(A).*dA", "\\operatorname{abs}({0})",
                     entrywise([](auto x) { return real_part(x) < 0 ? -x : x; }),
                     {"subgradient of abs", "绝对值的次梯度"}),
               {{{"abs(A).*sign(A) = A", "", {"sign times abs", "符号乘绝对值"}},
                 {"abs(-A) = abs(A)", "", {"abs is even", "绝对值是偶函数"}},
                 {"abs(abs(A)) = abs(A)", "", {"abs of abs", "绝对值的绝对值"}},
                 {"abs(norm2(A)) = norm2(A)", "", {"a norm is not negative", "范数非负"}},
                 {"abs(A) = A", "positive(A)", {"abs of a positive value", "正数的绝对值"}}}}),
          abs_note),
    step_like(spelled(entry("sign", "", "\\operatorname{sign}({0})",
                            entrywise([](auto x) { return decltype(x)(sign_of(real_part(x))); }),
                            {"a step has differential zero", "阶跃的微分为零"}),
                      code::sign),
              "sign is constant except at 0 | sign 除 0 外处处为常数"),
    noted(with(spelled(entry("relu", "step(A).*dA", "\\operatorname{relu}({0})",
                             entrywise([](auto x) { return real_part(x) <= 0 ? decltype(x)(0) : x; }),
                             {"derivative of relu", "relu 的导数"}),
                       code::relu),
               {{{"relu(A).*step(A) = relu(A)", "", {"step times relu", "阶跃乘 relu"}},
                 {"relu(relu(A)) = relu(A)", "", {"relu of relu", "relu 的 relu"}},
                 {"relu(A) = A", "positive(A)", {"relu of a positive value", "正数的 relu"}}}}),
          relu_note),
    step_like(spelled(entry("step", "", "\\operatorname{step}({0})",
                            entrywise([](auto x) { return decltype(x)(step_of(real_part(x))); }),
                            {"a step has differential zero", "阶跃的微分为零"}, "", {"heaviside"}),
                      code::step),
              "step is constant except at 0 | step 除 0 外处处为常数"),
    [] {
      Operator sigmoid = entry("sigmoid", "Y.*(1 - Y).*dA", "\\sigma({0})",
                               entrywise<vectorised::sigmoid>([](auto x) { return sigmoid_of(x); }),
                               {"differential of the sigmoid", "sigmoid 的微分"}, "", {"logistic"});
      sigmoid.reflection = "1 - Y";
      sigmoid.code = code::sigmoid;
      return with(sigmoid,
                  {{{"exp(A).*sigmoid(-A) = sigmoid(A)", "", {"reflection of the sigmoid", "sigmoid 的对称性"}},
                    {"1 - sigmoid(-A) = sigmoid(A)", "", {"reflection of the sigmoid", "sigmoid 的对称性"}}}},
                  positive);
    }(),
    with(spelled(entry("softplus", "sigmoid(A).*dA", "\\operatorname{softplus}({0})",
                       entrywise<vectorised::softplus>([](auto x) { return softplus_of(x); }),
                       {"differential of softplus", "softplus 的微分"}),
                 code::softplus),
         {}, positive),
    [] {
      Operator erf = entry("erf", "2/sqrt(pi)*exp(-A.^2).*dA", "\\operatorname{erf}({0})", {},
                           {"differential of erf", "误差函数的微分"});
      erf.code = code::erf;
      erf.kernel = entrywise<vectorised::erf>([](auto x) { return error_function(x); });
      return erf;
    }(),
    with(entry("log1p", "dA./(1 + A)", "\\operatorname{log1p}({0})",
               entrywise<vectorised::log1p>([](auto x) { return log1p_of(x); }),
               {"differential of log1p", "log1p 的微分"}, "A > -1"),
         {{{"log1p(exp(A)) = softplus(A)", "", {"definition of softplus", "softplus 的定义"}}}}),
    entry("expm1", "exp(A).*dA", "\\operatorname{expm1}({0})",
          entrywise<vectorised::expm1>([](auto x) { return expm1_of(x); }), {"differential of expm1", "expm1 的微分"}),
    abbreviation("sqrt", "A.^(1/2)", {"square root as a power", "平方根即 1/2 次幂"}),
    abbreviation("square", "A.^2", {"square as a power", "平方即 2 次幂"}),
};
static_assert(complete(elementwise));

}  // namespace

std::span<const Operator> elementwise_family() {
  return elementwise;
}

}  // namespace matgrad
