// SPDX-License-Identifier: MIT
// Least squares whose rows are more than memory holds: they pass by in blocks, once for the sums X'*X and X'*y, again
// through orthogonal factorisations where those would lose too many digits, and once more to confirm the result.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/solve_numbers.hpp"

namespace matgrad {

struct RowsRequest {
  SolveRequest question;
  std::vector<NamedArray> data;  // in memory
  struct File {
    std::string name;
    std::string path;  // .npy
  };
  std::vector<File> files;
  std::function<void(double)> progress;  // told which part is done, from 0 to 1
};

// Nothing where the objective is no norm2(X*w - y)^2, perhaps with a multiple of norm2(w)^2, with X in a file. Errors:
// those of solve, of reading and of evaluate_numbers; Message::numbers_not_stationary.
Result<std::optional<SolvedNumbers>> solve_rows(const RowsRequest& request);

}  // namespace matgrad
