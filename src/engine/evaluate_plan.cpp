// SPDX-License-Identifier: MIT
#include "engine/evaluate_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/remark.hpp"
#include "data/memory.hpp"
#include "engine/sized_plan.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

std::string name_of(const Store& store, NodeId symbol) {
  return store.symbol_at(store[symbol].first).name;
}

// Names that the plan reads and sizes that it has to know.
Result<void> check_complete(const Store& store, const Plan& plan, const std::vector<NamedArray>& data,
                            const std::vector<std::int64_t>& sizes) {
  std::string missing;
  for (BufferId input : plan.inputs) {
    const std::string name = name_of(store, plan.buffers[input].node);
    if (find_named(data, name) == nullptr) missing += (missing.empty() ? "" : ", ") + name;
  }
  if (!missing.empty()) return failure(Message::data_missing, {missing});
  for (const Buffer& buffer : plan.buffers) {
    for (Dim dim : {buffer.type.rows, buffer.type.cols}) {
      const auto value = store.dims.evaluate(dim, sizes);
      if (!value || *value < 1) return failure(Message::size_unknown, {store.dims.text(dim)});
    }
  }
  return {};
}

// No digit of a result is right where the condition number is beyond the precision, and few are where it is near.
Result<void> check_conditioning(const Store& store, const std::vector<Conditioning>& matrices, double precision,
                                Diagnostics& notes) {
  for (const Conditioning& matrix : matrices) {
    const std::string condition = fmt::format("{:.1e}", matrix.condition);
    const std::string name = to_text(store, matrix.node);
    if (!(matrix.condition < 1 / precision)) return failure(Message::matrix_is_singular, {name, condition});
    const double digits = -std::log10(precision) - std::log10(matrix.condition);
    if (matrix.condition < 0.01 / std::sqrt(precision)) continue;
    Diagnostic note;
    note.severity = Severity::warning;
    note.message = Message::matrix_ill_conditioned;
    note.arguments = {name, condition, fmt::format("{:.0f}", std::max(0.0, digits))};
    notes.push_back(std::move(note));
  }
  return {};
}

template <class T>
Result<std::vector<DataArray>> run(const Store& store, const Plan& plan, const std::vector<NamedArray>& data,
                                   const std::vector<std::int64_t>& sizes, Diagnostics& notes) {
  const double bytes = memory_needed(store, plan, sizes, sizeof(T));
  const std::string what = to_text(store, plan.outputs.front().node);
  if (auto enough = check_memory(what, static_cast<std::uint64_t>(bytes), available_memory()); !enough) {
    return tl::make_unexpected(enough.error());
  }
  Runner<T> runner(store, plan, sizes);
  std::vector<std::vector<T>> converted;
  converted.reserve(plan.inputs.size());
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    const auto& values = find_named(data, name_of(store, plan.buffers[plan.inputs[i]].node))->array.values;
    if constexpr (std::is_same_v<T, double>) {
      runner.set_input(i, values.data());
    } else {
      converted.emplace_back(values.begin(), values.end());
      runner.set_input(i, converted.back().data());
    }
  }
  runner.watch_conditioning();
  if (const auto failed = runner.run()) return failure(message_of(failed->kind), {to_text(store, failed->node), "inf"});
  if (auto checked = check_conditioning(store, runner.conditioning(), std::numeric_limits<T>::epsilon(), notes);
      !checked) {
    return tl::make_unexpected(checked.error());
  }
  std::vector<DataArray> results;
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    const auto view = runner.output(i);
    DataArray array;
    array.rows = view.rows();
    array.cols = view.cols();
    const Operand& operand = plan.outputs[i].operand;
    array.dimensions = operand.is_scalar() ? 0 : operand.cols == dim_one ? 1 : 2;
    array.values.assign(view.data(), view.data() + view.size());
    results.push_back(std::move(array));
  }
  return results;
}

struct Planned {
  Numbers numbers;
  std::vector<std::int64_t> sizes;
};

// Data for a name that neither the expression nor a declaration has are a slip of the pen.
Result<void> check_used(const Computation& computation, const std::vector<NamedArray>& data,
                        const std::vector<std::string>& declared) {
  const std::vector<std::string> names = computation.names_read();
  for (const NamedArray& named : data) {
    const bool is_read = std::find(names.begin(), names.end(), named.name) != names.end();
    if (is_read || is_declared(named.name, declared)) continue;
    return failure(Message::data_for_no_variable, {named.name, fmt::format("{}", fmt::join(names, ", "))});
  }
  return {};
}

// What data need not be declared for: the direction dX is of X's kind.
std::vector<std::string> known_kinds(const ComputeRequest& what) {
  std::vector<std::string> known = what.question.variables;
  const bool product = std::find(what.wanted.begin(), what.wanted.end(), Wanted::hessian_product) != what.wanted.end();
  if (product) known.push_back(std::string("d").append(what.question.wrt).append(":"));
  return known;
}

Result<Planned> planned(NumberRequest& request) {
  auto& declarations = request.what.question.variables;
  const std::vector<std::string> declared = declarations;
  for (std::string& text : declarations_by_data(request.data, known_kinds(request.what))) {
    declarations.push_back(std::move(text));
  }
  auto computation = compute(request.what);
  if (!computation) return tl::make_unexpected(computation.error());
  if (auto used = check_used(*computation, request.data, declared); !used) return tl::make_unexpected(used.error());
  Planned result{{std::move(*computation), {}, {}, {}}, {}};
  Numbers& numbers = result.numbers;
  numbers.notes = numbers.computation.notes;
  auto sizes = bind_sizes(numbers.computation.scope(), views_of(request.data));
  if (!sizes) return tl::make_unexpected(sizes.error());
  result.sizes = std::move(*sizes);
  Build build(numbers.computation.store());
  numbers.plan = make_plan(build, {numbers.computation.outputs, result.sizes});
  result.sizes.resize(numbers.computation.store().dims.atom_count(), 0);
  return result;
}

// A result that is not a number, though all data are.
void note_not_finite(Numbers& numbers) {
  for (const Numbers::Output& output : numbers.outputs) {
    const auto bad = std::find_if(output.array.values.begin(), output.array.values.end(),
                                  [](double value) { return !std::isfinite(value); });
    if (bad == output.array.values.end()) continue;
    Diagnostic note;
    note.severity = Severity::warning;
    note.message = Message::result_not_finite;
    const auto at = bad - output.array.values.begin();
    note.arguments = {output.name, std::isnan(*bad) ? "NaN" : "inf", std::to_string(at % output.array.rows + 1),
                      std::to_string(at / output.array.rows + 1)};
    numbers.notes.push_back(std::move(note));
  }
}

}  // namespace

Result<Numbers> plan_only(NumberRequest request) {
  auto result = planned(request);
  if (!result) return tl::make_unexpected(result.error());
  return std::move(result->numbers);
}

Result<Numbers> evaluate_numbers(NumberRequest request) {
  auto result = planned(request);
  if (!result) return tl::make_unexpected(result.error());
  Numbers& numbers = result->numbers;
  const Store& store = numbers.computation.store();
  if (auto complete = check_complete(store, numbers.plan, request.data, result->sizes); !complete) {
    return tl::make_unexpected(complete.error());
  }
  auto arrays = request.single_precision ? run<float>(store, numbers.plan, request.data, result->sizes, numbers.notes)
                                         : run<double>(store, numbers.plan, request.data, result->sizes, numbers.notes);
  if (!arrays) return tl::make_unexpected(arrays.error());
  for (std::size_t i = 0; i < arrays->size(); ++i) {
    numbers.outputs.push_back({numbers.plan.outputs[i].name, std::move((*arrays)[i])});
  }
  note_not_finite(numbers);
  return std::move(numbers);
}

}  // namespace matgrad
