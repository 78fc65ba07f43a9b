// SPDX-License-Identifier: MIT
// Entrywise parts of an expression become one pass over its entries.
#include <algorithm>
#include <utility>

#include "plan/fuse.hpp"
#include "plan/lowering.hpp"

namespace matgrad {
namespace {

// A map longer or deeper than this is cut: the rest of it is computed first.
constexpr std::size_t longest_map = 200;
constexpr std::size_t deepest_map = 40;

}  // namespace

// Whether its entries are computed one by one from entries of its arguments.
bool Lowering::is_entrywise(NodeId id) const {
  const OpId o = store_[id].op;
  if (o == op::number || o == op::dimension || o == op::ones || o == op::zeros) return true;
  if (o == op::add || o == op::hadamard || o == op::power || o == op::scale || o == op::times) return true;
  return entry_of(o).entrywise;
}

// x and y of a product x*y' of a column and a row, which a map reads without forming it.
std::optional<std::pair<NodeId, NodeId>> Lowering::outer_factors(NodeId id) {
  if (store_[id].op != op::multiply || store_[id].count != 2) return std::nullopt;
  const NodeId left = store_.child(id, 0);
  const NodeId right = store_.child(id, 1);
  if (store_.type(left).cols != dim_one || store_.type(right).rows != dim_one) return std::nullopt;
  return std::pair{left, right};
}

Register Lowering::instruction(Draft& draft, MapInstruction instruction) {
  // Instructions are numbered from the end of the registers until all inputs are known.
  for (std::size_t i = 0; i < draft.code.size(); ++i) {
    if (draft.code[i] == instruction) return static_cast<Register>(0xffff - i);
  }
  draft.code.push_back(instruction);
  return static_cast<Register>(0xffff - (draft.code.size() - 1));
}

Register Lowering::constant(Draft& draft, double value) {
  MapInstruction i;
  i.op = MapOp::constant;
  i.value = value;
  return instruction(draft, i);
}

Access Lowering::access_of(const Draft& draft, NodeId id) const {
  const Type& type = store_.type(id);
  if (type.is_scalar()) return Access::scalar;
  if (type.rows == draft.program.rows && type.cols == draft.program.cols) return Access::entry;
  return type.cols == dim_one ? Access::column : Access::row;
}

Register Lowering::read(Draft& draft, const Operand& operand, Access access) {
  auto& inputs = draft.program.inputs;
  const MapInput input{operand, access};
  const auto found = std::find(inputs.begin(), inputs.end(), input);
  if (found != inputs.end()) return static_cast<Register>(found - inputs.begin());
  inputs.push_back(input);
  return static_cast<Register>(inputs.size() - 1);
}

Register Lowering::read(Draft& draft, NodeId id) {
  const auto operand = need(id);
  if (!operand) {
    draft.complete = false;
    return 0;
  }
  return read(draft, *operand, access_of(draft, id));
}

Register Lowering::collect(Draft& draft, NodeId id) {
  const auto found = draft.registers.find(index_of(id));
  if (found != draft.registers.end()) return found->second;
  const Register result = collect_new(draft, id);
  draft.registers.emplace(index_of(id), result);
  return result;
}

// The register that holds the entries of a node: computed in this map where nobody else wants them.
Register Lowering::collect_new(Draft& draft, NodeId id) {
  const Node node = store_[id];
  if (node.op == op::number) return constant(draft, store_.number_at(node.first).as_double());
  if (node.op == op::ones) return constant(draft, 1);
  if (node.op == op::zeros) return constant(draft, 0);
  if (node.op == op::dimension) {
    MapInstruction i;
    i.op = MapOp::dimension;
    i.dim = Dim{node.first};
    return instruction(draft, i);
  }
  const bool is_root = draft.depth == 0;
  if (!is_root && has(id)) return read(draft, id);
  const bool is_scalar_part =
      node.type.is_scalar() && !(draft.program.rows == dim_one && draft.program.cols == dim_one);
  // What is the same along rows or columns is computed once, not for every entry.
  const bool is_spread = node.type.is_vector() && draft.program.rows != dim_one && draft.program.cols != dim_one;
  const bool is_full = draft.code.size() >= longest_map || draft.depth >= deepest_map;
  if (const auto outer = outer_factors(id); outer && !is_scalar_part && !is_full && (is_root || uses(id) <= 1)) {
    ++draft.depth;
    const std::array factors{outer->first, outer->second};
    const Register result = collect_product(draft, factors);
    --draft.depth;
    return result;
  }
  const bool is_shared = !is_root && uses(id) > 1;
  if (!is_root && (is_scalar_part || is_spread || is_full || is_shared || !is_entrywise(id) || is_assembled(id))) {
    return read(draft, id);
  }
  ++draft.depth;
  const NodeList children(store_.children(id).begin(), store_.children(id).end());
  Register result = 0;
  if (node.op == op::add) {
    result = collect_add(draft, children);
  } else if (node.op == op::power) {
    result = collect_power(draft, id);
  } else if (entry_of(node.op).entrywise) {
    MapInstruction i;
    i.op = MapOp::call;
    i.call = node.op;
    i.a = collect(draft, children[0]);
    result = instruction(draft, i);
  } else if (node.op == op::hadamard || node.op == op::scale || node.op == op::times) {
    result = collect_product(draft, children);
  } else {
    result = read(draft, id);
  }
  --draft.depth;
  return result;
}

// a - b rather than a + (-1)*b.
Register Lowering::collect_add(Draft& draft, std::span<const NodeId> terms) {
  std::optional<Register> sum;
  std::vector<std::pair<Rational, NodeId>> split;
  for (NodeId term : terms) {
    auto [c, rest] = build_.split_coefficient(term);
    split.emplace_back(c, store_.type(rest).is_scalar() && !store_.type(term).is_scalar() ? term : rest);
    if (split.back().second == term) split.back().first = Rational(1);
  }
  std::stable_partition(split.begin(), split.end(), [](const auto& term) { return !term.first.is_negative(); });
  for (const auto& [c, rest] : split) {
    const bool subtracts = sum.has_value() && c.is_negative();
    const Rational factor = subtracts ? -c : c;
    Register value = collect(draft, rest);
    MapInstruction i;
    if (factor == Rational(-1)) {
      i.op = MapOp::negate;
      i.a = value;
      value = instruction(draft, i);
    } else if (!factor.is_one()) {
      i.op = MapOp::multiply;
      i.a = constant(draft, factor.as_double());
      i.b = value;
      value = instruction(draft, i);
    }
    if (!sum) {
      sum = value;
      continue;
    }
    MapInstruction step;
    step.op = subtracts ? MapOp::subtract : MapOp::add;
    step.a = *sum;
    step.b = value;
    sum = instruction(draft, step);
  }
  return *sum;
}

// What is over one line, and what is under it.
Register Lowering::collect_product(Draft& draft, std::span<const NodeId> factors) {
  std::optional<Register> over;
  std::optional<Register> under;
  bool negative = false;
  auto times = [&](std::optional<Register>& product, Register factor) {
    if (!product) {
      product = factor;
      return;
    }
    MapInstruction i;
    i.op = MapOp::multiply;
    i.a = *product;
    i.b = factor;
    product = instruction(draft, i);
  };
  for (NodeId factor : factors) {
    const auto number = build_.number_value(factor);
    if (number && *number == Rational(-1)) {
      negative = !negative;
      continue;
    }
    if (store_[factor].op == op::ones && factors.size() > 1) continue;
    const auto [base, exponent] = build_.split_power(factor);
    if (!number && store_.type(base).same_shape(store_.type(factor)) && build_.is_number(exponent, -1)) {
      times(under, collect(draft, base));
      continue;
    }
    times(over, collect(draft, factor));
  }
  if (under) {
    MapInstruction i;
    i.op = over ? MapOp::divide : MapOp::reciprocal;
    i.a = over ? *over : *under;
    i.b = over ? *under : Register{0};
    over = instruction(draft, i);
  }
  if (!over) over = constant(draft, 1);
  if (negative) {
    MapInstruction i;
    i.op = MapOp::negate;
    i.a = *over;
    over = instruction(draft, i);
  }
  return *over;
}

Register Lowering::collect_power(Draft& draft, NodeId id) {
  const NodeId base = store_.child(id, 0);
  const NodeId exponent = store_.child(id, 1);
  MapInstruction i;
  i.a = collect(draft, base);
  const auto number = build_.number_value(exponent);
  if (number && *number == Rational(2)) {
    i.op = MapOp::square;
  } else if (number && *number == Rational(-1)) {
    i.op = MapOp::reciprocal;
  } else if (number && *number == Rational(1, 2)) {
    i.op = MapOp::root;
  } else if (number && (*number == Rational(-1, 2) || *number == Rational(-2))) {
    i.op = *number == Rational(-2) ? MapOp::square : MapOp::root;
    const Register inner = instruction(draft, i);
    i.op = MapOp::reciprocal;
    i.a = inner;
  } else if (number && *number == Rational(3)) {
    i.op = MapOp::square;
    const Register square = instruction(draft, i);
    i.op = MapOp::multiply;
    i.b = square;
  } else {
    i.op = MapOp::power;
    i.b = collect(draft, exponent);
  }
  return instruction(draft, i);
}

// The draft's registers in their final order, and the step.
Operand Lowering::finish_map(Draft& draft, NodeId id, Collect collect, Register result, const Type& type) {
  MapProgram& program = draft.program;
  const auto inputs = static_cast<Register>(program.inputs.size());
  auto renumbered = [&](Register r) {
    return r >= 0xffff - draft.code.size() ? static_cast<Register>(inputs + (0xffff - r)) : r;
  };
  for (MapInstruction i : draft.code) {
    i.a = renumbered(i.a);
    i.b = renumbered(i.b);
    program.code.push_back(i);
  }
  PlanStep step;
  step.routine = Routine::map;
  step.flops = extent(program.rows) * extent(program.cols) *
               static_cast<double>(program.code.size() + (collect == Collect::store ? 0 : 1));
  step.map = static_cast<std::uint32_t>(plan_.maps.size());
  step.out = new_buffer(type, id);
  program.outputs.push_back({renumbered(result), collect, step.out});
  plan_.maps.push_back(std::move(program));
  const Operand out = whole(step.out);
  emit(std::move(step), id);
  computed(id, out);
  return out;
}

bool Lowering::lower_map(NodeId id, Collect how, NodeId body) {
  Draft draft;
  draft.program.rows = store_.type(body).rows;
  draft.program.cols = store_.type(body).cols;
  const Register result = collect(draft, body);
  if (!draft.complete) return false;
  if (how == Collect::store && !is_wanted(id) && reads_by_rows(draft.program)) {
    // A' - B' is stored as A - B; what reads it can read it by rows.
    draft.program = turned(plan_, std::move(draft.program));
    const NodeId other = build_.transpose(id);
    finish_map(draft, other, how, result, store_.type(other));
    return true;
  }
  finish_map(draft, id, how, result, store_.type(id));
  return true;
}

// A map of the diagonal of a matrix: its total is the trace.
bool Lowering::lower_diagonal(NodeId id, NodeId matrix, Collect how) {
  Draft draft;
  draft.program.rows = store_.type(matrix).rows;
  draft.depth = 1;
  const auto operand = need(matrix);
  if (!operand) return false;
  const Register result = read(draft, *operand, Access::diagonal);
  finish_map(draft, id, how, result, store_.type(id));
  return true;
}

// The sum of the entries of a .* b …, all of one shape.
bool Lowering::lower_total(NodeId id, std::span<const NodeId> factors) {
  Draft draft;
  draft.program.rows = store_.type(factors[0]).rows;
  draft.program.cols = store_.type(factors[0]).cols;
  draft.depth = 1;
  const Register result = collect_product(draft, factors);
  if (!draft.complete) return false;
  finish_map(draft, id, Collect::total, result, store_.type(id));
  return true;
}

}  // namespace matgrad
