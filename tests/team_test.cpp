// SPDX-License-Identifier: MIT
#include "plan/team.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <atomic>
#include <thread>
#include <vector>

#include "plan/shared_map.hpp"

#if defined(__unix__)
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace matgrad {
namespace {

struct Counts {
  std::vector<std::atomic<int>> of_part;
  explicit Counts(int parts) : of_part(static_cast<std::size_t>(parts)) {}
  void run() {
    Team::get().run(
        static_cast<int>(of_part.size()),
        [](void* counts, int part) { ++static_cast<Counts*>(counts)->of_part[static_cast<std::size_t>(part)]; }, this);
  }
  bool all_are(int count) const {
    return std::all_of(of_part.begin(), of_part.end(), [&](const std::atomic<int>& one) { return one == count; });
  }
};

TEST(Team, RunsEveryPartOnce) {
  for (int parts = 1; parts <= Team::get().size(); ++parts) {
    Counts counts(parts);
    for (int i = 0; i < 1000; ++i) counts.run();
    EXPECT_TRUE(counts.all_are(1000)) << parts;
  }
}

TEST(Team, WorksForSeveralThreads) {
  std::vector<std::thread> callers;
  callers.reserve(4);
  std::atomic<bool> is_right = true;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back([&] {
      Counts counts(Team::get().size());
      for (int i = 0; i < 500; ++i) counts.run();
      if (!counts.all_are(500)) is_right = false;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_TRUE(is_right);
}

#if defined(__unix__)
// A fork has none of the threads.
TEST(Team, WorksAfterAFork) {
  Counts before(Team::get().size());
  before.run();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Counts counts(Team::get().size());
    counts.run();
    _exit(counts.all_are(1) ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
#endif

MapInstruction instruction(MapOp op, Register a, Register b = 0) {
  MapInstruction result;
  result.op = op;
  result.a = a;
  result.b = b;
  return result;
}

// (a'.*b + c).^2 with every kind of sum, by columns, by rows and of vectors.
class SharedMapOf : public testing::TestWithParam<std::pair<std::ptrdiff_t, std::ptrdiff_t>> {};

TEST_P(SharedMapOf, IsTheMapOnOneThread) {
  const auto [rows, cols] = GetParam();
  const Dim m = rows == 1 ? dim_one : Dim{1000};
  const Dim n = cols == 1 ? dim_one : Dim{1001};
  MapProgram program;
  program.rows = m;
  program.cols = n;
  program.inputs = {
      {{0, m, n, true}, Access::entry}, {{1, m, n, false}, Access::entry}, {{2, m, dim_one, false}, Access::column}};
  program.code = {instruction(MapOp::multiply, 0, 1), instruction(MapOp::add, 3, 2), instruction(MapOp::square, 4)};
  program.outputs = {{5, Collect::store, 3},
                     {5, Collect::total, 4},
                     {4, Collect::row_totals, 5},
                     {5, Collect::column_totals, 6},
                     {3, Collect::total, 7}};
  auto dimension = [](Dim) { return std::ptrdiff_t{1}; };
  const Eigen::MatrixXd a = Eigen::MatrixXd::Random(cols, rows);
  const Eigen::MatrixXd b = Eigen::MatrixXd::Random(rows, cols);
  const Eigen::VectorXd c = Eigen::VectorXd::Random(rows);
  const double* inputs[] = {a.data(), b.data(), c.data()};
  struct Results {
    Eigen::MatrixXd entries;
    double total = 7;
    Eigen::VectorXd row_totals;
    Eigen::VectorXd column_totals;
    double other_total = 7;
  };
  auto results = [&, height = rows, width = cols](auto run) {
    Results r{Eigen::MatrixXd(height, width), 7, Eigen::VectorXd(height), Eigen::VectorXd(width), 7};
    double* outputs[] = {r.entries.data(), &r.total, r.row_totals.data(), r.column_totals.data(), &r.other_total};
    run(outputs);
    return r;
  };
  SharedMap<double> shared(program, rows, cols, dimension);
  EXPECT_EQ(shared.thread_count() > 1, Team::get().size() > 1);
  MapRun<double> alone(program, rows, cols, dimension);
  const Results expected =
      results([&, width = cols](double* const* outputs) { alone.run_columns_of(inputs, outputs, 0, width); });
  for (int again = 0; again < 2; ++again) {
    const Results r = results([&](double* const* outputs) { shared.run(inputs, outputs); });
    EXPECT_EQ(r.entries, expected.entries);
    EXPECT_EQ(r.column_totals, expected.column_totals);
    EXPECT_NEAR(r.total, expected.total, 1e-9 * expected.total);
    EXPECT_NEAR(r.other_total, expected.other_total, 1e-9 * b.norm());
    EXPECT_LE((r.row_totals - expected.row_totals).norm(), 1e-9 * expected.row_totals.norm());
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, SharedMapOf,
                         testing::Values(std::pair{1100, 1003}, std::pair{100, 9001}, std::pair{40, 20001},
                                         std::pair{30011, 41}));

TEST(SharedMap, OfALongVector) {
  constexpr std::ptrdiff_t n = 600'011;
  const Dim m{1000};
  MapProgram program;
  program.rows = m;
  program.inputs = {{{0, m, dim_one, false}, Access::entry}};
  program.code = {instruction(MapOp::square, 0), instruction(MapOp::add, 0, 1)};
  program.outputs = {{1, Collect::total, 1}, {2, Collect::store, 2}};
  SharedMap<double> shared(program, n, 1, [](Dim) { return std::ptrdiff_t{1}; });
  EXPECT_EQ(shared.thread_count() > 1, Team::get().size() > 1);
  const Eigen::VectorXd x = Eigen::VectorXd::Random(n);
  Eigen::VectorXd y(n);
  double total = 3;
  const double* inputs[] = {x.data()};
  double* outputs[] = {&total, y.data()};
  shared.run(inputs, outputs);
  EXPECT_NEAR(total, x.squaredNorm(), 1e-9 * total);
  EXPECT_EQ(y, Eigen::VectorXd(x + x.cwiseAbs2()));
}

TEST(SharedMap, WakesNobodyForLittle) {
  MapProgram program;
  program.rows = Dim{1000};
  program.inputs = {{{0, program.rows, dim_one, false}, Access::entry}};
  program.outputs = {{0, Collect::total, 1}};
  EXPECT_EQ(SharedMap<double>(program, 400'000, 1, [](Dim) { return std::ptrdiff_t{1}; }).thread_count(), 1U);
}

}  // namespace
}  // namespace matgrad
