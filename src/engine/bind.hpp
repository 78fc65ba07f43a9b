// SPDX-License-Identifier: MIT
// Given arrays and the names of an expression: what kind the arrays suggest, and which sizes they give.
#pragma once

#include <string>
#include <vector>

#include "data/array.hpp"
#include "syntax/elaborate.hpp"

namespace matgrad {

struct NamedArray {
  std::string name;
  std::string source;  // the file, or the number as written; for messages
  DataArray array;
};

// One that lives elsewhere. Its numbers are not copied for what only asks for its shape.
struct NamedView {
  std::string name;
  std::string source;
  DataView array;
};
std::vector<NamedView> views_of(const std::vector<NamedArray>& arrays);

// The array of this name, or nothing.
const NamedArray* find_named(const std::vector<NamedArray>& arrays, const std::string& name);

// Whether one of the texts "X: matrix(m,n)" declares the name.
bool is_declared(const std::string& name, const std::vector<std::string>& declarations);

// Declarations for names that have data and no declaration: a number is a scalar, an array of one index a vector, one
// with rows and columns a matrix. A single row or column says nothing: the convention decides.
std::vector<std::string> declarations_by_data(const std::vector<NamedArray>& data,
                                              const std::vector<std::string>& declared);

// The sizes by atom that make every array fit its name. Errors: a name that is in no expression, a shape that does not
// fit, two arrays that ask for different sizes, entries that are NaN or infinite, a structure that is declared and not
// there. Sizes that no array gives stay 0.
Result<std::vector<std::int64_t>> bind_sizes(const Scope& scope, const std::vector<NamedView>& data);

}  // namespace matgrad
