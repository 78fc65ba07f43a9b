// SPDX-License-Identifier: MIT
// The two arrays of a linear map: its matrix over vec, and the super-matrix. Both walk the expression that is linear in
// the hole; the first by the matrix that each linear slot states, the second by
//   block(A*L*B) = (A ⊗ I) block(L) (B ⊗ I),  block(dX) = vec(I) vec(I)',  block(dX') = K.
#include "calculus/differential.hpp"
#include "calculus/slots.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"

namespace matgrad {
namespace {

// Walks from the hole to y, combining per node the results of the children that depend on the hole.
template <class AtNode>
Result<NodeId> along(Build& build, NodeId y, NodeId hole, NodeId start, NodeId nothing, AtNode at_node) {
  const Store& store = build.store();
  const std::vector<NodeId> order = topological(store, y);
  const std::vector<NodeId> affected = dependents(store, order, hole);
  if (affected.empty()) return nothing;
  std::vector<NodeId> results(index_of(y) + 1, no_node);
  for (NodeId id : affected) {
    if (id == hole) {
      results[index_of(id)] = start;
      continue;
    }
    NodeList parts;
    for (std::size_t i = 0; i < store[id].count; ++i) {
      const NodeId inner = results[index_of(store.child(id, i))];
      if (inner == no_node) continue;
      Result<NodeId> part = at_node(id, i, inner);
      if (!part) return part;
      parts.push_back(*part);
    }
    results[index_of(id)] = build.add(parts);
  }
  return results[index_of(y)];
}

Dim entries(Build& build, NodeId id) {
  const Type type = build.type(id);
  return build.store().dims.multiply(type.rows, type.cols);
}

// sum(i,1,m, sum(j,1,n, kron(e_i*e_j', dy_ij/dX))): the definition, for maps without a shorter form.
Result<NodeId> block_by_entries(Build& build, NodeId y, NodeId hole) {
  static const Template definition = Template::compile("kron(x*y', G)");
  Store& store = build.store();
  const Type type = store.type(y);
  const NodeId i = build.fresh_index();
  const NodeId j = build.fresh_index();
  const NodeId row = build.unit(i, type.rows);
  const NodeId column = build.unit(j, type.cols);
  const NodeId upstream = build.multiply(NodeList{row, build.transpose(column)});
  auto gradient = adjoint(build, y, hole, upstream);
  if (!gradient) return gradient;
  Bindings bindings;
  bindings.set('x', row);
  bindings.set('y', column);
  bindings.set('G', *gradient);
  const auto block = instantiate(build, definition, bindings);
  MATGRAD_ASSERT(block.has_value());
  const NodeId inner = build.sum_over(j, build.number(1), build.dimension(type.cols), *block);
  return build.sum_over(i, build.number(1), build.dimension(type.rows), inner);
}

// (A ⊗ I(p)) * block * (B ⊗ I(q)), for a factor of a matrix product.
NodeId between(Build& build, const Bindings& around, NodeId block, const Type& x) {
  static const Template rule = Template::compile("kron(A, I(p))*G*kron(B, I(q))");
  Bindings bindings = around;
  bindings.dims.bind('p', x.rows);
  bindings.dims.bind('q', x.cols);
  bindings.set('G', block);
  const auto result = instantiate(build, rule, bindings);
  MATGRAD_ASSERT(result.has_value());
  return *result;
}

// kron(A', I(p)) * block * kron(B', I(q)), for a part of a block matrix, selected by A*Y*B.
NodeId placed(Build& build, Bindings bindings, NodeId block, const Type& x) {
  bindings.set('A', build.transpose(bindings.get('A')));
  bindings.set('B', build.transpose(bindings.get('B')));
  return between(build, bindings, block, x);
}

// W .* L: every block is multiplied by an entry of W. A scalar in front of a fixed matrix: the matrix ⊗ its gradient.
NodeId kronecker_with(Build& build, NodeId left, NodeId right) {
  static const Template rule = Template::compile("kron(A, B)");
  Bindings bindings;
  bindings.set('A', left);
  bindings.set('B', right);
  const auto result = instantiate(build, rule, bindings);
  MATGRAD_ASSERT(result.has_value());
  return *result;
}

}  // namespace

Result<NodeId> matrix_over_vec(Build& build, NodeId y, NodeId hole) {
  const Store& store = build.store();
  const Dim pq = entries(build, hole);
  return along(build, y, hole, build.identity(pq), build.zeros(entries(build, y), pq),
               [&](NodeId id, std::size_t argument, NodeId inner) -> Result<NodeId> {
                 if (store[id].op == op::sum_over) {
                   const NodeList c(store.children(id).begin(), store.children(id).end());
                   return build.sum_over(c[0], c[1], c[2], inner);
                 }
                 const CompiledSlot& slot = slot_at(store, id, argument);
                 MATGRAD_ASSERT(slot.kind == Slot::Kind::linear);
                 Bindings bindings = bindings_at(build, id, argument);
                 const auto matrix = instantiate(build, slot.matrix, bindings);
                 MATGRAD_ASSERT(matrix.has_value());
                 return build.product(*matrix, inner);
               });
}

Result<NodeId> block_matrix(Build& build, NodeId y, NodeId hole) {
  Store& store = build.store();
  static const Template unit_block = Template::compile("vec(I(p))*vec(I(q))'");
  const Type x = store.type(hole);
  Bindings sizes;
  sizes.dims.bind('p', x.rows);
  sizes.dims.bind('q', x.cols);
  const NodeId start = *instantiate(build, unit_block, sizes);
  const Type shape = store.type(y);
  const NodeId nothing = build.zeros(store.dims.multiply(shape.rows, x.rows), store.dims.multiply(shape.cols, x.cols));
  return along(build, y, hole, start, nothing, [&](NodeId id, std::size_t argument, NodeId inner) -> Result<NodeId> {
    const OpId op = store[id].op;
    const NodeId child = store.child(id, argument);
    if (op == op::add) return inner;
    if (op == op::transpose && child == hole) return build.commutation(x.cols, x.rows);
    if (op == op::multiply) return between(build, bindings_at(build, id, argument), inner, x);
    if (op == op::blocks) return placed(build, bindings_at(build, id, argument), inner, x);
    if (op == op::times) return build.product(bindings_at(build, id, argument).get('W'), inner);
    if (op == op::scale && argument == 1) return build.scale(store.child(id, 0), inner);
    if (op == op::scale) return kronecker_with(build, store.child(id, 1), inner);
    if (op == op::hadamard) {
      const NodeId w = bindings_at(build, id, argument).get('W');
      return build.entrywise_product(kronecker_with(build, w, build.ones(x.rows, x.cols)), inner);
    }
    return block_by_entries(build, id, hole);
  });
}

}  // namespace matgrad
