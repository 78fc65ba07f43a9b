// SPDX-License-Identifier: MIT
// A function for JAX on several devices that share one dimension, beside the plain one: what is split and what is
// whole, what the devices tell each other, and the text. XLA does the splitting; that it does what is said here is
// tested by tests/codegen/shard.py.
#pragma once

#include <optional>
#include <string>

#include "base/diagnostic.hpp"
#include "codegen/emit.hpp"
#include "codegen/values.hpp"

namespace matgrad {

// What the devices tell each other in one call.
struct Exchange {
  Dim summed = dim_zero;  // so many numbers are added up over them
  bool gathers = false;   // a step reads what other devices hold, or adds up as often as a loop runs
};

Exchange exchange_of(Store& store, const Values& values, Dim shared);

// Why the request cannot be met: another target, or a dimension that no argument has.
std::optional<Diagnostic> shard_fault(const Store& store, const Values& values, const CodeRequest& request);

struct CodeFunction;

// `names` are those of the values. Only where there is no fault.
std::string sharded_function(Store& store, const Values& values, const CodeRequest& request,
                             const CodeFunction& signature, const std::vector<std::string>& names);

}  // namespace matgrad
