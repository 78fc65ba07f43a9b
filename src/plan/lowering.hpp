// SPDX-License-Identifier: MIT
// The state of make_plan: what is computed already, where, and what still has to be. A node is lowered when everything
// that it needs is there; what is missing is put on the stack first and the node is tried again, so that deep
// expressions cost memory and not the stack.
#pragma once

#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "ops/operator.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "plan/chain.hpp"
#include "plan/lower.hpp"

namespace matgrad {

class Lowering {
 public:
  Lowering(Build& build, const PlanRequest& request);
  Plan run();

 private:
  struct Scope {  // of a repeat that is being lowered; the outermost is the plan itself
    NodeId index = no_node;
    std::vector<PlanStep> steps;
    double times = 1;  // how often its steps run
  };
  // A map being collected.
  struct Draft {
    MapProgram program;
    std::vector<NodeId> nodes;  // of the registers, inputs and instructions alike
    std::unordered_map<std::uint32_t, Register> registers;
    std::vector<MapInstruction> code;
    std::size_t depth = 0;
    bool complete = true;  // nothing was missing
  };

  // --- the driver (lower.cpp)
  Operand value_of(NodeId root);
  bool lower_node(NodeId id);
  std::optional<Operand> known(NodeId id);
  bool has(NodeId id) { return known(id).has_value(); }
  std::optional<Operand> need(NodeId id);
  void computed(NodeId id, const Operand& operand);
  BufferId new_buffer(const Type& type, NodeId node, Buffer::Role role = Buffer::Role::temporary);
  Operand whole(BufferId buffer) const;
  PlanStep& emit(PlanStep step, NodeId node);
  void finish(PlanStep step, NodeId node, const Type& type);
  std::size_t scope_of(NodeId id);
  bool depends(NodeId id, NodeId index);
  double extent(Dim dim) const;
  double entries(NodeId id) const { return extent(store_.type(id).rows) * extent(store_.type(id).cols); }
  Computed kind(NodeId id) const { return entry_of(store_[id].op).computed; }
  void count_uses(std::span<const NodeId> roots);
  bool is_wanted(NodeId id) const { return wanted_.count(id) != 0; }
  std::uint32_t uses(NodeId id) const { return index_of(id) < uses_.size() ? uses_[index_of(id)] : 0; }
  Operand stored(const Operand& operand, NodeId id);  // not transposed: a copy where it is

  // --- maps (lower_map.cpp)
  bool is_entrywise(NodeId id) const;
  bool lower_map(NodeId id, Collect collect, NodeId body);
  bool lower_diagonal(NodeId id, NodeId matrix, Collect how);
  bool lower_total(NodeId id, std::span<const NodeId> factors);
  Register collect(Draft& draft, NodeId id);
  Register collect_new(Draft& draft, NodeId id);
  Register collect_add(Draft& draft, std::span<const NodeId> terms);
  Register collect_product(Draft& draft, std::span<const NodeId> factors);
  Register collect_power(Draft& draft, NodeId id);
  Register read(Draft& draft, NodeId id);
  Register read(Draft& draft, const Operand& operand, Access access);
  Register instruction(Draft& draft, MapInstruction instruction);
  Register constant(Draft& draft, double value);
  Access access_of(const Draft& draft, NodeId id) const;
  Operand finish_map(Draft& draft, NodeId id, Collect collect, Register result, const Type& type);
  std::optional<std::pair<NodeId, NodeId>> outer_factors(NodeId id);

  // --- sums that products and diagonals are added into (lower_sum.cpp)
  struct Term {
    NodeId node = no_node;  // as written, with its scalar
    NodeId body = no_node;  // a product, or the vector of a diagonal matrix; no node for the identity
    double alpha = 1;
    NodeId scalar = no_node;  // where it is no number
    enum class Kind : std::uint8_t { entrywise, product, diagonal, kronecker } kind = Kind::entrywise;
  };
  Term term_of(NodeId node);
  bool is_assembled(NodeId id);
  NodeId scaled_sum(NodeId id);
  bool is_scaled_product(NodeId id);
  bool is_plain_product(NodeId id);
  bool lower_assembled(NodeId id);
  bool add_term(const Term& term, BufferId out, bool adds, NodeId sum);

  // --- products (lower_product.cpp)
  enum class Way : std::uint8_t {
    inner,
    outer,
    scaled_rows,  // one factor is diagonal
    scaled_columns,
    left_distributed,  // one factor is a sum whose terms are multiplied one by one
    right_distributed,
    solve,
    commuted,
    with_ones,
    picked_row,
    picked_column,
    kronecker_times_vector,
    selected_rows,  // [0, I, 0]*B
    by_blocks,
    turned,  // as the transpose of B'*A'
    plain,
  };
  Way way_of(NodeId left, NodeId right);
  bool lower_multiply(NodeId id);
  bool lower_pair(NodeId id, NodeId left, NodeId right);
  bool lower_entrywise_product(NodeId id, NodeId left, NodeId right);
  bool lower_distributed(NodeId id, NodeId sum, NodeId vector, bool sum_first);
  bool can_distribute(NodeId sum);
  bool is_identity_and_outer_products(NodeId sum);
  bool is_outer_product(NodeId id) const;
  bool lower_commuted(NodeId id, NodeId commutation, NodeId matrix);
  bool lower_solve(NodeId id, NodeId left, NodeId right);
  bool lower_kronecker_times_vector(NodeId id, NodeId left, NodeId right);
  bool lower_pick(NodeId id, NodeId matrix, NodeId unit, bool row);
  bool lower_with_ones(NodeId id, NodeId left, NodeId right);
  bool lower_turned(NodeId id, NodeId left, NodeId right);
  NodeId diagonal_of(NodeId matrix);
  Chains::Surroundings surroundings();
  std::pair<NodeId, NodeId> halves(NodeId product);
  std::optional<NodeId> inverted(NodeId id, bool& transposed);  // what an inverse node inverts
  std::optional<PlanStep> product_step(NodeId id, double& flops);

  // --- factors that are made of parts (lower_structure.cpp)
  double flops_apart(NodeId matrix, double columns, int depth = 0);
  bool is_better_apart(NodeId matrix, double columns);
  bool lower_selected_rows(NodeId id, NodeId selection, NodeId matrix);
  bool lower_by_blocks(NodeId id, NodeId grid, NodeId right);

  // --- calls (lower_call.cpp)
  bool lower_call(NodeId id);
  bool lower_apply(NodeId id);
  bool lower_kronecker(NodeId id);
  bool lower_trace(NodeId id);
  bool lower_sum_of_traces(NodeId id, const NodeList& matrices);
  bool lower_sum_of_entries(NodeId id);
  bool lower_diagonal_part(NodeId id);
  bool lower_vec(NodeId id);
  bool lower_from_factors(NodeId id, Routine routine);
  bool lower_matrix_power(NodeId id);
  bool lower_repeat(NodeId id);
  std::vector<std::pair<std::uint32_t, Operand>> hidden_by(NodeId index,
                                                           std::unordered_map<std::uint32_t, Operand>& from);
  std::optional<Operand> factorised(NodeId id);

  Build& build_;
  Store& store_;
  const PlanRequest& request_;
  Plan plan_;
  Chains chains_;
  std::vector<Scope> scopes_;
  std::vector<NodeId> pending_;
  std::unordered_map<std::uint32_t, Operand> done_;
  std::unordered_map<std::uint32_t, Operand> factors_;  // by what is factorised
  std::vector<std::uint32_t> uses_;
  std::unordered_set<NodeId> wanted_;  // the outputs, as they are computed
  std::unordered_map<std::uint64_t, bool> depends_;
};

}  // namespace matgrad
