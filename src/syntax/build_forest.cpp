// SPDX-License-Identifier: MIT
#include "syntax/build_forest.hpp"

#include "ops/selections.hpp"

namespace matgrad {
namespace {

bool is_sum(Syntax kind) {
  return kind == Syntax::add || kind == Syntax::subtract;
}

class ForestBuilder {
 public:
  ForestBuilder(Build& build, const Forest& forest, const TreePlan& plan, std::vector<BuildError>& errors)
      : build_(build), forest_(forest), plan_(plan), errors_(errors), nodes_(forest.size(), no_node) {}

  std::vector<NodeId> run() {
    find_runs();
    for (std::uint32_t at : forest_.order()) {
      if (in_run_[at]) continue;
      nodes_[at] = node(at);
      // inv(0), or inv(x'*S*x) for a skew S.
      if (nodes_[at] != no_node && build_.divides_by_zero(nodes_[at])) error(Message::division_by_zero, at);
    }
    std::vector<NodeId> result;
    for (std::uint32_t root : forest_.roots()) result.push_back(nodes_[root]);
    return result;
  }

 private:
  NodeId child(std::uint32_t at, std::size_t i) const { return nodes_[forest_.child(at, i)]; }
  bool is_scalar(NodeId id) const { return build_.type(id).is_scalar(); }

  // a + b - c … is built at once at its last sign, as are products: sums of ten thousand terms are written.
  void find_runs() {
    in_run_.assign(forest_.size(), false);
    std::vector<std::uint32_t> parents(forest_.size(), 0);
    for (std::uint32_t at : forest_.order()) {
      for (std::size_t i = 0; i < forest_.child_count(at); ++i) ++parents[forest_.child(at, i)];
    }
    for (std::uint32_t at : forest_.order()) {
      if (forest_.child_count(at) != 2) continue;
      const std::uint32_t left = forest_.child(at, 0);
      const Syntax kind = forest_[at].kind;
      const Syntax below = forest_[left].kind;
      const bool continues = (is_sum(kind) && is_sum(below)) || (kind == Syntax::multiply && below == kind);
      in_run_[left] = continues && parents[left] == 1;
    }
  }

  // The operands of a run, first to last; each with the node whose sign stands before it.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> run_of(std::uint32_t at) const {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> operands;
    for (;;) {
      operands.emplace_back(forest_.child(at, 1), at);
      const std::uint32_t left = forest_.child(at, 0);
      if (!in_run_[left]) {
        operands.emplace_back(left, left);
        break;
      }
      at = left;
    }
    return {operands.rbegin(), operands.rend()};
  }

  void error(Message message, std::uint32_t at, std::vector<std::string> arguments = {}) {
    errors_.push_back({message, at, std::move(arguments)});
  }

  NodeId node(std::uint32_t at) {
    const SyntaxNode& node = forest_[at];
    switch (node.kind) {
      case Syntax::number: return build_.number(node.value);
      case Syntax::name: return plan_.leaf[at];
      case Syntax::call: return call(at);
      case Syntax::negate: return build_.negate(child(at, 0));
      case Syntax::add:
      case Syntax::subtract: return sum(at);
      case Syntax::multiply: return product(at);
      case Syntax::divide: return build_.divide(child(at, 0), divisor(at));
      case Syntax::hadamard: return build_.entrywise_product(child(at, 0), child(at, 1));
      case Syntax::hadamard_divide:
        return build_.entrywise_product(child(at, 0), build_.power(divisor(at), build_.number(-1)));
      case Syntax::kronecker: return operation(at, "⊗");
      case Syntax::power:
      case Syntax::hadamard_power: return power(at);
      case Syntax::transpose: return build_.transpose(child(at, 0));
      case Syntax::index: return index(at);
      case Syntax::colon: return no_node;
      case Syntax::block_matrix: return block(at);
    }
    return no_node;
  }

  NodeId sum(std::uint32_t at) {
    NodeList terms;
    NodeId wide = no_node;  // a term that is not a scalar, where there is one
    for (const auto& [operand, sign] : run_of(at)) {
      const NodeId term = nodes_[operand];
      if (!is_scalar(term)) wide = term;
      const bool minus = sign != operand && forest_[sign].kind == Syntax::subtract;
      terms.push_back(minus ? build_.negate(term) : term);
    }
    if (wide != no_node) {
      const Type shape = build_.type(wide);
      for (NodeId& term : terms) {
        if (is_scalar(term)) term = build_.scale(term, build_.ones(shape.rows, shape.cols));
      }
    }
    return build_.add(terms);
  }

  NodeId product(std::uint32_t at) {
    NodeList scalars;
    NodeList factors;  // conforming, not scalars
    auto inner_product_so_far = [&] {
      return !factors.empty() && build_.type(factors.front()).rows == dim_one &&
             build_.type(factors.back()).cols == dim_one;
    };
    for (const auto& [operand, sign] : run_of(at)) {
      const NodeId factor = nodes_[operand];
      if (is_scalar(factor)) {
        scalars.push_back(factor);
        continue;
      }
      if (inner_product_so_far()) {
        scalars.push_back(build_.multiply(factors));
        factors.clear();
      }
      factors.push_back(factor);
    }
    if (factors.empty()) return build_.times(scalars);
    const NodeId body = build_.multiply(factors);
    return scalars.empty() ? body : build_.product(build_.times(scalars), body);
  }

  NodeId divisor(std::uint32_t at) {
    const NodeId id = child(at, 1);
    if (!build_.has_zeros(id)) return id;
    error(Message::division_by_zero, forest_.child(at, 1));
    const Type shape = build_.type(id);
    return build_.ones(shape.rows, shape.cols);
  }

  NodeId power(std::uint32_t at) {
    const NodeId base = child(at, 0);
    const NodeId exponent = child(at, 1);
    const auto value = build_.number_value(exponent);
    const bool is_matrix_power = forest_[at].kind == Syntax::power && !is_scalar(base);
    if (value && value->is_negative() && build_.is_zero(base) && !is_matrix_power) {
      error(Message::division_by_zero, at);
      return base;
    }
    if (is_matrix_power) {
      if (!value || value->is_integer()) return build_.matrix_power(base, exponent);
      error(Message::power_not_integer, at, {value->text()});
      return base;
    }
    return build_.power(base, exponent);
  }

  // e(i,n) for an index of a dimension of this size.
  NodeId unit(std::uint32_t position, Dim size) {
    const NodeId i = nodes_[position];
    if (const auto value = build_.number_value(i)) {
      const auto last = build_.store().dims.as_constant(size);
      if (value->is_negative() || value->is_zero() || (last && Rational(*last) < *value)) {
        error(Message::index_out_of_range, position, {value->text(), build_.store().dims.text(size)});
      }
    }
    return build_.unit(i, size);
  }

  NodeId index(std::uint32_t at) {
    NodeId result = child(at, 0);
    const Type shape = build_.type(result);
    auto is_colon = [&](std::size_t i) { return forest_[forest_.child(at, i)].kind == Syntax::colon; };
    auto take_row = [&](std::size_t i) {
      if (is_colon(i) || shape.rows == dim_one) return;
      result = build_.product(build_.transpose(unit(forest_.child(at, i), shape.rows)), result);
    };
    auto take_column = [&](std::size_t i) {
      if (is_colon(i) || shape.cols == dim_one) return;
      result = build_.product(result, unit(forest_.child(at, i), shape.cols));
    };
    if (forest_.child_count(at) == 3) {
      take_row(1);
      take_column(2);
    } else if (is_colon(1)) {
      return shape.is_row() ? build_.transpose(result) : result;
    } else if (shape.is_row()) {
      take_column(1);
    } else {
      take_row(1);
    }
    return result;
  }

  // Rows may be cut differently, [A, B; C]: then they are block matrices of their own, one below the other.
  NodeId block(std::uint32_t at) {
    const SyntaxNode& node = forest_[at];
    const std::size_t columns = node.columns[0];
    NodeList all;
    NodeList rows;
    bool is_grid = true;
    for (std::uint32_t count : node.columns) {
      NodeList row;
      for (std::size_t j = 0; j < count; ++j) {
        row.push_back(child(at, all.size()));
        all.push_back(row.back());
        is_grid = is_grid && count == columns && build_.type(row[j]).cols == build_.type(all[j]).cols;
      }
      rows.push_back(build_.blocks(count, row));
    }
    return is_grid ? build_.blocks(columns, all) : build_.blocks(1, rows);
  }

  NodeId call(std::uint32_t at) {
    const SyntaxNode& node = forest_[at];
    auto size = [&](std::size_t i) { return plan_.size[forest_.child(at, i)]; };
    switch (plan_.meaning[at]) {
      case Meaning::identity: return build_.identity(size(0));
      case Meaning::ones: return build_.ones(size(0), node.children.size() == 2 ? size(1) : dim_one);
      case Meaning::zeros: return build_.zeros(size(0), node.children.size() == 2 ? size(1) : dim_one);
      case Meaning::unit: return unit(forest_.child(at, 0), size(1));
      case Meaning::selection: return selection(at);
      case Meaning::unvec: return build_.unvec(child(at, 0), size(1), size(2));
      case Meaning::hadamard_matrix: return hadamard_matrix(*build_.store().dims.as_constant(size(0)));
      case Meaning::indexed_sum: return build_.sum_over(child(at, 0), child(at, 1), child(at, 2), child(at, 3));
      default: break;
    }
    return operation(at, node.text);
  }

  NodeId selection(std::uint32_t at) {
    std::vector<Dim> sizes;
    for (std::size_t i = 0; i < forest_.child_count(at); ++i) sizes.push_back(plan_.size[forest_.child(at, i)]);
    return build_.selection(find_selection(forest_[at].text)->op, sizes);
  }

  NodeId operation(std::uint32_t at, std::string_view name) {
    NodeList arguments;
    for (std::size_t i = 0; i < forest_.child_count(at); ++i) arguments.push_back(child(at, i));
    OpId op = plan_.op[at];
    if (op == no_operator) op = build_.resolve(name, arguments).value_or(no_operator);
    MATGRAD_ASSERT(op != no_operator);
    const Properties needed = entry_of(op).needs;
    if (!arguments.empty() && !is_scalar(arguments[0]) && !build_.type(arguments[0]).has(needed)) {
      error(Message::argument_not_symmetric, at, {std::string(name), forest_.text(forest_.child(at, 0))});
    }
    return call_or_expand(build_, op, arguments);
  }

  // Sylvester's: the Kronecker power of [1 1; 1 -1].
  NodeId hadamard_matrix(std::int64_t size) {
    const NodeId one = build_.number(1);
    const NodeId smallest = build_.blocks(2, NodeList{one, one, one, build_.number(-1)});
    NodeId result = build_.number(1);
    for (; size > 1; size /= 2) result = is_scalar(result) ? smallest : build_.call("⊗", {smallest, result});
    return result;
  }

  Build& build_;
  const Forest& forest_;
  const TreePlan& plan_;
  std::vector<BuildError>& errors_;
  std::vector<NodeId> nodes_;
  std::vector<bool> in_run_;
};

// The abbreviations' trees, parsed once.
const SyntaxTree& definition_of(OpId op) {
  static const std::vector<SyntaxTree> trees = [] {
    std::vector<SyntaxTree> result(OperatorTable::get().size());
    for (std::size_t i = 0; i < result.size(); ++i) {
      const char* text = entry_of(OpId{static_cast<std::uint16_t>(i)}).definition;
      if (text[0] == '\0') continue;
      auto tree = parse(text);
      MATGRAD_ASSERT(tree.has_value());
      result[i] = std::move(*tree);
    }
    return result;
  }();
  return trees[static_cast<std::uint16_t>(op)];
}

Dim definition_size(Dims& dims, const SyntaxNode& node, const Letters& letters, const TreePlan& plan) {
  if (node.kind == Syntax::number) return node.value.as_int64() ? dims.constant(*node.value.as_int64()) : no_dim;
  if (node.kind == Syntax::name) {
    const bool letter = node.text.size() == 1 && node.text[0] >= 'a' && node.text[0] <= 'z';
    return letter && letters.bound(node.text[0]) ? letters[node.text[0]] : no_dim;
  }
  const bool arithmetic = node.kind == Syntax::multiply || node.kind == Syntax::add || node.kind == Syntax::subtract ||
                          node.kind == Syntax::divide;
  if (!arithmetic) return no_dim;
  const Dim a = plan.size[node.children[0]];
  const Dim b = plan.size[node.children[1]];
  if (a == no_dim || b == no_dim) return no_dim;
  if (node.kind == Syntax::multiply) return dims.multiply(a, b);
  if (node.kind == Syntax::divide) return *dims.divide(a, *dims.as_constant(b));
  return node.kind == Syntax::add ? dims.add(a, b) : dims.subtract(a, b);
}

}  // namespace

std::vector<NodeId> build_forest(Build& build, const Forest& forest, const TreePlan& plan,
                                 std::vector<BuildError>& errors) {
  return ForestBuilder(build, forest, plan, errors).run();
}

NodeId call_or_expand(Build& build, OpId op, std::span<const NodeId> given) {
  const NodeList arguments(given.begin(), given.end());
  if (entry_of(op).definition[0] == '\0') return build.call(op, arguments);
  const SyntaxTree* tree = &definition_of(op);
  const Forest forest(std::span<const SyntaxTree* const>(&tree, 1));
  const auto letters = OperatorTable::get().signature(op).bind(build.store(), arguments);
  MATGRAD_ASSERT(letters.has_value());
  TreePlan plan;
  plan.meaning.assign(forest.size(), Meaning::operation);
  plan.leaf.assign(forest.size(), no_node);
  plan.size.assign(forest.size(), no_dim);
  plan.op.assign(forest.size(), no_operator);
  for (std::uint32_t at : forest.order()) {
    const SyntaxNode& node = forest[at];
    plan.size[at] = definition_size(build.store().dims, node, *letters, plan);
    if (node.kind == Syntax::call) {
      const Meaning special = special_call(node.text, node.children.size());
      if (special != Meaning::none) plan.meaning[at] = special;
    } else if (node.kind == Syntax::name) {
      const auto argument = static_cast<std::size_t>(node.text[0] - 'A');
      const bool is_argument = node.text.size() == 1 && argument < arguments.size();
      MATGRAD_ASSERT(is_argument || plan.size[at] != no_dim);
      plan.leaf[at] = is_argument ? arguments[argument] : build.dimension(plan.size[at]);
    }
  }
  std::vector<BuildError> errors;  // a division by zero, which is seen at the call as well where it comes to one
  return build_forest(build, forest, plan, errors)[0];
}

}  // namespace matgrad
