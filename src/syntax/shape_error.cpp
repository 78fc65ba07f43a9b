// SPDX-License-Identifier: MIT
#include "syntax/shape_error.hpp"

#include <algorithm>

#include "syntax/variables.hpp"

namespace matgrad {
namespace {

constexpr std::size_t most_sources = 3;
constexpr std::size_t longest_argument = 1000;  // bytes

// Without the parentheses that only group it.
std::string bare(const std::string& text) {
  if (text.size() < 2 || text.front() != '(' || text.back() != ')') return text;
  int depth = 0;
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
    if (depth == 0) return text;
  }
  return text.substr(1, text.size() - 2);
}

// Whether the message itself names the sizes that differ.
bool problem_tells_clash(Message message) {
  return message == Message::sizes_differ || message == Message::sizes_not_known ||
         message == Message::block_widths_differ || message == Message::unvec_length;
}

class Describer {
 public:
  Describer(const Elaboration& all, const OpenSizes& sizes) : all_(all), sizes_(sizes), dims_(all.scope.store().dims) {}

  Diagnostic describe(const Problem& problem) {
    std::vector<std::string> arguments = problem.words;
    for (std::uint32_t operand : problem.operands) {
      arguments.push_back(text(operand));
      arguments.push_back(shape_text(operand));
    }
    if (problem.clash) {
      arguments.push_back(size_text(problem.clash->first));
      arguments.push_back(size_text(problem.clash->second));
    }
    Diagnostic result = diagnostic_at(all_.forest, problem.node, problem.message, std::move(arguments));
    std::vector<std::uint32_t> told;
    for (std::uint32_t operand : problem.operands) tell(operand, told, result);
    if (problem.clash) tell_clash(*problem.clash, result);
    return result;
  }

 private:
  std::string text(std::uint32_t at) const { return bare(all_.forest.text(at)); }
  std::string size_text(Dim dim) { return dims_.text(all_.inference.unifier().resolve(dim)); }
  std::string shape_text(std::uint32_t at) {
    const Shape shape = all_.inference.shape(at);
    return dims_.text(shape.rows, true).append("×").append(dims_.text(shape.cols, true));
  }

  // The names that an operand's rows or columns come from, outermost first.
  void sources(std::uint32_t at, bool of_rows, std::vector<std::uint32_t>& into) {
    for (;;) {
      const SyntaxNode& node = all_.forest[at];
      if (all_.names.meaning[at] == Meaning::variable) {
        const std::uint32_t entry = all_.names.id[at];
        const bool is_new = std::find(into.begin(), into.end(), entry) == into.end();
        if (is_new && into.size() < most_sources) into.push_back(entry);
        return;
      }
      if (node.kind == Syntax::call || node.kind == Syntax::kronecker || node.kind == Syntax::block_matrix) {
        for (std::size_t i = 0; i < node.children.size(); ++i) {
          sources_of_argument(all_.forest.child(at, i), into);
        }
        return;
      }
      if (node.children.empty()) return;
      of_rows = of_rows != (node.kind == Syntax::transpose);
      const std::uint32_t first = all_.forest.child(at, 0);
      if (node.children.size() == 1 || node.kind == Syntax::index) {
        at = first;
        continue;
      }
      const std::uint32_t second = all_.forest.child(at, 1);
      const bool prefers_second = node.kind == Syntax::multiply && !of_rows && !all_.inference.is_scalar(second);
      at = prefers_second || all_.inference.is_scalar(first) ? second : first;
    }
  }

  void sources_of_argument(std::uint32_t at, std::vector<std::uint32_t>& into) {
    if (into.size() >= most_sources) return;
    sources(at, true, into);
    sources(at, false, into);
  }

  // Why this operand has its shape.
  void tell(std::uint32_t operand, std::vector<std::uint32_t>& told, Diagnostic& result) {
    const bool is_name = all_.names.meaning[operand] == Meaning::variable;
    std::vector<std::uint32_t> entries;
    sources(operand, true, entries);
    sources(operand, false, entries);
    if (is_name) {
      const std::uint32_t entry = all_.names.id[operand];
      if (std::find(told.begin(), told.end(), entry) != told.end()) return;
      told.push_back(entry);
      result.notes.push_back(note_of_kind(entry));
      return;
    }
    if (entries.empty()) return;
    constexpr Message by_count[] = {Message::shape_of_one, Message::shape_of_two, Message::shape_of_three};
    Note note{by_count[entries.size() - 1], {text(operand), shape_text(operand)}, {}};
    for (std::uint32_t entry : entries) {
      note.arguments.push_back(all_.names.entries[entry].text);
      note.arguments.push_back(entry_kind_text(all_, entry));
    }
    result.notes.push_back(std::move(note));
    for (std::uint32_t entry : entries) {
      const auto reason = reason_of(entry);
      if (!reason || is_within(*reason, operand) || std::find(told.begin(), told.end(), entry) != told.end()) continue;
      told.push_back(entry);
      result.notes.push_back(note_of_kind(entry));
    }
  }

  bool is_within(std::uint32_t at, std::uint32_t outer) const {
    const Span inner = all_.forest[at].span;
    const Span span = all_.forest[outer].span;
    return all_.forest.tree_of(at) == all_.forest.tree_of(outer) && span.begin <= inner.begin && inner.end <= span.end;
  }

  // The place that decided a size of a name which its declaration left open.
  std::optional<std::uint32_t> reason_of(std::uint32_t entry) {
    const Shape raw = all_.inference.unresolved_entry_shape(entry);
    for (const Dim dim : {raw.rows, raw.cols}) {
      const auto atom = dims_.as_atom(dim);
      if (!atom) continue;
      const auto value = dims_.as_atom(all_.inference.unifier().resolve(dim));
      if (value && sizes_.has_named(*value)) continue;  // only another name for an open size: no news
      if (const auto reason = all_.inference.unifier().reason(*atom)) return reason;
    }
    return std::nullopt;
  }

  Note note_of_kind(std::uint32_t index) {
    const NameEntry& entry = all_.names.entries[index];
    const std::string kind = entry_kind_text(all_, index);
    if (const auto reason = reason_of(index)) {
      return {Message::kind_taken_because, {entry.text, kind, text(*reason)}, {}};
    }
    const bool declared = entry.known != nullptr && entry.known->declared;
    return {declared ? Message::kind_declared : Message::kind_taken, {entry.text, kind}, {}};
  }

  // Two declared names, or a name and a number, never become equal by themselves.
  void tell_clash(std::pair<Dim, Dim> clash, Diagnostic& result) {
    const Dim left = all_.inference.unifier().resolve(clash.first);
    const Dim right = all_.inference.unifier().resolve(clash.second);
    const bool numbers = dims_.as_constant(left) && dims_.as_constant(right);
    if (left == right || numbers || problem_tells_clash(result.message)) return;
    result.notes.push_back({Message::sizes_would_be_equal, {dims_.text(left), dims_.text(right)}, {}});
  }

  const Elaboration& all_;
  const OpenSizes& sizes_;
  Dims& dims_;
};

}  // namespace

Diagnostic diagnostic_at(const Forest& forest, std::uint32_t node, Message message,
                         std::vector<std::string> arguments) {
  Diagnostic result;
  result.message = message;
  result.span = forest[node].span;
  result.arguments = std::move(arguments);
  for (std::string& argument : result.arguments) {
    if (argument.size() > longest_argument) argument = shorten(argument, longest_argument / 4);
  }
  if (forest.tree_of(node) != 0) result.source = forest.tree(forest.tree_of(node)).source;
  return result;
}

Kind kind_of_shape(const Shape& shape) {
  if (shape.cols != dim_one) return Kind::matrix;
  return shape.rows == dim_one ? Kind::scalar : Kind::vector;
}

std::string entry_kind_text(const Elaboration& all, std::uint32_t index) {
  const NameEntry& entry = all.names.entries[index];
  const Shape shape = all.inference.entry_shape(index);
  const Kind kind = entry.known != nullptr ? entry.known->kind : kind_of_shape(shape);
  const bool is_positive = entry.known != nullptr && entry.known->positive;
  return kind_text(all.scope.store().dims, kind, is_positive, shape.rows, shape.cols);
}

void name_open_sizes(const Elaboration& all, OpenSizes& sizes) {
  for (const NameEntry& entry : all.names.entries) sizes.take(entry.text);
  for (const Index& index : all.names.indices) sizes.take(index.text);
  for (std::uint32_t i = 0; i < all.names.entries.size(); ++i) {
    const Shape shape = all.inference.entry_shape(i);
    sizes.name(shape.rows);
    sizes.name(shape.cols);
  }
  for (std::uint32_t at : all.forest.order()) {
    const Shape shape = all.inference.shape(at);
    sizes.name(shape.rows);
    sizes.name(shape.cols);
  }
  for (const Unifier::Equation& equation : all.inference.unifier().waiting()) {
    sizes.name(equation.left);
    sizes.name(equation.right);
  }
}

Diagnostics describe_problems(const Elaboration& all) {
  std::vector<Problem> problems = all.inference.problems();
  std::stable_sort(problems.begin(), problems.end(),
                   [&](const Problem& a, const Problem& b) { return all.forest.before(a.node, b.node); });
  OpenSizes sizes(all.scope);
  name_open_sizes(all, sizes);
  Diagnostics result;
  Describer describer(all, sizes);
  for (const Problem& problem : problems) result.push_back(describer.describe(problem));
  sizes.forget();
  return result;
}

}  // namespace matgrad
