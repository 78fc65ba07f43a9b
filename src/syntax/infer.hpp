// SPDX-License-Identifier: MIT
// The shapes of a whole expression, bottom up: literal ones decide what is a scalar, everything else is unified. Where
// a name's guessed kind cannot be right but another can, the guess is changed and the pass starts again; what remains
// impossible is a problem, and the pass goes on with a shape that fits anywhere.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "expr/unify.hpp"
#include "ops/table.hpp"
#include "syntax/names.hpp"

namespace matgrad {

struct Shape {
  Dim rows = dim_one;
  Dim cols = dim_one;
};

// An error before it is put into words: shapes are told once everything is solved that can be.
struct Problem {
  Message message = Message::internal_error;
  std::uint32_t node = 0;
  std::vector<std::string> words;            // the first arguments of the message
  std::vector<std::uint32_t> operands;       // then text and shape of each of these
  std::optional<std::pair<Dim, Dim>> clash;  // what would have to be equal: the last arguments
};

inline constexpr OpId no_operator{0xffff};
inline constexpr Dim no_dim{0xffffffffu};

class Inference {
 public:
  Inference(Scope& scope, const Forest& forest, Names& names, std::span<const Sides> equations);
  void run();

  Shape shape(std::uint32_t node) { return resolved(shapes_[node]); }
  Shape entry_shape(std::uint32_t entry) { return resolved(entry_shapes_[entry]); }
  Shape unresolved_entry_shape(std::uint32_t entry) const { return entry_shapes_[entry]; }
  bool is_scalar(std::uint32_t node);
  OpId chosen(std::uint32_t node) const { return chosen_[node]; }
  Dim size(std::uint32_t node) const { return sizes_[node]; }  // of a dimension's expression
  Unifier& unifier() { return unifier_; }
  const std::vector<Problem>& problems() const { return problems_; }
  // Nodes whose sizes could have been chosen otherwise.
  const std::vector<std::uint32_t>& choices() const { return choices_; }

 private:
  friend class CallInference;
  void pass();
  void infer(std::uint32_t at);
  void infer_name(std::uint32_t at);
  void infer_in_dimension(std::uint32_t at);
  void sum(std::uint32_t at, const char* sign);
  void product(std::uint32_t at);
  void entrywise(std::uint32_t at, const char* sign);
  void quotient(std::uint32_t at);
  void power(std::uint32_t at);
  bool may_be_whole(std::uint32_t exponent);
  void align_columns(std::uint32_t at);
  void block(std::uint32_t at);
  void index(std::uint32_t at);
  void note_position(std::uint32_t position, Dim length, std::uint32_t at);
  void size_by_indices();
  void finish_pass();
  void lower_columns();
  void lower_name(std::uint32_t at, std::uint32_t number);
  void settle_waiting();
  void report_failures();
  bool is_commutation(std::uint32_t at) const;
  std::optional<Dim> size_of(Syntax kind, Dim a, Dim b);
  void start_entry(std::uint32_t entry);

  bool raise(std::uint32_t entry, Kind kind, std::uint32_t because);
  void raise_terms(std::uint32_t at, std::uint32_t other, bool through_sums);
  void narrow(std::uint32_t at);
  bool unify_shapes(std::uint32_t a, std::uint32_t b, std::uint32_t reason, std::pair<Dim, Dim>& clash);
  bool unify(Dim a, Dim b, std::uint32_t reason, std::pair<Dim, Dim>& clash);
  bool is_open(Dim dim);

  Shape resolved(Shape shape) { return {unifier_.resolve(shape.rows), unifier_.resolve(shape.cols)}; }
  void set(std::uint32_t at, Shape shape) { shapes_[at] = shape; }
  void fail(Problem problem);
  Dim fresh();

  Scope& scope_;
  Dims& dims_;
  const Forest& forest_;
  Names& names_;
  std::vector<Sides> equations_;  // by the numbers of roots
  Unifier unifier_;
  std::vector<Shape> shapes_;
  std::vector<Shape> entry_shapes_;
  std::vector<bool> poisoned_;  // failed: fits anywhere
  std::vector<OpId> chosen_;
  std::vector<Dim> sizes_;
  struct Indexed {
    Dim dim;
    std::uint32_t index;
    std::uint32_t node;
    std::int64_t shift;  // 1 of x[i + 1]
  };
  std::vector<Indexed> indexed_;  // dimensions that an index runs over
  std::vector<Problem> problems_;
  std::vector<std::uint32_t> choices_;
  std::vector<Dim> pool_;  // unknowns, used again in every pass
  std::size_t pool_used_ = 0;
  bool changed_ = false;
  bool may_change_ = true;
};

}  // namespace matgrad
