// SPDX-License-Identifier: MIT
#include "plan/team.hpp"

#if !defined(__EMSCRIPTEN__)
#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <system_error>
#include <thread>

#include "plan/blas_library.hpp"
#endif
#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace matgrad {

#if defined(__EMSCRIPTEN__)

struct Team::Threads {};

Team& Team::get() {
  static Team team(1);
  return team;
}

Team::Team(int size) : size_(size) {}

void Team::run(int parts, Work work, void* context) {
  for (int part = 0; part < parts; ++part) work(context, part);
}

#else

namespace {

constexpr int largest_team = 64;

std::int64_t this_process() {
#if defined(__unix__) || defined(__APPLE__)
  return getpid();
#else
  return 0;
#endif
}

int threads_wanted() {
  const auto* library = dense::blas_library();
  const int wanted = library != nullptr ? library->threads : static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(wanted, 1, largest_team);
}

}  // namespace

struct Team::Threads {
  std::int64_t process = this_process();  // that has them
  std::mutex busy;                        // held while a piece of work lasts
  std::mutex state;                       // of what follows
  std::condition_variable begins;
  std::condition_variable ends;
  std::uint64_t piece = 0;  // counts the pieces of work
  int parts = 0;
  int running = 0;
  Work work = nullptr;
  void* context = nullptr;

  void wait_for_work(int part) {
    std::uint64_t seen = 0;
    std::unique_lock lock(state);
    for (;;) {
      begins.wait(lock, [&] { return piece != seen; });
      seen = piece;
      if (part >= parts) continue;
      lock.unlock();
      work(context, part);
      lock.lock();
      if (--running == 0) ends.notify_one();
    }
  }

  void share(int count, Work what, void* of) {
    {
      const std::lock_guard lock(state);
      work = what;
      context = of;
      parts = count;
      running = count - 1;
      ++piece;
    }
    begins.notify_all();
    what(of, 0);
    std::unique_lock lock(state);
    ends.wait(lock, [&] { return running == 0; });
  }
};

// Never destroyed: the threads sleep until the program ends.
Team& Team::get() {
  static Team* const team = new Team(threads_wanted());
  return *team;
}

Team::Team(int size) {
  if (size > 1) threads_ = new Threads;
  for (; size_ < size; ++size_) {
    try {
      std::thread(&Threads::wait_for_work, threads_, size_).detach();
    } catch (const std::system_error&) {  // no more threads to be had: those that there are will do
      return;
    }
  }
}

void Team::run(int parts, Work work, void* context) {
  if (parts > 1 && threads_->process == this_process()) {
    const std::unique_lock turn(threads_->busy, std::try_to_lock);
    if (turn.owns_lock()) {
      threads_->share(parts, work, context);
      return;
    }
  }
  for (int part = 0; part < parts; ++part) work(context, part);
}

#endif

}  // namespace matgrad
