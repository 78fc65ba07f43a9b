// SPDX-License-Identifier: MIT
// Code in other languages for an expression and its derivatives: `matgrad codegen`.
#pragma once

#include <string>

#include "codegen/emit.hpp"
#include "engine/compute.hpp"

namespace matgrad {

struct CodegenRequest {
  ComputeRequest what;
  CodeTarget target = CodeTarget::numpy;
  std::string name = "f";
  std::string shard;                      // JAX: a dimension that several devices share, in a second function
  Language language = Language::english;  // of descriptions
};

struct Code {
  std::string text;
  Diagnostics notes;
};

// Errors: those of compute; an operator that the target has no words for; a name that cannot be a function's; a
// dimension to shard that no argument has.
Result<Code> generate_code(const CodegenRequest& request);
// Of what has been computed already.
Result<std::string> generate_code(Computation& computation, const CodegenRequest& request);

}  // namespace matgrad
