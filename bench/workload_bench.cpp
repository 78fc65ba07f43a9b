// SPDX-License-Identifier: MIT
#include "workload_bench.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "workload_times.hpp"

namespace matgrad {
namespace {

constexpr int rounds = 31;

struct Figure {
  const char* what;
  double median_bound;                                  // microseconds
  double worst_bound;                                   // 0: none
  std::vector<std::pair<double, std::string>> times{};  // with the workload
};

// The median and the worst, and whatever is beyond the bound of the worst.
void print(Figure& figure) {
  if (figure.times.empty()) return;
  std::sort(figure.times.begin(), figure.times.end());
  const auto& [worst, id] = figure.times.back();
  std::printf("%-24s median %7.1f us, worst %7.1f us (%s), of %zu", figure.what,
              figure.times[figure.times.size() / 2].first, worst, id.c_str(), figure.times.size());
  if (figure.worst_bound == 0) {
    std::printf("\n");
    return;
  }
  std::printf("; bounds %.0f, %.0f", figure.median_bound, figure.worst_bound);
  for (const auto& [time, name] : figure.times) {
    if (time > figure.worst_bound) std::printf("; beyond: %s %.0f", name.c_str(), time);
  }
  std::printf("\n");
}

// The median time of `derive` with its verification, less that without.
std::optional<double> verification_time(const DeriveRequest& request, double derivation) {
  std::vector<double> times;
  for (int round = 0; round < 5; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    if (!derive(request)) return std::nullopt;
    times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2] - derivation;
}

ComputeRequest request_of(const nlohmann::json& workload) {
  ComputeRequest request;
  request.question.expression = workload["expr"];
  for (const auto& [name, kind] : workload["vars"].items()) {
    request.question.variables.push_back(name + ": " + kind.get<std::string>());
  }
  return request;
}

std::string all_variables(const nlohmann::json& workload) {
  std::string names;
  for (const std::string name : workload["wrt"]) names += (names.empty() ? "" : ",") + name;
  return names;
}

}  // namespace

void print_workloads(const char* path) {
  std::ifstream file(path);
  const auto workloads = nlohmann::json::parse(file, nullptr, false);
  if (!workloads.is_array()) {
    std::fprintf(stderr, "%s: no list of workloads\n", path);
    return;
  }
  Figure gradient{"gradient", 30, 150};
  Figure second{"second derivative", 60, 500};
  Figure verified{"verification of both", 0, 0};
  Figure plans{"plan, value, gradient", 200, 200};
  Figure hessian_plans{"plan, Hessian", 200, 200};
  for (const auto& workload : workloads) {
    const std::string id = workload["id"];
    ComputeRequest request = request_of(workload);
    for (const bool of_second : {false, true}) {
      request.question.wrt = workload["wrt"][0];
      request.wanted = {of_second ? Wanted::hessian : Wanted::gradient};
      const auto times = time_workload(request, {}, rounds);
      if (!times) {
        std::printf("%s: %s refused\n", id.c_str(), of_second ? "second derivative" : "gradient");
        continue;
      }
      (of_second ? second : gradient).times.emplace_back(times->derivation, id);
      DeriveRequest question = request.question;
      question.order = of_second ? 2 : 1;
      if (const auto time = verification_time(question, times->derivation)) verified.times.emplace_back(*time, id);
      const char* kind = of_second ? "hess" : "vg";
      if (workload[kind].empty()) continue;
      if (!of_second) request.wanted = {Wanted::value, Wanted::gradient};
      if (!of_second) request.question.wrt = all_variables(workload);
      if (const auto planned = time_workload(request, workload[kind]["M"], rounds)) {
        (of_second ? hessian_plans : plans).times.emplace_back(planned->planning, id);
      }
    }
  }
  std::printf("workloads, %d rounds each, dimensions as names; plans for size M\n", rounds);
  for (Figure* figure : {&gradient, &second, &verified, &plans, &hessian_plans}) print(*figure);
}

}  // namespace matgrad
