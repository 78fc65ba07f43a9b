// SPDX-License-Identifier: MIT
#include "calculus/structured.hpp"

#include "rules/template.hpp"

namespace matgrad {
namespace {

// The projections in matgrad's own language: of a gradient G, and over vec of a Jacobian J.
struct Projection {
  Properties structure;
  const char* gradient;
  const char* jacobian;
};

constexpr Projection projections[] = {
    {diagonal, "diagm(diagpart(G))", "J*diagm(vec(I(n)))"}, {symmetric, "(G + G')/2", "J*(I(n*n) + K(n,n))/2"},
    {skew, "(G - G')/2", "J*(I(n*n) - K(n,n))/2"},          {lower, "tril(G)", "J*diagm(vec(tril(ones(n,n))))"},
    {upper, "triu(G)", "J*diagm(vec(triu(ones(n,n))))"},
};
// Matrix Cookbook (138): the gradient by the independent entries of a symmetric matrix.
constexpr const char* free_entries = "G + G' - diagm(diagpart(G))";

NodeId apply_rule(Build& build, const char* rule, char name, NodeId value, Dim n) {
  Bindings bindings;
  bindings.set(name, value);
  bindings.dims.bind('n', n);
  const auto result = instantiate(build, Template::compile(rule), bindings);
  MATGRAD_ASSERT(result.has_value());
  return *result;
}

}  // namespace

Properties linear_structure(Properties properties) {
  for (const Projection& projection : projections) {
    if (properties & projection.structure) return closed(projection.structure);
  }
  return 0;
}

NodeId projected_gradient(Build& build, NodeId gradient, Properties structure, SymmetricGradient convention) {
  for (const Projection& projection : projections) {
    if (!(structure & projection.structure)) continue;
    const bool free = projection.structure == symmetric && convention == SymmetricGradient::free_entries;
    return apply_rule(build, free ? free_entries : projection.gradient, 'G', gradient, build.type(gradient).rows);
  }
  return gradient;
}

NodeId projected_jacobian(Build& build, NodeId jacobian, Dim n, Properties structure) {
  for (const Projection& projection : projections) {
    if (structure & projection.structure) return apply_rule(build, projection.jacobian, 'J', jacobian, n);
  }
  return jacobian;
}

}  // namespace matgrad
