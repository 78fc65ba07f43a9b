// SPDX-License-Identifier: MIT
#include "plan/map_sums.hpp"

#include <algorithm>

namespace matgrad {

bool is_binary(MapOp op) {
  return op == MapOp::add || op == MapOp::subtract || op == MapOp::multiply || op == MapOp::divide ||
         op == MapOp::power;
}

MapSums::MapSums(const MapProgram& program) {
  find_sums(program);
  find_distances(program);
  find_turned_beside(program);
  find_plus_its_transpose(program);
  find_last_readers(program);
}

void MapSums::find_sums(const MapProgram& program) {
  const std::size_t inputs = program.inputs.size();
  std::vector<int> readers(inputs + program.code.size(), 0);
  for (const MapInstruction& i : program.code) {
    if (i.op == MapOp::constant || i.op == MapOp::dimension) continue;
    ++readers[i.a];
    if (is_binary(i.op)) ++readers[i.b];
  }
  for (const MapOutput& output : program.outputs) ++readers[output.from];
  auto only_reader = [&](Register r, MapOp op) {
    return r >= inputs && program.code[r - inputs].op == op && readers[r] == 1;
  };
  squares.resize(program.outputs.size());
  inner.resize(program.outputs.size());
  is_collected.assign(program.code.size(), false);
  for (std::size_t o = 0; o < program.outputs.size(); ++o) {
    const MapOutput& output = program.outputs[o];
    if (output.collect == Collect::store) continue;
    const bool is_square = only_reader(output.from, MapOp::square);
    if (output.collect != Collect::row_totals) {
      if (!is_square && !only_reader(output.from, MapOp::multiply)) continue;
      const MapInstruction& i = program.code[output.from - inputs];
      inner[o] = std::pair{i.a, is_square ? i.a : i.b};
      is_collected[output.from - inputs] = true;
      continue;
    }
    if (!is_square) continue;
    const Register difference = program.code[output.from - inputs].a;
    if (!only_reader(difference, MapOp::subtract)) continue;
    const MapInstruction& i = program.code[difference - inputs];
    squares[o] = std::pair{i.a, i.b};
    is_collected[output.from - inputs] = is_collected[difference - inputs] = true;
  }
}

void MapSums::find_distances(const MapProgram& program) {
  if (program.outputs.size() != 1 || !squares[0].has_value()) return;
  auto [a, b] = *squares[0];
  if (std::max(a, b) >= program.inputs.size()) return;
  if (program.inputs[a].access == Access::row) std::swap(a, b);
  const MapInput& matrix = program.inputs[a];
  if (program.inputs[b].access != Access::row || !is_read_in_order(program, matrix)) return;
  distances = std::pair{a, b};
}

void MapSums::find_turned_beside(const MapProgram& program) {
  if (program.outputs.size() != 2 || program.code.size() != 1) return;
  const bool is_first = program.outputs[0].collect == Collect::store;
  const MapOutput& stored = program.outputs[is_first ? 0 : 1];
  const std::size_t total = is_first ? 1 : 0;
  if (stored.collect != Collect::store || program.outputs[total].collect != Collect::total || !inner[total]) return;
  auto [turned, beside] = *inner[total];
  if (stored.from != turned) std::swap(turned, beside);
  if (stored.from != turned || std::max(turned, beside) >= program.inputs.size()) return;
  if (!is_read_by_rows(program, program.inputs[turned])) return;
  if (is_read_in_order(program, program.inputs[beside])) turned_beside = std::pair{turned, beside};
}

void MapSums::find_plus_its_transpose(const MapProgram& program) {
  if (program.inputs.size() != 2 || program.code.size() != 1 || program.outputs.size() != 1) return;
  const MapInput& a = program.inputs[0];
  const MapInput& b = program.inputs[1];
  const bool is_sum = program.code[0].op == MapOp::add && program.code[0].a != program.code[0].b;
  if (!is_sum || program.outputs[0].from != 2 || program.outputs[0].collect != Collect::store) return;
  if (a.operand.buffer != b.operand.buffer || is_read_by_rows(program, a) == is_read_by_rows(program, b)) return;
  if (a.access == Access::entry && b.access == Access::entry) plus_its_transpose = true;
}

void MapSums::find_last_readers(const MapProgram& program) {
  const std::size_t inputs = program.inputs.size();
  last_reader.assign(inputs, 0);
  auto read = [&](Register r, std::size_t at) {
    if (r < inputs) last_reader[r] = std::max(last_reader[r], at);
  };
  for (std::size_t k = 0; k < program.code.size(); ++k) {
    const MapInstruction& i = program.code[k];
    if (i.op == MapOp::constant || i.op == MapOp::dimension) continue;
    const std::size_t at = is_collected[k] ? program.code.size() : k;
    read(i.a, at);
    if (is_binary(i.op)) read(i.b, at);
  }
  for (const MapOutput& output : program.outputs) read(output.from, program.code.size());
}

}  // namespace matgrad
