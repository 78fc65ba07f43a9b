// SPDX-License-Identifier: MIT
// Threads that share one piece of work and sleep in between. As many as the BLAS library takes, so that one setting
// (OPENBLAS_NUM_THREADS) holds for both; the two never work at the same time. In WebAssembly there is one.
#pragma once

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
  struct Threads;
  explicit Team(int size);

  int size_ = 1;
  [[maybe_unused]] Threads* threads_ = nullptr;  // where there are others
};

}  // namespace matgrad
