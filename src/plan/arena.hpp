// SPDX-License-Identifier: MIT
// Numbers whose first begins a line of the cache; where they are many, in large pages if the system has them, since a
// pass over small ones spends a third of its time on where they are.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

#include "base/large_pages.hpp"

namespace matgrad {

template <class T>
class Arena {
 public:
  // All of them 0; what was there before is gone.
  void resize(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    const std::size_t alignment = bytes >= least_for_large_pages ? large_page : line;
    numbers_ = {static_cast<T*>(::operator new (bytes, std::align_val_t{alignment})), Release{alignment}};
    advise_large_pages(numbers_.get(), bytes);
    std::uninitialized_value_construct_n(numbers_.get(), count);
  }
  T* data() const { return numbers_.get(); }

 private:
  static constexpr std::size_t line = 64;
  struct Release {
    std::size_t alignment = line;
    void operator()(T* numbers) const { ::operator delete (numbers, std::align_val_t{alignment}); }
  };
  std::unique_ptr<T, Release> numbers_{nullptr, Release{}};
};

}  // namespace matgrad
