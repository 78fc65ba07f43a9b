// SPDX-License-Identifier: MIT
#include "plan/lower.hpp"

#include <algorithm>

#include "expr/walk.hpp"
#include "plan/fuse.hpp"
#include "plan/lowering.hpp"
#include "plan/pair.hpp"
#include "plan/prepare.hpp"

namespace matgrad {

Lowering::Lowering(Build& build, const PlanRequest& request)
    : build_(build),
      store_(build.store()),
      request_(request),
      chains_(
          build, [this](Dim dim) { return extent(dim); }, request.shared) {
  scopes_.emplace_back();
}

double Lowering::extent(Dim dim) const {
  const auto value = store_.dims.evaluate(dim, plan_.sizes);
  return value ? static_cast<double>(*value) : static_cast<double>(nominal_size);
}

// How many nodes read each node, and which runs of factors the products have in common.
void Lowering::count_uses(std::span<const NodeId> roots) {
  const std::vector<NodeId> order = topological(store_, roots);
  uses_.assign(store_.size(), 0);
  for (NodeId root : roots) ++uses_[index_of(root)];
  for (NodeId id : order) {
    for (NodeId child : store_.children(id)) ++uses_[index_of(child)];
  }
  std::unordered_map<NodeId, std::uint32_t> in_traces;  // where a product is not multiplied out as it stands
  for (NodeId id : order) {
    if (kind(id) == Computed::trace && chains_.is_product(store_.child(id, 0))) ++in_traces[store_.child(id, 0)];
  }
  for (NodeId id : order) {
    const NodeList factors = chains_.factors(id);
    if (factors.size() == 1) continue;
    const auto found = in_traces.find(id);
    if (found != in_traces.end()) chains_.learn(id, factors, true);
    if (found == in_traces.end() || uses(id) > found->second) chains_.learn(id, factors, false);
  }
}

Plan Lowering::run() {
  plan_.sizes = request_.sizes;
  plan_.sizes.resize(store_.dims.atom_count(), nominal_size);
  for (std::int64_t& size : plan_.sizes) size = size > 0 ? size : nominal_size;
  std::vector<NodeId> roots;
  for (const auto& output : request_.outputs) roots.push_back(output.node);
  // Inputs in the order of their names' declaration, whatever the expressions make of them.
  for (NodeId id : topological(store_, roots)) {
    if (store_[id].op == op::symbol && store_.symbol_at(store_[id].first).role != Symbol::Role::index) {
      need(id);
    }
  }
  roots = prepared(build_, roots);
  wanted_.insert(roots.begin(), roots.end());
  count_uses(roots);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    const Operand operand = stored(value_of(roots[i]), roots[i]);
    plan_.outputs.push_back({request_.outputs[i].name, request_.outputs[i].node, operand});
  }
  plan_.steps = std::move(scopes_[0].steps);
  fuse_maps(plan_);
  pair_products(plan_);
  for (const PlanStep& step : plan_.steps) plan_.flops += step.flops;
  return std::move(plan_);
}

Operand Lowering::value_of(NodeId root) {
  const std::size_t bottom = pending_.size();
  pending_.push_back(root);
  while (pending_.size() > bottom) {
    const NodeId id = pending_.back();
    if (has(id) || lower_node(id)) pending_.pop_back();
  }
  return *known(root);
}

// Where a node's value is: also by what it is the transpose of.
std::optional<Operand> Lowering::known(NodeId id) {
  if (const auto found = done_.find(index_of(id)); found != done_.end()) return found->second;
  const NodeId other = build_.transpose(id);
  if (const auto found = done_.find(index_of(other)); found != done_.end()) return turned(plan_, found->second);
  return std::nullopt;
}

// Its value, or nothing; then it is computed before what needs it is tried again.
std::optional<Operand> Lowering::need(NodeId id) {
  const Node& node = store_[id];
  if (node.op == op::symbol && !has(id)) {
    const BufferId buffer = new_buffer(node.type, id, Buffer::Role::input);
    plan_.inputs.push_back(buffer);
    done_.emplace(index_of(id), whole(buffer));
  }
  if (auto operand = known(id)) return operand;
  pending_.push_back(id);
  return std::nullopt;
}

void Lowering::computed(NodeId id, const Operand& operand) {
  done_.emplace(index_of(id), operand);
}

BufferId Lowering::new_buffer(const Type& type, NodeId node, Buffer::Role role) {
  plan_.buffers.push_back({role, type, node});
  return static_cast<BufferId>(plan_.buffers.size() - 1);
}

Operand Lowering::whole(BufferId buffer) const {
  const Type& type = plan_.buffers[buffer].type;
  return {buffer, type.rows, type.cols, false};
}

bool Lowering::depends(NodeId id, NodeId index) {
  const std::uint64_t key = (std::uint64_t{index_of(id)} << 32) | index_of(index);
  if (const auto found = depends_.find(key); found != depends_.end()) return found->second;
  const bool result = depends_on(store_, id, index);
  depends_.emplace(key, result);
  return result;
}

// The innermost repeat whose index the node depends on.
std::size_t Lowering::scope_of(NodeId id) {
  for (std::size_t scope = scopes_.size() - 1; scope > 0; --scope) {
    if (depends(id, scopes_[scope].index)) return scope;
  }
  return 0;
}

// The step is put where it runs as seldom as possible.
PlanStep& Lowering::emit(PlanStep step, NodeId node) {
  Scope& scope = scopes_[scope_of(node)];
  scope.steps.push_back(std::move(step));
  return scope.steps.back();
}

void Lowering::finish(PlanStep step, NodeId node, const Type& type) {
  step.out = new_buffer(type, node);
  const Operand out = whole(step.out);
  emit(std::move(step), node);
  computed(node, out);
}

Operand Lowering::stored(const Operand& operand, NodeId id) {
  // A vector is stored the same either way.
  if (!operand.transposed) return operand;
  if (operand.rows == dim_one || operand.cols == dim_one) return {operand.buffer, operand.rows, operand.cols, false};
  Draft draft;
  draft.program.rows = operand.rows;
  draft.program.cols = operand.cols;
  return finish_map(draft, id, Collect::store, read(draft, operand, Access::entry), store_.type(id));
}

bool Lowering::lower_node(NodeId id) {
  const Node node = store_[id];
  if (node.op == op::transpose) {
    const NodeId child = store_.child(id, 0);
    const auto operand = need(child);
    if (operand) computed(id, turned(plan_, *operand));
    return operand.has_value();
  }
  if (node.op == op::sum_over) return lower_repeat(id);
  if (is_assembled(id) || is_scaled_product(id)) return lower_assembled(id);
  if (is_entrywise(id)) return lower_map(id, Collect::store, id);
  if (node.op == op::multiply) return lower_multiply(id);
  if (node.op == op::matrix_power) return lower_matrix_power(id);
  return lower_call(id);
}

Plan make_plan(Build& build, const PlanRequest& request) {
  return Lowering(build, request).run();
}

}  // namespace matgrad
