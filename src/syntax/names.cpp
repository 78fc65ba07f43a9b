// SPDX-License-Identifier: MIT
#include "syntax/names.hpp"

#include <algorithm>
#include <iterator>

#include "ops/selections.hpp"
#include "ops/table.hpp"

namespace matgrad {
namespace {

constexpr std::string_view greek_letters[] = {"alpha",   "beta", "gamma", "delta",  "epsilon", "zeta",    "eta",
                                              "theta",   "iota", "kappa", "lambda", "mu",      "nu",      "xi",
                                              "omicron", "pi",   "rho",   "sigma",  "tau",     "upsilon", "phi",
                                              "chi",     "psi",  "omega"};  // not an operator: a letter

constexpr std::uint32_t nothing = 0xffffffffu;

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The table's operators of this name that a user may call.
std::vector<OpId> callable(std::string_view name) {
  std::vector<OpId> result;
  for (OpId op : OperatorTable::get().named(name)) {
    if (!entry_of(op).structural && entry_of(op).type[0] != '\0') result.push_back(op);
  }
  return result;
}

bool is_name_like(std::string_view name) {
  return !name.empty() && (is_letter(name[0]) || (name[0] & 0x80) != 0);
}

// What every signature of this name that takes so many arguments asks of one of them: of diag, which takes columns,
// rows and square matrices, that it be no scalar; 0 where one takes anything.
std::uint8_t demanded_use(std::string_view name, std::size_t count, std::size_t argument) {
  std::uint8_t result = 0;
  for (OpId op : callable(name)) {
    const Signature& signature = OperatorTable::get().signature(op);
    if (signature.arguments.size() != count) continue;
    const SignatureShape& shape = signature.arguments[argument];
    std::uint8_t use = 0;
    const bool row_letter = shape.rows.letter() != '\0';
    const bool col_letter = shape.cols.letter() != '\0';
    if (row_letter && shape.rows.letter() == shape.cols.letter()) use = used_as_matrix;
    if (!col_letter && shape.cols.terms[0].coefficient == 1) {
      use = !row_letter && shape.rows.terms[0].coefficient == 1 ? used_as_scalar : used_as_column;
    }
    if (col_letter && !row_letter) use = used_transposed;
    if (use == 0) return 0;
    if (result != 0 && result != use && (use | result) & used_as_scalar) return 0;
    if (result != 0 && result != use) use = used_transposed;
    result = use;
  }
  return result;
}

class Resolver {
 public:
  Resolver(const Scope& scope, const Forest& forest) : scope_(scope), forest_(forest) {
    names_.meaning.assign(forest.size(), Meaning::none);
    names_.id.assign(forest.size(), nothing);
    names_.in_dimension.assign(forest.size(), false);
  }

  Names run() {
    for (std::uint32_t root : forest_.roots()) descend(root);
    std::sort(pending_.begin(), pending_.end(),
              [this](const Pending& a, const Pending& b) { return forest_.before(a.node, b.node); });
    for (const Pending& name : pending_) settle(name);
    for (std::uint32_t at : forest_.order()) collect_uses(at);
    for (NameEntry& entry : names_.entries) choose_kind(entry);
    return std::move(names_);
  }

 private:
  enum class Place : std::uint8_t { value, dimension, bound, index };
  struct Visit {
    std::uint32_t node;
    std::uint32_t binder;  // innermost sum around it, into binders_
    Place place;
  };
  struct Binder {
    std::uint32_t index;
    std::uint32_t outer;
  };
  struct Pending {
    std::uint32_t node;
    Place place;
  };

  void descend(std::uint32_t root) {
    std::vector<Visit> stack{{root, nothing, Place::value}};
    while (!stack.empty()) {
      const Visit visit = stack.back();
      stack.pop_back();
      const SyntaxNode& node = forest_[visit.node];
      names_.in_dimension[visit.node] = visit.place != Place::value;
      if (node.kind == Syntax::name) {
        name(visit);
        continue;
      }
      if (node.kind == Syntax::call) {
        call(visit, stack);
        continue;
      }
      for (std::size_t i = node.children.size(); i-- > 0;) {  // so that the first is visited first
        const bool is_index = node.kind == Syntax::index && i > 0;
        stack.push_back({forest_.child(visit.node, i), visit.binder, is_index ? Place::index : visit.place});
      }
    }
  }

  void name(const Visit& visit) {
    const std::string& text = forest_[visit.node].text;
    for (std::uint32_t at = visit.binder; at != nothing; at = binders_[at].outer) {
      if (names_.indices[binders_[at].index].text != text) continue;
      names_.meaning[visit.node] = Meaning::bound_index;
      names_.id[visit.node] = binders_[at].index;
      return;
    }
    pending_.push_back({visit.node, visit.place});
    const bool is_size = visit.place == Place::dimension || visit.place == Place::bound;
    if (is_size && scope_.find(text) == nullptr) dimension_of(text);
  }

  void call(const Visit& visit, std::vector<Visit>& stack) {
    const SyntaxNode& node = forest_[visit.node];
    const std::size_t count = node.children.size();
    Meaning meaning = special_call(node.text, count);
    if (meaning == Meaning::none) {
      const bool is_known = is_name_like(node.text) && !callable(node.text).empty();
      meaning = is_known                            ? Meaning::operation
                : scope_.find(node.text) != nullptr ? Meaning::variable_called
                                                    : Meaning::unknown_function;
    }
    names_.meaning[visit.node] = meaning;
    if (meaning == Meaning::indexed_sum) return indexed_sum(visit, stack);
    for (std::size_t i = count; i-- > 0;) {
      Place place = visit.place;
      const bool all_dimensions = meaning == Meaning::identity || meaning == Meaning::ones ||
                                  meaning == Meaning::zeros || meaning == Meaning::selection ||
                                  meaning == Meaning::hadamard_matrix;
      if (all_dimensions || (i > 0 && (meaning == Meaning::unvec || meaning == Meaning::unit))) {
        place = Place::dimension;
      } else if (meaning == Meaning::unit) {
        place = Place::index;
      }
      stack.push_back({forest_.child(visit.node, i), visit.binder, place});
    }
  }

  void indexed_sum(const Visit& visit, std::vector<Visit>& stack) {
    const std::uint32_t index = forest_.child(visit.node, 0);
    std::uint32_t inside = visit.binder;
    if (forest_[index].kind == Syntax::name) {
      names_.id[visit.node] = static_cast<std::uint32_t>(names_.indices.size());
      names_.meaning[index] = Meaning::bound_index;
      names_.id[index] = names_.id[visit.node];
      names_.indices.push_back({forest_[index].text, visit.node, 0, dim_one, false});
      binders_.push_back({names_.id[visit.node], visit.binder});
      inside = static_cast<std::uint32_t>(binders_.size() - 1);
    }
    stack.push_back({forest_.child(visit.node, 3), inside, visit.place});
    stack.push_back({forest_.child(visit.node, 2), visit.binder, Place::bound});
    stack.push_back({forest_.child(visit.node, 1), visit.binder, Place::bound});
  }

  // The dimension of a name; asked for each name once, for Dims looks names up by walking them.
  std::uint32_t dimension_of(const std::string& text) {
    const auto known = dimensions_.find(text);
    if (known != dimensions_.end()) return known->second;
    const Dim dim = scope_.store().dims.name(text);
    return dimensions_.emplace(text, static_cast<std::uint32_t>(dim)).first->second;
  }

  bool is_dimension(const std::string& text) {
    if (dimensions_.count(text) != 0) return true;
    const auto asked = other_names_.find(text);
    if (asked != other_names_.end()) return false;
    if (scope_.store().dims.find(text)) {
      dimension_of(text);
      return true;
    }
    other_names_.emplace(text, 0);
    return false;
  }

  void settle(const Pending& name) {
    const std::string& text = forest_[name.node].text;
    auto means = [&](Meaning meaning, std::uint32_t id = nothing) {
      names_.meaning[name.node] = meaning;
      names_.id[name.node] = id;
    };
    const Variable* known = scope_.find(text);
    if (known == nullptr && is_dimension(text)) return means(Meaning::dimension, dimension_of(text));
    if (known == nullptr && name.place == Place::index) return means(Meaning::unbound_index);
    if (known == nullptr && text == "I") return means(Meaning::identity_bare);
    if (known == nullptr && text.size() > 1) {
      const std::vector<OpId> operators = callable(text);
      for (OpId op : operators) {
        if (OperatorTable::get().signature(op).arguments.empty()) {
          return means(Meaning::constant, static_cast<std::uint32_t>(op));
        }
      }
      if (!operators.empty()) return means(Meaning::function_name);
    }
    const auto [at, is_new] = by_text_.emplace(text, static_cast<std::uint32_t>(names_.entries.size()));
    if (is_new) {
      NameEntry entry;
      entry.text = text;
      entry.first = name.node;
      entry.known = known;
      names_.entries.push_back(std::move(entry));
    }
    const bool is_count =
        known != nullptr && name.place == Place::bound && known->rows == dim_one && known->cols == dim_one;
    means(is_count ? Meaning::count : Meaning::variable, at->second);
  }

  void use(std::uint32_t at, std::uint8_t how) {
    if (names_.meaning[at] == Meaning::variable) names_.entries[names_.id[at]].uses |= how;
  }

  // In (a - b)' neither is a scalar.
  void use_transposed(std::uint32_t at) {
    std::vector<std::uint32_t> pending{at};
    while (!pending.empty()) {
      const std::uint32_t term = pending.back();
      pending.pop_back();
      use(term, used_transposed);
      const Syntax kind = forest_[term].kind;
      const bool same_shape =
          kind == Syntax::negate || kind == Syntax::add || kind == Syntax::subtract || kind == Syntax::hadamard;
      for (std::size_t i = 0; same_shape && i < forest_.child_count(term); ++i)
        pending.push_back(forest_.child(term, i));
    }
  }

  void collect_uses(std::uint32_t at) {
    const SyntaxNode& node = forest_[at];
    if (node.kind == Syntax::transpose) use_transposed(forest_.child(at, 0));
    const bool is_power = node.kind == Syntax::hadamard_power;
    if (is_power && forest_[forest_.child(at, 0)].kind != Syntax::number) use(forest_.child(at, 1), used_as_scalar);
    if (node.kind == Syntax::divide) use(forest_.child(at, 1), used_as_scalar);
    if (node.kind == Syntax::power) {
      use(forest_.child(at, 1), used_as_scalar);
      const std::uint32_t base = forest_.child(at, 0);
      const bool is_variable = names_.meaning[base] == Meaning::variable;
      if (is_variable && kind_by_convention(forest_[base].text) != Kind::matrix) use(base, used_as_scalar);
    }
    if (node.kind == Syntax::index) {
      use(forest_.child(at, 0), node.children.size() == 2 ? used_as_column : used_as_matrix);
    }
    if (names_.meaning[at] != Meaning::operation) return;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const std::uint32_t argument = forest_.child(at, i);
      if (names_.meaning[argument] == Meaning::variable) {
        use(argument, demanded_use(node.text, node.children.size(), i));
      }
    }
  }

  static void choose_kind(NameEntry& entry) {
    if (entry.known != nullptr) {
      entry.kind = entry.known->kind;
      return;
    }
    const Kind convention = kind_by_convention(entry.text);
    if (entry.uses & used_as_matrix) {
      entry.kind = Kind::matrix;
    } else if (entry.uses & used_as_column) {
      entry.kind = Kind::vector;
    } else if (entry.uses & used_transposed) {
      entry.kind = convention == Kind::scalar ? Kind::vector : convention;
    } else if (entry.uses & used_as_scalar) {
      entry.kind = Kind::scalar;
    } else {
      entry.kind = convention;
      entry.may_rise = convention == Kind::scalar;
    }
  }

  const Scope& scope_;
  const Forest& forest_;
  Names names_;
  std::vector<Binder> binders_;
  std::vector<Pending> pending_;
  std::unordered_map<std::string, std::uint32_t> dimensions_;
  std::unordered_map<std::string, int> other_names_;
  std::unordered_map<std::string, std::uint32_t> by_text_;
};

}  // namespace

Meaning special_call(std::string_view name, std::size_t count) {
  if (name == "I" || name == "eye") return Meaning::identity;
  if (name == "ones") return Meaning::ones;
  if (name == "zeros") return Meaning::zeros;
  if (name == "e") return Meaning::unit;
  if (find_selection(name) != nullptr) return Meaning::selection;
  if (name == "unvec") return Meaning::unvec;
  if (name == "hadamard" && count == 1) return Meaning::hadamard_matrix;  // not an operator: a constant
  if (name == "sum" && count == 4) return Meaning::indexed_sum;           // not an operator: with an index
  return Meaning::none;
}

Kind kind_by_convention(std::string_view name) {
  const std::size_t end = name.find_first_of("_0123456789");
  const std::string_view stem = name.substr(0, end);
  if (std::find(std::begin(greek_letters), std::end(greek_letters), stem) != std::end(greek_letters)) {
    return Kind::scalar;
  }
  if (name[0] >= 'A' && name[0] <= 'Z') return Kind::matrix;
  return name[0] >= 'h' && name[0] <= 'z' ? Kind::vector : Kind::scalar;
}

Names resolve_names(const Scope& scope, const Forest& forest) {
  return Resolver(scope, forest).run();
}

}  // namespace matgrad
