// SPDX-License-Identifier: MIT
#include "print/plan_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ops/structural.hpp"
#include "ops/table.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

enum Binding { additive = 1, product = 2, sign = 3, tight = 4 };

struct Piece {
  std::string text;
  int binding = tight;
  std::string at(int wanted) const { return binding < wanted ? "(" + text + ")" : text; }
};

std::string number_text(double value) {
  return fmt::format("{}", value);
}

class Writer {
 public:
  Writer(Store& store, const Plan& plan) : store_(store), plan_(plan) {}

  std::string run() {
    name_buffers();
    write(plan_.steps, 0);
    std::size_t left = 0;
    std::size_t middle = 0;
    for (const Line& line : lines_) {
      left = std::max(left, std::min<std::size_t>(line.equation.size(), 60));
      middle = std::max(middle, line.routine.size());
    }
    std::string text;
    for (const Line& line : lines_) {
      std::string row = fmt::format("{:{}}  {:{}}  {}", line.equation, left, line.routine, middle, line.cost);
      row.erase(row.find_last_not_of(' ') + 1);
      text += row + "\n";
    }
    return text + fmt::format("{:.3g} operations\n", plan_.flops);
  }

 private:
  struct Line {
    std::string equation;
    std::string routine;
    std::string cost;
  };

  // Numbered in the order in which they are computed.
  void name_buffers() {
    names_.resize(plan_.buffers.size());
    std::size_t next = 0;
    auto give_name = [&](BufferId i) {
      if (!names_[i].empty()) return;
      const NodeId node = plan_.buffers[i].node;
      names_[i] = store_[node].op == op::symbol ? to_text(store_, node) : fmt::format("t{}", ++next);
    };
    for (const PlanStep& step : plan_.steps) {
      if (step.routine == Routine::map) {
        for (const MapOutput& output : plan_.maps[step.map].outputs) give_name(output.buffer);
      } else if (step.out != no_buffer) {
        give_name(step.out);
      }
    }
    for (BufferId i = 0; i < plan_.buffers.size(); ++i) give_name(i);
    for (const PlanOutput& output : plan_.outputs) {
      if (plan_.buffers[output.operand.buffer].role != Buffer::Role::input) names_[output.operand.buffer] = output.name;
    }
  }

  std::string name(const Operand& operand) const {
    return operand.transposed && !operand.is_scalar() ? names_[operand.buffer] + "'" : names_[operand.buffer];
  }

  std::string dim(Dim d) const { return store_.dims.text(d, true); }

  std::string scaled(const PlanStep& step, const std::string& product) const {
    std::string front;
    if (step.alpha == -1) {
      front = "-";
    } else if (step.alpha != 1) {
      front = number_text(step.alpha) + "*";
    }
    if (step.alpha_operand.is_set()) front += name(step.alpha_operand) + "*";
    return front + product;
  }

  // 2*m*n*k as text, and as a number where the sizes are known.
  std::string product_cost(const PlanStep& step) const {
    Dims& dims = store_.dims;
    const Operand& a = step.operands[0];
    const Dim all = dims.multiply(dims.multiply(a.rows, a.cols), step.operands[1].cols);
    const bool is_half = step.symmetric || step.triangle != Triangle::none;
    return is_half ? dims.text(all) : "2*" + dims.text(all, true);
  }

  void add(std::size_t depth, std::string equation, std::string routine, std::string cost = {}) {
    lines_.push_back({std::string(2 * depth, ' ') + std::move(equation), std::move(routine), std::move(cost)});
  }

  void write(const std::vector<PlanStep>& steps, std::size_t depth) {
    for (const PlanStep& step : steps) write(step, depth);
  }

  void write(const PlanStep& step, std::size_t depth) {
    const std::string out = step.out == no_buffer ? std::string() : names_[step.out];
    const std::string assigns = out + (step.adds ? " += " : " = ");
    switch (step.routine) {
      case Routine::product:
        add(depth, assigns + scaled(step, name(step.operands[0]) + "*" + name(step.operands[1])),
            step.symmetric                    ? "product, symmetric"
            : step.triangle != Triangle::none ? "product, triangular"
                                              : "product",
            product_cost(step));
        return;
      case Routine::factorise: {
        constexpr const char* kinds[] = {"Cholesky", "Cholesky, else LU", "LU", "triangular as it is",
                                         "triangular as it is"};
        add(depth, out + " = factors of " + name(step.operands[0]), kinds[static_cast<int>(step.factorisation)]);
        return;
      }
      case Routine::solve: {
        const Operand& factor = step.operands[0];
        const std::string inverse = "inv(" + name(factor) + ")";
        const std::string other = name(step.operands[1]);
        add(depth, assigns + (step.from_right ? other + "*" + inverse : inverse + "*" + other), "solve");
        return;
      }
      case Routine::inverse: add(depth, assigns + "inv(" + name(step.operands[0]) + ")", "inverse"); return;
      case Routine::determinant: add(depth, assigns + "det(" + name(step.operands[0]) + ")", "from factors"); return;
      case Routine::log_determinant:
        add(depth, assigns + "log(abs(det(" + name(step.operands[0]) + ")))", "from factors");
        return;
      case Routine::map: write_map(plan_.maps[step.map], depth); return;
      case Routine::add_diagonal:
        add(depth, out + " += " + scaled(step, step.operands.empty() ? "I" : "diag(" + name(step.operands[0]) + ")"),
            "diagonal only");
        return;
      case Routine::pick:
        add(depth,
            assigns + name(step.operands[0]) +
                (step.picks_row ? "[" + name(step.operands[1]) + ", :]" : "[:, " + name(step.operands[1]) + "]"),
            step.picks_row ? "one row" : "one column");
        return;
      case Routine::pick_rows: {
        const Dim rows = plan_.buffers[step.out].type.rows;
        const std::string first = dim(store_.dims.add(step.skipped, dim_one));
        const std::string last = dim(store_.dims.add(step.skipped, rows));
        add(depth, assigns + name(step.operands[0]) + "[" + first + " … " + last + ", :]", "rows copied");
        return;
      }
      case Routine::kronecker:
        add(depth,
            assigns + scaled(step, "kron(" + name(step.operands[0]) + ", " + name(step.operands[1]) +
                                       ")"),  // not an operator
            "filled block by block");
        return;
      case Routine::commute: add(depth, assigns + "K*" + name(step.operands[0]), "rows reordered"); return;
      case Routine::apply: write_apply(step, depth, assigns); return;
      case Routine::repeat: {
        const PlanBlock& block = plan_.blocks[step.block];
        add(depth, fmt::format("for {} = {} … {}:", names_[block.index], name(block.first), name(block.last)),
            "repeat");
        write(block.steps, depth + 1);
        add(depth + 1, out + " += " + name(block.result), "added up");
        return;
      }
    }
  }

  void write_apply(const PlanStep& step, std::size_t depth, const std::string& assigns) {
    std::string arguments;
    for (const Operand& operand : step.operands) arguments += (arguments.empty() ? "" : ", ") + name(operand);
    if (step.operands.empty()) {
      const Type& type = plan_.buffers[step.out].type;
      arguments = dim(type.rows) + ", " + dim(type.cols);
    }
    add(depth, assigns + std::string(entry_of(step.op).name) + "(" + arguments + ")", "kernel");
  }

  // What a register of a map holds: an input, something stored by name already, or an operation.
  Piece value_of(const MapProgram& program, const std::map<Register, std::string>& stored, Register at) const {
    if (const auto found = stored.find(at); found != stored.end()) return {found->second, tight};
    if (at < program.inputs.size()) {
      const MapInput& input = program.inputs[at];
      const char* spread = input.access == Access::column     ? "(i)"
                           : input.access == Access::row      ? "(j)"
                           : input.access == Access::diagonal ? "(i,i)"
                                                              : "";
      return {name(input.operand) + spread, tight};
    }
    const MapInstruction& i = program.code[at - program.inputs.size()];
    auto part = [&](Register r, int binding) { return value_of(program, stored, r).at(binding); };
    auto both = [&](const char* sign, int left, int right, int result) {
      return Piece{part(i.a, left) + sign + part(i.b, right), result};
    };
    switch (i.op) {
      case MapOp::constant: return {number_text(i.value), i.value < 0 ? sign : tight};
      case MapOp::dimension: return {dim(i.dim), tight};
      case MapOp::add: return both(" + ", additive, additive, additive);
      case MapOp::subtract: return both(" - ", additive, product, additive);
      case MapOp::multiply: return both(".*", product, sign, product);
      case MapOp::divide: return both("./", product, sign, product);
      case MapOp::negate: return {"-" + part(i.a, product), sign};
      case MapOp::square: return {part(i.a, tight) + ".^2", tight};
      case MapOp::reciprocal: return {"1./" + part(i.a, sign), product};
      case MapOp::root: return {part(i.a, tight) + ".^(1/2)", tight};
      case MapOp::power: return {part(i.a, tight) + ".^" + part(i.b, tight), tight};
      case MapOp::call: return {std::string(entry_of(i.call).name) + "(" + part(i.a, additive) + ")", tight};
    }
    return {};
  }

  void write_map(const MapProgram& program, std::size_t depth) {
    std::map<Register, std::string> stored;
    const std::string shape = dim(program.rows) + "×" + dim(program.cols);
    bool first = true;
    for (const MapOutput& output : program.outputs) {
      std::string value = value_of(program, stored, output.from).text;
      if (output.collect == Collect::total) value = fmt::format("sum({})", value);
      if (output.collect == Collect::row_totals) value = fmt::format("sum over j of ({})", value);
      if (output.collect == Collect::column_totals) value = fmt::format("sum over i of ({})", value);
      add(depth, names_[output.buffer] + " = " + value, first ? "pass over " + shape : "same pass");
      first = false;
      if (output.collect == Collect::store) stored.emplace(output.from, names_[output.buffer]);
    }
  }

  Store& store_;
  const Plan& plan_;
  std::vector<std::string> names_;
  std::vector<Line> lines_;
};

}  // namespace

std::string plan_text(Store& store, const Plan& plan) {
  return Writer(store, plan).run();
}

}  // namespace matgrad
