// SPDX-License-Identifier: MIT
// Memory in large pages, where the system has them: a pass over many small ones spends a third of its time on where
// they are.
#pragma once

#include <cstddef>

namespace matgrad {

inline constexpr std::size_t large_page = std::size_t{1} << 21;
inline constexpr std::size_t least_for_large_pages = 2 * large_page;

// Asks that what has been allocated there, and nothing has been written to yet, be in large pages where it is so large;
// whatever the system makes of it.
void advise_large_pages(void* begin, std::size_t bytes);

}  // namespace matgrad
