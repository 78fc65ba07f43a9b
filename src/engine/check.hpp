// SPDX-License-Identifier: MIT
// Is a claim true, in which layouts and forms, under which condition; and where it is false, what is wrong with it.
//
//   check {"d(x'*A*x)/dx = (A+A')*x"}   true in {denominator}
//   check {"d(x'*A*x)/dx = 2*A*x"}      conditional, "A symmetric"
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/counterexample.hpp"

namespace matgrad {

enum class Verdict : std::uint8_t { holds, fails, conditional };

struct CheckedClaim {
  struct Form {
    std::string name;  // "denominator", "identity" …
    std::string text;  // the right answer, in the input language
    std::string latex;
    std::string rows;
    std::string cols;
  };
  std::string claim;
  Verdict verdict = Verdict::fails;
  std::vector<std::string> true_in;  // sorted
  std::optional<Diagnostic> condition;
  Diagnostics why;
  std::vector<Form> correct;
  std::pair<std::string, std::string> claimed_shape;  // empty where the right side has none
  std::optional<Counterexample> counterexample;
  std::vector<std::pair<std::string, std::string>> variables;  // name and kind
  Diagnostics notes;
};

struct CheckRequest {
  std::string claim;
  std::vector<std::string> variables;
  Notation notation = Notation::guessed;
};

// Errors: no claim, a left side that is wrong, a claim that could not be decided.
Result<CheckedClaim> check(const CheckRequest& request);
// One claim that was read already.
Result<CheckedClaim> check(const Claim& claim, const std::vector<std::string>& declarations);

const char* name_of(Verdict verdict);  // "true", "false", "conditional"
std::string to_json(const CheckedClaim& checked, Language language);
// "true: denominator layout", "false: the factor 2 is missing": one line.
std::string verdict_line(const CheckedClaim& checked, Language language);
// The right answers and the counterexample, as notes.
Diagnostics details(const CheckedClaim& checked, Language language);

}  // namespace matgrad
