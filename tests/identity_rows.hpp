// SPDX-License-Identifier: MIT
// The tables of identities in tests/identities: one JSON object a line, in the format of the acceptance cases, with the
// section and equation or identity of the source. "expected" is the published form in the row's layout.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/derive.hpp"

namespace matgrad {

struct IdentityRow {
  std::string id;
  std::string section;
  std::string section_zh;
  std::string identity;  // "(49)", "∂|X|/∂X"
  std::string identity_zh;
  std::string expression;
  std::string wrt;
  std::vector<std::string> variables;
  Form form = Form::matrix;
  int order = 1;
  bool one_layout = false;
  Layout layout = Layout::denominator;
  std::optional<std::string> expected;
  std::optional<std::string> expected_numerator;
  std::optional<std::string> expected_free_entries;
  std::optional<std::string> longer;  // why the result is longer than what is published
};

// tests/identities/<name>.jsonl
std::vector<IdentityRow> identity_rows(const std::string& name);

// The layouts that a row is asked for: both, unless it is a Hessian, a differential or names one.
std::vector<Layout> layouts_of(const IdentityRow& row);
DeriveRequest request_for(const IdentityRow& row, Layout layout);

// Operators and function calls in a text, as the acceptance judge counts them.
std::size_t operator_count(const std::string& text);

}  // namespace matgrad
