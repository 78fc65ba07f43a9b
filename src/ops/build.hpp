// SPDX-License-Identifier: MIT
// The canonical constructors: the only way in which expressions come about. Sums and products are flat and sorted,
// like terms and powers are collected with exact coefficients, scalars stand in front, transposes stand inside
// products, and 1×1 products are scalars. What is built is typed; arguments that do not conform are a Bug, for whoever
// takes shapes from a user asks first (elaborate) or matches them (rules).
#pragma once

#include <boost/container/small_vector.hpp>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "expr/store.hpp"

namespace matgrad {

// A short list of nodes, to be filled.
struct NodeList : boost::container::small_vector<NodeId, 8> {
  using boost::container::small_vector<NodeId, 8>::small_vector;
  operator std::span<const NodeId>() const { return {data(), size()}; }  // NOLINT: a list is a span
};

// A sum being collected: what is added, with its coefficient.
using Terms = boost::container::small_vector<std::pair<NodeId, Rational>, 6>;

class Build {
 public:
  explicit Build(Store& store) : store_(store) {}
  Store& store() const { return store_; }
  const Type& type(NodeId id) const { return store_.type(id); }

  // Constants.
  NodeId number(const Rational& value);
  NodeId dimension(Dim dim);         // of a compound one, the sum or product of its names
  NodeId zeros(Dim rows, Dim cols);  // the number 0 where both are 1
  NodeId ones(Dim rows, Dim cols);   // the number 1 where both are 1
  NodeId identity(Dim n);
  NodeId unit(NodeId i, Dim n);
  NodeId commutation(Dim m, Dim n);
  NodeId duplication(Dim n);
  NodeId elimination(Dim n);
  NodeId selection(OpId op, std::span<const Dim> sizes);  // one of these three
  NodeId symbol(std::uint32_t payload);

  // Sums: of equal shapes. `add` of nothing is not defined; `plus` broadcasts a scalar.
  NodeId add(std::span<const NodeId> terms);
  NodeId plus(NodeId a, NodeId b);
  NodeId minus(NodeId a, NodeId b) { return plus(a, negate(b)); }
  NodeId negate(NodeId a) { return scaled(Rational(-1), a); }
  // c*a for a number c.
  NodeId scaled(const Rational& c, NodeId a);

  // Products.
  NodeId times(std::span<const NodeId> scalars);
  NodeId scale(NodeId scalar, NodeId body);
  NodeId multiply(std::span<const NodeId> factors);
  NodeId product(NodeId a, NodeId b);  // scale or multiply, as the shapes say
  NodeId hadamard(std::span<const NodeId> factors);
  NodeId entrywise_product(NodeId a, NodeId b);  // .* with scalars broadcast
  NodeId divide(NodeId a, NodeId scalar);
  NodeId power(NodeId base, NodeId exponent);  // elementwise; scalars broadcast either way
  NodeId matrix_power(NodeId base, NodeId exponent);

  NodeId transpose(NodeId a);
  // An index that no expression uses yet: i, j, l, i1, i2 …
  NodeId fresh_index();
  NodeId sum_over(NodeId index, NodeId first, NodeId last, NodeId body);
  NodeId unvec(NodeId vector, Dim rows, Dim cols);
  // The block matrix of these parts, row by row in a grid of so many columns.
  NodeId blocks(std::size_t columns, std::span<const NodeId> parts);
  // The selections A and B with which A*Y*B is part `at` of the block matrix Y.
  std::pair<NodeId, NodeId> selections(NodeId block_matrix, std::size_t at);
  std::size_t block_columns(NodeId block_matrix) const;

  // An operator of the table, or the first of that surface name whose signature fits the arguments.
  NodeId call(OpId op, std::span<const NodeId> arguments);
  NodeId call(std::string_view name, std::span<const NodeId> arguments);
  NodeId call(std::string_view name, std::initializer_list<NodeId> arguments) {
    return call(name, std::span<const NodeId>(arguments.begin(), arguments.size()));
  }
  // The operator that `call(name, …)` would use; nothing where none fits.
  std::optional<OpId> resolve(std::string_view name, std::span<const NodeId> arguments) const;
  // The node again with other children, through the constructor of its operator.
  NodeId rebuild(NodeId id, std::span<const NodeId> children);

  // Taking apart.
  std::optional<Rational> number_value(NodeId id) const;
  bool is_number(NodeId id, std::int64_t value) const;
  bool is_zero(NodeId id) const;
  // 0 to a negative power, entry by entry.
  bool divides_by_zero(NodeId id) const;
  bool has_zeros(NodeId id) const;
  // c and the rest, with id = c*rest; rest is the number 1 where id is a number.
  std::pair<Rational, NodeId> split_coefficient(NodeId id);
  // scalar and body, with id = scalar*body and body not a `scale`; scalar is the number 1 where there is none.
  std::pair<NodeId, NodeId> split_scale(NodeId id);
  std::pair<NodeId, NodeId> split_power(NodeId id);         // elementwise base and exponent
  std::pair<NodeId, NodeId> split_matrix_power(NodeId id);  // base and exponent of a matrix power

  // The plain node, without canonical form: for the constructors and the canonical hooks of entries.
  NodeId raw(OpId op, Dim rows, Dim cols, Properties properties, std::span<const NodeId> children);
  NodeId raw_call(OpId op, std::span<const NodeId> arguments);

 private:
  struct Parts {  // a product being collected
    Rational coefficient = 1;
    using Powers = boost::container::small_vector<std::pair<NodeId, NodeId>, 8>;  // base, exponent
    Powers powers;
  };
  void flatten_terms(NodeId term, const Rational& factor, Terms& out);
  bool merge_blocks(Terms& terms);
  bool same_grid(NodeId a, NodeId b) const;
  bool meets(NodeId left, NodeId right) const;
  std::optional<NodeId> product_of_blocks(NodeId left, NodeId right);
  std::optional<NodeId> merge_block_factors(const NodeList& scalars, const NodeList& factors);
  std::optional<NodeId> nested_blocks(std::size_t columns, std::span<const NodeId> parts);
  std::optional<NodeId> constant_blocks(std::size_t columns, std::span<const NodeId> parts, Dim rows, Dim cols);
  NodeId sum_of(Terms& terms);
  template <class Make>
  NodeId remembered_body(NodeId id, Make make);
  Rational make_primitive(Terms& terms);
  NodeId primitive_sum(const Terms& terms, Dim rows, Dim cols);
  Terms transposed_terms(const Terms& terms);
  NodeId hadamard_of(const NodeList& factors, Dim rows, Dim cols);
  NodeId primitive_hadamard(NodeList factors, Dim rows, Dim cols);
  NodeId plain_transpose(NodeId a);
  NodeId shorter_side(NodeId a, NodeList& scalars);
  void choose_sides(NodeList& factors, NodeList& scalars);
  static bool turns(std::uint64_t turned_weight, std::uint64_t plain_weight);
  void flatten_scalars(NodeId factor, Parts& parts);
  void collect_powers(Parts& parts);
  void flatten_factors(NodeId factor, NodeList& scalars, NodeList& factors, bool& zero);
  void extract_inner_products(NodeList& scalars, NodeList& factors);
  NodeId matrix_base(NodeId id) const;
  bool may_merge(NodeId left, NodeId right) const;
  NodeId inverted(NodeId id);
  std::optional<NodeId> power_of_inverse(NodeId left, NodeId right);
  void merge_adjacent(NodeList& factors);
  void split_ones(NodeList& factors);
  void join_ones(NodeList& factors);
  std::optional<NodeId> sum_of_entrywise(std::span<const NodeId> factors);
  NodeId matrix_product(NodeList factors);  // flat, merged, not 1×1 inside
  bool reads_shorter(std::span<const NodeId> a, std::span<const NodeId> b) const;
  Properties product_properties(std::span<const NodeId> factors) const;
  Properties mirrored_properties(std::span<const NodeId> factors);
  std::optional<NodeId> number_power(const Rational& base, const Rational& exponent);
  std::optional<NodeId> power_shortcut(NodeId base, NodeId exponent);
  NodeId transpose_of(NodeId a);
  NodeId dimension_leaf(Dim dim);
  std::optional<NodeId> repetitions(NodeId first, NodeId last);

  Store& store_;
};

}  // namespace matgrad
