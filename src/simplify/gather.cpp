// SPDX-License-Identifier: MIT
#include "simplify/gather.hpp"

#include <map>

#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "rules/rulebook.hpp"
#include "simplify/expand.hpp"

namespace matgrad {
namespace {

using Gathered = std::optional<NodeId>;

NodeId diagonal_matrix(Build& build, NodeId vector) {
  static const Template rule = Template::compile("diagm(x)");
  Bindings bindings;
  bindings.set('x', vector);
  return *instantiate(build, rule, bindings);
}

NodeId diagonal_of(Build& build, NodeId matrix) {
  static const Template rule = Template::compile("diagpart(A)");
  Bindings bindings;
  bindings.set('A', matrix);
  return *instantiate(build, rule, bindings);
}

NodeId sum_of_entries(Build& build, NodeId vector) {
  static const Template rule = Template::compile("sum(x)");
  Bindings bindings;
  bindings.set('x', vector);
  return *instantiate(build, rule, bindings);
}

class Gathering {
 public:
  Gathering(Build& build, NodeId index, Dim count) : build_(build), store_(build.store()), index_(index), n_(count) {}

  // The sum over all i of a scalar, column, row or matrix.
  Gathered total(NodeId body) {
    const Node node = store_[body];
    if (!varies(body)) return build_.scale(build_.dimension(n_), body);
    if (node.op == op::add) return total_of_terms(body);
    if (node.type.is_scalar()) {
      const Gathered values = scalar(body);
      return values ? Gathered(sum_of_entries(build_, *values)) : std::nullopt;
    }
    if (node.type.is_row() || (node.type.is_matrix() && node.op == op::transpose)) {
      const Gathered turned = total(build_.transpose(body));
      return turned ? Gathered(build_.transpose(*turned)) : std::nullopt;
    }
    const auto [weight, rest] = build_.split_scale(body);
    if (rest != body && !varies(weight)) {
      const Gathered inner = total(rest);
      return inner ? Gathered(build_.scale(weight, *inner)) : std::nullopt;
    }
    const Gathered weights = scalar(weight);
    if (!weights) return std::nullopt;
    if (!varies(rest)) return build_.scale(sum_of_entries(build_, *weights), rest);
    return node.type.is_column() ? weighted_columns(rest, *weights) : outer_products(rest, *weights);
  }

 private:
  bool varies(NodeId id) const { return depends_on(store_, id, index_); }

  Gathered total_of_terms(NodeId sum) {
    NodeList totals;
    for (NodeId term : NodeList(store_.children(sum).begin(), store_.children(sum).end())) {
      const Gathered part = total(term);
      if (!part) return std::nullopt;
      totals.push_back(*part);
    }
    return build_.add(totals);
  }

  Gathered weighted_columns(NodeId columns, NodeId weights) {
    const Gathered matrix = column(columns);
    return matrix ? Gathered(build_.multiply(NodeList{*matrix, weights})) : std::nullopt;
  }

  // w(i)*u(i)*v(i)' is U*diag(w)*V'.
  Gathered outer_products(NodeId product, NodeId weights) {
    if (store_[product].op != op::multiply) return std::nullopt;
    const NodeList factors(store_.children(product).begin(), store_.children(product).end());
    std::size_t cut = 1;
    while (cut < factors.size() && store_.type(factors[cut]).rows != dim_one) ++cut;
    if (cut == factors.size()) return std::nullopt;
    const auto middle = factors.begin() + static_cast<std::ptrdiff_t>(cut);
    const NodeId left = build_.multiply(NodeList(factors.begin(), middle));
    const NodeId right = build_.transpose(build_.multiply(NodeList(middle, factors.end())));
    if (!varies(right)) {
      const Gathered u = weighted_columns(left, weights);
      return u ? Gathered(build_.multiply(NodeList{*u, build_.transpose(right)})) : std::nullopt;
    }
    const Gathered v = varies(left) ? column(right) : weighted_columns(right, weights);
    if (!v) return std::nullopt;
    if (!varies(left)) return build_.multiply(NodeList{left, build_.transpose(*v)});
    const Gathered u = column(left);
    if (!u) return std::nullopt;
    return build_.multiply(NodeList{*u, diagonal_matrix(build_, weights), build_.transpose(*v)});
  }

  // The vector of s(1) … s(n).
  Gathered scalar(NodeId id) {
    const Node node = store_[id];
    if (!varies(id)) return build_.scale(id, build_.ones(n_, dim_one));
    if (node.op == op::multiply) return inner_product(id);
    if (node.op == op::times) return entrywise(id, [&](NodeId child) { return scalar(child); });
    return common(id, [&](NodeId child) { return store_.type(child).is_scalar() ? scalar(child) : column(child); });
  }

  // The matrix with the columns c(1) … c(n).
  Gathered column(NodeId id) {
    const Node node = store_[id];
    if (!node.type.is_column()) return std::nullopt;
    if (!varies(id)) return build_.multiply(NodeList{id, build_.ones(dim_one, n_)});
    if (node.op == op::unit) {
      return store_.child(id, 0) == index_ && node.type.rows == n_ ? Gathered(build_.identity(n_)) : std::nullopt;
    }
    if (node.op == op::scale) return scaled_column(store_.child(id, 0), store_.child(id, 1));
    if (node.op == op::hadamard) return entrywise(id, [&](NodeId child) { return column(child); });
    if (node.op == op::multiply) {
      NodeList factors(store_.children(id).begin(), store_.children(id).end());
      const Gathered last = column(factors.back());
      factors.pop_back();
      const NodeId before = build_.multiply(factors);
      return last && !varies(before) ? Gathered(build_.multiply(NodeList{before, *last})) : std::nullopt;
    }
    return common(id, [&](NodeId child) { return column(child); });
  }

  Gathered scaled_column(NodeId scalars, NodeId columns) {
    const Gathered weights = scalar(scalars);
    const Gathered matrix = column(columns);
    if (!weights || !matrix) return std::nullopt;
    if (!varies(scalars)) return build_.scale(scalars, *matrix);
    if (!varies(columns)) return build_.multiply(NodeList{columns, build_.transpose(*weights)});
    return build_.multiply(NodeList{*matrix, diagonal_matrix(build_, *weights)});
  }

  // u(i)'*M*v(i) is the diagonal of U'*M*V.
  Gathered inner_product(NodeId id) {
    const NodeList factors(store_.children(id).begin(), store_.children(id).end());
    const NodeId middle = build_.multiply(NodeList(factors.begin() + 1, factors.end() - 1));
    if (factors.size() > 2 && varies(middle)) return std::nullopt;
    const NodeId first = build_.transpose(factors.front());
    const Gathered u = varies(first) ? column(first) : Gathered(first);
    const Gathered v = varies(factors.back()) ? column(factors.back()) : Gathered(factors.back());
    if (!u || !v) return std::nullopt;
    NodeList product{build_.transpose(*u)};
    product.insert(product.end(), factors.begin() + 1, factors.end() - 1);
    product.push_back(*v);
    const NodeId all = build_.multiply(product);
    if (!varies(first)) return build_.transpose(all);
    return varies(factors.back()) ? Gathered(diagonal_of(build_, all)) : Gathered(all);
  }

  // A product of entries: what does not vary stays in front.
  template <class Gather>
  Gathered entrywise(NodeId id, Gather gather) {
    NodeList fixed;
    NodeList parts;
    for (NodeId child : NodeList(store_.children(id).begin(), store_.children(id).end())) {
      if (store_.type(child).is_scalar() && !varies(child)) {
        fixed.push_back(child);
        continue;
      }
      const Gathered part = gather(child);
      if (!part) return std::nullopt;
      parts.push_back(*part);
    }
    const NodeId product = build_.hadamard(parts);
    return fixed.empty() ? product : build_.scale(build_.times(fixed), product);
  }

  // Sums, powers and functions, of numbers and columns alike.
  template <class Gather>
  Gathered common(NodeId id, Gather gather) {
    const Node node = store_[id];
    const NodeList children(store_.children(id).begin(), store_.children(id).end());
    if (node.op == op::add) {
      NodeList parts;
      for (NodeId child : children) {
        const Gathered part = gather(child);
        if (!part) return std::nullopt;
        parts.push_back(*part);
      }
      return build_.add(parts);
    }
    if (node.op == op::power && store_.type(children[1]).is_scalar() && !varies(children[1])) {
      const Gathered base = gather(children[0]);
      return base ? Gathered(build_.power(*base, children[1])) : std::nullopt;
    }
    if (children.size() != 1) return std::nullopt;
    const Operator& entry = entry_of(node.op);
    const Template* columns = Rulebook::get().columns(node.op);
    if (!entry.entrywise && (columns == nullptr || !store_.type(children[0]).is_column())) return std::nullopt;
    const Gathered argument = gather(children[0]);
    if (!argument) return std::nullopt;
    if (entry.entrywise) return build_.call(node.op, NodeList{*argument});
    Bindings bindings;
    bindings.set('A', *argument);
    bindings.dims.bind('m', store_.type(*argument).rows);
    bindings.dims.bind('n', store_.type(*argument).cols);
    return instantiate(build_, *columns, bindings);
  }

  Build& build_;
  Store& store_;
  NodeId index_;
  Dim n_;
};

// How many entries the index runs over, from 1; nothing where that is no one number or name.
std::optional<Dim> range(Build& build, NodeId first, NodeId last) {
  Store& store = build.store();
  if (!build.is_number(first, 1)) return std::nullopt;
  if (store[last].op == op::dimension) return Dim{store[last].first};
  const auto number = build.number_value(last);
  if (!number || !number->as_int64() || *number < Rational(2)) return std::nullopt;
  return store.dims.constant(*number->as_int64());
}

// The body where the index is 1.
NodeId first_term(Build& build, NodeId index, NodeId body) {
  Store& store = build.store();
  std::map<NodeId, NodeId> now{{index, build.number(1)}};
  for (const NodeId id : topological(store, body)) {
    NodeList children;
    bool changed = false;
    for (const NodeId child : store.children(id)) {
      const auto other = now.find(child);
      children.push_back(other == now.end() ? child : other->second);
      changed = changed || other != now.end();
    }
    if (changed) now.emplace(id, build.rebuild(id, children));
  }
  return now.at(body);
}

}  // namespace

std::optional<NodeId> gathered(Build& build, NodeId sum_over) {
  const NodeList parts(build.store().children(sum_over).begin(), build.store().children(sum_over).end());
  if (build.is_number(parts[1], 1) && build.is_number(parts[2], 1)) return first_term(build, parts[0], parts[3]);
  const auto count = range(build, parts[1], parts[2]);
  if (!count) return std::nullopt;
  auto result = Gathering(build, parts[0], *count).total(parts[3]);
  if (!result) result = Gathering(build, parts[0], *count).total(multiplied_out(build, parts[3]));
  const bool fits = result && build.type(*result).same_shape(build.type(sum_over));
  return fits && !depends_on(build.store(), *result, parts[0]) ? result : std::nullopt;
}

}  // namespace matgrad
