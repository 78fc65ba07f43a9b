// SPDX-License-Identifier: MIT
// matgrad_property: random expressions for as long as is wanted; see random_checks.hpp for what must hold.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "random_checks.hpp"

namespace {

using namespace matgrad;
using Clock = std::chrono::steady_clock;

struct Run {
  std::uint64_t seed = 0;
  std::uint64_t count = 1000;
  double seconds = 0;
  unsigned jobs = 1;
  std::size_t failures = 10;  // shown; the run ends when there are as many
  int depth = 8;
};

class Runner {
 public:
  explicit Runner(const Run& run) : run_(run), start_(Clock::now()) {}

  int operator()() {
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < run_.jobs; ++i) threads.emplace_back([this] { work(); });
    for (std::thread& thread : threads) thread.join();
    report();
    return failed_ == 0 ? 0 : 1;
  }

 private:
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  bool done(std::uint64_t index) const {
    if (failed_ >= run_.failures) return true;
    return run_.seconds > 0 ? elapsed() > run_.seconds : index >= run_.count;
  }

  void work() {
    PropertyCounts counts;
    RandomOptions options;
    options.depth = run_.depth;
    for (std::uint64_t index = next_++; !done(index); index = next_++) {
      const RandomExpression expression = random_expression(run_.seed + index, options);
      if (const auto failure = check_expression(expression, {}, counts)) show(expression, *failure);
    }
    const std::lock_guard lock(mutex_);
    total_.add(counts);
  }

  void show(const RandomExpression& expression, const PropertyFailure& failure) {
    {
      const std::lock_guard lock(mutex_);
      ++failed_;
      // One property may fail often for one reason: three of each kind are enough to see.
      if (++by_property_[failure.property] > 3) return;
    }
    const std::string text = failure_text(expression, failure);
    const std::lock_guard lock(mutex_);
    fmt::print("{}\n", text);
    std::fflush(stdout);
  }

  void report() {
    const double seconds = elapsed();
    fmt::print(
        "{} expressions from seed {} in {:.1f} s: {:.0f}/s, {} derivatives and {} Hessians verified, {} refused, "
        "{} without a finite value, "
        "{} without a sample point\n",
        total_.expressions, run_.seed, seconds, static_cast<double>(total_.expressions) / seconds, total_.derivatives,
        total_.hessians, total_.refused, total_.outside, total_.without_point);
    report_pairs();
    std::sort(total_.growth.begin(), total_.growth.end());
    auto quantile = [&](double q) {
      return total_.growth[static_cast<std::size_t>(q * static_cast<double>(total_.growth.size() - 1))];
    };
    if (!total_.growth.empty()) {
      fmt::print(
          "operators of a derivative for one of its input: median {:.2f}, 90 % {:.2f}, 99 % {:.2f}, most {:.2f}\n",
          quantile(0.5), quantile(0.9), quantile(0.99), quantile(1));
    }
    for (const auto& [property, times] : by_property_) fmt::print("failed {} times: {}\n", times, property);
  }

  // A pair is an operator as an argument of another.
  void report_pairs() {
    const auto seen = std::count(total_.pairs.begin(), total_.pairs.end(), 1);
    const std::size_t size = OperatorTable::get().size();
    std::size_t operators = 0;
    for (std::size_t i = 0; i < size && !total_.pairs.empty(); ++i) {
      bool occurs = false;
      for (std::size_t j = 0; j < size; ++j)
        occurs = occurs || total_.pairs[j * size + i] || total_.pairs[i * size + j];
      operators += occurs ? 1 : 0;
    }
    fmt::print("{} of {} operators and {} pairs of operator and argument occurred\n", operators, size, seen);
  }

  Run run_;
  Clock::time_point start_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::size_t> failed_{0};
  std::mutex mutex_;
  PropertyCounts total_;
  std::map<std::string, int> by_property_;
};

}  // namespace

int main(int argc, char** argv) {
  Run run;
  CLI::App app("Checks matgrad's properties on random expressions");
  app.add_option("--seed", run.seed, "the first expression; each next one has the next seed (default: at random)");
  app.add_option("--count", run.count, "how many expressions");
  app.add_option("--seconds", run.seconds, "for so long instead");
  app.add_option("--jobs", run.jobs, "threads");
  app.add_option("--depth", run.depth, "of the deepest expressions");
  app.add_option("--failures", run.failures, "stop after so many");
  CLI11_PARSE(app, argc, argv);
  if (app.count("--seed") == 0) run.seed = std::random_device()();
  return Runner(run)();
}
