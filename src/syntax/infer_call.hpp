// SPDX-License-Identifier: MIT
// Shapes of calls: the operator whose signature fits, its letters unified, and the constants I(n), ones(m,n) … whose
// arguments are dimensions.
#pragma once

#include "syntax/infer.hpp"

namespace matgrad {

class CallInference {
 public:
  CallInference(Inference& inference, std::uint32_t at) : in_(inference), at_(at) {}
  void run();
  // a ⊗ b is a call without being written as one.
  void operation(const std::string& name);

 private:
  std::size_t count() const { return in_.forest_.child_count(at_); }
  std::uint32_t argument(std::size_t i) const { return in_.forest_.child(at_, i); }
  std::optional<int> cost(const Signature& signature);
  std::optional<int> cost_of(const SignatureDim& wanted, Dim given, Letters& letters);
  void apply(OpId op, const std::string& name);
  bool apply_argument(const Signature& signature, std::size_t i);
  bool apply_dim(const SignatureDim& wanted, Dim given, std::size_t i);
  void argument_problem(const Signature& signature, std::size_t i, const std::string& name);
  std::optional<Dim> value(const SignatureDim& dim);
  void raise_alike(const Signature& signature);
  void wrong_count(const std::string& name, const std::string& wanted);
  void constant(Meaning meaning);
  void selection();
  void hadamard_matrix();
  void indexed_sum();
  Dim size_argument(std::size_t i);
  void set(Dim rows, Dim cols) { in_.set(at_, {rows, cols}); }

  Inference& in_;
  std::uint32_t at_;
  Letters letters_;
  std::size_t bound_by_[26] = {};  // the argument that gave a letter its value
  std::pair<Dim, Dim> clash_{dim_one, dim_one};
  std::size_t clashes_with_ = 0;
};

// "(n,n)" → "n×n", the arguments of a signature as messages write them.
std::string signature_text(const Signature& signature);

}  // namespace matgrad
