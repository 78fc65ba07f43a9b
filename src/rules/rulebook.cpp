// SPDX-License-Identifier: MIT
#include "rules/rulebook.hpp"

#include "ops/selections.hpp"

namespace matgrad {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "vector(x)", "m-by-n(A)" and the like.
Condition parse_condition(std::string_view text) {
  const std::size_t open = text.find('(');
  MATGRAD_ASSERT(open != std::string_view::npos && text.size() == open + 3);
  const std::string_view word = text.substr(0, open);
  Condition result;
  result.slot = letter_slot(text[open + 1]);
  using Kind = Condition::Kind;
  struct Word {
    std::string_view word;
    Kind kind;
    Properties properties;
  };
  static constexpr Word words[] = {
      {"vector", Kind::vector, 0},
      {"scalar", Kind::scalar, 0},
      {"square", Kind::square, 0},
      {"matrix", Kind::matrix, 0},
      {"!symmetric", Kind::not_symmetric, 0},
      {"symmetric", Kind::has, symmetric},
      {"diagonal", Kind::has, diagonal},
      {"orthogonal", Kind::has, orthogonal},
      {"positive", Kind::has, positive},
      {"spd", Kind::has, positive_definite},
  };
  for (const Word& known : words) {
    if (known.word != word) continue;
    result.kind = known.kind;
    result.properties = known.properties;
    return result;
  }
  constexpr std::string_view between = "-by-";
  if (word.size() == between.size() + 2 && word.substr(1, between.size()) == between) {
    result.kind = Kind::shape;
    result.rows = word.front();
    result.cols = word.back();
    return result;
  }
  throw Bug(std::string("unknown condition ").append(text));
}

// The operators that a pattern's root may meet.
std::vector<OpId> roots_of(const Template& pattern) {
  const Template::Term& root = pattern[pattern.root];
  switch (root.kind) {
    case Template::Kind::call: {
      std::vector<OpId> result;
      for (OpId op : root.operators) {
        if (entry_of(op).definition[0] == '\0') result.push_back(op);
      }
      return result;
    }
    case Template::Kind::constant: return {root.name == "unvec" ? op::unvec : op::commutation};
    case Template::Kind::add: return {op::add};
    case Template::Kind::product: return {op::multiply, op::times};
    case Template::Kind::hadamard: return {op::hadamard, op::times};
    case Template::Kind::power: return {op::power, op::matrix_power};
    case Template::Kind::entrywise_power: return {op::power};
    default: throw Bug("a rewrite's left side has no operator at its root");
  }
}

OperatorSet set_of(const std::vector<OpId>& operators) {
  OperatorSet result = 0;
  for (OpId op : operators) result |= set_of(op);
  return result;
}

// The operators of the nodes that may match a term: of the node itself or, under a transpose, of its argument. None
// where it may be any.
OperatorSet operators_of(const Template& pattern, std::uint32_t at) {
  const Template::Term& term = pattern[at];
  using Kind = Template::Kind;
  switch (term.kind) {
    // The transpose of what is skew is its negative.
    case Kind::transpose: {
      const OperatorSet inside = operators_of(pattern, term.children[0]);
      return inside == 0 ? 0 : inside | set_of({op::scale, op::times});
    }
    case Kind::add: return set_of(op::add);
    case Kind::hadamard: return set_of({op::hadamard, op::times});
    case Kind::product: return set_of({op::multiply, op::times});
    case Kind::power:
    case Kind::entrywise_power: return set_of({op::power, op::matrix_power});
    case Kind::call: return set_of(term.operators);
    case Kind::constant:
      if (const Selection* selection = find_selection(term.name)) return set_of(selection->op);
      return set_of(term.name == "I" ? op::identity : term.name == "ones" ? op::ones : op::unvec);
    default: return 0;
  }
}

KeyedRewrite keyed(const CompiledRewrite& rewrite) {
  using Kind = Template::Kind;
  constexpr OperatorSet any = ~OperatorSet{0};
  KeyedRewrite result{{any, any}, &rewrite};
  const Template::Term& root = rewrite.left[rewrite.left.root];
  if (root.kind != Kind::product && root.kind != Kind::add && root.kind != Kind::hadamard) return result;
  std::size_t found = 0;
  for (std::uint32_t part : root.children) {
    const OperatorSet operators = operators_of(rewrite.left, part);
    if (operators == 0 || found == result.needed.size()) continue;
    result.needed[found++] = operators;
  }
  return result;
}

// Whether all calls in a rule are of operators that are linear in every argument.
bool is_multilinear(const Template& rule) {
  for (const Template::Term& term : rule.terms) {
    if (term.kind == Template::Kind::entrywise_power || term.kind == Template::Kind::power) return false;
    if (term.kind != Template::Kind::call) continue;
    for (OpId op : term.operators) {
      const Operator& entry = entry_of(op);
      if (entry.definition[0] != '\0' || entry.slots[0].kind != Slot::Kind::linear) return false;
    }
  }
  return true;
}

bool has_smooth_call(const Template& rule) {
  for (const Template::Term& term : rule.terms) {
    for (OpId op : term.operators) {
      if (term.kind == Template::Kind::call && entry_of(op).slots[0].kind == Slot::Kind::smooth) return true;
    }
  }
  return false;
}

}  // namespace

const Rulebook& Rulebook::get() {
  static const Rulebook book;
  return book;
}

bool Rulebook::is_linear(OpId op) const {
  const Operator& entry = entry_of(op);
  return !entry.structural && arity(entry.type) == 1 && slot(op, 0).kind == Slot::Kind::linear;
}

void Rulebook::add_rewrite(const Rewrite& rewrite) {
  const std::string_view text = rewrite.rule;
  const std::size_t equals = text.find('=');
  MATGRAD_ASSERT(equals != std::string_view::npos);
  auto compiled = std::make_unique<CompiledRewrite>();
  compiled->left = Template::compile(trimmed(text.substr(0, equals)));
  compiled->right = Template::compile(trimmed(text.substr(equals + 1)));
  compiled->source = &rewrite;
  std::string_view when = rewrite.when;
  while (!when.empty()) {
    const std::size_t comma = when.find(',');
    compiled->conditions.push_back(parse_condition(trimmed(when.substr(0, comma))));
    when = comma == std::string_view::npos ? std::string_view() : when.substr(comma + 1);
  }
  for (OpId root : roots_of(compiled->left)) by_root_[index(root)].push_back(keyed(*compiled));
  const CompiledRewrite& added = *compiled;
  rewrites_.push_back(std::move(compiled));
  if (is_multilinear(added.left) && has_smooth_call(added.right)) add_backwards(added);
}

void Rulebook::add_backwards(const CompiledRewrite& rewrite) {
  const Template::Term& root = rewrite.right[rewrite.right.root];
  if (root.kind != Template::Kind::power) return;
  auto turned = std::make_unique<CompiledRewrite>();
  turned->left = rewrite.right;
  turned->right = rewrite.left;
  turned->conditions = rewrite.conditions;
  turned->source = rewrite.source;
  for (OpId op : roots_of(turned->left)) {
    auto& known = backwards_[index(op)];
    known.insert(turned->conditions.empty() ? known.end() : known.begin(), turned.get());  // the special ones first
  }
  rewrites_.push_back(std::move(turned));
}

Rulebook::Rulebook() {
  const OperatorTable& table = OperatorTable::get();
  slots_.resize(table.size());
  by_root_.resize(table.size());
  backwards_.resize(table.size());
  columns_.resize(table.size());
  reflections_.resize(table.size());
  computed_as_.resize(table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Operator& entry = table[OpId{static_cast<std::uint16_t>(i)}];
    for (const Slot& slot : entry.slots) {
      CompiledSlot compiled;
      compiled.kind = slot.kind;
      if (slot.kind == Slot::Kind::linear || slot.kind == Slot::Kind::smooth) {
        compiled.rule = Template::compile(slot.rule);
      }
      if (slot.kind == Slot::Kind::linear) compiled.matrix = Template::compile(slot.matrix);
      slots_[i].push_back(std::move(compiled));
    }
    if (entry.columns[0] != '\0') columns_[i] = Template::compile(entry.columns);
    if (entry.reflection[0] != '\0') reflections_[i] = Template::compile(entry.reflection);
    if (entry.computed_as[0] != '\0') computed_as_[i] = Template::compile(entry.computed_as);
    for (const Rewrite& rewrite : entry.rewrites) {
      if (rewrite.rule[0] != '\0') add_rewrite(rewrite);
    }
  }
}

}  // namespace matgrad
