// SPDX-License-Identifier: MIT
// Scalar-valued functions: trace, determinant, sums, norms.
#include <algorithm>
#include <cmath>

#include "base/factorisations.hpp"
#include "ops/build.hpp"
#include "ops/families.hpp"
#include "ops/order.hpp"
#include "ops/spelling.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

// ---------------------------------------------------------------- the normal form of a trace

constexpr std::size_t longest_rotated_product = 64;

// Whether a product reads better than another inside a trace: fewer operators, then a transpose in front (tr(A'*X),
// tr(X'*A*X)), then the order of names.
bool reads_better(const Store& store, const NodeList& a, const NodeList& b) {
  std::uint64_t weight_a = a.size();
  std::uint64_t weight_b = b.size();
  for (NodeId id : a) weight_a += store[id].weight;
  for (NodeId id : b) weight_b += store[id].weight;
  if (weight_a != weight_b) return weight_a < weight_b;
  const bool front_a = store[a[0]].op == op::transpose;
  const bool front_b = store[b[0]].op == op::transpose;
  if (front_a != front_b) return front_a;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (const int order = compare(store, a[i], b[i])) return order < 0;
  }
  return false;
}

// The factors from `start` on, then those before it.
NodeList rotation(const NodeList& factors, std::size_t start) {
  NodeList result(factors);
  std::rotate(result.begin(), result.begin() + static_cast<std::ptrdiff_t>(start), result.end());
  return result;
}

// tr(-B'*B), where the transpose of a sum was written as its negative: (x*1' - C)' is -(C' - 1*x'). Nothing for
// tr(B'*B).
std::optional<NodeId> negative_square(Build& build, const NodeList& factors) {
  const auto middle = factors.begin() + static_cast<std::ptrdiff_t>(factors.size() / 2);
  const NodeId half = build.multiply(NodeList(middle, factors.end()));
  const auto [c, body] = build.split_coefficient(build.transpose(half));
  if (!c.is_negative() || body != build.multiply(NodeList(factors.begin(), middle))) return std::nullopt;
  return build.scaled(c, build.power(build.call("norm2", {half}), build.number(2)));
}

// Whether a factor is the inverse of another, or inv(A)' of A'.
bool undoes(const Build& build, NodeId inverse, NodeId factor) {
  const Store& store = build.store();
  if (store[inverse].op == op::transpose && store[factor].op == op::transpose) {
    return undoes(build, store.child(inverse, 0), store.child(factor, 0));
  }
  return entry_of(store[inverse].op).computed == Computed::inverse && store.child(inverse, 0) == factor;
}

// tr(F1*…*Fk) may be rotated and transposed: the best-reading of the 2k forms is kept. A rotation that starts behind a
// literal 1 is an inner product, and no trace at all.
std::optional<NodeId> trace_of_product(Build& build, OpId self, NodeId product) {
  Store& store = build.store();
  const NodeList factors(store.children(product).begin(), store.children(product).end());
  const std::size_t count = factors.size();
  for (std::size_t start = 1; start < count; ++start) {
    if (store.type(factors[start]).rows != dim_one) continue;
    return build.multiply(rotation(factors, start));
  }
  if (count > longest_rotated_product) return std::nullopt;
  // Ends that are powers of one base meet when rotated: A*B*A is A^2*B; and a factor may undo the next one around:
  // A*B*inv(A) is B.
  if (build.split_matrix_power(factors.front()).first == build.split_matrix_power(factors.back()).first) {
    NodeList rotated{factors.back()};
    rotated.insert(rotated.end(), factors.begin(), factors.end() - 1);
    return build.call(self, NodeList{build.multiply(rotated)});
  }
  for (std::size_t i = 0; i < count && count > 2; ++i) {
    const NodeId next = factors[(i + 1) % count];
    if (!undoes(build, factors[i], next) && !undoes(build, next, factors[i])) continue;
    NodeList rest = rotation(factors, i);
    rest.erase(rest.begin(), rest.begin() + 2);
    return build.call(self, NodeList{build.multiply(rest)});
  }
  NodeList reversed;
  Rational sign = 1;  // of the reversed form: every skew factor turns into its negative
  for (std::size_t i = count; i-- > 0;) {
    auto [c, body] = build.split_coefficient(build.transpose(factors[i]));
    sign = sign * c;
    reversed.push_back(body);
  }
  NodeList best = factors;
  bool best_is_reversed = false;
  // Of B'*B, a squared norm, whatever else reads better. The form reversed and then rotated undoes itself.
  auto is_square = [&](std::size_t start, bool is_reversed) {
    const auto form = rotation(is_reversed ? reversed : factors, start);
    return count % 2 == 0 && form == rotation(is_reversed ? factors : reversed, (count - start) % count);
  };
  bool best_is_square = is_square(0, false);
  for (const bool is_reversed : {false, true}) {
    for (std::size_t start = 0; start < count; ++start) {
      const NodeList rotated = rotation(is_reversed ? reversed : factors, start);
      if (is_reversed && sign.is_negative() && rotated == factors) return build.number(0);  // symmetric times skew
      const bool square = is_square(start, is_reversed);
      if (square != best_is_square ? best_is_square : !reads_better(store, rotated, best)) continue;
      best = rotated;
      best_is_square = square;
      best_is_reversed = is_reversed;
    }
  }
  if (best_is_square) {
    if (const auto norm = negative_square(build, best)) return build.scaled(best_is_reversed ? sign : 1, *norm);
  }
  if (best == factors) return std::nullopt;
  const NodeId rotated = build.multiply(best);
  // Ends that became neighbours may have become one factor: [0, I]*A*[I; 0] is around [0, I; 0, 0].
  const bool is_settled = store[rotated].op == op::multiply && store[rotated].count >= count;
  const NodeId result = is_settled ? build.raw_call(self, NodeList{rotated}) : build.call(self, NodeList{rotated});
  return best_is_reversed ? build.scaled(sign, result) : result;
}

std::optional<NodeId> canonical_trace(Build& build, OpId self, std::span<const NodeId> arguments) {
  Store& store = build.store();
  const NodeId a = arguments[0];
  const Node node = store[a];
  if (node.type.is_scalar()) return a;
  if (node.op == op::zeros) return build.number(0);
  if (node.op == op::identity || node.op == op::ones) return build.dimension(node.type.rows);
  if (node.op == op::transpose) return build.call(self, NodeList{store.child(a, 0)});
  if (node.type.has(skew)) return build.number(0);
  if (node.op == op::scale) {
    const NodeId scalar = store.child(a, 0);
    const NodeId trace = build.call(self, NodeList{store.child(a, 1)});
    return build.times(NodeList{scalar, trace});
  }
  if (node.op == op::multiply) return trace_of_product(build, self, a);
  return std::nullopt;
}

// ---------------------------------------------------------------- sums and norms

// sum(A + c) for a scalar c is sum(A) + m*n*c; nothing where that is no shorter. sum(x - sum(x)/n) is 0.
std::optional<NodeId> sum_of_spread_terms(Build& build, OpId self, NodeId sum) {
  Store& store = build.store();
  const NodeList terms(store.children(sum).begin(), store.children(sum).end());
  NodeList spread;
  NodeList others;
  for (NodeId term : terms) {
    const bool is_spread = store[build.split_scale(term).second].op == op::ones;
    (is_spread ? spread : others).push_back(is_spread ? build.call(self, NodeList{term}) : term);
  }
  if (spread.empty()) return std::nullopt;
  if (!others.empty()) spread.push_back(build.call(self, NodeList{build.add(others)}));
  const NodeId total = build.add(spread);
  if (store[total].weight > store[sum].weight) return std::nullopt;
  return total;
}

std::optional<NodeId> canonical_sum(Build& build, OpId self, std::span<const NodeId> arguments) {
  Store& store = build.store();
  const NodeId a = arguments[0];
  const Node node = store[a];
  if (node.type.is_scalar()) return a;
  if (node.op == op::zeros) return build.number(0);
  if (node.op == op::ones) return build.dimension(store.dims.multiply(node.type.rows, node.type.cols));
  if (node.op == op::identity) return build.dimension(node.type.rows);
  if (node.op == op::scale) {
    const NodeId scalar = store.child(a, 0);
    return build.times(NodeList{scalar, build.call(self, NodeList{store.child(a, 1)})});
  }
  if (node.op == op::add) return sum_of_spread_terms(build, self, a);
  if (node.op == op::hadamard && node.count == 2 && node.type.is_column()) {
    const NodeId left = store.child(a, 0);
    const NodeId right = store.child(a, 1);
    return build.multiply(NodeList{build.transpose(left), right});
  }
  return std::nullopt;
}

std::optional<NodeId> canonical_norm(Build& build, OpId self, std::span<const NodeId> arguments) {
  Store& store = build.store();
  const NodeId a = arguments[0];
  if (build.is_zero(a)) return build.number(0);
  if (store[a].op == op::ones || store[a].op == op::identity) {  // all entries that are not 0 are 1
    return build.power(build.call("sum", {a}), build.number(Rational(1, 2)));
  }
  const auto [c, rest] = build.split_coefficient(a);
  if (store[a].op == op::number) return build.number(c.is_negative() ? -c : c);
  if (!c.is_one()) return build.scaled(c.is_negative() ? -c : c, build.call(self, NodeList{rest}));
  if (store[a].op == op::scale && store.type(store.child(a, 0)).has(positive)) {
    const NodeId scalar = store.child(a, 0);
    return build.times(NodeList{scalar, build.call(self, NodeList{store.child(a, 1)})});
  }
  return std::nullopt;
}

std::optional<NodeId> canonical_determinant(Build& build, OpId, std::span<const NodeId> arguments) {
  if (build.type(arguments[0]).is_scalar()) return arguments[0];
  if (build.store()[arguments[0]].op == op::identity) return build.number(1);
  return std::nullopt;
}

std::optional<NodeId> canonical_logdet(Build& build, OpId, std::span<const NodeId> arguments) {
  if (build.store()[arguments[0]].op == op::identity) return build.number(0);
  return std::nullopt;
}

template <class T>
Array<T> one_by_one(T value) {
  return Array<T>::Constant(1, 1, value);
}

// Row reduction with pivots by real part's size: analytic in the entries, unlike a factorisation with conjugates.
template <class Args>
auto determinant_of(Args a) {
  using T = typename Args::Scalar;
  return a[0].rows() == 0 ? T(1) : T(Eigen::PartialPivLU<Array<T>>(a[0]).determinant());
}

constexpr Operator reductions[] = {
    {.name = "tr",
     .also = {"trace"},
     .type = "(n,n) -> ()",
     .transposing = Transposing::invariant,
     .slots = {linear("G*I(n)", "vec(I(n))'")},
     .rewrites = {{"tr(kron(A,B)) = tr(A)*tr(B)", "square(A)", {"trace of a Kronecker product", "克罗内克积的迹"}},
                  {"tr(ones(n,m)*A) = sum(A)", "", {"sum as a trace", "元素之和即迹"}},
                  {"tr(diagm(x)) = sum(x)", "", {"trace of a diagonal matrix", "对角阵的迹"}},
                  {"tr(I(n).*A) = tr(A)", "", {"trace of a diagonal part", "对角部分的迹"}},
                  {"tr(A'*A) = norm2(A)^2", "", {"Frobenius norm as a trace", "F 范数即迹"}},
                  {"tr(A*A') = norm2(A)^2", "", {"Frobenius norm as a trace", "F 范数即迹"}}},
     .latex = "\\operatorname{tr}({0})",
     .code = code::trace,
     .kernel = kernel([](auto a, Size) { return one_by_one(a[0].trace()); }),
     .computed = Computed::trace,
     .canonical = canonical_trace,
     .step = {"differential of a trace", "迹的微分"},
     .source = "Magnus & Neudecker (2019), 8.2; Matrix Cookbook (36)"},
    {.name = "det",
     .type = "(n,n) -> ()",
     .transposing = Transposing::invariant,
     .domain = "det(A) != 0",
     .slots = {smooth("Y*tr(inv(A)*dA)")},
     .rewrites = {{"det(inv(A)) = 1/det(A)", "", {"determinant of an inverse", "逆矩阵的行列式"}},
                  {"det(A^b) = det(A)^b", "", {"determinant of a power", "幂的行列式"}}},
     .latex = "\\det({0})",
     .kernel = kernel([](auto a, Size) { return one_by_one(determinant_of(a)); }),
     .computed = Computed::determinant,
     .canonical = canonical_determinant,
     .step = {"differential of a determinant (Jacobi)", "行列式的微分（雅可比公式）"},
     .source = "Magnus & Neudecker (2019), 8.3; Matrix Cookbook (42)"},
    {.name = "logdet",
     .type = "(n,n) -> ()",
     .transposing = Transposing::invariant,
     .domain = "det(A) != 0",
     .slots = {smooth("tr(inv(A)*dA)")},
     .rewrites = {{"logdet(inv(A)) = -logdet(A)", "", {"log determinant of an inverse", "逆矩阵的对数行列式"}},
                  {"logdet(A^b) = b*logdet(A)", "", {"log determinant of a power", "幂的对数行列式"}}},
     .latex = "\\log\\det({0})",
     .kernel = kernel([](auto a, Size) {
       const auto determinant = determinant_of(a);
       return one_by_one(decltype(determinant)(std::log(real_part(determinant) < 0 ? -determinant : determinant)));
     }),
     .computed = Computed::log_determinant,
     .canonical = canonical_logdet,
     .step = {"differential of a log determinant", "对数行列式的微分"},
     .source = "Magnus & Neudecker (2019), 8.3; Matrix Cookbook (43)"},
    // Before the sum: of ones(1,n)*A'*A*ones(n) the norm of A*ones(n) is the shorter reading.
    {.name = "norm2",
     .also = {"norm", "normF"},
     .type = "(m,n) -> ()",
     .transposing = Transposing::invariant,
     .columns = "diagpart(A'*A).^(1/2)",
     .domain = "A != 0",
     .slots = {smooth("tr(A'*dA)/Y")},
     .rewrites = {{"x'*x = norm2(x)^2", "vector(x)", {"inner product with itself", "与自身的内积"}},
                  {"norm2(kron(A,B)) = norm2(A)*norm2(B)", "", {"norm of a Kronecker product", "克罗内克积的范数"}},
                  {"norm2(diagm(x)) = norm2(x)", "", {"norm of a diagonal matrix", "对角阵的范数"}}},
     .latex = "\\left\\lVert {0} \\right\\rVert",
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       return one_by_one(T(std::sqrt(T(a[0].cwiseProduct(a[0]).sum()))));
     }),
     .computed_as = "sum(A.^2).^(1/2)",
     .canonical = canonical_norm,
     .step = {"differential of a norm", "范数的微分"},
     .source = "Matrix Cookbook (129)"},
    {.name = "sum",
     .type = "(m,n) -> ()",
     .transposing = Transposing::invariant,
     .columns = "A'*ones(m)",
     .slots = {linear("G*ones(m,n)", "ones(1,m*n)")},
     .rewrites = {{"ones(1,n)*x = sum(x)", "vector(x)", {"product with ones is a sum", "与全一向量相乘即求和"}},
                  {"sum(diagm(x)) = sum(x)", "", {"sum of a diagonal matrix", "对角阵元素之和"}},
                  {"sum(I(n).*A) = tr(A)", "", {"sum of a diagonal part", "对角部分元素之和"}},
                  {"sum(A.^2) = norm2(A)^2", "", {"sum of squares is a squared norm", "平方和即范数平方"}},
                  {"sum(kron(A,B)) = sum(A)*sum(B)", "", {"sum of a Kronecker product", "克罗内克积元素之和"}}},
     .latex = "\\operatorname{sum}({0})",
     .kernel = kernel([](auto a, Size) { return one_by_one(a[0].sum()); }),
     .computed = Computed::total,
     .canonical = canonical_sum,
     .step = {"differential of a sum of entries", "元素之和的微分"},
     .source = "definition, 1'*A*1 | 定义，1'*A*1"},
    {.name = "logsumexp",
     .type = "(n,1) -> ()",
     .columns = "logsumexp_rows(A')",
     .slots = {smooth("softmax(A)'*dA")},
     .latex = "\\operatorname{logsumexp}({0})",
     .code = code::log_sum_exp,
     .kernel = kernel([](auto a, Size) {
       using T = typename decltype(a)::Scalar;
       const T shift = T(a[0].real().maxCoeff());
       return one_by_one(T(shift + std::log(T((a[0].array() - shift).exp().sum()))));
     }),
     .step = {"differential of log-sum-exp", "log-sum-exp 的微分"},
     .source = "definition and chain rule | 定义与链式法则"},
    {.name = "norm1",
     .type = "(m,n) -> ()",
     .definition = "sum(abs(A))",
     .step = {"1-norm as a sum of absolute values", "1-范数即绝对值之和"},
     .source = "definition | 定义"},
    {.name = "dot",
     .also = {"inner"},
     .type = "(m,n),(m,n) -> ()",
     .definition = "tr(A'*B)",
     .step = {"inner product as a trace", "内积即迹"},
     .source = "definition | 定义"},
};
static_assert(complete(reductions));

}  // namespace

std::span<const Operator> reductions_family() {
  return reductions;
}

}  // namespace matgrad
