// SPDX-License-Identifier: MIT
// matgrad_property: random expressions for as long as is wanted; see random_checks.hpp for what must hold. It reports
// how fast, which operators stood inside which, what was asked, and how much larger than their input results are.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
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
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  std::size_t failures = 10;  // the run ends when there are as many
  std::size_t missing = 8;    // pairs that did not occur, shown
  double patience = 60;       // seconds for one expression before it is named
  int depth = 8;
  bool show = false;
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What the threads are at, for a crash.
constexpr std::size_t most_named = 64;
std::atomic<std::uint64_t> seeds_at_work[most_named];

// A run that crashes says where. Only what a handler of signals may do: no memory, no locks.
void name_the_crashed(int signal) {
  for (const std::atomic<std::uint64_t>& seed : seeds_at_work) {
    if (seed == 0) continue;
    char text[] = "a crash; at work on seed                     \n";
    char* digit = text + sizeof text - 3;
    for (std::uint64_t rest = seed; rest > 0; rest /= 10) *digit-- = static_cast<char>('0' + rest % 10);
    [[maybe_unused]] const auto written = ::write(STDOUT_FILENO, text, sizeof text - 1);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// What a thread is at.
struct Worker {
  std::mutex mutex;
  std::size_t number = 0;
  std::uint64_t seed = 0;
  Clock::time_point start = Clock::now();
  bool busy = false;

  void begin(std::uint64_t next) {
    const std::lock_guard lock(mutex);
    seed = next;
    seeds_at_work[number % most_named] = next;
    start = Clock::now();
    busy = true;
  }
  double end() {
    const std::lock_guard lock(mutex);
    busy = false;
    return seconds_since(start);
  }
};

class Runner {
 public:
  explicit Runner(const Run& run) : run_(run), start_(Clock::now()), workers_(run.jobs) {
    for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i].number = i;
  }

  int operator()() {
    std::vector<std::thread> threads;
    for (Worker& worker : workers_) threads.emplace_back([this, &worker] { work(worker); });
    std::atomic<bool> over{false};
    std::thread watch([&] {
      while (!over) {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        name_the_stuck();
      }
    });
    for (std::thread& thread : threads) thread.join();
    over = true;
    watch.join();
    report();
    return failed_ == 0 ? 0 : 1;
  }

 private:
  bool done(std::uint64_t index) const {
    if (failed_ >= run_.failures) return true;
    return run_.seconds > 0 ? seconds_since(start_) > run_.seconds : index >= run_.count;
  }

  void work(Worker& worker) {
    PropertyCounts counts;
    RandomOptions options;
    options.depth = run_.depth;
    double slowest = 0;
    std::uint64_t slowest_seed = 0;
    for (std::uint64_t index = next_++; !done(index); index = next_++) {
      worker.begin(run_.seed + index);
      const RandomExpression expression = random_expression(run_.seed + index, options);
      if (run_.show) announce(expression);
      const auto failure = check_expression(expression, {}, counts);
      const double time = worker.end();
      if (time > slowest) {
        slowest = time;
        slowest_seed = expression.seed;
      }
      if (failure) show(expression, *failure);
    }
    const std::lock_guard lock(mutex_);
    total_.add(counts);
    if (slowest <= slowest_) return;
    slowest_ = slowest;
    slowest_seed_ = slowest_seed;
  }

  // Before it is checked, so that the last one shown is the one that crashed.
  void announce(const RandomExpression& expression) {
    const std::lock_guard lock(mutex_);
    fmt::print("{}: {}", expression.seed, to_text(expression));
    for (const std::string& declaration : expression.declarations()) fmt::print(" --var \"{}\"", declaration);
    fmt::print("\n");
    std::fflush(stdout);
  }

  // A run that hangs says where.
  void name_the_stuck() {
    for (Worker& worker : workers_) {
      const std::lock_guard lock(worker.mutex);
      if (!worker.busy || seconds_since(worker.start) < run_.patience) continue;
      worker.busy = false;
      fmt::print("seed {} takes longer than {} s\n", worker.seed, run_.patience);
      std::fflush(stdout);
    }
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
    const double seconds = seconds_since(start_);
    fmt::print(
        "{} expressions from seed {} in {:.1f} s: {:.0f}/s; {} derivatives and {} second derivatives verified, {} "
        "refused, {} without a finite value, {} without a sample point\n",
        total_.expressions, run_.seed, seconds, static_cast<double>(total_.expressions) / seconds, total_.derivatives,
        total_.hessians, total_.refused, total_.outside, total_.without_point);
    report_pairs();
    for (int order : {1, 2}) {
      report_growth(fmt::format("nodes, order {}", order), total_.nodes[order - 1]);
      report_growth(fmt::format("operators written out, order {}", order), total_.operators[order - 1]);
    }
    fmt::print("slowest: seed {} with {:.2f} s\n", slowest_seed_, slowest_);
    for (const auto& [question, times] : total_.questions) fmt::print("{:9}  {}\n", times, question);
    for (const auto& [property, time] : total_.seconds) fmt::print("{:7.1f} s  {}\n", time, property);
    for (const auto& [property, times] : by_property_) fmt::print("failed {} times: {}\n", times, property);
  }

  void report_pairs() {
    fmt::print("{} of {} pairs of an operator directly inside another", total_.pairs.covered(),
               PairCoverage::possible());
    const std::vector<std::string> missing = total_.pairs.missing(run_.missing);
    for (std::size_t i = 0; i < missing.size(); ++i) fmt::print("{}{}", i == 0 ? "; not: " : ", ", missing[i]);
    fmt::print("\n");
    for (const std::string& name : total_.pairs.missing_operators()) fmt::print("never occurred: {}\n", name);
  }

  static void report_growth(const std::string& what, Growth& growth) {
    std::vector<float>& ratios = growth.ratios;
    if (ratios.empty()) return;
    std::sort(ratios.begin(), ratios.end());
    auto quantile = [&](double q) {
      return ratios[static_cast<std::size_t>(q * static_cast<double>(ratios.size() - 1))];
    };
    fmt::print("{} of a result for one of its input: median {:.2f}, 90 % {:.2f}, 99 % {:.2f}, most {:.1f} (seed {})\n",
               what, quantile(0.5), quantile(0.9), quantile(0.99), growth.largest, growth.seed);
  }

  Run run_;
  Clock::time_point start_;
  std::vector<Worker> workers_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::size_t> failed_{0};
  std::mutex mutex_;
  PropertyCounts total_;
  double slowest_ = 0;
  std::uint64_t slowest_seed_ = 0;
  std::map<std::string, int> by_property_;
};

}  // namespace

int main(int argc, char** argv) {
  Run run;
  CLI::App app("Checks matgrad's properties on random expressions");
  app.add_option("--seed", run.seed, "the first expression; each next one has the next seed (default: at random)");
  app.add_option("--count", run.count, "how many expressions");
  app.add_option("--seconds", run.seconds, "for so long instead");
  app.add_option("--jobs", run.jobs, "threads (default: one a processor)")->check(CLI::PositiveNumber);
  app.add_option("--depth", run.depth, "of the deepest expressions");
  app.add_option("--failures", run.failures, "stop after so many");
  app.add_option("--missing", run.missing, "list so many of the pairs that did not occur");
  app.add_option("--patience", run.patience, "name an expression that takes longer than so many seconds");
  app.add_flag("--show", run.show, "print every expression before it is checked");
  CLI11_PARSE(app, argc, argv);
  if (app.count("--seed") == 0) run.seed = std::random_device()();
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS}) std::signal(signal, name_the_crashed);
  return Runner(run)();
}
