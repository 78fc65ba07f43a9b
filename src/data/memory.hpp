// SPDX-License-Identifier: MIT
// Whether memory suffices, asked before it is taken.
//
//   if (auto enough = check_memory("X.npy", bytes, available_memory()); !enough) return …;
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace matgrad {

// The bytes that can be taken without swapping and within the limit of the container; nothing where that is unknown.
std::optional<std::uint64_t> available_memory();

// An error that names both figures where `bytes` are more than there are.
Result<void> check_memory(const std::string& what, std::uint64_t bytes, std::optional<std::uint64_t> available);

// The error where an allocation failed all the same.
Diagnostic memory_refused(const std::string& what, std::uint64_t bytes);

// "950 B", "1.23 GB"
std::string memory_text(std::uint64_t bytes);

// The product, or the largest number where it would be larger.
std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b);

}  // namespace matgrad
