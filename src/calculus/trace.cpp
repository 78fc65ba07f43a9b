// SPDX-License-Identifier: MIT
#include "calculus/trace.hpp"

#include <algorithm>

#include "calculus/differential.hpp"
#include "calculus/recorder.hpp"
#include "calculus/structured.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

struct PropertyName {
  Properties property;
  Message message;
};
constexpr PropertyName property_names[] = {{diagonal, Message::property_diagonal},
                                           {symmetric, Message::property_symmetric},
                                           {skew, Message::property_skew},
                                           {lower, Message::property_lower},
                                           {upper, Message::property_upper}};

Bilingual name_of_structure(Properties structure) {
  for (const PropertyName& one : property_names) {
    if (structure & one.property) return words(one.message);
  }
  return {};
}

class Tracer {
 public:
  Tracer(Build& build, const Question& question, const Presented& presented, Trace& trace)
      : build_(build),
        q_(question),
        presented_(presented),
        trace_(trace),
        r_(build, trace, question.variable, question.order == 2 ? question.first_hole : question.hole) {}

  Result<void> run(NodeId input) {
    const Type& type = build_.type(input);
    trace_.input = input;
    Symbol function;
    function.name = r_.free_name(type.is_matrix() ? "FGHL" : "fghl");
    function.type = type;
    trace_.function = build_.symbol(build_.store().add_symbol(std::move(function)));
    if (q_.expression != input) {
      r_.equation(words(Message::step_normal_form), citation(sources::definition), trace_.function, q_.expression);
    }
    if (!depends_on(build_.store(), q_.expression, q_.variable)) return no_dependence();
    if (q_.order == 2) return second_order();
    const bool backwards = q_.form == Form::matrix && type.is_scalar() && !build_.type(q_.variable).is_scalar();
    return backwards ? scalar(false) : forwards(trace_.function, q_.expression);
  }

 private:
  Result<void> no_dependence() {
    r_.equation(words(Message::step_no_dependence), citation(sources::above), answer(), presented_.result);
    return {};
  }

  // The symbol for what is asked: dY/dX, dY, d²f.
  NodeId answer() {
    if (answer_ != no_node) return answer_;
    if (presented_.arrangement == Arrangement::differential) return answer_ = r_.differential_of(trace_.function);
    NodeId of = trace_.function;
    if (presented_.arrangement == Arrangement::hessian || presented_.arrangement == Arrangement::vech_hessian) {
      of = gradient_ != no_node
               ? gradient_
               : r_.derivative_by(trace_.function, trace_.function, q_.variable, Arrangement::gradient);
    }
    const NodeId by = q_.order == 2 && q_.second != no_node ? q_.second : q_.variable;
    answer_ = r_.derivative_by(of, trace_.function, by, presented_.arrangement);
    DerivativeSymbol& made = *r_.derivative(answer_);
    made.variable = q_.variable;
    made.second = q_.second;
    made.independent = q_.structure;
    made.transposed = presented_.transposed;
    made.free_entries = q_.symmetric_gradient == SymmetricGradient::free_entries;
    return answer_;
  }

  // The derivative identified as `rule` says, and transposed as the layout wants it.
  Bilingual in_layout(const Bilingual& rule) const {
    const Message numerator_or_not =
        q_.layout == Layout::numerator ? Message::step_numerator : Message::step_denominator;
    return then(rule, words(q_.by_row ? Message::step_row : numerator_or_not));
  }

  NodeId open(NodeId id) { return with_open_norms(r_, Simplifier(build_, Sums::open)(id)); }

  // The derivative by letters as far as it is known.
  NodeId with_derivatives(NodeId id) {
    for (std::size_t at = trace_.derivatives.size(); at-- > 0;) {
      const DerivativeSymbol one = trace_.derivatives[at];
      if (one.value != no_node && one.symbol != gradient_) id = substitute(build_, id, one.symbol, one.value);
    }
    // A value may hold the derivatives by letters that come after it, which were found before it.
    for (const DerivativeSymbol& one : std::vector<DerivativeSymbol>(trace_.derivatives)) {
      if (one.value != no_node && one.symbol != gradient_ && depends_on(build_.store(), id, one.symbol)) {
        return with_derivatives(id);
      }
    }
    return id;
  }

  // What leads from the last step to an expression in the variables alone.
  Message last_rule() {
    const NodeId last = trace_.steps.empty() ? trace_.function : trace_.steps.back().right;
    for (const Letter& letter : trace_.letters) {
      if (depends_on(build_.store(), last, letter.symbol)) return Message::step_letters_back_simplified;
    }
    return Message::step_simplified;
  }

  // ---- scalars, backwards

  Result<void> scalar(bool only_gradient) {
    const auto part = gradient_by_letters(r_, q_.expression);
    if (!part) return tl::make_unexpected(part.error());
    const Properties structure = only_gradient ? 0 : linear_structure(build_.type(q_.variable).properties);
    const bool transposed = !only_gradient && presented_.transposed;
    const bool plain = structure == 0 && !transposed && (only_gradient || !q_.manifold);
    const NodeId target = only_gradient ? gradient_symbol() : answer();
    const NodeId known = with_derivatives(part->factor);
    if (plain && part->rule == Message::step_added_up) {
      r_.equation(words(part->rule), citation(sources::above), r_.differential_of(trace_.function),
                  r_.inner(part->factor, r_.hole));
      r_.equation(words(Message::step_identify), citation(sources::identification), target, part->factor);
      r_.equation(words(Message::step_insert_derivative), citation(sources::above), target, known);
      return {};
    }
    if (plain) {
      r_.equation(words(part->rule), citation(source_of(part->rule)), target, part->factor);
      r_.equation(words(Message::step_insert_derivative), citation(sources::above), target, known);
      return {};
    }
    const NodeId change = r_.differential_of(trace_.function);
    r_.equation(words(part->rule == Message::step_added_up ? Message::step_added_up : Message::step_inner_product),
                citation(sources::above), change, r_.inner(part->factor, r_.hole));
    r_.equation(words(Message::step_insert_derivative), citation(sources::above), change, r_.inner(known, r_.hole));
    finish(known, structure, transposed);
    return {};
  }

  void finish(NodeId gradient, Properties structure, bool transposed) {
    if (q_.manifold) {
      const auto riemannian = riemannian_gradient(build_, gradient, q_.variable);
      gradient = transposed ? build_.transpose(riemannian->gradient) : riemannian->gradient;
      r_.equation(words(Message::step_riemannian), citation(sources::definition), answer(), gradient);
      return;
    }
    if (structure != 0) {
      const NodeId projected = projected_gradient(build_, gradient, structure, q_.symmetric_gradient);
      gradient = transposed ? build_.transpose(projected) : projected;
      const bool free = structure == symmetric && q_.symmetric_gradient == SymmetricGradient::free_entries;
      Bilingual rule = words(Message::step_projection, {name_of_structure(structure)});
      if (free) rule = words(Message::step_free_entries);
      if (gradient != projected) rule = in_layout(rule);
      r_.equation(rule, citation(free ? sources::free_entries : sources::identification), answer(), gradient);
      return;
    }
    r_.equation(in_layout(words(Message::step_identify)), citation(sources::identification), answer(),
                build_.transpose(gradient));
  }

  NodeId gradient_symbol() {
    gradient_ = r_.derivative_by(trace_.function, trace_.function, q_.variable, Arrangement::gradient);
    return gradient_;
  }

  // ---- everything else, forwards

  // The differential in the variable's change alone, the letters' differentials put in.
  Result<NodeId> total_differential(NodeId function, NodeId expression) {
    const NodeId read = with_products(r_, function, expression);
    root_ = with_letters(r_, function, read);
    const NodeId change = r_.differential_of(function);
    auto total = differentiate(r_, change, root_);
    if (!total) return total;
    const std::vector<Letter> letters = trace_.letters;
    for (std::size_t at = letters.size(); at-- > 0;) {
      const NodeId letter = r_.differential_of(letters[at].symbol);
      if (!depends_on(build_.store(), *total, letter)) continue;
      auto stated = differentiate(r_, letter, letters[at].value, letters[at].symbol);
      if (!stated) return stated;
      total = r_.oriented(open(substitute(build_, *total, letter, *stated)));
    }
    r_.equation(words(Message::step_insert_differential), citation(sources::above), change, *total);
    return total;
  }

  Result<void> forwards(NodeId function, NodeId expression) {
    const auto total = total_differential(function, expression);
    if (!total) return tl::make_unexpected(total.error());
    switch (presented_.arrangement) {
      case Arrangement::differential:
      case Arrangement::second_differential: answer_ = r_.differential_of(function); return {};
      case Arrangement::block: return by_block(function, *total);
      default: break;
    }
    if (q_.form == Form::vech) return by_vech(function, *total);
    const bool rate = build_.type(r_.variable).is_scalar();
    return rate && presented_.arrangement != Arrangement::jacobian ? by_scalar(*total) : by_vec(function, *total);
  }

  Result<void> by_scalar(NodeId total) {
    const NodeId rate = substitute(build_, total, r_.hole, build_.number(1));
    const bool turn = presented_.transposed && !build_.type(rate).is_scalar();
    r_.equation(turn ? in_layout(words(Message::step_rate)) : words(Message::step_rate),
                citation(sources::identification), answer(), turn ? build_.transpose(rate) : rate);
    return {};
  }

  Result<void> by_block(NodeId function, NodeId total) {
    if (const auto jacobian = vec_form(function, total); !jacobian) return tl::make_unexpected(jacobian.error());
    r_.equation(words(Message::step_block), citation(sources::definition), answer(), presented_.result);
    return {};
  }

  // The matrix in front of vec(dX), for which vec(dF) is written; nothing where F does not vary.
  Result<NodeId> vec_form(NodeId function, NodeId total) {
    NodeList matrices;
    const NodeList terms = terms_with(build_, total, r_.hole);
    if (!depends_on(build_.store(), total, r_.hole)) return no_node;
    const NodeId change = r_.vec(r_.differential_of(function));
    if (change != r_.differential_of(function)) {
      NodeList vecs;
      for (NodeId term : terms) vecs.push_back(r_.vec(term));
      const Type& type = build_.type(change);
      r_.equation(words(Message::step_vec_of_differential), citation(sources::vecs), change,
                  vecs.size() == 1 ? vecs[0] : build_.raw(op::add, type.rows, type.cols, 0, vecs));
    }
    for (NodeId term : terms) {
      const auto matrix = matrix_of(r_, term, r_.hole);
      if (!matrix) return tl::make_unexpected(matrix.error());
      matrices.push_back(*matrix);
    }
    const NodeId jacobian = open(build_.add(matrices));
    r_.equation(words(terms.size() > 1 ? Message::step_added_up : Message::step_collect), citation(sources::above),
                change, r_.plain_product(jacobian, r_.vec(r_.hole)));
    return jacobian;
  }

  // vec(dX) = M*vech(dX); a second derivative is by these entries once more.
  Result<void> by_vech(NodeId function, NodeId total) {
    const auto all = vec_form(function, total);
    if (!all) return tl::make_unexpected(all.error());
    if (*all == no_node) return no_dependence();
    const char* source = q_.structure & symmetric ? sources::duplication : sources::elimination;
    const NodeId entries = *over_independent_entries(build_, build_.type(q_.variable).rows, q_.structure);
    NodeId matrix = build_.product(*all, entries);
    if (q_.order == 2) matrix = build_.product(build_.transpose(entries), matrix);
    if (presented_.transposed) matrix = build_.transpose(matrix);
    const Bilingual rule = words(Message::step_independent_entries, {name_of_structure(q_.structure)});
    r_.equation(rule, citation(source), answer(), matrix);
    return {};
  }

  Result<void> by_vec(NodeId function, NodeId total) {
    const auto found = vec_form(function, total);
    if (!found) return tl::make_unexpected(found.error());
    if (*found == no_node) return no_dependence();
    NodeId jacobian = *found;
    const Properties structure = q_.order == 2 ? 0 : linear_structure(build_.type(q_.variable).properties);
    Bilingual rule = words(Message::step_identify_matrix);
    if (structure != 0) {
      jacobian = projected_jacobian(build_, jacobian, build_.type(q_.variable).rows, structure);
      rule = words(Message::step_projection, {name_of_structure(structure)});
    }
    if (presented_.transposed) {
      jacobian = build_.transpose(jacobian);
      rule = in_layout(rule);
    }
    const char* source = q_.order == 2 ? sources::second_order : sources::identification;
    r_.equation(rule, citation(source), answer(), jacobian);
    return {};
  }

  // ---- second derivatives

  Result<void> second_order() {
    if (presented_.arrangement == Arrangement::second_differential) return second_differential();
    const NodeId expression = q_.expression;
    if (build_.type(q_.variable).is_scalar()) {
      const auto total = total_differential(trace_.function, expression);
      if (!total) return tl::make_unexpected(total.error());
      r_.equation(words(Message::step_rate), citation(sources::identification), gradient_symbol(),
                  substitute(build_, *total, r_.hole, build_.number(1)));
    } else if (auto first = scalar(true); !first) {
      return first;
    }
    const auto engine = adjoint(build_, expression, q_.variable, build_.number(1));
    if (!engine) return tl::make_unexpected(engine.error());
    const NodeId gradient = Simplifier(build_)(*engine);
    r_.equation(words(last_rule()), citation(sources::above), gradient_, gradient);
    r_.derivative(gradient_)->value = gradient;
    turn_to_second();
    return forwards(gradient_, gradient);
  }

  Result<void> second_differential() {
    const auto first = total_differential(trace_.function, q_.expression);
    if (!first) return tl::make_unexpected(first.error());
    const NodeId change = r_.differential_of(trace_.function);
    const auto engine = differential(build_, q_.expression, q_.variable, r_.hole);
    if (!engine) return tl::make_unexpected(engine.error());
    const NodeId written = r_.oriented(Simplifier(build_)(*engine));
    r_.equation(words(last_rule()), citation(sources::above), change, written);
    DerivativeSymbol known;
    known.symbol = change;
    known.of = trace_.function;
    known.variable = q_.variable;
    known.arrangement = Arrangement::differential;
    known.value = written;
    trace_.derivatives.push_back(known);
    turn_to_second();
    return forwards(change, written);
  }

  void turn_to_second() {
    r_.variable = q_.second == no_node ? q_.variable : q_.second;
    r_.hole = q_.hole;
  }

 public:
  // The last steps: the letters put back, and the result as it is printed.
  void end() {
    std::vector<const Rewrite*> used;
    const NodeId last = trace_.steps.back().left == answer_ ? trace_.steps.back().right : no_node;
    if (last != no_node) {
      Simplifier simplify(build_);
      simplify.record(&used);
      simplify(without_letters(build_, trace_, last));
    }
    Bilingual names;
    for (const Rewrite* rewrite : used) {
      const bool first = names.english.empty();
      if (!first && names.english.find(rewrite->name.english) != std::string::npos) continue;
      names.english.append(first ? "" : ", ").append(rewrite->name.english);
      names.chinese.append(first ? "" : "，").append(rewrite->name.chinese);
    }
    if (!used.empty() && last_rule() == Message::step_letters_back_simplified) {
      r_.equation(words(Message::step_letters_back), citation(sources::above), answer_,
                  without_letters(build_, trace_, last), false);
    }
    const Bilingual rule = used.empty() ? words(last_rule()) : words(Message::step_simplified_by, {names});
    r_.equation(rule, citation(sources::above), answer_, presented_.result);
    // A normal form that is read as the input was written, x'*x for norm2(x)^2, says nothing.
    const bool there_and_back = trace_.steps.size() > 2 && trace_.steps[0].left == trace_.function &&
                                trace_.steps[1].left == trace_.function && trace_.steps[1].right == trace_.input;
    if (there_and_back) trace_.steps.erase(trace_.steps.begin(), trace_.steps.begin() + 2);
  }

 private:
  Build& build_;
  const Question& q_;
  const Presented& presented_;
  Trace& trace_;
  Recorder r_;
  NodeId root_ = no_node;      // the function in letters
  NodeId answer_ = no_node;    // the symbol for what is asked
  NodeId gradient_ = no_node;  // of a second derivative
};

}  // namespace

NodeId without_letters(Build& build, const Trace& trace, NodeId id, NodeId held) {
  for (bool changed = true; changed;) {
    const NodeId before = id;
    for (std::size_t at = trace.derivatives.size(); at-- > 0;) {
      const DerivativeSymbol& one = trace.derivatives[at];
      if (one.value != no_node) id = substitute(build, id, one.symbol, one.value);
    }
    for (std::size_t at = trace.letters.size(); at-- > 0;) {
      const Letter& letter = trace.letters[at];
      if (letter.symbol != held) id = substitute(build, id, letter.symbol, letter.value);
    }
    id = substitute(build, id, trace.function, trace.input);
    changed = id != before;
  }
  return id;
}

Result<Trace> trace(Build& build, const Question& question, const Presented& presented, NodeId input) {
  Trace result;
  Tracer tracer(build, question, presented, result);
  if (auto done = tracer.run(input); !done) return tl::make_unexpected(done.error());
  tracer.end();
  return result;
}

}  // namespace matgrad
