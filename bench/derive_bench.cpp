// SPDX-License-Identifier: MIT
// How long a derivation takes in process: parse, infer, differentiate, simplify; verification apart.
//
//   matgrad_bench CASES.jsonl [WORKLOADS.json]    one benchmark a case of the acceptance format, and the median over
//   all
//                                                 of them; then what the workloads of bench/peers take
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/derive.hpp"
#include "workload_bench.hpp"

namespace {

using namespace matgrad;

std::vector<std::pair<std::string, DeriveRequest>> read_cases(const char* path) {
  std::vector<std::pair<std::string, DeriveRequest>> cases;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line);
    DeriveRequest request;
    request.expression = json["expr"];
    request.wrt = json["wrt"];
    for (const auto& [name, kind] : json["vars"].items()) {
      request.variables.push_back(name + ": " + kind.get<std::string>());
    }
    request.order = json.value("order", 1);
    const std::string form = json.value("form", "matrix");
    request.form = form == "vec"            ? Form::vec
                   : form == "block"        ? Form::block
                   : form == "differential" ? Form::differential
                                            : Form::matrix;
    request.layout = json.value("layout", "denominator") == "numerator" ? Layout::numerator : Layout::denominator;
    request.verify = false;
    cases.emplace_back(json["id"], request);
  }
  return cases;
}

void derive_case(benchmark::State& state, const DeriveRequest& request) {
  for (auto _ : state) {
    auto result = derive(request);
    benchmark::DoNotOptimize(result);
    if (!result) {
      state.SkipWithError("not derived");
      return;
    }
  }
}

// The median over the cases of each case's median time: the figure that the project promises to keep.
void print_median(const std::vector<std::pair<std::string, DeriveRequest>>& cases) {
  std::vector<double> medians;
  for (const auto& [id, request] : cases) {
    std::vector<double> times;
    bool derived = true;
    for (int round = 0; round < 15 && derived; ++round) {
      const auto begin = std::chrono::steady_clock::now();
      derived = derive(request).has_value();
      times.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
    }
    if (!derived) continue;
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
    medians.push_back(times[times.size() / 2]);
  }
  if (medians.empty()) return;
  std::sort(medians.begin(), medians.end());
  std::printf("derivation: median %.1f us, 90%% %.1f us, worst %.1f us over %zu cases\n", medians[medians.size() / 2],
              medians[medians.size() * 9 / 10], medians.back(), medians.size());
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc < 2) {
    std::fprintf(stderr, "usage: matgrad_bench [benchmark options] CASES.jsonl [WORKLOADS.json]\n");
    return 2;
  }
  const auto cases = read_cases(argv[1]);
  for (const auto& [id, request] : cases) {
    benchmark::RegisterBenchmark(id.c_str(),
                                 [&request = request](benchmark::State& state) { derive_case(state, request); });
  }
  print_median(cases);
  if (argc > 2) matgrad::print_workloads(argv[2]);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
