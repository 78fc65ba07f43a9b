// SPDX-License-Identifier: MIT
#include "data/memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>
#include <memory>
#include <string_view>

namespace matgrad {
namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

// A small file of the kernel's; empty where there is none.
std::string text_of(const char* path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "rb"), &std::fclose);
  if (file == nullptr) return {};
  std::string text(16384, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  return text;
}

// The number behind `key` at the beginning of a line; an empty key is the beginning of the text.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view key) {
  std::size_t at = 0;
  if (!key.empty() && text.substr(0, key.size()) != key) {
    at = text.find(std::string("\n").append(key));
    if (at == std::string_view::npos) return {};
    ++at;
  }
  at += key.size();
  while (at < text.size() && text[at] == ' ') ++at;
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data() + at, text.data() + text.size(), number);
  if (read.ec != std::errc()) return {};
  return number;
}

// What a container may still take. Files that are merely cached count as its use but are given up when memory is short.
std::optional<std::uint64_t> left_in_container() {
  const auto limit = number_after(text_of("/sys/fs/cgroup/memory.max"), "");
  const auto used = number_after(text_of("/sys/fs/cgroup/memory.current"), "");
  if (!limit || !used) return {};
  const std::string statistics = text_of("/sys/fs/cgroup/memory.stat");
  const std::uint64_t cached =
      number_after(statistics, "inactive_file ").value_or(0) + number_after(statistics, "active_file ").value_or(0);
  const std::uint64_t held = *used - std::min(*used, cached);
  return *limit - std::min(*limit, held);
}

}  // namespace

std::optional<std::uint64_t> available_memory() {
  const auto kilobytes = number_after(text_of("/proc/meminfo"), "MemAvailable:");
  if (!kilobytes) return {};
  const std::uint64_t on_machine = saturating_product(*kilobytes, 1024);
  return std::min(on_machine, left_in_container().value_or(on_machine));
}

Result<void> check_memory(const std::string& what, std::uint64_t bytes, std::optional<std::uint64_t> available) {
  if (!available || bytes <= *available) return {};
  Diagnostic problem;
  problem.message = Message::data_memory;
  problem.arguments = {what, memory_text(bytes), memory_text(*available)};
  return failure(std::move(problem));
}

Diagnostic memory_refused(const std::string& what, std::uint64_t bytes) {
  Diagnostic problem;
  problem.message = Message::data_memory_refused;
  problem.arguments = {what, memory_text(bytes)};
  return problem;
}

std::string memory_text(std::uint64_t bytes) {
  if (bytes == largest) return "≥ 18.4 EB";
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double amount = static_cast<double>(bytes);
  const char* unit = "";
  for (const char* next : {"kB", "MB", "GB", "TB", "PB", "EB"}) {
    if (amount < 999.5) break;
    amount /= 1000;
    unit = next;
  }
  return fmt::format("{:.3g} {}", amount, unit);
}

std::uint64_t saturating_product(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > largest / b ? largest : a * b;
}

}  // namespace matgrad
