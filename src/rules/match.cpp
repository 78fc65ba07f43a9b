// SPDX-License-Identifier: MIT
#include "rules/match.hpp"

#include "base/function_ref.hpp"
#include "ops/selections.hpp"

namespace matgrad {
namespace {

using Kind = Template::Kind;
using Continue = FunctionRef<bool()>;

constexpr std::size_t longest_run = 4;       // factors that one letter may stand for inside a longer product
constexpr std::size_t longest_product = 16;  // and in a product that is matched whole
constexpr std::size_t widest_commutative = 24;

class Matcher {
 public:
  Matcher(Build& build, Subject& subject, const CompiledRewrite& rewrite)
      : build_(build), store_(build.store()), subject_(subject), pattern_(rewrite.left), rewrite_(rewrite) {}

  // Tries every way of matching until one survives its conditions and instantiates.
  std::optional<NodeId> run() {
    const NodeId node = subject_.node();
    const Template::Term& root = pattern_[pattern_.root];
    const Node own = store_[node];
    if (root.kind == Kind::product && own.op == op::multiply) {
      match_root_product(root, node);
    } else if (own.op == op::add || own.op == op::hadamard || own.op == op::times) {
      match_root_commutative(root, node);
    } else {
      const Type shape = own.type;
      match(pattern_.root, node, [&] { return finish(node, shape, [](NodeId result) { return result; }); });
    }
    return result_;
  }

 private:
  // `part` is the shape of what was matched: m and n mean its rows and columns where the pattern does not name them.
  template <class Around>
  bool finish(NodeId original, const Type& part, Around around) {
    Bindings bindings = bindings_;
    for (const Condition& condition : rewrite_.conditions) {
      if (!holds(condition, bindings)) return false;
    }
    if (!bindings.dims.bound('m')) bindings.dims.bind('m', part.rows);
    if (!bindings.dims.bound('n')) bindings.dims.bind('n', part.cols);
    const auto right = instantiate(build_, rewrite_.right, bindings);
    if (!right) return false;
    const NodeId result = around(negative_ ? build_.negate(*right) : *right);
    if (result == no_node || result == original || !build_.type(result).same_shape(build_.type(original))) return false;
    result_ = result;
    return true;
  }

  // A shape binds the letters that are still free.
  bool holds(const Condition& condition, Bindings& bindings) const {
    const NodeId id = bindings.nodes[condition.slot];
    if (id == no_node) return false;
    const Type& type = store_.type(id);
    if (condition.kind != Condition::Kind::shape) return allows(condition, type) && has_what(condition, id);
    for (const auto& [letter, dim] : {std::pair(condition.rows, type.rows), std::pair(condition.cols, type.cols)}) {
      if (bindings.dims.bound(letter) && bindings.dims[letter] != dim) return false;
      bindings.dims.bind(letter, dim);
    }
    return true;
  }

  // What a condition says of the shape, and what it says of the rest.
  static bool allows(const Condition& condition, const Type& shape) {
    switch (condition.kind) {
      case Condition::Kind::vector: return shape.is_column();
      case Condition::Kind::scalar: return shape.is_scalar();
      case Condition::Kind::matrix: return shape.is_matrix();
      case Condition::Kind::square: return shape.rows == shape.cols;
      default: return true;
    }
  }
  bool has_what(const Condition& condition, NodeId id) const {
    if (condition.kind == Condition::Kind::has) return store_.type(id).has(condition.properties);
    return condition.kind != Condition::Kind::not_symmetric || !store_.type(id).has(symmetric);
  }

  // Whether a letter, or a transposed letter, may stand for something of this shape.
  bool may_have_shape(std::uint32_t at, const Type& shape) const {
    const Template::Term& t = pattern_[at];
    if (t.kind == Kind::transpose) return may_have_shape(t.children[0], Type{shape.cols, shape.rows, 0});
    if (t.kind != Kind::slot) return true;
    const NodeId bound = bindings_.nodes[t.slot];
    if (bound != no_node && !store_.type(bound).same_shape(shape)) return false;
    for (const Condition& condition : rewrite_.conditions) {
      if (condition.slot == t.slot && !allows(condition, shape)) return false;
    }
    return true;
  }

  // ------------------------------------------------------------ one node against one term

  bool match(std::uint32_t at, NodeId node, const Continue& next) {
    const Template::Term& t = pattern_[at];
    const Node own = store_[node];
    switch (t.kind) {
      case Kind::slot: return match_slot(t.slot, node, next);
      case Kind::number: return is_constant(node, t.value) && next();
      case Kind::transpose: return !own.type.is_scalar() && match(t.children[0], build_.transpose(node), next);
      case Kind::negate: {
        const bool bound =
            pattern_[t.children[0]].kind == Kind::slot && bindings_.nodes[pattern_[t.children[0]].slot] != no_node;
        if (!bound && !build_.split_coefficient(node).first.is_negative()) return false;
        return match(t.children[0], build_.negate(node), next);
      }
      case Kind::call: {
        bool named = false;
        for (OpId op : t.operators) named = named || op == own.op;
        if (!named || own.count != t.children.size()) return false;
        return match_children(t, node, 0, next) || match_turned(t, node, next);
      }
      case Kind::power:
      case Kind::entrywise_power:
        if (own.op != (t.kind == Kind::power && !own.type.is_scalar() ? op::matrix_power : op::power)) return false;
        return match(t.children[0], store_.child(node, 0),
                     [&] { return match(t.children[1], store_.child(node, 1), next); });
      case Kind::constant: return match_constant(t, node, next);
      case Kind::add:
      case Kind::hadamard: {
        const bool fits = t.kind == Kind::add ? own.op == op::add : own.op == op::hadamard || own.op == op::times;
        if (!fits || own.count != t.children.size() || own.count > widest_commutative) return false;
        std::uint32_t used = 0;
        return match_set(t, t.children.size(), node, 0, used, next);
      }
      case Kind::product:
        if (own.op == op::times && own.count == t.children.size() && own.count <= widest_commutative) {
          std::uint32_t used = 0;
          return match_set(t, t.children.size(), node, 0, used, next);
        }
        if (own.op != op::multiply || own.count > longest_product) return false;
        in_root_product_ = false;
        return match_run(t, node, 0, 0, own.count, longest_product,
                         [&](std::size_t end) { return end == own.count && next(); });
      case Kind::divide:
      case Kind::blocks:
      case Kind::sum: return false;
    }
    return false;
  }

  // f(A*B) where f(A') is f(A): which of A*B and B'*A' stands there is a matter of how they read.
  bool match_turned(const Template::Term& t, NodeId node, const Continue& next) {
    if (entry_of(store_[node].op).transposing != Transposing::invariant) return false;
    const NodeId argument = store_.child(node, 0);
    if (store_[argument].op != op::multiply || pattern_[t.children[0]].kind != Kind::product) return false;
    return match(t.children[0], build_.transpose(argument), next);
  }

  bool match_slot(SlotName slot, NodeId node, const Continue& next) {
    NodeId& bound = bindings_.nodes[slot];
    if (bound == node) return next();
    if (bound != no_node) {
      if (!is_factor_ || !is_negative_of(node, bound)) return false;
      negative_ = !negative_;
      if (next()) return true;
      negative_ = !negative_;
      return false;
    }
    for (const Condition& condition : rewrite_.conditions) {
      const bool asked = condition.slot == slot && condition.kind != Condition::Kind::shape;
      if (asked && !(allows(condition, store_.type(node)) && has_what(condition, node))) return false;
    }
    bound = node;
    if (next()) return true;
    bindings_.nodes[slot] = no_node;
    return false;
  }

  bool is_negative_of(NodeId node, NodeId other) {
    const auto [c, rest] = build_.split_coefficient(node);
    const auto [d, body] = build_.split_coefficient(other);
    return rest == body && c == -d;
  }

  // The number itself, or an array filled with it.
  bool is_constant(NodeId node, const Rational& value) {
    const auto [c, rest] = build_.split_coefficient(node);
    if (!(c == value)) return false;
    return store_[rest].op == op::ones || build_.is_number(rest, 1);
  }

  bool match_children(const Template::Term& t, NodeId node, std::size_t at, const Continue& next) {
    if (at == t.children.size()) return next();
    return match(t.children[at], store_.child(node, at), [&] { return match_children(t, node, at + 1, next); });
  }

  bool match_constant(const Template::Term& t, NodeId node, const Continue& next) {
    const Node own = store_[node];
    const Letters saved = bindings_.dims;
    bool fits = false;
    if (t.name == "I") fits = own.op == op::identity && bind_dim(t.dims[0], own.type.rows);
    if (t.name == "ones") {
      fits = own.op == op::ones && bind_dim(t.dims[0], own.type.rows) && bind_dim(t.dims[1], own.type.cols);
    }
    if (const Selection* selection = find_selection(t.name)) {
      fits = own.op == selection->op;
      for (std::size_t i = 0; i < selection->sizes && fits; ++i) fits = bind_dim(t.dims[i], dimension_at(node, i));
    }
    if (t.name == "unvec" && own.op == op::unvec) {
      fits = bind_dim(t.dims[0], own.type.rows) && bind_dim(t.dims[1], own.type.cols);
      if (fits && match(t.children[0], store_.child(node, 0), next)) return true;
      bindings_.dims = saved;
      return false;
    }
    if (fits && next()) return true;
    bindings_.dims = saved;
    return false;
  }

  Dim dimension_at(NodeId node, std::size_t at) {
    const Node& child = store_[store_.child(node, at)];
    if (child.op == op::dimension) return Dim{child.first};
    return store_.dims.constant(*store_.number_at(child.first).as_int64());
  }

  bool bind_dim(const SignatureDim& pattern, Dim dim) {
    if (const char letter = pattern.letter()) {
      if (bindings_.dims.bound(letter)) return bindings_.dims[letter] == dim;
      bindings_.dims.bind(letter, dim);
      return true;
    }
    for (const auto& part : pattern.terms) {
      for (char letter : part.letters) {
        if (!bindings_.dims.bound(letter)) return false;
      }
    }
    return evaluate(store_.dims, pattern, bindings_.dims) == dim;
  }

  // ------------------------------------------------------------ commutative: any order

  // The first `count` parts of the pattern.
  bool match_set(const Template::Term& t, std::size_t count, NodeId node, std::size_t at, std::uint32_t& used,
                 const Continue& next) {
    if (at == count) return next();
    for (std::uint32_t i = 0; i < store_[node].count; ++i) {
      if (used & (1u << i)) continue;
      used |= 1u << i;
      if (match(t.children[at], store_.child(node, i), [&] { return match_set(t, count, node, at + 1, used, next); })) {
        return true;
      }
      used &= ~(1u << i);
    }
    return false;
  }

  // At the root the rest stays; a letter that is still free at the end of a product takes all of it.
  void match_root_commutative(const Template::Term& t, NodeId node) {
    const Node own = store_[node];
    const bool fits = (t.kind == Kind::add && own.op == op::add) ||
                      (t.kind == Kind::hadamard && (own.op == op::hadamard || own.op == op::times)) ||
                      (t.kind == Kind::product && own.op == op::times);
    if (!fits || own.count < t.children.size() || own.count > widest_commutative) return;
    const Template::Term& last = pattern_[t.children.back()];
    const bool greedy = own.op != op::add && last.kind == Kind::slot && t.children.size() == 2;
    std::uint32_t used = 0;
    match_set(t, t.children.size() - (greedy ? 1 : 0), node, 0, used, [&] {
      NodeList rest;
      for (std::uint32_t i = 0; i < own.count; ++i) {
        if (!(used & (1u << i))) rest.push_back(store_.child(node, i));
      }
      if (greedy) {
        if (rest.empty()) return false;
        const NodeId all = rest.size() == 1 ? rest[0] : build_.rebuild(node, rest);
        return match_slot(last.slot, all, [&] { return finish(node, own.type, [](NodeId result) { return result; }); });
      }
      return finish(node, own.type, [&](NodeId result) {
        if (rest.empty()) return result;
        NodeList parts = rest;
        parts.push_back(result);
        return build_.rebuild(node, parts);
      });
    });
  }

  // ------------------------------------------------------------ matrix products: runs of neighbours

  template <class Done>
  bool match_run(const Template::Term& t, NodeId node, std::size_t at, std::size_t begin, std::size_t end,
                 std::size_t longest, const Done& done) {
    if (at == t.children.size()) return done(begin);
    for (std::size_t length = 1; begin + length <= end && length <= longest; ++length) {
      if (end - (begin + length) < t.children.size() - at - 1) break;
      if (length > 1 && !may_take_several(t.children[at])) break;
      const std::size_t last = begin + length - 1;
      const Type shape{store_.type(store_.child(node, begin)).rows, store_.type(store_.child(node, last)).cols, 0};
      if (!may_have_shape(t.children[at], shape)) continue;
      const NodeId segment = run_of_factors(node, begin, begin + length);
      is_factor_ = in_root_product_ && may_take_several(t.children[at]);
      if (match(t.children[at], segment,
                [&] { return match_run(t, node, at + 1, begin + length, end, longest, done); })) {
        return true;
      }
    }
    return false;
  }

  NodeId run_of_factors(NodeId node, std::size_t begin, std::size_t end) {
    if (node == subject_.node()) return subject_.run_of_factors(begin, end);
    const auto factors = store_.children(node).subspan(begin, end - begin);
    return factors.size() == 1 ? factors[0] : build_.multiply(factors);
  }

  // A letter, or a transposed letter, may stand for several factors; a call is one.
  bool may_take_several(std::uint32_t at) const {
    const Template::Term& t = pattern_[at];
    if (t.kind == Kind::transpose) return may_take_several(t.children[0]);
    return t.kind == Kind::slot;
  }

  void match_root_product(const Template::Term& t, NodeId node) {
    const std::size_t count = store_[node].count;
    if (count < t.children.size()) return;
    const std::size_t longest = count <= longest_product ? count : longest_run;
    for (std::size_t begin = 0; begin + t.children.size() <= count; ++begin) {
      in_root_product_ = true;
      const bool found = match_run(t, node, 0, begin, count, begin == 0 ? longest : longest_run, [&](std::size_t end) {
        const Type part{store_.type(store_.child(node, begin)).rows, store_.type(store_.child(node, end - 1)).cols, 0};
        return finish(node, part, [&](NodeId result) {
          NodeList factors;
          for (std::size_t i = 0; i < begin; ++i) factors.push_back(store_.child(node, i));
          factors.push_back(result);
          for (std::size_t i = end; i < count; ++i) factors.push_back(store_.child(node, i));
          return fits_together(factors) ? build_.multiply(factors) : no_node;
        });
      });
      if (found) return;
    }
  }

  // Dropping what became a scalar must leave factors that still meet.
  bool fits_together(const NodeList& factors) const {
    Dim open = dim_zero;
    for (NodeId factor : factors) {
      const Type& type = store_.type(factor);
      if (type.is_scalar()) continue;
      if (open != dim_zero && open != type.rows) return false;
      open = type.cols;
    }
    return true;
  }

  Build& build_;
  Store& store_;
  Subject& subject_;
  const Template& pattern_;
  const CompiledRewrite& rewrite_;
  Bindings bindings_;
  // A factor of the product that is matched may be the negative of what its letter stands for, as (Y - X)' is of X' -
  // Y' in normal form: then the product is the negative of the right side.
  bool in_root_product_ = false;
  bool is_factor_ = false;
  bool negative_ = false;
  std::optional<NodeId> result_;
};

}  // namespace

Subject::Subject(Build& build, NodeId node) : build_(build), node_(node) {
  const Store& store = build.store();
  for (NodeId child : store.children(node)) {
    operators_ |= set_of(store[child].op);
    if (store[child].op == op::transpose) operators_ |= set_of(store[store.child(child, 0)].op);
  }
}

NodeId Subject::run_of_factors(std::size_t begin, std::size_t end) {
  const auto factors = build_.store().children(node_);
  if (end == begin + 1) return factors[begin];
  if (runs_.empty()) runs_.assign(factors.size() * factors.size(), no_node);
  NodeId& run = runs_[begin * factors.size() + (end - begin - 1)];
  if (run == no_node) run = build_.multiply(factors.subspan(begin, end - begin));
  return run;
}

std::optional<NodeId> Subject::rewritten(const CompiledRewrite& rewrite) {
  return Matcher(build_, *this, rewrite).run();
}

}  // namespace matgrad
