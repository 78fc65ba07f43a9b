// SPDX-License-Identifier: MIT
#include "engine/claim_variable.hpp"

#include <algorithm>

namespace matgrad {
namespace {

bool has(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<std::string> variable_of_nabla(const std::vector<std::string>& names) {
  if (names.size() == 1) return names[0];
  std::vector<std::string> usual;
  for (const char* name : {"x", "X", "w", "W", "theta"}) {
    if (has(names, name)) usual.emplace_back(name);
  }
  // Beside parameters, X is data.
  const bool has_parameters = has(usual, "w") || has(usual, "theta");
  if (has_parameters) usual.erase(std::remove(usual.begin(), usual.end(), "X"), usual.end());
  if (usual.size() != 1) return std::nullopt;
  return usual[0];
}

}  // namespace matgrad
