// SPDX-License-Identifier: MIT
// The words for what can be asked: on the command line, in JSON and in messages.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "matgrad/options.hpp"

namespace matgrad {

template <class T>
struct Choice {
  const char* name;
  T value;
};

inline constexpr Choice<Layout> layouts[] = {{"denominator", Layout::denominator}, {"numerator", Layout::numerator}};
inline constexpr Choice<Form> forms[] = {{"matrix", Form::matrix},
                                         {"differential", Form::differential},
                                         {"vec", Form::vec},    // not an operator
                                         {"vech", Form::vech},  // not an operator
                                         {"block", Form::block}};
inline constexpr Choice<SymmetricGradient> symmetric_gradients[] = {{"projected", SymmetricGradient::projected},
                                                                    {"free-entries", SymmetricGradient::free_entries}};

template <class T>
std::optional<T> chosen(std::span<const Choice<T>> choices, std::string_view name) {
  for (const Choice<T>& choice : choices) {
    if (name == choice.name) return choice.value;
  }
  return std::nullopt;
}

template <class T>
const char* name_of(std::span<const Choice<T>> choices, T value) {
  for (const Choice<T>& choice : choices) {
    if (choice.value == value) return choice.name;
  }
  return "";
}

// "matrix, differential, vec, vech, block"
template <class T>
std::string names_of(std::span<const Choice<T>> choices) {
  std::string result;
  for (const Choice<T>& choice : choices) result.append(result.empty() ? "" : ", ").append(choice.name);
  return result;
}

}  // namespace matgrad
