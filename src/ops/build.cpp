// SPDX-License-Identifier: MIT
#include "ops/build.hpp"

#include <algorithm>

#include "expr/walk.hpp"
#include "ops/order.hpp"
#include "ops/selections.hpp"
#include "ops/table.hpp"
#include "ops/written.hpp"

namespace matgrad {
namespace {

constexpr std::int64_t heaviest = 1'000'000'000;

}  // namespace

NodeId Build::raw(OpId op, Dim rows, Dim cols, Properties properties, std::span<const NodeId> children) {
  if (const NodeId known = store_.find(op, Type{rows, cols, 0}, children); known != no_node) return known;
  std::int64_t weight = own_weight(store_, op, children);
  for (NodeId child : children) weight += store_[child].weight;
  if (rows != cols) properties &= positive;  // all else is said of square matrices
  return store_.intern(op, Type{rows, cols, properties}, children,
                       static_cast<std::uint32_t>(std::clamp<std::int64_t>(weight, 0, heaviest)));
}

// ---------------------------------------------------------------- constants

NodeId Build::number(const Rational& value) {
  const Properties known = !value.is_zero() && !value.is_negative() ? Properties(positive) : Properties(0);
  return store_.intern_leaf(op::number, Type{dim_one, dim_one, known}, store_.intern_number(value));
}

NodeId Build::dimension_leaf(Dim dim) {
  if (const auto value = store_.dims.as_constant(dim)) return number(*value);
  return store_.intern_leaf(op::dimension, Type{dim_one, dim_one, positive}, static_cast<std::uint32_t>(dim));
}

NodeId Build::dimension(Dim dim) {
  if (store_.dims.as_constant(dim) || store_.dims.as_atom(dim)) return dimension_leaf(dim);
  const Polynomial& polynomial = store_.dims.polynomial(dim);
  NodeList terms;
  for (const DimTerm& term : polynomial) {
    NodeList factors{number(term.coefficient)};
    for (Atom atom : term.atoms) factors.push_back(dimension_leaf(store_.dims.intern({DimTerm{{atom}, 1}})));
    terms.push_back(times(factors));
  }
  return scaled(Rational(1, store_.dims.denominator(dim)), add(terms));
}

NodeId Build::zeros(Dim rows, Dim cols) {
  if (rows == dim_one && cols == dim_one) return number(0);
  const Properties known = positive_semidefinite | diagonal;
  return raw(op::zeros, rows, cols, rows == cols ? known : Properties(0), {});
}

NodeId Build::ones(Dim rows, Dim cols) {
  if (rows == dim_one && cols == dim_one) return number(1);
  const Properties square = positive | positive_semidefinite;
  return raw(op::ones, rows, cols, rows == cols ? square : Properties(positive), {});
}

NodeId Build::identity(Dim n) {
  if (n == dim_one) return number(1);
  return raw(op::identity, n, n, positive_definite | diagonal | lower | upper | orthogonal, {});
}

NodeId Build::unit(NodeId i, Dim n) {
  if (n == dim_one && is_number(i, 1)) return i;
  return raw(op::unit, n, dim_one, 0, NodeList{i});
}

NodeId Build::commutation(Dim m, Dim n) {
  if (m == dim_one || n == dim_one) return identity(store_.dims.multiply(m, n));  // vec of a vector is itself
  const Dim size = store_.dims.multiply(m, n);
  const Properties known = m == n ? Properties(orthogonal | symmetric) : Properties(orthogonal);
  return raw(op::commutation, size, size, known, NodeList{dimension_leaf(m), dimension_leaf(n)});
}

NodeId Build::duplication(Dim n) {
  Dims& dims = store_.dims;
  if (n == dim_one) return number(1);
  const Dim entries = dims.quotient(dims.multiply(n, dims.add(n, dim_one)), 2);
  return raw(op::duplication, dims.multiply(n, n), entries, 0, NodeList{dimension_leaf(n)});
}

NodeId Build::elimination(Dim n) {
  Dims& dims = store_.dims;
  if (n == dim_one) return number(1);
  const Dim entries = dims.quotient(dims.multiply(n, dims.add(n, dim_one)), 2);
  return raw(op::elimination, entries, dims.multiply(n, n), 0, NodeList{dimension_leaf(n)});
}

NodeId Build::selection(OpId op, std::span<const Dim> sizes) {
  if (op == op::duplication) return duplication(sizes[0]);
  if (op == op::elimination) return elimination(sizes[0]);
  return commutation(sizes[0], sizes[1]);
}

NodeId Build::symbol(std::uint32_t payload) {
  return store_.intern_leaf(op::symbol, store_.symbol_at(payload).type, payload);
}

// ---------------------------------------------------------------- transposes

NodeId Build::transpose(NodeId a) {
  if (type(a).is_scalar() || type(a).has(symmetric)) return a;
  if (store_.transposes.size() < store_.size()) store_.transposes.resize(store_.size() * 2, no_node);
  if (const NodeId known = store_.transposes[index_of(a)]; known != no_node) return known;
  const NodeId result = transpose_of(a);
  if (store_.transposes.size() < store_.size()) store_.transposes.resize(store_.size() * 2, no_node);
  store_.transposes[index_of(a)] = result;
  store_.transposes[index_of(result)] = a;
  return result;
}

// The node `transpose`, remembered as what a' is.
NodeId Build::plain_transpose(NodeId a) {
  const Type shape = type(a);
  if (shape.has(symmetric)) return a;
  if (store_[a].op == op::add && shape.is_column()) {  // whichever is shorter is written: see written_terms
    for (NodeId term : NodeList(store_.children(a).begin(), store_.children(a).end())) transpose(term);
  }
  const NodeId result = raw(op::transpose, shape.cols, shape.rows, transposed(shape.properties), NodeList{a});
  if (store_.transposes.size() < store_.size()) store_.transposes.resize(store_.size() * 2, no_node);
  store_.transposes[index_of(a)] = result;
  store_.transposes[index_of(result)] = a;
  return result;
}

NodeId Build::transpose_of(NodeId a) {
  const Node node = store_[a];
  const Dim rows = node.type.cols;
  const Dim cols = node.type.rows;
  const NodeList inside(store_.children(a).begin(), store_.children(a).end());
  if (node.op == op::transpose) return inside[0];
  if (node.op == op::zeros) return zeros(rows, cols);
  if (node.op == op::ones) return ones(rows, cols);
  if (node.op == op::scale) return scale(inside[0], transpose(inside[1]));
  if (node.op == op::matrix_power) return matrix_power(transpose(inside[0]), inside[1]);
  if (node.op == op::sum_over) return sum_over(inside[0], inside[1], inside[2], transpose(inside[3]));
  if (node.op == op::power) {
    // Inside where it costs nothing, as `power` itself would have it.
    const NodeId turned = transpose(inside[0]);
    const NodeId body = split_coefficient(turned).second;  // without the sign of what is skew
    const NodeId own = split_coefficient(inside[0]).second;
    const bool as_short = store_[body].op != op::transpose && store_[body].weight <= store_[own].weight;
    const bool entrywise = !type(inside[1]).is_scalar();
    if (!node.type.is_column() && (entrywise || as_short)) return power(turned, transpose(inside[1]));
  }
  if (node.type.is_matrix() && (node.op == op::add || node.op == op::hadamard)) {
    NodeList turned;
    for (NodeId part : inside) turned.push_back(transpose(part));
    return node.op == op::add ? add(turned) : hadamard(turned);
  }
  if (node.op == op::commutation) {
    return raw(op::commutation, rows, cols, node.type.properties, NodeList{inside[1], inside[0]});
  }
  if (node.op == op::multiply) {
    NodeList reversed;
    for (std::size_t i = inside.size(); i-- > 0;) reversed.push_back(transpose(inside[i]));
    return multiply(reversed);
  }
  if (node.type.has(skew)) return negate(a);
  if (node.op == op::blocks) {
    const std::size_t columns = block_columns(a);
    const std::size_t height = (inside.size() - 1) / columns;
    NodeList turned;
    for (std::size_t j = 0; j < columns; ++j) {
      for (std::size_t i = 0; i < height; ++i) turned.push_back(transpose(inside[1 + i * columns + j]));
    }
    return blocks(height, turned);
  }
  if (const std::string_view mirror = entry_of(node.op).mirror; !mirror.empty()) {
    return call(mirror, {transpose(inside[0])});
  }
  if (entry_of(node.op).transposing == Transposing::pushes) {
    NodeList turned;
    for (NodeId child : inside) turned.push_back(transpose(child));
    return call(node.op, turned);
  }
  return plain_transpose(a);
}

// ---------------------------------------------------------------- calls

NodeId Build::raw_call(OpId op, std::span<const NodeId> arguments) {
  const Operator& entry = entry_of(op);
  const Signature& signature = OperatorTable::get().signature(op);
  const auto letters = signature.bind(store_, arguments);
  MATGRAD_ASSERT(letters.has_value());
  const Type shape = result_shape(store_.dims, signature, *letters);
  Properties kept = entry.keeps;
  for (NodeId argument : arguments) kept &= type(argument).properties;
  return raw(op, shape.rows, shape.cols, static_cast<Properties>(kept | entry.gives), arguments);
}

NodeId Build::call(OpId op, std::span<const NodeId> arguments) {
  const Operator& entry = entry_of(op);
  if (entry.canonical != nullptr) {
    if (auto result = entry.canonical(*this, op, arguments)) return *result;
  }
  if (entry.entrywise && !type(arguments[0]).is_scalar()) {
    const auto [scalar, body] = split_scale(arguments[0]);
    if (store_[body].op == op::ones) return scale(call(op, NodeList{scalar}), body);
  }
  const bool commutes = entry.transposing == Transposing::commutes;
  if ((commutes || entry.transposing == Transposing::invariant) && arguments.size() == 1) {
    const Type& shape = type(arguments[0]);
    if (!shape.is_scalar() && !shape.is_column()) {
      // What is skew turns into its negative, and a product with a skew factor into a negative one: the sign is no
      // reason to turn.
      const NodeId turned = transpose(arguments[0]);
      const NodeId body = split_coefficient(turned).second;
      const NodeId own = split_coefficient(arguments[0]).second;
      const bool shorter =
          store_[body].weight < store_[own].weight ||
          (store_[body].weight == store_[own].weight && shape.is_matrix() && compare(store_, body, own) < 0);
      if (body != own && (shape.is_row() || shorter)) {
        const NodeId result = call(op, NodeList{turned});
        return commutes ? transpose(result) : result;
      }
    }
  }
  return raw_call(op, arguments);
}

std::optional<OpId> Build::resolve(std::string_view name, std::span<const NodeId> arguments) const {
  for (OpId op : OperatorTable::get().named(name)) {
    if (entry_of(op).type[0] == '\0') continue;
    if (OperatorTable::get().signature(op).bind(store_, arguments)) return op;
  }
  return std::nullopt;
}

NodeId Build::call(std::string_view name, std::span<const NodeId> arguments) {
  const NodeList copy(arguments.begin(), arguments.end());
  const auto op = resolve(name, copy);
  MATGRAD_ASSERT(op.has_value());
  return call(*op, copy);
}

NodeId Build::fresh_index() {
  auto taken = [&](const std::string& name) {
    for (std::uint32_t s = 0; s < store_.symbol_count(); ++s) {
      if (store_.symbol_at(s).name == name) return true;
    }
    return store_.dims.find(name).has_value();
  };
  std::string name;
  for (const char* usual : {"i", "j", "l"}) {
    if (name.empty() && !taken(usual)) name = usual;
  }
  for (int n = 1; name.empty() || taken(name); ++n) name = std::string("i").append(std::to_string(n));
  return symbol(store_.add_symbol({name, Type{}, Symbol::Role::index}));
}

// How often a sum repeats a term that does not depend on its index; nothing where it may be empty.
std::optional<NodeId> Build::repetitions(NodeId first, NodeId last) {
  const auto from = number_value(first);
  const auto to = number_value(last);
  if (from && to && !(*to < *from)) return number(*to - *from + Rational(1));
  if (from && to) return std::nullopt;
  // A sum up to a bound that is a letter has as many terms as the bounds say: none at least.
  return plus(minus(last, first), number(1));
}

NodeId Build::sum_over(NodeId index, NodeId first, NodeId last, NodeId body) {
  const Type shape = type(body);
  if (is_zero(body)) return body;
  if (!depends_on(store_, body, index)) {
    if (const auto count = repetitions(first, last)) return scale(*count, body);
  }
  return raw(op::sum_over, shape.rows, shape.cols, shape.properties & (symmetric | diagonal | positive_semidefinite),
             NodeList{index, first, last, body});
}

NodeId Build::unvec(NodeId vector, Dim rows, Dim cols) {
  MATGRAD_ASSERT(type(vector).cols == dim_one && store_.dims.multiply(rows, cols) == type(vector).rows);
  if (cols == dim_one) return vector;
  const auto [scalar, body] = split_scale(vector);
  if (rows == dim_one) return transpose(vector);
  if (store_[body].op == op::zeros) return zeros(rows, cols);
  if (store_[body].op == op::ones) return scale(scalar, ones(rows, cols));
  if (store_[body].op == operator_computed_as(Computed::column_stack) &&
      store_.type(store_.child(body, 0)).rows == rows) {
    return scale(scalar, store_.child(body, 0));
  }
  if (store_[body].op == operator_computed_as(Computed::kronecker)) {  // vec(x*y') = kron(y, x)
    const NodeId y = store_.child(body, 0);
    const NodeId x = store_.child(body, 1);
    if (type(x).rows == rows && type(y).rows == cols) return scale(scalar, product(x, transpose(y)));
  }
  if (store_[body].op == op::add) {
    const NodeList terms(store_.children(body).begin(), store_.children(body).end());
    const bool has_stack = std::any_of(terms.begin(), terms.end(), [&](NodeId term) {
      return store_[split_coefficient(term).second].op == operator_computed_as(Computed::column_stack);
    });
    if (has_stack) {
      NodeList parts;
      for (NodeId term : terms) parts.push_back(unvec(term, rows, cols));
      return scale(scalar, add(parts));
    }
  }
  return scale(scalar, raw(op::unvec, rows, cols, 0, NodeList{body}));
}

NodeId Build::rebuild(NodeId id, std::span<const NodeId> c) {
  const Node node = store_[id];
  if (c.empty()) return id;
  if (node.op == op::transpose) return transpose(c[0]);
  if (node.op == op::add) return add(c);
  if (node.op == op::times) return times(c);
  if (node.op == op::scale) return scale(c[0], c[1]);
  if (node.op == op::multiply) return multiply(c);
  if (node.op == op::hadamard) return hadamard(c);
  if (node.op == op::power) return power(c[0], c[1]);
  if (node.op == op::matrix_power) return matrix_power(c[0], c[1]);
  if (node.op == op::sum_over) return sum_over(c[0], c[1], c[2], c[3]);
  if (node.op == op::unit) return unit(c[0], node.type.rows);
  if (node.op == op::unvec) return unvec(c[0], node.type.rows, node.type.cols);
  if (node.op == op::blocks) return blocks(block_columns(id), c.subspan(1));
  if (find_selection(node.op) != nullptr) return id;
  return call(node.op, c);
}

// ---------------------------------------------------------------- taking apart

std::optional<Rational> Build::number_value(NodeId id) const {
  const Node& node = store_[id];
  if (node.op != op::number) return std::nullopt;
  return store_.number_at(node.first);
}

bool Build::is_number(NodeId id, std::int64_t value) const {
  const Node& node = store_[id];
  return node.op == op::number && store_.number_at(node.first) == Rational(value);
}

bool Build::is_zero(NodeId id) const {
  return store_[id].op == op::zeros || is_number(id, 0);
}

// Entries that are 0 whatever the variables are: off the diagonal, above it, on it.
bool Build::has_zeros(NodeId id) const {
  const Type& shape = type(id);
  if (is_zero(id) || store_[id].op == op::unit || find_selection(store_[id].op) != nullptr) return true;
  return shape.is_matrix() && (shape.has(lower) || shape.has(upper) || shape.has(skew));
}

bool Build::divides_by_zero(NodeId id) const {
  if (store_[id].op != op::power) return false;
  if (!has_zeros(store_.child(id, 0))) return false;
  const auto exponent = number_value(store_.child(id, 1));
  return exponent && exponent->is_negative();
}

}  // namespace matgrad
