// SPDX-License-Identifier: MIT
// What the engine answers: it verifies itself, prints what parses back, and its layouts are transposes of each other.
#include <algorithm>
#include <array>

#include "calculus/differential.hpp"
#include "calculus/structured.hpp"
#include "engine/derive.hpp"
#include "expr/walk.hpp"
#include "numeric/evaluate.hpp"
#include "plan_check.hpp"
#include "print/text.hpp"
#include "random_trial.hpp"
#include "round_trip.hpp"

namespace matgrad {
namespace {

bool has(const Diagnostics& errors, Message message) {
  return std::any_of(errors.begin(), errors.end(), [&](const Diagnostic& d) { return d.message == message; });
}

constexpr const char* form_names[] = {"matrix", "differential", "vec", "vech", "block"};

// "order 2, vec, mixed": what is counted as one kind of question.
std::string kind_of(const DeriveRequest& request) {
  std::string text = "order " + std::to_string(request.order) + ", " + form_names[static_cast<int>(request.form)];
  if (request.wrt.find(',') != std::string::npos) text += ", mixed";
  if (request.wrt.find('\'') != std::string::npos) text += ", by a row";
  if (request.symmetric_gradient == SymmetricGradient::free_entries) text += ", free entries";
  if (request.manifold) text += ", on the manifold";
  return text;
}

std::string named(const DeriveRequest& request) {
  const char* layout = request.layout == Layout::numerator ? "numerator" : "denominator";
  return "by " + request.wrt + ", " + kind_of(request) + ", " + layout + " layout: ";
}

Verdict layouts_agree(Derivation& d) {
  const bool in_layouts = d.request.form == Form::matrix || d.request.form == Form::vec || d.request.form == Form::vech;
  if (d.request.order != 1 || d.request.manifold || !in_layouts) return std::nullopt;
  Build build(d.store);
  Question question = d.question;
  question.layout = question.layout == Layout::numerator ? Layout::denominator : Layout::numerator;
  const auto other = present(build, question);
  if (!other) return "only one of the layouts is refused";
  const NodeId turned = build.transpose(other->result);
  if (turned == d.presented.result) return std::nullopt;
  const auto at = sample(d.store, std::array{turned, d.presented.result}, d.scope.conditions(), 3);
  if (!at) return std::nullopt;
  const auto a = evaluate(d.store, turned, *at);
  const auto b = evaluate(d.store, d.presented.result, *at);
  if (!a || !b || close(*a, *b)) return std::nullopt;
  return "the layouts are not transposes: " + to_text(d.store, d.presented.result) + "  and  " +
         to_text(d.store, other->result);
}

// The value and its derivative, planned together.
Verdict plan_computes_both(Derivation& d) {
  Build build(d.store);
  const std::array roots{d.input, d.presented.result};
  const auto at = sample(d.store, roots, d.scope.conditions(), 4);
  if (!at) return std::nullopt;
  const std::string fault = plan_fault(build, roots, *at);
  return fault.empty() ? std::nullopt : Verdict(fault);
}

// The names that the JSON gives to shared parts stand for what they replace.
Verdict names_stand_for_parts(Derivation& d) {
  Build build(d.store);
  std::vector<NodeId> roots = d.shared.roots;
  for (std::size_t at = d.shared.lets.size(); at-- > 0;) {
    const Let& let = d.shared.lets[at];
    for (NodeId& root : roots) root = substitute(build, root, let.symbol, let.value);
  }
  if (roots[0] == d.presented.result && (roots.size() == 1 || roots[1] == d.presented.gradient)) return std::nullopt;
  return "with its names put back the result is " + to_text(d.store, roots[0]);
}

void count(Trial& t, const Derivation& d) {
  ++(d.request.order == 2 ? t.counts.hessians : t.counts.derivatives);
  ++t.counts.questions[kind_of(d.request)];
  const std::size_t order = d.request.order == 2 ? 1 : 0;
  auto nodes = [&](NodeId id) { return static_cast<double>(topological(d.store, id).size()); };
  auto operators = [&](NodeId id) { return static_cast<double>(d.store[id].weight) + 1; };
  t.counts.nodes[order].count(nodes(d.presented.result) / nodes(d.input), t.expression.seed);
  t.counts.operators[order].count(operators(d.presented.result) / operators(d.input), t.expression.seed);
}

Verdict derive_once(Trial& t, const DeriveRequest& request) {
  const auto d = derive(request);
  if (!d) {
    const Diagnostics& errors = d.error();
    if (has(errors, Message::verification_failed)) return named(request) + rendered(errors, t.text);
    if (has(errors, Message::no_point_to_verify) || has(errors, Message::no_derivative) ||
        has(errors, Message::hessian_of_structured_only)) {
      const bool has_value = errors[0].arguments[0].find("the result has no finite value") == std::string::npos;
      ++(has_value ? t.counts.refused : t.counts.outside);
      return std::nullopt;
    }
    // Of entries that are 0 by structure, as in the derivative of sqrt(L).
    if (has(errors, Message::block_of_structured) || has(errors, Message::division_by_zero)) return std::nullopt;
    return named(request) + rendered(errors, t.text);
  }
  count(t, **d);
  if (const std::string wrong = broken_round_trip(**d); !wrong.empty()) return named(request) + wrong;
  if (auto wrong = layouts_agree(**d)) return named(request) + *wrong;
  if (auto wrong = names_stand_for_parts(**d)) return named(request) + *wrong;
  if (auto wrong = plan_computes_both(**d)) return named(request) + *wrong;
  return std::nullopt;
}

// The questions to ask of one variable: the gradient or Jacobian always, the others now and then, or all of them.
class Questions {
 public:
  Questions(Trial& t, const Variable& variable) : t_(t), variable_(variable) {
    plain_.expression = t.text;
    plain_.wrt = variable.name;
    plain_.variables = t.expression.declarations();
    plain_.shared = true;
    plain_.layout = t.random() % 2 == 0 ? Layout::numerator : Layout::denominator;
  }

  std::vector<DeriveRequest> run() {
    const bool scalar = t_.store.type(t_.input).is_scalar();
    const Type type = t_.store.type(variable_.node);
    add(plain_);
    for (Form form : {Form::vec, Form::block, Form::differential}) {
      if (one_in(9)) add(with(form));
    }
    const bool over_vech = !type.has(diagonal) && (type.has(symmetric) || type.has(lower) || type.has(upper));
    if (over_vech && one_in(3)) add(with(Form::vech));
    if (type.is_column() && one_in(6)) add(by_row());
    if (scalar && type.is_matrix() && type.has(symmetric) && one_in(3)) add(by_free_entries());
    if (!scalar) return std::move(requests_);
    if (linear_structure(type.properties) != 0 || type.has(orthogonal)) add(on_manifold());
    if (over_vech && one_in(6)) add(second(Form::vech));
    for (Form form : {Form::matrix, Form::vec, Form::differential}) {
      if (one_in(form == Form::vec ? 12 : 6)) add(second(form));
      if (one_in(12)) add(mixed(form));
    }
    return std::move(requests_);
  }

 private:
  bool one_in(unsigned count) { return t_.options.thorough || t_.random() % count == 0; }
  void add(const DeriveRequest& request) {
    if (!request.wrt.empty()) requests_.push_back(request);
  }
  DeriveRequest with(Form form) {
    DeriveRequest request = plain_;
    request.form = form;
    return request;
  }
  DeriveRequest by_row() {
    DeriveRequest request = plain_;
    request.wrt += "'";
    return request;
  }
  DeriveRequest by_free_entries() {
    DeriveRequest request = plain_;
    request.symmetric_gradient = SymmetricGradient::free_entries;
    return request;
  }
  DeriveRequest on_manifold() {
    DeriveRequest request = plain_;
    request.manifold = true;
    return request;
  }
  DeriveRequest second(Form form) {
    DeriveRequest request = with(form);
    request.order = 2;
    return request;
  }
  // By this variable and another one; by none where there is no other.
  DeriveRequest mixed(Form form) {
    DeriveRequest request = second(form);
    request.wrt.clear();
    const std::vector<const Variable*> all = t_.variables();
    if (all.size() < 2) return request;
    const Variable* other = all[t_.random() % all.size()];
    if (other != &variable_) request.wrt = std::string(variable_.name).append(",").append(other->name);
    return request;
  }

  Trial& t_;
  const Variable& variable_;
  DeriveRequest plain_;
  std::vector<DeriveRequest> requests_;
};

}  // namespace

Verdict derivation_property(Trial& t) {
  for (const Variable* variable : t.chosen_variables()) {
    for (const DeriveRequest& request : Questions(t, *variable).run()) {
      if (auto wrong = derive_once(t, request)) return wrong;
    }
  }
  return std::nullopt;
}

}  // namespace matgrad
