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
// Magnus & Neudecker (2019), 3.8: D(n)*vech(X) = vec(X) of a symmetric X; L(n)'*vech(X) is it of a lower triangular
// one.
struct IndependentEntries {
  Properties structure;
  const char* matrix;
};

constexpr IndependentEntries independent_entries[] = {{symmetric, "D(n)"}, {lower, "L(n)'"}, {upper, "K(n,n)*L(n)'"}};
// Matrix Cookbook (138): the gradient by the independent entries of a symmetric matrix.
constexpr const char* free_entries = "G + G' - diagm(diagpart(G))";

// Curved ones: the Riemannian gradient from the ordinary one. Absil, Mahony & Sepulchre (2008), 3.6: the projection
// G - X*(G'*X + X'*G)/2 onto the tangent space, where X*X' = I; Pennec, Fillard & Ayache (2006), 3.
struct Manifold {
  Properties structure;
  const char* gradient;
  Message metric;
};

constexpr Manifold manifolds[] = {
    {orthogonal, "G/2 - X*G'*X/2", Message::metric_of_surrounding_space},
    {positive_definite, "X*G*X/2 + X*G'*X/2", Message::metric_affine_invariant},
};

NodeId apply_rule(Build& build, const char* rule, std::initializer_list<std::pair<char, NodeId>> values, Dim n) {
  Bindings bindings;
  for (const auto& [name, value] : values) bindings.set(name, value);
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
    return apply_rule(build, free ? free_entries : projection.gradient, {{'G', gradient}}, build.type(gradient).rows);
  }
  return gradient;
}

std::optional<Riemannian> riemannian_gradient(Build& build, NodeId gradient, NodeId variable) {
  const Type type = build.type(variable);
  for (const Manifold& manifold : manifolds) {
    if (!(type.properties & manifold.structure)) continue;
    return Riemannian{apply_rule(build, manifold.gradient, {{'G', gradient}, {'X', variable}}, type.rows),
                      manifold.metric};
  }
  const Properties structure = linear_structure(type.properties);
  if (structure == 0) return std::nullopt;
  return Riemannian{projected_gradient(build, gradient, structure, SymmetricGradient::projected),
                    Message::metric_of_linear_space};
}

std::optional<NodeId> over_independent_entries(Build& build, Dim n, Properties structure) {
  if (structure & diagonal) return std::nullopt;
  for (const IndependentEntries& entries : independent_entries) {
    if (structure & entries.structure) return apply_rule(build, entries.matrix, {}, n);
  }
  return std::nullopt;
}

NodeId projected_jacobian(Build& build, NodeId jacobian, Dim n, Properties structure) {
  for (const Projection& projection : projections) {
    if (structure & projection.structure) return apply_rule(build, projection.jacobian, {{'J', jacobian}}, n);
  }
  return jacobian;
}

}  // namespace matgrad
