// SPDX-License-Identifier: MIT
#include "rules/template.hpp"

#include <algorithm>

#include "ops/selections.hpp"
#include "ops/table.hpp"
#include "syntax/parser.hpp"

namespace matgrad {
namespace {

// How many arguments of a constant-maker stand before its dimensions; nothing for other names.
std::optional<std::size_t> arguments_before_dimensions(std::string_view name) {
  if (name == "I" || name == "ones" || name == "zeros" || find_selection(name) != nullptr) return 0;
  if (name == "e" || name == "unvec") return 1;
  return std::nullopt;
}

class Compiler {
 public:
  Compiler(const SyntaxTree& tree, std::string_view text) : tree_(tree), text_(text) {}

  std::uint32_t term(std::uint32_t at) {
    const SyntaxNode& node = tree_[at];
    Template::Term result;
    switch (node.kind) {
      case Syntax::number:
        result.kind = Template::Kind::number;
        result.value = node.value;
        break;
      case Syntax::name:
        result.kind = is_constant(node.text) ? Template::Kind::call : Template::Kind::slot;
        if (is_constant(node.text)) {
          result.name = under(text_, node.span);
          named(result);
        } else {
          result.slot = slot_of(node.text);
        }
        break;
      case Syntax::call: call(node, result); break;
      default: operation(node, result);
    }
    out.terms.push_back(std::move(result));
    return static_cast<std::uint32_t>(out.terms.size() - 1);
  }

  Template out;

 private:
  static SlotName slot_of(std::string_view name) {
    if (name.size() == 2 && name[0] == 'd') return differential_slot(static_cast<std::size_t>(name[1] - 'A'));
    MATGRAD_ASSERT(name.size() == 1);
    return letter_slot(name[0]);
  }

  static void named(Template::Term& result) {
    const auto operators = OperatorTable::get().named(result.name);
    MATGRAD_ASSERT(!operators.empty());
    result.operators.assign(operators.begin(), operators.end());
  }

  // pi, a function of nothing.
  static bool is_constant(std::string_view name) {
    const auto operators = OperatorTable::get().named(name);
    return std::any_of(operators.begin(), operators.end(),
                       [](OpId op) { return std::string_view(entry_of(op).type).substr(0, 2) == "->"; });
  }

  void call(const SyntaxNode& node, Template::Term& result) {
    // The name as it stands in the rule, which lives as long as the entry.
    result.name = under(text_, {node.span.begin, node.span.begin + static_cast<std::uint32_t>(node.text.size())});
    if (node.text == "sum" && node.children.size() == 4) {  // not an operator: the sum with an index
      result.kind = Template::Kind::sum;
      result.slot = slot_of(tree_[node.children[0]].text);
      for (std::size_t i = 1; i < 4; ++i) result.children.push_back(term(node.children[i]));
      return;
    }
    if (const auto before = arguments_before_dimensions(node.text)) {
      result.kind = Template::Kind::constant;
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (i < *before) {
          result.children.push_back(term(node.children[i]));
        } else {
          result.dims.push_back(dimension(node.children[i]));
        }
      }
      if (result.dims.size() == 1 && (node.text == "ones" || node.text == "zeros")) {
        result.dims.push_back(SignatureDim{{{1, {}}}});
      }
      return;
    }
    result.kind = Template::Kind::call;
    named(result);
    for (std::uint32_t child : node.children) result.children.push_back(term(child));
  }

  void operation(const SyntaxNode& node, Template::Term& result) {
    using K = Template::Kind;
    switch (node.kind) {
      case Syntax::negate: result.kind = K::negate; break;
      case Syntax::add: result.kind = K::add; break;
      case Syntax::subtract: result.kind = K::add; break;
      case Syntax::multiply: result.kind = K::product; break;
      case Syntax::divide: result.kind = K::divide; break;
      case Syntax::hadamard: result.kind = K::hadamard; break;
      case Syntax::hadamard_divide: result.kind = K::hadamard; break;
      case Syntax::power: result.kind = K::power; break;
      case Syntax::hadamard_power: result.kind = K::entrywise_power; break;
      case Syntax::transpose: result.kind = K::transpose; break;
      case Syntax::block_matrix:
        result.kind = K::blocks;
        result.columns = node.columns[0];
        break;
      default: MATGRAD_ASSERT(false && "not in rules");
    }
    for (std::uint32_t child : node.children) {
      const std::uint32_t compiled = term(child);
      // Flat, as the nodes are that a pattern meets.
      const Template::Term inner = out.terms[compiled];
      const bool flat = inner.kind == result.kind && result.children.empty() &&
                        (result.kind == K::add || result.kind == K::product || result.kind == K::hadamard);
      if (flat) {
        result.children = inner.children;
      } else {
        result.children.push_back(compiled);
      }
    }
    if (node.kind == Syntax::subtract) wrap_last(result, K::negate);
    if (node.kind == Syntax::hadamard_divide) reciprocal(result);
  }

  void wrap_last(Template::Term& result, Template::Kind kind) {
    Template::Term wrapped;
    wrapped.kind = kind;
    wrapped.children = {result.children.back()};
    out.terms.push_back(std::move(wrapped));
    result.children.back() = static_cast<std::uint32_t>(out.terms.size() - 1);
  }

  // a./b is a.*b.^-1, and 1./b is b.^-1.
  void reciprocal(Template::Term& result) {
    Template::Term minus_one;
    minus_one.kind = Template::Kind::number;
    minus_one.value = Rational(-1);
    out.terms.push_back(minus_one);
    Template::Term inverse;
    inverse.kind = Template::Kind::entrywise_power;
    inverse.children = {result.children.back(), static_cast<std::uint32_t>(out.terms.size() - 1)};
    const Template::Term& first = out.terms[result.children[0]];
    if (result.children.size() == 2 && first.kind == Template::Kind::number && first.value.is_one()) {
      result = inverse;
      return;
    }
    out.terms.push_back(std::move(inverse));
    result.children.back() = static_cast<std::uint32_t>(out.terms.size() - 1);
  }

  SignatureDim dimension(std::uint32_t at) {
    const SyntaxNode& node = tree_[at];
    if (node.kind == Syntax::number) return {{{*node.value.as_int64(), {}}}};
    if (node.kind == Syntax::name) return {{{1, {node.text[0]}}}};
    SignatureDim left = dimension(node.children[0]);
    const SignatureDim right = dimension(node.children[1]);
    if (node.kind == Syntax::add) return std::move(left) + right;
    if (node.kind == Syntax::divide) {
      left.divisor = right.terms[0].coefficient;
      return left;
    }
    MATGRAD_ASSERT(node.kind == Syntax::multiply);
    return left * right;
  }

  const SyntaxTree& tree_;
  std::string_view text_;
};

}  // namespace

Template Template::compile(std::string_view text) {
  const auto tree = parse(text);
  if (!tree) throw Bug(std::string("rule does not parse: ").append(text));
  Compiler compiler(*tree, text);
  compiler.out.root = compiler.term(tree->root);
  return std::move(compiler.out);
}

namespace {

class Instantiation {
 public:
  Instantiation(Build& build, const Template& rule, Bindings& bindings)
      : build_(build), rule_(rule), bindings_(bindings) {}

  std::optional<NodeId> term(std::uint32_t at) {
    const Template::Term& t = rule_[at];
    if (t.kind == Template::Kind::sum) return sum(t);
    NodeList c;
    for (std::uint32_t child : t.children) {
      const auto value = term(child);
      if (!value) return std::nullopt;
      c.push_back(*value);
    }
    switch (t.kind) {
      case Template::Kind::slot: return slot(t.slot);
      case Template::Kind::number: return build_.number(t.value);
      case Template::Kind::add: return fold(c, [this](NodeId a, NodeId b) { return add(a, b); });
      case Template::Kind::product: return fold(c, [this](NodeId a, NodeId b) { return product(a, b); });
      case Template::Kind::hadamard: return fold(c, [this](NodeId a, NodeId b) { return hadamard(a, b); });
      case Template::Kind::negate: return build_.negate(c[0]);
      case Template::Kind::transpose: return build_.transpose(c[0]);
      case Template::Kind::divide: return type(c[1]).is_scalar() ? some(build_.divide(c[0], c[1])) : std::nullopt;
      case Template::Kind::power: return power(c[0], c[1]);
      case Template::Kind::entrywise_power:
        return broadcastable(c[0], c[1]) ? some(build_.power(c[0], c[1])) : std::nullopt;
      case Template::Kind::call: return call(t, c);
      case Template::Kind::constant: return constant(t, c);
      case Template::Kind::blocks: return blocks(t.columns, c);
      case Template::Kind::sum: break;
    }
    return std::nullopt;
  }

 private:
  const Type& type(NodeId id) const { return build_.type(id); }
  static std::optional<NodeId> some(NodeId id) { return id; }
  bool broadcastable(NodeId a, NodeId b) const {
    return type(a).is_scalar() || type(b).is_scalar() || type(a).same_shape(type(b));
  }

  template <class F>
  std::optional<NodeId> fold(const NodeList& c, F combine) {
    std::optional<NodeId> result = c[0];
    for (std::size_t i = 1; i < c.size() && result; ++i) result = combine(*result, c[i]);
    return result;
  }
  std::optional<NodeId> add(NodeId a, NodeId b) { return broadcastable(a, b) ? some(build_.plus(a, b)) : std::nullopt; }
  std::optional<NodeId> product(NodeId a, NodeId b) {
    const bool fits = type(a).is_scalar() || type(b).is_scalar() || type(a).cols == type(b).rows;
    return fits ? some(build_.product(a, b)) : std::nullopt;
  }
  std::optional<NodeId> hadamard(NodeId a, NodeId b) {
    return broadcastable(a, b) ? some(build_.entrywise_product(a, b)) : std::nullopt;
  }
  std::optional<NodeId> power(NodeId a, NodeId b) {
    if (!type(b).is_scalar() || type(a).rows != type(a).cols) return std::nullopt;
    return build_.matrix_power(a, b);
  }

  std::optional<NodeId> slot(SlotName slot) {
    if (bindings_.nodes[slot] != no_node) return bindings_.nodes[slot];
    if (slot >= 26 && slot < 52) {
      const char letter = static_cast<char>('a' + (slot - 26));
      if (bindings_.dims.bound(letter)) return build_.dimension(bindings_.dims[letter]);
    }
    return std::nullopt;
  }

  std::optional<NodeId> blocks(std::size_t columns, const NodeList& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool fits = type(parts[i]).rows == type(parts[i - i % columns]).rows &&
                        type(parts[i]).cols == type(parts[i % columns]).cols;
      if (!fits) return std::nullopt;
    }
    return build_.blocks(columns, parts);
  }

  std::optional<NodeId> call(const Template::Term& t, const NodeList& c) {
    for (OpId op : t.operators) {
      if (entry_of(op).type[0] == '\0') continue;
      const auto letters = OperatorTable::get().signature(op).bind(build_.store(), c);
      if (!letters) continue;
      if (entry_of(op).definition[0] == '\0') return build_.call(op, c);
      return definition(op, c, *letters);
    }
    return std::nullopt;
  }

  std::optional<NodeId> definition(OpId op, const NodeList& c, const Letters& letters) {
    Bindings inner;
    inner.dims = letters;
    for (std::size_t i = 0; i < c.size(); ++i) inner.nodes[i] = c[i];
    return instantiate(build_, definition_of(op), inner);
  }

  std::optional<NodeId> constant(const Template::Term& t, const NodeList& c) {
    Dim dims[2] = {dim_one, dim_one};
    for (std::size_t i = 0; i < t.dims.size(); ++i) {
      for (const auto& part : t.dims[i].terms) {
        for (char letter : part.letters) {
          if (!bindings_.dims.bound(letter)) return std::nullopt;
        }
      }
      dims[i] = evaluate(build_.store().dims, t.dims[i], bindings_.dims);
    }
    if (t.name == "I") return build_.identity(dims[0]);
    if (t.name == "ones") return build_.ones(dims[0], dims[1]);
    if (t.name == "zeros") return build_.zeros(dims[0], dims[1]);
    if (const Selection* selection = find_selection(t.name)) return build_.selection(selection->op, dims);
    if (t.name == "e") return build_.unit(c[0], dims[0]);
    const Type& vector = type(c[0]);
    const bool fits = vector.cols == dim_one && build_.store().dims.multiply(dims[0], dims[1]) == vector.rows;
    return fits ? some(build_.unvec(c[0], dims[0], dims[1])) : std::nullopt;
  }

  // Written out where the bounds are literal and few, and the last is no dimension; a sum with an index otherwise.
  std::optional<NodeId> sum(const Template::Term& t) {
    constexpr std::int64_t longest = 64;
    const auto first = term(t.children[0]);
    const auto last = term(t.children[1]);
    if (!first || !last) return std::nullopt;
    const auto from = build_.number_value(*first);
    const bool over_dimension =
        rule_[t.children[1]].kind == Template::Kind::slot && bindings_.nodes[rule_[t.children[1]].slot] == no_node;
    const auto to = over_dimension && !build_.is_number(*last, 1) ? std::nullopt : build_.number_value(*last);
    NodeId& index = bindings_.nodes[t.slot];
    if (from && to && from->as_int64() && to->as_int64() && *to->as_int64() - *from->as_int64() < longest) {
      NodeList terms;
      for (std::int64_t i = *from->as_int64(); i <= *to->as_int64(); ++i) {
        index = build_.number(i);
        const auto value = term(t.children[2]);
        if (!value) return std::nullopt;
        terms.push_back(*value);
      }
      index = no_node;
      return terms.empty() ? std::nullopt : some(build_.add(terms));
    }
    index = build_.fresh_index();
    const NodeId bound = index;
    const auto body = term(t.children[2]);
    bindings_.nodes[t.slot] = no_node;
    if (!body) return std::nullopt;
    return build_.sum_over(bound, *first, *last, *body);
  }

  Build& build_;
  const Template& rule_;
  Bindings& bindings_;
};

}  // namespace

const Template& definition_of(OpId op) {
  static const std::vector<Template> definitions = [] {
    std::vector<Template> all(OperatorTable::get().size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const char* text = entry_of(OpId{static_cast<std::uint16_t>(i)}).definition;
      if (text[0] != '\0') all[i] = Template::compile(text);
    }
    return all;
  }();
  return definitions[static_cast<std::uint16_t>(op)];
}

std::optional<NodeId> instantiate(Build& build, const Template& rule, Bindings& bindings) {
  return Instantiation(build, rule, bindings).term(rule.root);
}

}  // namespace matgrad
