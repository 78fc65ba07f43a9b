// SPDX-License-Identifier: MIT
// Numbers that refute a claim and can be followed by hand: small whole numbers, 2×2 where the declarations allow it.
//
//   x'*A*x by x is not 2*A*x:  A = [1 1; 0 1], x = [1; 0]  gives  [2; 0]  instead of  [2; 1]
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/claim_scene.hpp"

namespace matgrad {

struct Counterexample {
  std::vector<std::pair<std::string, std::int64_t>> sizes;
  std::vector<std::pair<std::string, Array<double>>> values;
  Array<double> claimed;
  Array<double> correct;
};

// Of a claim that does not hold in the reading; nothing where no such numbers are found.
std::optional<Counterexample> find_counterexample(const ClaimScene& scene, const ClaimReading& reading, NodeId right);

// "[1 2; 3 4]", "3", "[1/2; 0.70711]".
std::string array_text(const Array<double>& array);

}  // namespace matgrad
