// SPDX-License-Identifier: MIT
#include "engine/solve.hpp"

#include <algorithm>
#include <numeric>

#include "base/remark.hpp"
#include "calculus/differential.hpp"
#include "calculus/recorder.hpp"
#include "calculus/structured.hpp"
#include "engine/relation.hpp"
#include "engine/together.hpp"
#include "expr/walk.hpp"
#include "numeric/check_trace.hpp"
#include "ops/structural.hpp"
#include "print/text.hpp"
#include "simplify/simplify.hpp"
#include "solve/steps.hpp"

namespace matgrad {
namespace {

// Where the sides of an equation part; npos where there is no one such place.
std::size_t equals_sign(const std::string& text) {
  const std::size_t at = text.find('=');
  return at == std::string::npos || text.find('=', at + 1) != std::string::npos ? std::string::npos : at;
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string::npos ? text : text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::vector<std::string> parted(const std::string& list) {
  std::vector<std::string> names;
  std::size_t begin = 0;
  while (begin <= list.size()) {
    const std::size_t comma = std::min(list.find(',', begin), list.size());
    names.push_back(trimmed(list.substr(begin, comma - begin)));
    begin = comma + 1;
  }
  return names;
}

// "A*x = b" as an expression that is to vanish.
std::string residual_text(const std::string& equation) {
  const std::size_t at = equals_sign(equation);
  return trimmed(equation.substr(0, at)) + " - (" + trimmed(equation.substr(at + 1)) + ")";
}

class Solver {
 public:
  explicit Solver(const SolveRequest& request) : solved_(std::make_unique<Solved>()) { solved_->request = request; }

  Result<std::unique_ptr<Solved>> run() {
    release_orthogonal();
    if (auto inferred = infer_together(); !inferred) return tl::make_unexpected(inferred.error());
    const bool is_equation = solved_->request.expression.find('=') != std::string::npos;
    if (auto read = is_equation ? read_equation() : read_objective(); !read) return tl::make_unexpected(read.error());
    Build build(solved_->store());
    build_ = &build;
    if (auto found = find_unknowns(); !found) return tl::make_unexpected(found.error());
    if (auto read = read_constraints(); !read) return tl::make_unexpected(read.error());
    if (auto solved = is_equation ? solve_equation() : solve_objective(); !solved) {
      return tl::make_unexpected(solved.error());
    }
    write_trace();
    if (auto checked = check_steps(); !checked) return tl::make_unexpected(checked.error());
    return std::move(solved_);
  }

 private:
  // "X: orthogonal(n)" is a matrix with the constraint X'*X = I.
  void release_orthogonal() {
    SolveRequest& request = solved_->request;
    const std::vector<std::string> names = parted(request.unknowns);
    for (std::string& declaration : request.variables) {
      const std::string name = declaration.substr(0, declaration.find_first_of(" :"));
      const std::size_t at = declaration.find("orthogonal(");
      const std::size_t end = at == std::string::npos ? at : declaration.find(')', at);
      if (end == std::string::npos || std::find(names.begin(), names.end(), name) == names.end()) continue;
      const std::size_t begin = at + std::string("orthogonal(").size();
      const std::string n = declaration.substr(begin, end - begin);
      declaration.replace(at, end - at, std::string("matrix(").append(n).append(",").append(n));
      request.constraints.push_back(std::string(name).append("'*").append(name).append(" = I"));
    }
  }

  // What the constraints say of the shapes of names holds in the objective too.
  Result<void> infer_together() {
    SolveRequest& request = solved_->request;
    if (request.constraints.empty()) return {};
    std::vector<std::string> texts{request.expression};
    std::vector<Sides> equations;
    for (const std::string& constraint : request.constraints) {
      const std::size_t at = equals_sign(constraint);
      if (at == std::string::npos) return failure(Message::constraint_is_no_equation, {constraint});
      const std::string right = trimmed(constraint.substr(at + 1));
      texts.push_back(trimmed(constraint.substr(0, at)));
      if (number_in(right)) continue;  // of any shape
      texts.push_back(right);
      equations.emplace_back(texts.size() - 2, texts.size() - 1);
    }
    const auto together = read_together(request.variables, texts, request.notation, equations);
    if (!together) return tl::make_unexpected(together.error());
    solved_->notes = (*together)->notes;
    request.variables = (*together)->declarations();
    return {};
  }

  Result<void> read_objective() {
    DeriveRequest wanted;
    wanted.expression = solved_->request.expression;
    wanted.wrt = parted(solved_->request.unknowns)[0];
    wanted.variables = solved_->request.variables;
    wanted.notation = solved_->request.notation;
    wanted.verify = solved_->request.verify;
    wanted.steps = true;
    auto derived = derive(wanted);
    if (!derived) return tl::make_unexpected(derived.error());
    solved_->derivation = std::move(*derived);
    const Store& store = solved_->store();
    if (!store.type(solved_->derivation->input).is_scalar()) {
      return failure(Message::objective_is_no_scalar, {shape_text(store, store.type(solved_->derivation->input))});
    }
    const Diagnostics& notes = solved_->derivation->notes;
    solved_->notes.insert(solved_->notes.end(), notes.begin(), notes.end());
    return {};
  }

  Result<void> read_equation() {
    if (equals_sign(solved_->request.expression) == std::string::npos) return failure(Message::equation_has_two_sides);
    auto read = simplify_text(residual_text(solved_->request.expression), solved_->request.variables,
                              solved_->request.notation);
    if (!read) return tl::make_unexpected(read.error());
    solved_->equation = std::move(*read);
    solved_->notes = solved_->equation->notes;
    return {};
  }

  Result<void> find_unknowns() {
    for (const std::string& name : parted(solved_->request.unknowns)) {
      const Variable* variable = solved_->scope().find(name);
      if (variable == nullptr || variable->node == no_node) return failure(Message::unknown_not_found, {name});
      SolvedUnknown unknown;
      unknown.name = name;
      unknown.symbol = variable->node;
      solved_->unknowns.push_back(unknown);
    }
    return {};
  }

  Result<void> read_constraints() {
    Scope& scope = solved_->derivation ? solved_->derivation->scope : solved_->equation->scope;
    for (const std::string& text : solved_->request.constraints) {
      const auto tree = parse(residual_text(text), solved_->request.notation, scope.names());
      if (!tree) return tl::make_unexpected(tree.error());
      const auto elaborated = elaborate(scope, *tree);
      if (!elaborated) return tl::make_unexpected(elaborated.error());
      solved_->notes.insert(solved_->notes.end(), elaborated->notes.begin(), elaborated->notes.end());
      solved_->constraints.push_back(Simplifier(*build_)(elaborated->root));
    }
    return {};
  }

  Unknown unknown_of(NodeId symbol) {
    const Store& store = solved_->store();
    Type type = store.type(symbol);
    type.properties = linear_structure(type.properties);
    const std::string name = "d" + store.symbol_at(store[symbol].first).name;
    return {symbol, free_symbol(*build_, name, type, Symbol::Role::differential)};
  }

  Result<void> solve_equation() {
    if (solved_->unknowns.size() != 1 || !solved_->constraints.empty())
      return failure(Message::equation_of_one_unknown);
    SolvedUnknown& unknown = solved_->unknowns[0];
    const NodeId residual = solved_->equation->result;
    const Store& store = solved_->store();
    if (!store.type(residual).same_shape(store.type(unknown.symbol))) {
      return failure(Message::equation_of_another_shape, {shape_text(store, store.type(residual)),
                                                          shape_text(store, store.type(unknown.symbol)), unknown.name});
    }
    const Unknown symbols = unknown_of(unknown.symbol);
    const auto equation = as_linear(*build_, residual, symbols);
    const auto solution = equation ? solve_linear(*build_, *equation, symbols) : std::nullopt;
    if (!solution) return failure(Message::equation_is_not_linear, {unknown.name});
    unknown.point.value = unknown.value = solution->value;
    unknown.point.inverted = solution->inverted;
    unknown.point.steps.push_back(solving_step(Message::step_unknown_left, equation->left, equation->right));
    unknown.point.steps.insert(unknown.point.steps.end(), solution->steps.begin(), solution->steps.end());
    return confirm();
  }

  Result<void> solve_objective() {
    std::vector<NodeId> gradients;
    for (const SolvedUnknown& unknown : solved_->unknowns) {
      if (gradients.empty()) {
        gradients.push_back(solved_->derivation->presented.result);
        continue;
      }
      const auto gradient = gradient_by(*solved_->derivation, unknown.name);
      if (!gradient) return tl::make_unexpected(gradient.error());
      gradients.push_back(*gradient);
    }
    return in_any_order(gradients);
  }

  // In the order asked for, then in others: mu may be found where S is known but not with S put in.
  Result<void> in_any_order(const std::vector<NodeId>& gradients) {
    constexpr std::size_t most = 4;  // unknowns whose orders are tried
    const std::vector<SolvedUnknown> asked = solved_->unknowns;
    std::vector<std::size_t> order(asked.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Result<void> first = eliminate(gradients, 0);
    while (!first && asked.size() <= most && std::next_permutation(order.begin(), order.end())) {
      std::vector<NodeId> permuted;
      for (std::size_t i = 0; i < order.size(); ++i) {
        solved_->unknowns[i] = asked[order[i]];
        permuted.push_back(gradients[order[i]]);
      }
      if (auto found = eliminate(permuted, 0)) return found;
    }
    return first;
  }

  // Solves for the unknowns from `at` on, the earlier ones put in, with every candidate in turn.
  Result<void> eliminate(const std::vector<NodeId>& gradients, std::size_t at) {
    if (at == solved_->unknowns.size()) return confirm();
    SolvedUnknown& unknown = solved_->unknowns[at];
    NodeId gradient = gradients[at];
    for (std::size_t i = 0; i < at; ++i) {
      gradient = substitute(*build_, gradient, solved_->unknowns[i].symbol, solved_->unknowns[i].point.value);
    }
    gradient = Simplifier(*build_)(gradient);
    const std::vector<Stationary> candidates = candidates_for(gradient, unknown_of(unknown.symbol));
    std::optional<Result<void>> of_the_next;
    for (const Stationary& candidate : candidates) {
      unknown.point = candidate;
      auto found = eliminate(gradients, at + 1);
      if (found) return found;
      of_the_next = std::move(found);
    }
    // What numbers do not confirm rested on an inverse that there is not.
    if (of_the_next && at + 1 < solved_->unknowns.size()) return *of_the_next;
    if (is_constrained(unknown.symbol))
      return failure(Message::no_closed_form_constrained,
                     {unknown.name, solved_->scope().kind_text(*solved_->scope().find(unknown.name))});
    return failure(Message::no_closed_form, {unknown.name, to_text(solved_->store(), gradient)});
  }

  std::vector<Stationary> candidates_for(NodeId gradient, const Unknown& unknown) {
    NodeList residuals;
    for (NodeId constraint : solved_->constraints) {
      if (depends_on(solved_->store(), constraint, unknown.symbol)) residuals.push_back(constraint);
    }
    if (residuals.empty()) {
      std::vector<Stationary> points = stationary_points(*build_, gradient, unknown);
      return points.empty() ? scale_free_points(*build_, gradient, unknown) : points;
    }
    if (residuals.size() == 1) {
      const auto orthogonality = as_orthogonality(*build_, residuals[0], unknown.symbol);
      if (orthogonality) return orthogonal_points(*build_, gradient, *orthogonality, unknown);
    }
    return constrained_points(*build_, gradient, residuals, unknown);
  }

  bool is_constrained(NodeId symbol) const {
    return std::any_of(solved_->constraints.begin(), solved_->constraints.end(),
                       [&](NodeId constraint) { return depends_on(solved_->store(), constraint, symbol); });
  }

  // Puts the later unknowns into the earlier ones, and asks the numbers.
  Result<void> confirm() {
    std::vector<SolvedUnknown>& unknowns = solved_->unknowns;
    for (std::size_t i = unknowns.size(); i-- > 0;) {
      const NodeId found = unknowns[i].point.value;
      NodeId value = found;
      for (std::size_t j = i + 1; j < unknowns.size(); ++j) {
        value = substitute(*build_, value, unknowns[j].symbol, unknowns[j].value);
      }
      unknowns[i].value = value == found ? found : Simplifier(*build_)(value);
    }
    if (!solved_->request.verify) return {};
    StationaryClaim claim;
    if (solved_->derivation) claim.objective = solved_->derivation->input;
    for (const SolvedUnknown& unknown : unknowns) {
      claim.variables.push_back(unknown.symbol);
      claim.values.push_back(unknown.value);
    }
    if (claim.objective != no_node) {
      NodeId there = claim.objective;
      for (const SolvedUnknown& unknown : unknowns) there = substitute(*build_, there, unknown.symbol, unknown.value);
      claim.needed.push_back(there);
    }
    const std::vector<NodeId> inverses = inverses_needed();
    claim.needed.insert(claim.needed.end(), inverses.begin(), inverses.end());
    claim.constraints = solved_->constraints;
    if (solved_->equation) claim.constraints.push_back(solved_->equation->input);
    solved_->check = check_stationary(solved_->store(), claim, solved_->scope().conditions());
    if (!solved_->check.passed) return failure(Message::solution_not_confirmed, {solved_->check.reason});
    solved_->verified = true;
    return {};
  }

  bool depends_on_unknowns(NodeId id) const {
    return std::any_of(solved_->unknowns.begin(), solved_->unknowns.end(),
                       [&](const SolvedUnknown& unknown) { return depends_on(solved_->store(), id, unknown.symbol); });
  }

  std::vector<NodeId> inverses_needed() {
    std::vector<NodeId> inverses;
    for (const SolvedUnknown& unknown : solved_->unknowns) {
      for (NodeId matrix : unknown.point.inverted) {
        const NodeId inverse = build_->matrix_power(matrix, build_->number(-1));
        if (!depends_on_unknowns(inverse)) inverses.push_back(inverse);
      }
    }
    return inverses;
  }

  void write_trace() {
    Trace& trace = solved_->trace;
    trace.needed = inverses_needed();
    trace.function = free_symbol(*build_, "f", Type{});
    trace.input = solved_->unknowns[0].value;
    for (const SolvedUnknown& unknown : solved_->unknowns) {
      trace.letters.insert(trace.letters.end(), unknown.point.letters.begin(), unknown.point.letters.end());
      trace.steps.insert(trace.steps.end(), unknown.point.steps.begin(), unknown.point.steps.end());
    }
    for (const SolvedUnknown& unknown : solved_->unknowns) {
      trace.letters.push_back({unknown.symbol, unknown.value});
      if (unknown.value == unknown.point.value) continue;
      trace.steps.push_back(solving_step(Message::step_insert_unknowns, unknown.symbol, unknown.value));
    }
  }

  // The equations hold at the solution.
  Result<void> check_steps() {
    if (!solved_->request.verify) return {};
    const auto fault = check_trace(*build_, solved_->trace, solved_->scope().conditions());
    if (!fault) return {};
    const Step& step = solved_->trace.steps[fault->step];
    const std::string equation =
        to_text(solved_->store(), step.left).append(" = ").append(to_text(solved_->store(), step.right));
    const Message message = fault->reason.empty() ? Message::step_unchecked : Message::step_failed;
    return failure(message, {std::to_string(fault->step + 1), equation, fault->reason});
  }

  std::unique_ptr<Solved> solved_;
  Build* build_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Solved>> solve(const SolveRequest& request) {
  return Solver(request).run();
}

}  // namespace matgrad
