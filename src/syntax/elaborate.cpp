// SPDX-License-Identifier: MIT
#include "syntax/elaborate.hpp"

#include "base/remark.hpp"
#include "syntax/build_forest.hpp"
#include "syntax/shape_error.hpp"
#include "syntax/variables.hpp"

namespace matgrad {
namespace {

constexpr std::size_t most_notes = 3;  // of one sort
constexpr std::size_t longest_text = 100;

}  // namespace

class Elaborator {
 public:
  Elaborator(Scope& scope, std::span<const SyntaxTree* const> trees, std::span<const Sides> equations)
      : scope_(scope),
        forest_(trees),
        names_(resolve_names(scope, forest_)),
        inference_(scope, forest_, names_, equations),
        all_{scope, forest_, names_, inference_} {}

  Result<ElaboratedTogether> run() {
    inference_.run();
    if (!inference_.problems().empty()) return refused();
    OpenSizes sizes(scope_);
    name_open_sizes(all_, sizes);
    settle_variables();
    note_choice();
    ElaboratedTogether result;
    std::vector<BuildError> errors;
    Build build(scope_.store());
    result.roots = build_forest(build, forest_, plan(build), errors);
    if (!errors.empty()) {
      Diagnostics diagnostics;
      for (const BuildError& error : errors) {
        diagnostics.push_back(diagnostic_at(forest_, error.node, error.message, error.arguments));
      }
      return tl::make_unexpected(std::move(diagnostics));
    }
    result.notes = std::move(notes_);
    return result;
  }

 private:
  Result<ElaboratedTogether> refused() {
    Diagnostics diagnostics = describe_problems(all_);
    const std::string fix = propose_fix(all_);
    for (Diagnostic& diagnostic : diagnostics) diagnostic.fix = fix;
    return tl::make_unexpected(std::move(diagnostics));
  }

  void note(Message message, std::vector<std::string> arguments) {
    notes_.push_back(remark(message, std::move(arguments)));
  }

  // Every name that the expression mentions has its final type from here on.
  void settle_variables() {
    std::string english;
    std::string chinese;
    symbols_.assign(names_.entries.size(), no_node);
    for (std::uint32_t i = 0; i < names_.entries.size(); ++i) {
      const NameEntry& entry = names_.entries[i];
      const Variable* known = scope_.find(entry.text);
      if (known == nullptr) {
        Variable variable;
        variable.name = entry.text;
        variable.kind = kind_of_shape(inference_.entry_shape(i));
        scope_.by_name_.emplace(entry.text, scope_.variables_.size());
        scope_.variables_.push_back(std::move(variable));
      }
      Variable& variable = scope_.variables_[scope_.by_name_.at(entry.text)];
      if (variable.node == no_node) {
        const Shape shape = inference_.entry_shape(i);
        variable.rows = shape.rows;
        variable.cols = shape.cols;
        give_symbol(scope_.store(), variable);
        const std::string kind = scope_.kind_text(variable);
        english.append(english.empty() ? "" : ", ").append(entry.text).append(" is ").append(kind);
        chinese.append(chinese.empty() ? "" : "，").append(entry.text).append(" 是 ").append(kind);
      }
      symbols_[i] = variable.node;
    }
    if (!english.empty()) note(Message::kinds_inferred, {english, chinese});
    note_raised();
    for (std::uint32_t at : forest_.order()) {
      if (names_.meaning[at] != Meaning::dimension || names_.in_dimension[at]) continue;
      note(Message::size_as_number, {forest_[at].text});
      break;
    }
  }

  void note_raised() {
    std::size_t noted = 0;
    for (const NameEntry& entry : names_.entries) {
      if (!entry.raised || forest_[entry.raised_by].text == entry.text || noted == most_notes) continue;
      note(Message::shape_taken, {entry.text, shorten(forest_.text(entry.raised_by), longest_text)});
      ++noted;
    }
  }

  void note_choice() {
    if (inference_.choices().empty()) return;
    note(Message::sizes_chosen, {shorten(forest_.text(inference_.choices()[0]), longest_text)});
  }

  TreePlan plan(Build& build) {
    TreePlan result;
    result.meaning = names_.meaning;
    result.leaf.assign(forest_.size(), no_node);
    result.size.assign(forest_.size(), no_dim);
    result.op.assign(forest_.size(), no_operator);
    const std::vector<NodeId> indices = index_symbols(build);
    for (std::uint32_t at : forest_.order()) {
      result.op[at] = inference_.chosen(at);
      result.size[at] = inference_.size(at) == no_dim ? no_dim : inference_.unifier().resolve(inference_.size(at));
      const std::uint32_t id = names_.id[at];
      switch (names_.meaning[at]) {
        case Meaning::variable:
        case Meaning::count: result.leaf[at] = symbols_[id]; break;
        case Meaning::bound_index: result.leaf[at] = indices[id]; break;
        case Meaning::dimension: result.leaf[at] = build.dimension(Dim{id}); break;
        case Meaning::identity_bare: result.leaf[at] = build.identity(inference_.shape(at).rows); break;
        case Meaning::constant: result.leaf[at] = build.call(OpId{static_cast<std::uint16_t>(id)}, {}); break;
        default: break;
      }
    }
    return result;
  }

  // New names for the indices that are called like a size: e(i,i) would not say which is which.
  std::unordered_map<std::string, std::string> renamed_indices() {
    std::unordered_map<std::string, std::string> renamed;
    const Store& store = scope_.store();
    std::unordered_set<std::string> taken;
    for (const Index& index : names_.indices) {
      taken.insert(index.text);
      if (store.dims.find(index.text)) renamed.emplace(index.text, std::string());
    }
    if (renamed.empty()) return renamed;
    for (std::uint32_t i = 0; i < store.symbol_count(); ++i) {
      if (store.symbol_at(i).role != Symbol::Role::index) taken.insert(store.symbol_at(i).name);
    }
    for (const Index& index : names_.indices) {
      const auto found = renamed.find(index.text);
      for (int n = 1; found != renamed.end() && found->second.empty(); ++n) {
        const std::string next = "i" + std::to_string(n);
        if (store.dims.find(next) || !taken.insert(next).second) continue;
        found->second = next;
        note(Message::index_renamed, {index.text, next});
      }
    }
    return renamed;
  }

  // One symbol for each name of an index, so that equal sums are equal nodes.
  std::vector<NodeId> index_symbols(Build& build) {
    std::vector<NodeId> result;
    std::unordered_map<std::string, std::uint32_t> by_name;
    Store& store = scope_.store();
    if (!names_.indices.empty()) {
      for (std::uint32_t i = 0; i < store.symbol_count(); ++i) {
        if (store.symbol_at(i).role == Symbol::Role::index) by_name.emplace(store.symbol_at(i).name, i);
      }
    }
    const std::unordered_map<std::string, std::string> renamed = renamed_indices();
    for (const Index& index : names_.indices) {
      const auto other = renamed.find(index.text);
      const std::string& name = other == renamed.end() ? index.text : other->second;
      auto known = by_name.find(name);
      if (known == by_name.end()) {
        Symbol symbol;
        symbol.name = name;
        symbol.type.properties = positive;
        symbol.role = Symbol::Role::index;
        known = by_name.emplace(name, store.add_symbol(std::move(symbol))).first;
      }
      result.push_back(build.symbol(known->second));
    }
    return result;
  }

  Scope& scope_;
  Forest forest_;
  Names names_;
  Inference inference_;
  Elaboration all_;
  std::vector<NodeId> symbols_;  // by entry
  Diagnostics notes_;
};

Result<ElaboratedTogether> elaborate_together(Scope& scope, std::span<const SyntaxTree* const> trees,
                                              std::span<const Sides> equations) {
  return Elaborator(scope, trees, equations).run();
}

Result<Elaborated> elaborate(Scope& scope, const SyntaxTree& tree) {
  const SyntaxTree* pointer = &tree;
  auto together = elaborate_together(scope, std::span<const SyntaxTree* const>(&pointer, 1));
  if (!together) return tl::make_unexpected(std::move(together.error()));
  return Elaborated{together->roots[0], std::move(together->notes)};
}

}  // namespace matgrad
