// SPDX-License-Identifier: MIT
#include "engine/sized_plan.hpp"

#include "engine/public_errors.hpp"
#include "print/text.hpp"

namespace matgrad {

std::vector<std::int64_t> sizes_by_atom(const Store& store, const std::map<std::string, std::int64_t>& sizes) {
  std::vector<std::int64_t> result(store.dims.atom_count(), 0);
  for (const auto& [name, size] : sizes) {
    if (const auto atom = store.dims.find(name)) result[*atom] = size;
  }
  return result;
}

tl::expected<SizedPlan, Error> sized_plan(Store& store, const std::vector<PlanRequest::Output>& outputs,
                                          const std::map<std::string, std::int64_t>& sizes, Language language) {
  SizedPlan result;
  result.sizes = sizes_by_atom(store, sizes);
  Build build(store);
  result.plan = make_plan(build, {outputs, result.sizes});
  result.sizes.resize(store.dims.atom_count(), 0);
  for (const Buffer& buffer : result.plan.buffers) {
    for (Dim dim : {buffer.type.rows, buffer.type.cols}) {
      const auto value = store.dims.evaluate(dim, result.sizes);
      if (value && *value >= 1) continue;
      return tl::make_unexpected(error_of(Message::size_unknown, {store.dims.text(dim)}, language));
    }
  }
  return result;
}

std::vector<std::string> input_names(const Store& store, const Plan& plan) {
  std::vector<std::string> names;
  for (BufferId input : plan.inputs) names.push_back(store.symbol_at(store[plan.buffers[input].node].first).name);
  return names;
}

Message message_of(PlanFailure::Kind kind) {
  switch (kind) {
    case PlanFailure::Kind::singular: return Message::matrix_is_singular;
    case PlanFailure::Kind::not_positive_definite: return Message::matrix_not_definite;
    default: return Message::plan_index_out_of_range;
  }
}

Error error_of(const Store& store, const PlanFailure& failure, Language language) {
  return error_of(message_of(failure.kind), {to_text(store, failure.node), "inf"}, language);
}

}  // namespace matgrad
