// SPDX-License-Identifier: MIT
#include "mutants.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace matgrad {
namespace {

using Kind = Template::Kind;
using Term = Template::Term;

// ---------------------------------------------------------------- writing a rule

enum class Level { sum, sign, product, postfix };

std::string text_of(SlotName slot) {
  if (slot >= 52) return std::string("d") + static_cast<char>('A' + (slot - 52));
  return std::string(1, static_cast<char>(slot < 26 ? 'A' + slot : 'a' + (slot - 26)));
}

std::string text_of(const SignatureDim& dim) {
  std::string out;
  for (const SignatureDim::Term& part : dim.terms) {
    std::string product = part.coefficient == 1 && !part.letters.empty() ? "" : std::to_string(part.coefficient);
    for (char letter : part.letters) product += (product.empty() ? "" : "*") + std::string(1, letter);
    out += (out.empty() ? "" : "+") + product;
  }
  return out;
}

class Writer {
 public:
  explicit Writer(const Template& rule) : rule_(rule) {}

  std::string at(std::uint32_t id, Level wanted) const {
    const Term& t = rule_[id];
    const std::string out = written(t);
    return level_of(t) < wanted ? "(" + out + ")" : out;
  }

 private:
  static Level level_of(const Term& t) {
    switch (t.kind) {
      case Kind::add: return Level::sum;
      case Kind::negate: return Level::sign;
      case Kind::number: return t.value.is_negative() ? Level::sign : Level::postfix;
      case Kind::product:
      case Kind::hadamard:
      case Kind::divide: return Level::product;
      case Kind::power:
      case Kind::entrywise_power: return Level::product;
      default: return Level::postfix;
    }
  }

  std::string chain(const Term& t, const char* sign, Level inner) const {
    std::string out;
    for (std::uint32_t child : t.children) out += (out.empty() ? "" : sign) + at(child, inner);
    return out;
  }

  std::string call(const Term& t) const {
    std::string inside;
    auto add = [&](const std::string& part) { inside += (inside.empty() ? "" : ", ") + part; };
    if (t.kind == Kind::sum) add(text_of(t.slot));
    for (std::uint32_t child : t.children) add(at(child, Level::sum));
    for (const SignatureDim& dim : t.dims) add(text_of(dim));
    return t.kind == Kind::call && inside.empty()
               ? std::string(t.name)
               : std::string(t.kind == Kind::sum ? "sum" : t.name) + "(" + inside + ")";
  }

  std::string grid(const Term& t) const {
    std::string inside;
    for (std::size_t i = 0; i < t.children.size(); ++i) {
      inside += (i == 0 ? "" : i % t.columns == 0 ? "; " : ", ") + at(t.children[i], Level::sum);
    }
    return "[" + inside + "]";
  }

  std::string written(const Term& t) const {
    switch (t.kind) {
      case Kind::slot: return text_of(t.slot);
      case Kind::number: return t.value.text();
      case Kind::add: {
        std::string out;
        for (std::uint32_t child : t.children) {
          const bool minus = rule_[child].kind == Kind::negate && !out.empty();
          out += minus ? " - " : out.empty() ? "" : " + ";
          out += minus ? at(rule_[child].children[0], Level::product) : at(child, Level::sign);
        }
        return out;
      }
      case Kind::product: return chain(t, "*", Level::postfix);
      case Kind::hadamard: return chain(t, ".*", Level::postfix);
      case Kind::divide: return chain(t, "/", Level::postfix);
      case Kind::power: return chain(t, "^", Level::postfix);
      case Kind::entrywise_power: return chain(t, ".^", Level::postfix);
      case Kind::transpose: return at(t.children[0], Level::postfix) + "'";
      case Kind::negate: return "-" + at(t.children[0], Level::product);
      case Kind::call:
      case Kind::constant:
      case Kind::sum: return call(t);
      case Kind::blocks: return grid(t);
    }
    return "";
  }

  const Template& rule_;
};

// ---------------------------------------------------------------- mistakes

class Mutation {
 public:
  explicit Mutation(const Template& rule) : rule_(rule), seen_{to_text(rule)} {
    for (const Term& t : rule.terms) {
      if (t.kind == Kind::slot) slots_.insert(t.slot);
      for (const SignatureDim& dim : t.dims) {
        for (const auto& part : dim.terms) letters_.insert(part.letters.begin(), part.letters.end());
      }
    }
  }

  std::vector<Mutant> run() {
    wrap(rule_.root, Kind::negate);
    doubled();
    swapped_arguments();
    for (std::uint32_t id = 0; id < rule_.terms.size(); ++id) at(id);
    return std::move(result_);
  }

 private:
  // The rule, changed.
  template <class Change>
  void with(Change change) {
    Template mutated = rule_;
    change(mutated);
    std::string text = to_text(mutated);
    if (seen_.insert(text).second) result_.push_back({std::move(mutated), std::move(text)});
  }

  void wrap(std::uint32_t id, Kind kind) {
    with([&](Template& t) {
      t.terms.push_back(t.terms[id]);
      Term wrapped;
      wrapped.kind = kind;
      wrapped.children = {static_cast<std::uint32_t>(t.terms.size() - 1)};
      t.terms[id] = wrapped;
    });
  }

  void doubled() {
    with([&](Template& t) {
      Term two;
      two.value = 2;
      t.terms.push_back(two);
      Term product;
      product.kind = Kind::product;
      product.children = {static_cast<std::uint32_t>(t.terms.size() - 1), t.root};
      t.terms.push_back(product);
      t.root = static_cast<std::uint32_t>(t.terms.size() - 1);
    });
  }

  void swapped_arguments() {
    for (SlotName a : slots_) {
      for (SlotName b : slots_) {
        if (a >= b) continue;
        with([&](Template& t) {
          for (Term& term : t.terms) {
            if (term.kind != Kind::slot) continue;
            if (term.slot == a || term.slot == b) term.slot = term.slot == a ? b : a;
          }
        });
      }
    }
  }

  void at(std::uint32_t id) {
    const Term& t = rule_[id];
    if (t.kind == Kind::transpose || t.kind == Kind::negate) replaced_by(id, t.children[0]);
    const bool is_scalar = t.kind == Kind::number || (t.kind == Kind::slot && t.slot >= 26 && t.slot < 52);
    const bool is_identity = t.kind == Kind::constant && t.name == "I";
    if (!is_scalar && !is_identity && t.kind != Kind::transpose) wrap(id, Kind::transpose);
    if (t.kind == Kind::number) other_numbers(id);
    if (t.kind == Kind::slot) other_slots(id);
    if (t.kind == Kind::call || t.kind == Kind::divide || t.kind == Kind::power || t.kind == Kind::entrywise_power) {
      for (std::uint32_t child : t.children) replaced_by(id, child);
    }
    const bool many = t.kind == Kind::add || t.kind == Kind::product || t.kind == Kind::hadamard;
    if (many) without_one(id);
    if (t.kind == Kind::add) other_signs(id);
    if (t.kind == Kind::product) other_kind(id, Kind::hadamard);
    if (t.kind == Kind::hadamard || t.kind == Kind::divide) other_kind(id, Kind::product);
    if (t.kind != Kind::add && t.kind != Kind::sum) neighbours_swapped(id);
    dimensions(id);
  }

  void replaced_by(std::uint32_t id, std::uint32_t other) {
    with([&](Template& t) { t.terms[id] = Term(t.terms[other]); });
  }

  void other_kind(std::uint32_t id, Kind kind) {
    with([&](Template& t) { t.terms[id].kind = kind; });
  }

  void other_numbers(std::uint32_t id) {
    const Rational value = rule_[id].value;
    for (const Rational& other : {value + Rational(1), value - Rational(1), -value}) {
      with([&](Template& t) { t.terms[id].value = other; });
    }
  }

  void other_slots(std::uint32_t id) {
    for (SlotName other : slots_) {
      with([&](Template& t) { t.terms[id].slot = other; });
    }
  }

  void without_one(std::uint32_t id) {
    for (std::size_t i = 0; i < rule_[id].children.size(); ++i) {
      with([&](Template& t) {
        auto& children = t.terms[id].children;
        children.erase(children.begin() + static_cast<std::ptrdiff_t>(i));
        if (children.size() == 1) t.terms[id] = Term(t.terms[children[0]]);
      });
    }
  }

  void other_signs(std::uint32_t id) {
    for (std::uint32_t child : rule_[id].children) wrap(child, Kind::negate);
  }

  void neighbours_swapped(std::uint32_t id) {
    for (std::size_t i = 0; i + 1 < rule_[id].children.size(); ++i) {
      with([&](Template& t) { std::swap(t.terms[id].children[i], t.terms[id].children[i + 1]); });
    }
  }

  void dimensions(std::uint32_t id) {
    const std::size_t count = rule_[id].dims.size();
    for (std::size_t i = 0; i + 1 < count; ++i) {
      with([&](Template& t) { std::swap(t.terms[id].dims[i], t.terms[id].dims[i + 1]); });
    }
    for (std::size_t i = 0; i < count; ++i) {
      for (char letter : letters_) {
        with([&](Template& t) { t.terms[id].dims[i] = SignatureDim{{{1, {letter}}}}; });
      }
    }
  }

  const Template& rule_;
  std::set<std::string> seen_;
  std::set<SlotName> slots_;
  std::set<char> letters_;
  std::vector<Mutant> result_;
};

}  // namespace

std::vector<Mutant> mutants_of(const Template& rule) {
  return Mutation(rule).run();
}

std::string to_text(const Template& rule) {
  return Writer(rule).at(rule.root, Level::sum);
}

}  // namespace matgrad
