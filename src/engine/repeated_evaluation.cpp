// SPDX-License-Identifier: MIT
#include "engine/repeated_evaluation.hpp"

#include <algorithm>

#include "base/remark.hpp"
#include "data/memory.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

template <class Named>
const Named* named(const std::vector<Named>& list, const std::string& name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const Named& one) { return one.name == name; });
  return found == list.end() ? nullptr : &*found;
}

}  // namespace

Result<std::unique_ptr<RepeatedEvaluation>> RepeatedEvaluation::make(const ComputeRequest& request,
                                                                     const std::vector<NamedArray>& data,
                                                                     const std::vector<ChangingArray>& changing) {
  auto computation = compute(request);
  if (!computation) return tl::make_unexpected(computation.error());
  std::unique_ptr<RepeatedEvaluation> evaluation(new RepeatedEvaluation);
  evaluation->computation_ = std::move(*computation);
  if (auto planned = evaluation->plan(data, changing); !planned) return tl::make_unexpected(planned.error());
  return evaluation;
}

Result<void> RepeatedEvaluation::plan(const std::vector<NamedArray>& data, const std::vector<ChangingArray>& changing) {
  Store& store = computation_.store();
  const Scope& scope = computation_.scope();
  std::vector<NamedView> shapes;
  for (NamedView& view : views_of(data)) {
    const bool is_read = scope.find(view.name) != nullptr && named(changing, view.name) == nullptr;
    if (is_read) shapes.push_back(std::move(view));
  }
  for (const ChangingArray& array : changing) {
    if (scope.find(array.name) == nullptr) continue;
    const int dimensions = array.rows * array.cols == 1 ? 0 : array.cols == 1 ? 1 : 2;
    shapes.push_back({array.name, array.name, {array.rows, array.cols, dimensions, array.values}});
  }
  auto sizes = bind_sizes(scope, shapes);
  if (!sizes) return tl::make_unexpected(sizes.error());
  Build build(store);
  plan_ = make_plan(build, {computation_.outputs, *sizes});
  sizes->resize(store.dims.atom_count(), 0);
  for (const Buffer& buffer : plan_.buffers) {
    for (Dim dim : {buffer.type.rows, buffer.type.cols}) {
      const auto value = store.dims.evaluate(dim, *sizes);
      if (!value || *value < 1) return failure(Message::size_unknown, {store.dims.text(dim)});
    }
  }
  const double bytes = memory_needed(store, plan_, *sizes, sizeof(double));
  const std::string what = to_text(store, plan_.outputs.front().node);
  if (auto enough = check_memory(what, static_cast<std::uint64_t>(bytes), available_memory()); !enough) return enough;
  runner_ = std::make_unique<Runner<double>>(store, plan_, std::move(*sizes));
  std::string missing;
  for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
    const std::string name = store.symbol_at(store[plan_.buffers[plan_.inputs[i]].node].first).name;
    const ChangingArray* changes = named(changing, name);
    const NamedArray* given = named(data, name);
    if (changes == nullptr && given == nullptr) missing += (missing.empty() ? "" : ", ") + name;
    if (changes != nullptr || given != nullptr) {
      runner_->set_input(i, changes != nullptr ? changes->values : given->array.values.data());
    }
  }
  if (!missing.empty()) return failure(Message::data_missing, {missing});
  return {};
}

}  // namespace matgrad
