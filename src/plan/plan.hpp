// SPDX-License-Identifier: MIT
// A plan: what an expert would write by hand to compute some expressions together, as a straight list of steps of the
// size of a BLAS or LAPACK call. Every step writes one new buffer (a map may write several), in the order in which they
// stand; what is shared is computed once; transposes, diagonal matrices, inverses, Kronecker products and the like are
// not formed where a step can do without.
//
//   f = norm2(X*w - y)^2 and its gradient:      t1 = X*w          product
//                                               t2 = t1 - y       map, with t3 = sum(t2.^2)
//                                               t4 = 2*X'*t2      product
//
// A plan knows shapes as dimensions. The order of products was chosen for certain sizes; it is right for all.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "expr/store.hpp"

namespace matgrad {

using BufferId = std::uint32_t;
inline constexpr BufferId no_buffer = 0xffffffffu;

// An array, column by column, or a factorisation of one.
struct Buffer {
  enum class Role : std::uint8_t { input, temporary, factorisation };
  Role role = Role::temporary;
  Type type;              // of a factorisation: of what was factorised
  NodeId node = no_node;  // what it holds
};

// A buffer as a step reads it: as an array of this shape, or the transpose of what is stored.
struct Operand {
  BufferId buffer = no_buffer;
  Dim rows = dim_one;
  Dim cols = dim_one;
  bool transposed = false;  // rows and cols are those after the transposition

  bool is_set() const { return buffer != no_buffer; }
  bool is_scalar() const { return rows == dim_one && cols == dim_one; }
  bool is_vector() const { return (rows == dim_one) != (cols == dim_one); }
  Operand turned() const { return {buffer, cols, rows, !transposed}; }
  friend bool operator==(const Operand& a, const Operand& b) {
    return a.buffer == b.buffer && a.rows == b.rows && a.cols == b.cols && a.transposed == b.transposed;
  }
};

enum class Routine : std::uint8_t {
  product,          // alpha*A*B, added to what `out` holds where `adds`
  factorise,        // A by Cholesky or LU; nothing to do where it is triangular
  solve,            // inv(F)*B, or B*inv(F) from the right; F transposed where it is so as an operand
  inverse,          // inv(F)
  determinant,      // det(F)
  log_determinant,  // log(abs(det(F)))
  map,              // entries one by one, by a program; stored or summed up
  add_diagonal,     // alpha times a vector, or alpha alone, added to the diagonal of `out`
  pick,             // row or column `i` of A
  pick_rows,        // as many rows of A as `out` has, those behind the first `skipped`
  kronecker,        // alpha*kron(A,B), added to what `out` holds where `adds`
  commute,          // the rows of A in the order of K(m,n)*A, m and n being operands 1 and 2
  apply,            // the kernel of an operator's entry, on whole arrays
  repeat,           // the steps of a block for i = first … last; what `result` then holds is added up
};

// A factor of a product half of which is zero.
enum class Triangle : std::uint8_t { none, left_lower, left_upper, right_lower, right_upper };

enum class Factorisation : std::uint8_t {
  cholesky,
  symmetric,  // Cholesky where the matrix turns out to be positive definite, LU otherwise
  lu,
  lower_triangular,
  upper_triangular,
};

// ---------------------------------------------------------------- maps

// Where an entry (i,j) of the map finds its entry of an operand.
enum class Access : std::uint8_t {
  entry,     // (i,j)
  column,    // (i), the same in all columns
  row,       // (j), the same in all rows
  scalar,    // the same everywhere
  diagonal,  // of a map over a column: (i,i)
};

struct MapInput {
  Operand operand;
  Access access = Access::entry;
  friend bool operator==(const MapInput& a, const MapInput& b) {
    return a.operand == b.operand && a.access == b.access;
  }
};

enum class MapOp : std::uint8_t {
  constant,    // value
  dimension,   // the number that a dimension is
  add,         // a + b
  subtract,    // a - b
  multiply,    // a * b
  divide,      // a / b
  negate,      // -a
  square,      // a * a
  reciprocal,  // 1 / a
  root,        // sqrt(a)
  power,       // a to the power b
  call,        // an entrywise operator
};

// A register of a map: first its inputs, then one for every instruction.
using Register = std::uint16_t;

struct MapInstruction {
  MapOp op = MapOp::constant;
  Register a = 0;
  Register b = 0;
  double value = 0;
  Dim dim = dim_one;
  OpId call{};
  friend bool operator==(const MapInstruction& x, const MapInstruction& y) {
    return x.op == y.op && x.a == y.a && x.b == y.b && x.value == y.value && x.dim == y.dim && x.call == y.call;
  }
};

enum class Collect : std::uint8_t {
  store,          // every entry
  total,          // their sum
  row_totals,     // the sum of every row, a column
  column_totals,  // the sum of every column, a row
};

struct MapOutput {
  Register from = 0;
  Collect collect = Collect::store;
  BufferId buffer = no_buffer;
};

struct MapProgram {
  Dim rows = dim_one;
  Dim cols = dim_one;
  std::vector<MapInput> inputs;
  std::vector<MapInstruction> code;
  std::vector<MapOutput> outputs;
};

// Of a row or a column, which is read the same way either way round.
inline bool is_vector(const MapProgram& program) {
  return program.rows == dim_one || program.cols == dim_one;
}
// Whether an input is a matrix that is read across the order of memory.
inline bool is_read_by_rows(const MapProgram& program, const MapInput& input) {
  return input.access == Access::entry && input.operand.transposed && !is_vector(program);
}
// Whether an input is read entry for entry, in the order of memory.
inline bool is_read_in_order(const MapProgram& program, const MapInput& input) {
  return input.access == Access::entry && !is_read_by_rows(program, input);
}

// ---------------------------------------------------------------- steps

struct PlanStep {
  Routine routine = Routine::map;
  BufferId out = no_buffer;       // of a map: of its first output
  std::vector<Operand> operands;  // product: A, B; solve: F, B; apply: the arguments; pick: A, i
  double alpha = 1;
  Operand alpha_operand;               // a scalar that multiplies as well, where set
  bool adds = false;                   // to what `out` holds
  bool symmetric = false;              // product: the result is, so half of it is enough
  Triangle triangle = Triangle::none;  // product
  bool from_right = false;             // solve: B*inv(F)
  bool picks_row = false;              // pick
  Dim skipped = dim_zero;              // pick_rows
  Factorisation factorisation{};       // factorise
  OpId op{};                           // apply, kronecker: the operator
  std::uint32_t map = 0;               // into Plan::maps
  std::uint32_t block = 0;             // repeat: into Plan::blocks
  double flops = 0;                    // at the sizes that it was planned for
};

// What a repeat runs: the index, the steps and what they compute.
struct PlanBlock {
  BufferId index = no_buffer;
  Operand first;
  Operand last;
  Operand result;
  std::vector<PlanStep> steps;
};

struct PlanOutput {
  std::string name;
  NodeId node = no_node;
  Operand operand;
};

struct Plan {
  std::vector<Buffer> buffers;
  std::vector<BufferId> inputs;  // in the order in which the expressions name them
  std::vector<PlanStep> steps;
  std::vector<MapProgram> maps;
  std::vector<PlanBlock> blocks;
  std::vector<PlanOutput> outputs;
  std::vector<std::int64_t> sizes;  // by atom: what it was planned for
  double flops = 0;
};

// The transpose of what is read. A symmetric matrix is its own.
inline Operand turned(const Plan& plan, const Operand& operand) {
  const Type& type = plan.buffers[operand.buffer].type;
  const bool is_whole = operand.rows == type.rows && operand.cols == type.cols;
  return is_whole && type.has(symmetric) ? operand : operand.turned();
}

// Calls f with every operand that a step reads; not with what the block of a repeat reads.
template <class F>
void each_read(const Plan& plan, const PlanStep& step, F f) {
  for (const Operand& operand : step.operands) {
    if (operand.is_set()) f(operand);
  }
  if (step.alpha_operand.is_set()) f(step.alpha_operand);
  if (step.routine != Routine::map) return;
  for (const MapInput& input : plan.maps[step.map].inputs) f(input.operand);
}

// Calls f with every buffer that a step writes.
template <class F>
void each_written(const Plan& plan, const PlanStep& step, F f) {
  if (step.out != no_buffer) f(step.out);
  if (step.routine != Routine::map) return;
  for (const MapOutput& output : plan.maps[step.map].outputs) f(output.buffer);
}

}  // namespace matgrad
