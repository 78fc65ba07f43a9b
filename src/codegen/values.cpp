// SPDX-License-Identifier: MIT
#include "codegen/values.hpp"

#include <utility>

#include "codegen/tidy.hpp"
#include "ops/structural.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

ValueForm form_of_map(MapOp op) {
  switch (op) {
    case MapOp::constant: return ValueForm::constant;
    case MapOp::dimension: return ValueForm::dimension;
    case MapOp::add: return ValueForm::add;
    case MapOp::subtract: return ValueForm::subtract;
    case MapOp::multiply: return ValueForm::multiply;
    case MapOp::divide: return ValueForm::divide;
    case MapOp::negate: return ValueForm::negate;
    case MapOp::square: return ValueForm::square;
    case MapOp::reciprocal: return ValueForm::reciprocal;
    case MapOp::root: return ValueForm::root;
    case MapOp::power: return ValueForm::power;
    case MapOp::call: return ValueForm::call;
  }
  return ValueForm::constant;
}

bool is_binary(MapOp op) {
  return op == MapOp::add || op == MapOp::subtract || op == MapOp::multiply || op == MapOp::divide ||
         op == MapOp::power;
}

class Reader {
 public:
  Reader(Store& store, const Plan& plan) : store_(store), plan_(plan) {
    current_.resize(plan.buffers.size());
    factored_as_.resize(plan.buffers.size());
    loops_.emplace_back();
  }

  Values run() {
    for (BufferId buffer : plan_.inputs) {
      CodeValue value = shaped(ValueForm::argument, plan_.buffers[buffer].type);
      value.node = plan_.buffers[buffer].node;
      current_[buffer] = put(std::move(value));
      result_.arguments.push_back(current_[buffer]);
    }
    read(plan_.steps);
    for (const PlanOutput& output : plan_.outputs) result_.outputs.push_back(value_of(output.operand));
    result_.loops = std::move(loops_);
    tidy(result_);
    return std::move(result_);
  }

 private:
  static CodeValue shaped(ValueForm form, const Type& type) {
    CodeValue value;
    value.form = form;
    value.rows = type.rows;
    value.cols = type.cols;
    return value;
  }
  const CodeValue& at(ValueId id) const { return result_.all[id]; }

  ValueId put(CodeValue value) {
    value.scope = scope_;
    const bool is_number = value.form == ValueForm::apply && value.arguments.empty() && value.is_scalar();
    value.is_literal = value.form == ValueForm::constant || value.form == ValueForm::dimension || is_number;
    if (!value.arguments.empty() && value.form < ValueForm::spread && value.form != ValueForm::argument) {
      value.is_literal = true;
      for (ValueId argument : value.arguments) value.is_literal = value.is_literal && at(argument).is_literal;
    }
    result_.all.push_back(std::move(value));
    return static_cast<ValueId>(result_.all.size() - 1);
  }
  ValueId constant(double number) {
    CodeValue value;
    value.form = ValueForm::constant;
    value.number = number;
    return put(std::move(value));
  }
  ValueId dimension(Dim dim) {
    CodeValue value;
    value.form = ValueForm::dimension;
    value.dim = dim;
    if (const auto number = store_.dims.as_constant(dim)) return constant(static_cast<double>(*number));
    return put(std::move(value));
  }
  bool is_number(ValueId id, double number) const {
    return at(id).form == ValueForm::constant && at(id).number == number;
  }

  // Entry by entry, in the shape that both have together; without what changes nothing.
  ValueId entrywise(ValueForm form, ValueId a, ValueId b) {
    if (form == ValueForm::multiply && is_number(a, 1)) return b;
    if (form == ValueForm::multiply && is_number(b, 1)) return a;
    if (form == ValueForm::multiply && at(a).form == ValueForm::constant && at(a).number < 0) {
      return unary(ValueForm::negate, entrywise(form, constant(-at(a).number), b));
    }
    if (form == ValueForm::add && at(a).form == ValueForm::spread && is_number(at(a).arguments[0], 0)) return b;
    if (form == ValueForm::add && at(b).form == ValueForm::negate)
      return entrywise(ValueForm::subtract, a, at(b).arguments[0]);
    CodeValue value;
    value.form = form;
    value.rows = at(a).rows == dim_one ? at(b).rows : at(a).rows;
    value.cols = at(a).cols == dim_one ? at(b).cols : at(a).cols;
    value.arguments = {a, b};
    return put(std::move(value));
  }
  ValueId unary(ValueForm form, ValueId a, OpId op = {}) {
    CodeValue value;
    value.form = form;
    value.rows = at(a).rows;
    value.cols = at(a).cols;
    value.arguments = {a};
    value.op = op;
    return put(std::move(value));
  }
  ValueId in_shape(ValueForm form, ValueId a, Dim rows, Dim cols) {
    CodeValue value;
    value.form = form;
    value.rows = rows;
    value.cols = cols;
    value.arguments = {a};
    return put(std::move(value));
  }
  ValueId spread(ValueId a, Dim rows, Dim cols) {
    return at(a).rows == rows && at(a).cols == cols ? a : in_shape(ValueForm::spread, a, rows, cols);
  }
  ValueId times(ValueId a, Dim count) {
    return count == dim_one ? a : entrywise(ValueForm::multiply, dimension(count), a);
  }

  // A buffer as it is read.
  ValueId value_of(const Operand& operand) {
    ValueId id = current_[operand.buffer];
    const Dim rows = operand.transposed ? operand.cols : operand.rows;
    const Dim cols = operand.transposed ? operand.rows : operand.cols;
    if (at(id).rows != rows || at(id).cols != cols) {
      const bool turns = at(id).rows == cols && at(id).cols == rows && at(id).is_vector();
      id = in_shape(turns ? ValueForm::transpose : ValueForm::reshape, id, rows, cols);
    }
    if (!operand.transposed || operand.is_scalar()) return id;
    if (at(id).form == ValueForm::transpose) return at(id).arguments[0];
    return in_shape(ValueForm::transpose, id, operand.rows, operand.cols);
  }

  // ---------------------------------------------------------------- maps

  ValueId total(ValueId a) {
    const CodeValue value = at(a);
    if (value.is_scalar()) return a;
    if (value.form == ValueForm::multiply) {
      const ValueId x = value.arguments[0];
      const ValueId y = value.arguments[1];
      if (at(x).is_scalar()) return entrywise(ValueForm::multiply, x, total(y));
      if (value.is_vector() && at(x).same_shape(at(y))) return inner(x, y);
    }
    if (value.form == ValueForm::negate) return unary(ValueForm::negate, total(value.arguments[0]));
    if (value.form == ValueForm::square && value.is_vector()) return inner(value.arguments[0], value.arguments[0]);
    return in_shape(ValueForm::total, a, dim_one, dim_one);
  }
  ValueId inner(ValueId x, ValueId y) {
    for (const bool swapped : {false, true}) {
      const CodeValue unit = at(swapped ? y : x);
      if (unit.form != ValueForm::apply || unit.op != op::unit) continue;
      CodeValue entry;
      entry.form = ValueForm::pick_entry;
      entry.arguments = {swapped ? x : y, unit.arguments[0]};
      return put(std::move(entry));
    }
    if (at(x).form == ValueForm::multiply && at(at(x).arguments[0]).is_scalar()) {
      return entrywise(ValueForm::multiply, at(x).arguments[0], inner(at(x).arguments[1], y));
    }
    CodeValue value;
    value.form = ValueForm::inner;
    value.arguments = {x, y};
    return put(std::move(value));
  }

  ValueId collected(const MapProgram& program, const MapOutput& output, ValueId a) {
    const CodeValue value = at(a);
    const bool over_rows = value.rows == program.rows;  // else it is the same in all of them
    const bool over_cols = value.cols == program.cols;
    switch (output.collect) {
      case Collect::store: return spread(a, program.rows, program.cols);
      case Collect::total: {
        Dim copies = over_rows ? dim_one : program.rows;
        if (!over_cols) copies = store_.dims.multiply(copies, program.cols);
        return times(total(a), copies);
      }
      case Collect::row_totals: {
        ValueId sum = !over_cols                        ? times(a, program.cols)
                      : over_rows && !value.is_column() ? in_shape(ValueForm::row_totals, a, program.rows, dim_one)
                      : over_rows                       ? a
                                                        : total(a);
        return spread(sum, program.rows, dim_one);
      }
      case Collect::column_totals: {
        ValueId sum = !over_rows                     ? times(a, program.rows)
                      : over_cols && !value.is_row() ? in_shape(ValueForm::column_totals, a, dim_one, program.cols)
                      : over_cols                    ? a
                                                     : total(a);
        return spread(sum, dim_one, program.cols);
      }
    }
    return a;
  }

  ValueId read_input(const MapProgram& program, const MapInput& input) {
    const ValueId whole = value_of(input.operand);
    if (input.access != Access::diagonal) return whole;
    CodeValue value = shaped(ValueForm::apply, Type{program.rows, dim_one});
    value.op = operator_computed_as(Computed::diagonal_part);
    value.arguments = {whole};
    return put(std::move(value));
  }

  void read_map(const MapProgram& program) {
    std::vector<ValueId> registers;
    for (const MapInput& input : program.inputs) registers.push_back(read_input(program, input));
    for (const MapInstruction& i : program.code) {
      if (i.op == MapOp::constant) {
        registers.push_back(constant(i.value));
      } else if (i.op == MapOp::dimension) {
        registers.push_back(dimension(i.dim));
      } else if (is_binary(i.op)) {
        registers.push_back(entrywise(form_of_map(i.op), registers[i.a], registers[i.b]));
      } else {
        registers.push_back(unary(form_of_map(i.op), registers[i.a], i.call));
      }
    }
    std::vector<ValueId> results;
    for (const MapOutput& output : program.outputs)
      results.push_back(collected(program, output, registers[output.from]));
    for (std::size_t i = 0; i < results.size(); ++i) current_[program.outputs[i].buffer] = results[i];
  }

  // ---------------------------------------------------------------- steps

  ValueId scaled(const PlanStep& step, ValueId a) {
    if (step.alpha_operand.is_set()) a = entrywise(ValueForm::multiply, value_of(step.alpha_operand), a);
    return a;
  }
  // alpha*a, added where it is to be.
  void assign(const PlanStep& step, ValueId a, bool adds) {
    a = scaled(step, a);
    if (!adds) {
      current_[step.out] = entrywise(ValueForm::multiply, constant(step.alpha), a);
      return;
    }
    const bool subtracts = step.alpha < 0;
    a = entrywise(ValueForm::multiply, constant(subtracts ? -step.alpha : step.alpha), a);
    const ValueId sum = current_[step.out];
    const bool from_nothing = at(sum).form == ValueForm::spread && is_number(at(sum).arguments[0], 0);
    current_[step.out] = from_nothing && subtracts
                             ? unary(ValueForm::negate, a)
                             : entrywise(subtracts ? ValueForm::subtract : ValueForm::add, sum, a);
  }

  ValueId product(ValueId a, ValueId b) {
    if (at(a).cols == dim_one || at(b).rows == dim_one) return entrywise(ValueForm::multiply, a, b);
    if (at(a).rows == dim_one && at(b).cols == dim_one) {
      return inner(in_shape(ValueForm::transpose, a, at(a).cols, dim_one), b);
    }
    CodeValue value;
    value.form = ValueForm::product;
    value.rows = at(a).rows;
    value.cols = at(b).cols;
    value.arguments = {a, b};
    return put(std::move(value));
  }

  void read(const std::vector<PlanStep>& steps) {
    for (const PlanStep& step : steps) read(step);
  }

  void read(const PlanStep& step) {
    switch (step.routine) {
      case Routine::product: {
        const ValueId a = value_of(step.operands[0]);
        const ValueId b = value_of(step.operands[1]);
        assign(step, product(a, b), step.adds);
        return;
      }
      case Routine::map: read_map(plan_.maps[step.map]); return;
      case Routine::add_diagonal: read_diagonal(step); return;
      case Routine::kronecker: {
        CodeValue value = shaped(ValueForm::apply, plan_.buffers[step.out].type);
        value.op = step.op;
        value.node = plan_.buffers[step.out].node;
        for (const Operand& operand : step.operands) value.arguments.push_back(value_of(operand));
        assign(step, put(std::move(value)), step.adds);
        return;
      }
      case Routine::commute: {
        const ValueId array = value_of(step.operands[0]);
        CodeValue value = shaped(ValueForm::apply, Type{at(array).rows, at(array).rows});
        value.op = op::commutation;
        value.arguments = {value_of(step.operands[1]), value_of(step.operands[2])};
        current_[step.out] = product(put(std::move(value)), array);
        return;
      }
      case Routine::repeat: read_repeat(step); return;
      default: break;
    }
    // Which of the two a symmetric matrix allows is only known when it is there.
    const bool is_open = step.factorisation == Factorisation::symmetric;
    const Factorisation factorisation = is_open ? Factorisation::lu : step.factorisation;
    factored_as_[step.out] = factorisation;
    const bool is_triangular =
        step.factorisation == Factorisation::lower_triangular || step.factorisation == Factorisation::upper_triangular;
    if (step.routine == Routine::factorise && is_triangular) {
      current_[step.out] = value_of(step.operands[0]);
      return;
    }
    CodeValue value = shaped(form_of(step), plan_.buffers[step.out].type);
    const bool has_factors = step.routine == Routine::solve || step.routine == Routine::inverse ||
                             step.routine == Routine::determinant || step.routine == Routine::log_determinant;
    for (std::size_t i = 0; i < step.operands.size(); ++i) {
      const bool is_factors = i == 0 && has_factors;
      value.arguments.push_back(is_factors ? current_[step.operands[0].buffer] : value_of(step.operands[i]));
    }
    if (has_factors) {
      value.transposed = step.operands[0].transposed;
      value.factorisation = factored_as_[step.operands[0].buffer];
    } else {
      value.factorisation = factorisation;
    }
    value.from_right = step.from_right;
    value.dim = step.skipped;
    value.op = step.op;
    value.node = plan_.buffers[step.out].node;
    current_[step.out] = put(std::move(value));
  }

  static ValueForm form_of(const PlanStep& step) {
    switch (step.routine) {
      case Routine::factorise: return ValueForm::factorise;
      case Routine::solve: return ValueForm::solve;
      case Routine::inverse: return ValueForm::inverse;
      case Routine::determinant: return ValueForm::determinant;
      case Routine::log_determinant: return ValueForm::log_determinant;
      case Routine::pick_rows: return ValueForm::pick_rows;
      case Routine::pick: return step.picks_row ? ValueForm::pick_row : ValueForm::pick_column;
      default: return ValueForm::apply;
    }
  }

  void read_diagonal(const PlanStep& step) {
    CodeValue value =
        shaped(step.operands.empty() ? ValueForm::identity : ValueForm::diagonal, plan_.buffers[step.out].type);
    if (!step.operands.empty()) {
      ValueId vector = value_of(step.operands[0]);
      if (at(vector).is_row()) vector = in_shape(ValueForm::transpose, vector, at(vector).cols, dim_one);
      value.arguments = {vector};
    }
    assign(step, put(std::move(value)), true);
  }

  void read_repeat(const PlanStep& step) {
    const PlanBlock& block = plan_.blocks[step.block];
    CodeValue value = shaped(ValueForm::repeat, plan_.buffers[step.out].type);
    const ValueId first = value_of(block.first);
    const ValueId last = value_of(block.last);
    const std::uint32_t outer = std::exchange(scope_, static_cast<std::uint32_t>(loops_.size()));
    value.loop = scope_;
    loops_.emplace_back();
    CodeValue index;
    index.form = ValueForm::index;
    index.node = plan_.buffers[block.index].node;
    loops_[value.loop].index = current_[block.index] = put(std::move(index));
    read(block.steps);
    const ValueId term = value_of(block.result);
    scope_ = outer;
    value.arguments = {first, last, term};
    const std::uint32_t loop = value.loop;
    current_[step.out] = put(std::move(value));
    loops_[loop].repeat = current_[step.out];
  }

  Store& store_;
  const Plan& plan_;
  Values result_;
  std::vector<ValueId> current_;  // by buffer
  std::vector<Factorisation> factored_as_;
  std::vector<CodeLoop> loops_;
  std::uint32_t scope_ = 0;
};

}  // namespace

Values values_of(Store& store, const Plan& plan) {
  return Reader(store, plan).run();
}

}  // namespace matgrad
