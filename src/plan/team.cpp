// SPDX-License-Identifier: MIT
#include "plan/team.hpp"

#include <algorithm>
#include <system_error>
#include <thread>

#include "plan/blas_library.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace matgrad {
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
#if defined(__EMSCRIPTEN__)
  return 1;
#else
  if (const auto* library = dense::blas_library()) return std::clamp(library->threads, 1, largest_team);
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, largest_team);
#endif
}

}  // namespace

// Never destroyed: the threads sleep until the program ends.
Team& Team::get() {
  static Team* const team = new Team(threads_wanted());
  return *team;
}

Team::Team(int size) : process_(this_process()) {
  for (; size_ < size; ++size_) {
    try {
      std::thread(&Team::wait_for_work, this, size_).detach();
    } catch (const std::system_error&) {  // no more threads to be had: those that there are will do
      return;
    }
  }
}

void Team::wait_for_work(int part) {
  std::uint64_t seen = 0;
  std::unique_lock lock(state_);
  for (;;) {
    begins_.wait(lock, [&] { return piece_ != seen; });
    seen = piece_;
    if (part >= parts_) continue;
    lock.unlock();
    work_(context_, part);
    lock.lock();
    if (--running_ == 0) ends_.notify_one();
  }
}

void Team::run(int parts, Work work, void* context) {
  std::unique_lock turn(busy_, std::defer_lock);
  if (parts <= 1 || process_ != this_process() || !turn.try_lock()) {
    for (int part = 0; part < parts; ++part) work(context, part);
    return;
  }
  {
    const std::lock_guard lock(state_);
    work_ = work;
    context_ = context;
    parts_ = parts;
    running_ = parts - 1;
    ++piece_;
  }
  begins_.notify_all();
  work(context, 0);
  std::unique_lock lock(state_);
  ends_.wait(lock, [&] { return running_ == 0; });
}

}  // namespace matgrad
