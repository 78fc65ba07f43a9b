// SPDX-License-Identifier: MIT
// Declared variables.
#include <algorithm>
#include <iterator>

#include "expr/unify.hpp"
#include "syntax/elaborate.hpp"
#include "syntax/names.hpp"
#include "syntax/open_sizes.hpp"
#include "syntax/problems.hpp"
#include "syntax/spelling.hpp"
#include "syntax/variables.hpp"

namespace matgrad {
namespace {

struct KindWord {
  std::string_view word;
  Kind kind;
  Properties properties;
  std::size_t sizes;
};

constexpr KindWord kind_words[] = {
    {"scalar", Kind::scalar, 0, 0},
    {"vector", Kind::vector, 0, 1},
    {"matrix", Kind::matrix, 0, 2},
    {"symmetric", Kind::symmetric_matrix, symmetric, 1},
    {"spd", Kind::spd_matrix, positive_definite, 1},
    {"skew", Kind::skew_matrix, skew, 1},
    {"diagonal", Kind::diagonal_matrix, diagonal, 1},
    {"lower", Kind::lower_matrix, lower, 1},
    {"upper", Kind::upper_matrix, upper, 1},
    {"orthogonal", Kind::orthogonal_matrix, orthogonal, 1},
};

const KindWord& word_of(Kind kind) {
  return kind_words[static_cast<std::size_t>(kind)];
}

Diagnostic about(const Declaration& declaration, Message message, Span span, std::vector<std::string> arguments) {
  Diagnostic result;
  result.message = message;
  result.span = span;
  result.arguments = std::move(arguments);
  result.source = declaration.source;
  return result;
}

// The value of a dimension, or why it has none. The parser let only sizes with + - *, and a power or a division by a
// number through.
tl::expected<Dim, Message> size_of(Dims& dims, const SyntaxTree& tree) {
  std::vector<std::optional<Dim>> values(tree.nodes.size());
  for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
    const SyntaxNode& node = tree.nodes[i];
    if (node.kind == Syntax::number) {
      const auto value = node.value.as_int64();
      if (value && *value < (std::int64_t{1} << 31)) values[i] = dims.constant(*value);
    } else if (node.kind == Syntax::name) {
      values[i] = dims.name(node.text);
    } else if (node.children.size() == 2 && values[node.children[0]] && values[node.children[1]]) {
      const Dim a = *values[node.children[0]];
      const Dim b = *values[node.children[1]];
      if (node.kind == Syntax::divide) {
        values[i] = dims.divide(a, *dims.as_constant(b));
        if (!values[i]) return tl::make_unexpected(Message::size_not_whole);
        continue;
      }
      if (node.kind == Syntax::power) {
        values[i] = bounded_power(dims, a, *dims.as_constant(b));
        continue;
      }
      values[i] = node.kind == Syntax::multiply ? bounded_multiply(dims, a, b) : bounded_add(dims, a, b);
      if (values[i] && node.kind == Syntax::subtract) values[i] = dims.subtract(a, b);
    }
  }
  if (!values[tree.root]) return tl::make_unexpected(Message::dimension_too_large);
  return *values[tree.root];
}

// The declaration with its kind written as it should be.
std::string with_kind(const Declaration& declaration, std::string_view kind) {
  return mend(declaration.source, {Edit{declaration.kind_span, std::string(kind)}}).value_or("");
}

Diagnostic no_such_kind(const Declaration& declaration) {
  Diagnostic result = about(declaration, Message::unknown_kind, declaration.kind_span, {declaration.kind});
  std::vector<std::string_view> words;
  for (const KindWord& word : kind_words) words.push_back(word.word);
  const std::string nearest = nearest_name(declaration.kind, words);
  if (!nearest.empty()) result.fix = with_kind(declaration, nearest);
  return result;
}

Diagnostic wrong_sizes(const Declaration& declaration, const KindWord& word) {
  const std::size_t given = declaration.dimensions.size();
  Span span = declaration.kind_span;
  if (given > 0) span.end = static_cast<std::uint32_t>(declaration.source.size());
  Diagnostic result = about(declaration, Message::wrong_size_count, span,
                            {declaration.kind, std::to_string(word.sizes), std::to_string(given)});
  if (word.kind == Kind::matrix && given == 1) {
    const Span size = declaration.dimensions[0].nodes[declaration.dimensions[0].root].span;
    const std::string text(under(declaration.source, size));
    result.fix = mend(declaration.source, {Edit{size, text + "," + text}}).value_or("");
  }
  return result;
}

}  // namespace

Properties properties_of(Kind kind, bool is_positive) {
  const Properties own = word_of(kind).properties;
  return closed(static_cast<Properties>(own | (is_positive ? positive : 0)));
}

std::string kind_text(const Dims& dims, Kind kind, bool is_positive, Dim rows, Dim cols) {
  const KindWord& word = word_of(kind);
  std::string result(word.word);
  if (word.sizes > 0) result.append("(").append(dims.text(rows));
  if (word.sizes > 1) result.append(", ").append(dims.text(cols));
  if (word.sizes > 0) result.append(")");
  return is_positive ? result.append(" positive") : result;
}

Result<void> Scope::declare(std::string_view text) {
  const auto parsed = parse_declaration(text);
  if (!parsed) return tl::make_unexpected(parsed.error());
  const Declaration& declaration = *parsed;
  const auto* word = std::find_if(std::begin(kind_words), std::end(kind_words),
                                  [&](const KindWord& entry) { return entry.word == declaration.kind; });
  if (word == std::end(kind_words)) return failure(no_such_kind(declaration));
  if (find(declaration.name) != nullptr) {
    return failure(about(declaration, Message::declared_twice, declaration.name_span, {declaration.name}));
  }
  if (store_.dims.find(declaration.name)) {
    return failure(about(declaration, Message::variable_and_size, declaration.name_span, {declaration.name}));
  }
  const std::size_t given = declaration.dimensions.size();
  if (given != 0 && given != word->sizes) return failure(wrong_sizes(declaration, *word));
  if (declaration.positive && word->properties != 0) {
    return failure(about(declaration, Message::positive_not_here, declaration.kind_span, {declaration.kind}));
  }
  std::vector<Dim> sizes;
  for (const SyntaxTree& tree : declaration.dimensions) {
    for (const SyntaxNode& node : tree.nodes) {
      const bool is_variable = node.text == declaration.name || find(node.text) != nullptr;
      if (node.kind != Syntax::name || !is_variable) continue;
      return failure(about(declaration, Message::variable_and_size, node.span, {node.text}));
    }
    const auto size = size_of(store_.dims, tree);
    const Span span = tree.nodes[tree.root].span;
    if (!size) return failure(about(declaration, size.error(), span, {std::string(under(declaration.source, span))}));
    const auto value = store_.dims.as_constant(*size);
    if (value && *value < 1) {
      return failure(about(declaration, Message::size_below_one, span, {std::to_string(*value)}));
    }
    sizes.push_back(*size);
  }
  Variable variable;
  variable.name = declaration.name;
  variable.kind = word->kind;
  variable.positive = declaration.positive;
  variable.declared = true;
  variable.declaration = declaration.source;
  if (word->kind != Kind::scalar) {
    variable.rows = sizes.empty() ? store_.dims.unknown() : sizes[0];
    variable.cols = word->kind == Kind::vector ? dim_one : sizes.size() > 1 ? sizes[1] : variable.rows;
    if (word->kind == Kind::matrix && sizes.empty()) variable.cols = store_.dims.unknown();
  }
  if (given == word->sizes) give_symbol(store_, variable);
  by_name_.emplace(variable.name, variables_.size());
  variables_.push_back(std::move(variable));
  return {};
}

void give_symbol(Store& store, Variable& variable) {
  Symbol symbol;
  symbol.name = variable.name;
  symbol.type = {variable.rows, variable.cols, properties_of(variable.kind, variable.positive)};
  symbol.spd_declared = variable.kind == Kind::spd_matrix;
  variable.symbol = store.add_symbol(std::move(symbol));
  variable.node = Build(store).symbol(variable.symbol);
}

void Scope::add(std::string name, std::uint32_t symbol) {
  const Type& type = store_.symbol_at(symbol).type;
  Variable variable;
  variable.name = name;
  variable.kind = type.is_scalar() ? Kind::scalar : type.is_column() ? Kind::vector : Kind::matrix;
  variable.symbol = symbol;
  variable.node = Build(store_).symbol(symbol);
  variable.rows = type.rows;
  variable.cols = type.cols;
  by_name_[std::move(name)] = variables_.size();
  variables_.push_back(std::move(variable));
}

void Scope::read_as(std::string_view name, NodeId symbol) {
  Variable& variable = variables_[by_name_.at(std::string(name))];
  MATGRAD_ASSERT(store_.type(symbol).same_shape(store_.type(variable.node)));
  variable.node = symbol;
  variable.symbol = store_[symbol].first;
}

const Variable* Scope::find(std::string_view name) const {
  const auto at = by_name_.find(std::string(name));
  return at == by_name_.end() ? nullptr : &variables_[at->second];
}

const Variable& Scope::find_or_infer(std::string_view name) {
  const std::string key(name);
  auto at = by_name_.find(key);
  if (at == by_name_.end()) {
    Variable variable;
    variable.name = key;
    variable.kind = kind_by_convention(name);
    if (variable.kind != Kind::scalar) variable.rows = store_.dims.unknown();
    if (variable.kind == Kind::matrix) variable.cols = store_.dims.unknown();
    at = by_name_.emplace(key, variables_.size()).first;
    variables_.push_back(std::move(variable));
  }
  Variable& variable = variables_[at->second];
  if (variable.node == no_node) {
    OpenSizes sizes(*this);
    sizes.name(variable.rows);
    sizes.name(variable.cols);
    give_symbol(store_, variable);
  }
  return variable;
}

std::string Scope::kind_text(const Variable& variable) const {
  return matgrad::kind_text(store_.dims, variable.kind, variable.positive, variable.rows, variable.cols);
}

std::set<std::string> Scope::names() const {
  std::set<std::string> result;
  for (const Variable& variable : variables_) result.insert(variable.name);
  return result;
}

}  // namespace matgrad
