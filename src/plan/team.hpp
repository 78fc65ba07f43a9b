// SPDX-License-Identifier: MIT
// Threads that share one piece of work and sleep in between. As many as the BLAS library takes, so that one setting
// (OPENBLAS_NUM_THREADS) holds for both; the two never work at the same time.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace matgrad {

class Team {
 public:
  // Part `part` of a piece of work.
  using Work = void (*)(void* context, int part);

  // The one of this program, started by the first call.
  static Team& get();

  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int size() const { return size_; }
  // Runs the parts from 0 to parts - 1 (at most size()), the first on this thread, and returns when all are done. Where
  // the team works for another thread, or was left behind by a fork, this thread runs them all.
  void run(int parts, Work work, void* context);

 private:
  explicit Team(int size);
  void wait_for_work(int part);

  int size_ = 1;
  std::int64_t process_ = 0;  // that has the threads
  std::mutex busy_;           // held while a piece of work lasts
  std::mutex state_;          // of what follows
  std::condition_variable begins_;
  std::condition_variable ends_;
  std::uint64_t piece_ = 0;  // counts the pieces of work
  int parts_ = 0;
  int running_ = 0;
  Work work_ = nullptr;
  void* context_ = nullptr;
};

}  // namespace matgrad
