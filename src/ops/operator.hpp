// SPDX-License-Identifier: MIT
// The operator entry: every fact about an operator, stated once.
//
// An entry is a row of a constexpr array in one of the family files (elementwise.cpp, reductions.cpp …). Rules are
// text in matgrad's own language. In them A, B, C are the arguments, Y is the result, dA the differential of A, G the
// upstream gradient of an adjoint, and the letters of the signature are the dimensions. Example:
//
//   {.name = "inv", .also = {"^-1"}, .type = "(n,n) -> (n,n)", .keeps = symmetric | positive_definite,
//    .slots = {smooth("-Y*dA*Y")}, .rewrites = {{"inv(A)*A = I(n)", "", {"inverse times itself", "逆乘自身"}}},
//    .latex = "{0}^{-1}", .kernel = …, .step = {"differential of an inverse", "逆矩阵的微分"}, .source = "…"}
//
// The differential, gradient, Jacobian, Hessian, numbers, printed forms and tests are all derived from the entry.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "expr/store.hpp"
#include "ops/kernel.hpp"

namespace matgrad {

class Build;

// How the result depends on one argument. There is no default: an entry with a slot left out does not compile.
struct Slot {
  enum class Kind : std::uint8_t { unset, linear, smooth, constant, refused };
  Kind kind = Kind::unset;
  const char* rule = "";    // linear: adjoint in G; smooth: differential in dA (dB …); refused: the reason in English
  const char* matrix = "";  // linear: the matrix over vec; refused: the reason in Chinese
};

// L(Z) is linear in this argument, the others held. `adjoint` is L*(G); `matrix` is M with vec(L(Z)) = M*vec(Z).
constexpr Slot linear(const char* adjoint, const char* matrix) {
  return {Slot::Kind::linear, adjoint, matrix};
}
// The result's differential by this argument, an expression linear in dA.
constexpr Slot smooth(const char* differential) {
  return {Slot::Kind::smooth, differential, ""};
}
// The result does not change with small changes of this argument (only its shape is read, or it is a step).
constexpr Slot constant() {
  return {Slot::Kind::constant, "", ""};
}
constexpr Slot refused(const char* reason, const char* reason_zh) {
  return {Slot::Kind::refused, reason, reason_zh};
}

struct Title {
  const char* english = "";
  const char* chinese = "";
};

// left = right, wherever `when` holds: conditions on declared properties of the letters, separated by commas:
// "symmetric(A)", "vector(x)" (a column), "orthogonal(A)", "positive(A)", "square(A)", "scalar(s)", "m-by-n(A)".
struct Rewrite {
  const char* rule = "";
  const char* when = "";
  Title name;
};

// What the operator does with a transposed argument.
enum class Transposing : std::uint8_t {
  opaque,     // f(A)' has no simpler form
  commutes,   // f(A') = f(A)': the shorter of the two is kept
  pushes,     // f(A,B)' = f(A',B') always written inside
  invariant,  // f(A') = f(A): the shorter argument is kept
};

// How a plan computes the operator, where that is not by its kernel on whole arrays: what an expert would do instead.
enum class Computed : std::uint8_t {
  by_kernel,
  inverse,          // solved with, from a factorisation
  determinant,      // from a factorisation
  log_determinant,  //
  trace,            // of A*B without the product
  total,            // the sum of the entries
  diagonal_matrix,  // never formed where it scales rows or columns
  diagonal_part,    // of A*B without the product
  kronecker,        // never formed where it is multiplied with a vector
  column_stack,     // vec: the same numbers in another shape
};

// What the operator is called in target languages, where that differs from the target's default.
struct Spelling {
  const char* targets = "";  // separated by blanks
  const char* code = "";     // {0}, {1}: the arguments; {rows}, {cols}: the shape of the result; {np}: the array module
  const char* helper = "";   // a function that `code` calls, to be written in front
  const char* import = "";   // a line that both need
  bool as_matrix = false;    // vectors have to be arrays of two indices
};

inline constexpr std::size_t maximum_arguments = 4;

struct Operator {
  std::string_view name;
  std::array<std::string_view, 4> also{};  // other surface names; several operators may share one and differ in type
  const char* type = "";                   // signature; empty for structural operators
  const char* written = "";                // a structural operator as a user writes it: A*B
  bool structural = false;                 // built by a constructor of its own (structural.hpp)
  Properties keeps = 0;                    // properties of the result when every argument has them
  Properties gives = 0;                    // properties of the result in any case
  Properties needs = 0;                    // properties without which the first argument is refused
  Transposing transposing = Transposing::opaque;
  std::string_view mirror = "";  // f(A)' is this operator of A'
  bool entrywise = false;        // a function of every entry by itself
  bool rowwise = false;          // a function of every row by itself, the rows one below the other
  const char* columns = "";  // what it is of every column of A, side by side: numbers as a vector, columns as a matrix
  const char* reflection = "";  // f(-A) in terms of Y = f(A)
  const char* domain = "";      // what the argument must satisfy, for samples and messages: "A > 0", "|A| < 1", …; in
                                // "spd, position" the second is the number of a row
  const char* definition = "";  // the operator is an abbreviation of this; then no slots are needed
  std::array<Slot, maximum_arguments> slots{};
  Rewrite rewrites[16] = {};
  // For operators that results contain but readers do not know: what they are in the users' language.
  const char* written_out = "";
  const char* latex = "";  // {0}, {1} … ; empty: \operatorname{name}(…)
  std::span<const Spelling> code{};
  Kernel kernel{};
  Computed computed = Computed::by_kernel;
  const char* computed_as = "";  // what plans compute instead, in the language: norm2 as the root of a sum of squares
  // A normal form that a pattern cannot express (cyclic order of a trace). Nothing: build the plain node.
  std::optional<NodeId> (*canonical)(Build&, OpId self, std::span<const NodeId> arguments) = nullptr;
  Title step;               // the rule's name in an explanation
  const char* source = "";  // where the differential is stated; what is no citation in both languages, as in `note`
  const char* note = "";    // English/中文 separated by " | ": printed with results that hold only under a condition
};

// How many arguments a signature names: the top-level groups before the arrow.
constexpr std::size_t arity(std::string_view type) {
  std::size_t count = 0;
  for (char c : type.substr(0, type.find("->"))) count += c == '(';
  return count;
}

constexpr bool complete(const Operator& entry) {
  if (entry.name.empty() || entry.step.english[0] == '\0' || entry.step.chinese[0] == '\0') return false;
  if (entry.source[0] == '\0') return false;
  if (entry.structural) return true;
  if (entry.definition[0] != '\0') return entry.type[0] != '\0';
  if (entry.kernel.real == nullptr) return false;
  const std::size_t wanted = entry.type[0] == '\0' ? 0 : arity(entry.type);
  for (std::size_t i = 0; i < wanted; ++i) {
    const Slot& slot = entry.slots[i];
    if (slot.kind == Slot::Kind::unset) return false;
    if (slot.kind == Slot::Kind::linear && (slot.rule[0] == '\0' || slot.matrix[0] == '\0')) return false;
    if (slot.kind == Slot::Kind::smooth && slot.rule[0] == '\0') return false;
  }
  return true;
}

// A family with a gap does not compile: static_assert(complete(family)).
template <std::size_t N>
constexpr bool complete(const Operator (&family)[N]) {
  for (const Operator& entry : family) {
    if (!complete(entry)) return false;
  }
  return true;
}

}  // namespace matgrad
