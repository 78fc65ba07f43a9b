// SPDX-License-Identifier: MIT
#include "engine/check.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/remark.hpp"
#include "engine/claim_fault.hpp"
#include "print/text.hpp"

namespace matgrad {
namespace {

// A right side as each reading takes it, and in which of them it holds.
struct Judged {
  std::vector<NodeId> right;  // no_node where its shape does not fit
  std::vector<bool> holds;
  bool any = false;
  bool undecided = false;
  Diagnostics refusal;  // where it makes no sense on its own either
};

Result<Judged> judge(ClaimScene& scene, int points = 3) {
  Judged judged;
  const SyntaxTree& right = scene.claim.right;
  const auto alone = scene.right_alone(right);
  if (!alone) {
    if (!are_about_shapes(alone.error())) return tl::make_unexpected(alone.error());
    judged.refusal = alone.error();
  }
  for (const ClaimReading& reading : scene.readings) {
    const auto node = scene.right_in(reading, right);
    if (!node && !are_about_shapes(node.error())) return tl::make_unexpected(node.error());
    judged.right.push_back(node ? *node : no_node);
    const Outcome outcome = node ? scene.judge(reading, *node, points) : Outcome::fails;
    judged.holds.push_back(outcome == Outcome::holds);
    judged.any = judged.any || outcome == Outcome::holds;
    judged.undecided = judged.undecided || outcome == Outcome::undecided;
  }
  return judged;
}

struct Condition {
  std::string kind;  // of a declaration
  Message message;
};
// Weaker ones before those that they follow from.
const Condition square_conditions[] = {{"symmetric", Message::condition_symmetric},
                                       {"orthogonal", Message::condition_orthogonal},
                                       {"diagonal", Message::condition_diagonal},
                                       {"skew", Message::condition_skew},
                                       {"spd", Message::condition_spd}};

bool is_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || std::isalnum(byte) != 0 || c == '_';
}

// "A: matrix(m, n)" with n called m.
std::string with_size(const std::string& declaration, const std::string& from, const std::string& to) {
  const std::size_t sizes = std::min(declaration.find('('), declaration.size());
  std::string result = declaration.substr(0, sizes);
  for (std::size_t at = sizes; at < declaration.size();) {
    std::size_t end = at;
    while (end < declaration.size() && is_word(declaration[end])) ++end;
    const std::string word = declaration.substr(at, std::max<std::size_t>(end - at, 1));
    result += word == from ? to : word;
    at += word.size();
  }
  return result;
}

// The claim with the size n called m: I(n) is I(m).
Claim with_size(Claim claim, const std::string& from, const std::string& to) {
  for (SyntaxTree* tree : {&claim.left, &claim.right}) {
    for (SyntaxNode& node : tree->nodes) {
      if (node.kind == Syntax::name && node.text == from) node.text = to;
    }
  }
  return claim;
}

constexpr std::size_t most_sizes = 4;

// Turns and reflections, say, are told apart by enough points only.
constexpr int points_of_condition = 8;

class Checker {
 public:
  Checker(const Claim& claim, const std::vector<std::string>& declarations)
      : claim_(claim), declarations_(declarations) {}

  Result<CheckedClaim> run() {
    auto set = ClaimScene::set(claim_, declarations_);
    if (!set) return tl::make_unexpected(std::move(set.error()));
    ClaimScene& scene = **set;
    auto judged = judge(scene);
    if (!judged) return tl::make_unexpected(std::move(judged.error()));
    if (!judged->any && judged->undecided) {
      Diagnostic open;
      open.message = Message::claim_undecided;
      open.arguments = {scene.obstacle()};
      return failure(std::move(open));
    }
    fill(scene, *judged);
    if (judged->any) {
      result_.verdict = Verdict::holds;
      for (std::size_t i = 0; i < judged->holds.size(); ++i) {
        if (judged->holds[i]) result_.true_in.emplace_back(scene.readings[i].name);
      }
      std::sort(result_.true_in.begin(), result_.true_in.end());
      return std::move(result_);
    }
    find_condition(scene);
    if (result_.condition) result_.verdict = Verdict::conditional;
    result_.why = explain_fault(scene, judged->right, judged->refusal);
    find_example(scene, *judged);
    return std::move(result_);
  }

 private:
  void fill(ClaimScene& scene, const Judged& judged) {
    result_.claim = claim_.left.source;
    result_.notes = scene.notes;
    Store& store = scene.store;
    for (const ClaimReading& reading : scene.readings) {
      if (reading.correct == no_node) continue;
      result_.correct.push_back({reading.name, to_text(store, reading.correct), to_latex(store, reading.correct),
                                 store.dims.text(reading.rows), store.dims.text(reading.cols)});
    }
    for (const Variable& variable : scene.scope.variables()) {
      if (variable.node != no_node) result_.variables.emplace_back(variable.name, scene.scope.kind_text(variable));
    }
    NodeId right = no_node;
    for (NodeId id : judged.right) right = right == no_node ? id : right;
    if (right == no_node) {
      if (const auto alone = scene.right_alone(claim_.right)) right = *alone;
    }
    if (right == no_node) return;
    result_.claimed_shape = {store.dims.text(store.type(right).rows), store.dims.text(store.type(right).cols)};
  }

  static bool holds_with(const Claim& claim, const std::vector<std::string>& declarations) {
    auto set = ClaimScene::set(claim, declarations);
    if (!set) return false;
    // A condition under which there is nothing left to differentiate tells nothing.
    const ClaimScene& scene = **set;
    const auto vanishes = [&](const ClaimReading& reading) {
      return reading.correct != no_node && Build((*set)->store).is_zero(reading.correct);
    };
    if (std::all_of(scene.readings.begin(), scene.readings.end(), vanishes)) return false;
    const auto judged = judge(**set, points_of_condition);
    return judged && judged->any;
  }

  void find_condition(const ClaimScene& scene) {
    const std::vector<std::string> plain = scene.declarations();
    std::vector<const Variable*> square;
    for (const Variable& variable : scene.scope.variables()) {
      if (variable.node == no_node) continue;
      if (scene.store.symbol_at(variable.symbol).role != Symbol::Role::variable) continue;
      if (variable.kind == Kind::matrix && variable.rows == variable.cols) square.push_back(&variable);
    }
    for (const Condition& condition : square_conditions) {
      // A diagonal variable to differentiate by makes everything commute: that says nothing about the claim.
      const bool is_narrow = condition.message == Message::condition_diagonal;
      if (is_narrow && claim_.kind != Claim::Kind::identity) continue;
      for (const Variable* variable : square) {
        if (try_condition(scene, plain, {variable}, condition)) return;
      }
      const bool may_be_all = condition.message == Message::condition_symmetric;
      if (square.size() > 1 && may_be_all && try_condition(scene, plain, square, condition)) return;
    }
    try_positive(scene, plain);
    if (!result_.condition) try_sizes(scene, plain);
  }

  static std::string declared(const ClaimScene& scene, const Variable& variable, const std::string& kind) {
    return variable.name + ": " + kind + "(" + scene.store.dims.text(variable.rows) + ")";
  }

  bool try_condition(const ClaimScene& scene, std::vector<std::string> declarations,
                     const std::vector<const Variable*>& variables, const Condition& condition) {
    std::string names;
    for (const Variable* variable : variables) {
      replace(declarations, variable->name, declared(scene, *variable, condition.kind));
      names.append(names.empty() ? "" : ", ").append(variable->name);
    }
    if (!holds_with(claim_, declarations)) return false;
    set_condition(condition.message, {names});
    return true;
  }

  void try_positive(const ClaimScene& scene, const std::vector<std::string>& plain) {
    for (const Variable& variable : scene.scope.variables()) {
      const bool is_plain =
          variable.kind == Kind::matrix || variable.kind == Kind::vector || variable.kind == Kind::scalar;
      if (variable.node == no_node || !is_plain || variable.positive) continue;
      if (scene.store.symbol_at(variable.symbol).role != Symbol::Role::variable) continue;
      std::vector<std::string> declarations = plain;
      replace(declarations, variable.name, variable.name + ": " + scene.scope.kind_text(variable) + " positive");
      if (!holds_with(claim_, declarations)) continue;
      return set_condition(Message::condition_positive, {variable.name});
    }
  }

  // Names of sizes that no variable has as well.
  static std::vector<std::string> size_names(const ClaimScene& scene) {
    std::set<std::string> names;
    for (const Variable& variable : scene.scope.variables()) {
      if (variable.node == no_node) continue;
      for (Dim dim : {variable.rows, variable.cols}) {
        for (const DimTerm& term : scene.store.dims.polynomial(dim)) {
          for (Atom atom : term.atoms) names.insert(scene.store.dims.atom_name(atom));
        }
      }
    }
    for (const Variable& variable : scene.scope.variables()) names.erase(variable.name);
    return {names.begin(), names.end()};
  }

  void try_sizes(const ClaimScene& scene, const std::vector<std::string>& plain) {
    const std::vector<std::string> sizes = size_names(scene);
    if (sizes.size() > most_sizes) return;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      for (std::size_t j = i + 1; j < sizes.size(); ++j) {
        std::vector<std::string> declarations;
        declarations.reserve(plain.size());
        for (const std::string& one : plain) declarations.push_back(with_size(one, sizes[j], sizes[i]));
        if (!holds_with(with_size(claim_, sizes[j], sizes[i]), declarations)) continue;
        return set_condition(Message::condition_sizes, {sizes[i], sizes[j]});
      }
    }
  }

  static void replace(std::vector<std::string>& declarations, const std::string& name, const std::string& by) {
    for (std::string& declaration : declarations) {
      if (declaration.rfind(name + ":", 0) == 0) declaration = by;
    }
  }

  void set_condition(Message message, std::vector<std::string> arguments) {
    result_.condition = remark(message, std::move(arguments));
  }

  void find_example(const ClaimScene& scene, const Judged& judged) {
    for (std::size_t i = 0; i < judged.right.size() && !result_.counterexample; ++i) {
      if (judged.right[i] == no_node) continue;
      result_.counterexample = find_counterexample(scene, scene.readings[i], judged.right[i]);
    }
  }

  const Claim& claim_;
  const std::vector<std::string>& declarations_;
  CheckedClaim result_;
};

// What is wrong with a declaration is said where it is used.
std::set<std::string> names_of(const std::vector<std::string>& declarations) {
  std::set<std::string> names;
  for (const std::string& declaration : declarations) {
    if (const auto known = parse_declaration(declaration)) names.insert(known->name);
  }
  return names;
}

}  // namespace

Result<CheckedClaim> check(const Claim& claim, const std::vector<std::string>& declarations) {
  return Checker(claim, declarations).run();
}

// In a chain every link has to hold, and in one layout: the first that does not is explained.
Result<CheckedClaim> check(const CheckRequest& request) {
  const auto claims = read_claims(request.claim, request.notation, names_of(request.variables));
  if (!claims) return tl::make_unexpected(claims.error());
  std::optional<CheckedClaim> whole;
  for (const Claim& claim : *claims) {
    auto checked = check(claim, request.variables);
    if (!checked) return checked;
    if (!whole || checked->verdict != Verdict::holds) {
      whole = std::move(*checked);
      if (whole->verdict != Verdict::holds) break;
      continue;
    }
    std::vector<std::string> common;
    std::set_intersection(whole->true_in.begin(), whole->true_in.end(), checked->true_in.begin(),
                          checked->true_in.end(), std::back_inserter(common));
    if (common.empty() && !checked->true_in.empty()) {
      whole->verdict = Verdict::fails;
      whole->why.push_back(remark(Message::fault_layouts_of_chain));
    }
    whole->true_in = std::move(common);
    if (whole->verdict != Verdict::holds) break;
  }
  whole->claim = request.claim;
  return std::move(*whole);
}

}  // namespace matgrad
