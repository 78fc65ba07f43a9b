// SPDX-License-Identifier: MIT
#include "workload_times.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace matgrad {
namespace {

using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

}  // namespace

double median(std::vector<double>& times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

std::optional<WorkloadTimes> time_workload(ComputeRequest request, const std::map<std::string, std::int64_t>& sizes,
                                           int rounds) {
  request.question.verify = false;
  std::vector<double> derivation;
  std::vector<double> planning;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = Clock::now();
    const auto computation = compute(request);
    derivation.push_back(since(begin));
    if (!computation) return std::nullopt;
    Store& store = computation->store();
    std::vector<std::int64_t> by_atom(store.dims.atom_count(), 0);
    for (const auto& [name, size] : sizes) {
      if (const auto atom = store.dims.find(name)) by_atom[*atom] = size;
    }
    const auto derived = Clock::now();
    Build build(store);
    make_plan(build, {computation->outputs, by_atom});
    planning.push_back(since(derived));
  }
  return WorkloadTimes{median(derivation), median(planning)};
}

}  // namespace matgrad
