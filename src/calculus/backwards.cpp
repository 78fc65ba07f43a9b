// SPDX-License-Identifier: MIT
// The gradient of a scalar, backwards through the letters: df = tr(G'*dr), so df/dr is G; dr = A*dX, so df/dX is A'*G.
#include <algorithm>
#include <map>

#include "calculus/differential.hpp"
#include "calculus/recorder.hpp"
#include "expr/walk.hpp"
#include "ops/structural.hpp"
#include "simplify/simplify.hpp"

namespace matgrad {
namespace {

class Backwards {
 public:
  explicit Backwards(Recorder& recorder) : build_(recorder.build), trace_(recorder.trace), r_(recorder) {}

  // df = tr(G'*dX) by all letters; G as it stands, with derivatives by letters in it.
  Result<Factor> run(NodeId expression) {
    const NodeId read = with_products(r_, trace_.function, expression);
    root_ = with_letters(r_, trace_.function, read);
    const auto stated = differentiate(r_, r_.differential_of(trace_.function), root_);
    if (!stated) return tl::make_unexpected(stated.error());
    if (auto moved = occurrences(root_, build_.number(1), *stated, false); !moved)
      return tl::make_unexpected(moved.error());
    const std::vector<Letter> letters = trace_.letters;
    for (std::size_t at = letters.size(); at-- > 0;) {
      if (auto staged = letter_stage(letters[at]); !staged) return tl::make_unexpected(staged.error());
    }
    if (parts_[r_.variable].empty()) {
      const Type& x = build_.type(r_.variable);
      return Factor{build_.zeros(x.rows, x.cols), Message::step_identify};
    }
    return total(r_.variable);
  }

 private:
  NodeId open(NodeId id) { return with_open_norms(r_, Simplifier(build_, Sums::open)(id)); }

  // Every occurrence of a letter or of the variable in a differential, moved to the end.
  Result<void> occurrences(NodeId id, NodeId upstream, NodeId differential, bool affine) {
    const std::vector<NodeId> leaves = r_.leaves_of(id);
    const NodeId opened = r_.oriented(opened_sum(leaves, differential));
    if (opened != differential) {
      show_opened(upstream, differential, opened);
      differential = opened;
    }
    std::size_t count = 0;
    for (NodeId leaf : leaves) count += terms_with(build_, differential, r_.differential_of(leaf)).size();
    for (NodeId leaf : leaves) {
      const NodeId change = r_.differential_of(leaf);
      if (!depends_on(build_.store(), differential, change)) continue;
      for (NodeId term : terms_with(build_, differential, change)) {
        const NodeId shown = r_.inner(upstream, count == 1 ? differential : term);
        const auto factor = move_to_end(r_, shown, upstream, count == 1 ? differential : term, change);
        if (!factor) return tl::make_unexpected(factor.error());
        const bool first = id == root_;
        const Message rule = first ? Message::step_identify : affine ? Message::step_chain_affine : Message::step_chain;
        parts_[leaf].push_back({open(*factor), rule});
      }
    }
    return {};
  }

  // Term by term first, then what is equal put together.
  void show_opened(NodeId upstream, NodeId closed, NodeId opened) {
    const Store& store = build_.store();
    const NodeList terms = r_.spread(closed);
    NodeId sum = opened;
    const auto collected = store.children(opened);
    const bool same = terms.size() == collected.size() &&
                      std::is_permutation(terms.begin(), terms.end(), collected.begin(), collected.end());
    if (terms.size() > 1 && !same) sum = build_.raw(op::add, dim_one, dim_one, 0, terms);
    const bool is_trace = store.type(store.children(closed).back()).is_matrix();
    r_.equation(words(is_trace ? Message::step_trace_sum : Message::step_multiplied_out),
                citation(is_trace ? sources::trace_sums : sources::above), r_.inner(upstream, closed),
                r_.inner(upstream, sum));
    r_.equation(words(Message::step_alike), citation(sources::traces), r_.inner(upstream, sum),
                r_.inner(upstream, opened));
  }

  // The trace of a sum as a sum of traces, what is equal put together.
  NodeId opened_sum(const std::vector<NodeId>& leaves, NodeId differential) {
    if (build_.store()[differential].op == op::add || !build_.type(differential).is_scalar()) return differential;
    NodeList terms;
    for (NodeId leaf : leaves) {
      const NodeId change = r_.differential_of(leaf);
      if (!depends_on(build_.store(), differential, change)) continue;
      for (NodeId term : terms_with(build_, differential, change)) terms.push_back(term);
    }
    return terms.size() > 1 ? build_.add(terms) : differential;
  }

  // Affine in its leaves: their changes stand in its differential between constants.
  bool is_affine(const Letter& letter, NodeId differential) {
    std::vector<NodeId> varying = r_.leaves_of(letter.value);
    varying.push_back(letter.symbol);
    for (NodeId id : topological(build_.store(), differential)) {
      for (NodeId leaf : varying) {
        if (id == leaf) return false;
      }
    }
    return true;
  }

  // What all occurrences of a leaf add up to.
  Factor total(NodeId leaf) {
    const std::vector<Factor>& parts = parts_[leaf];
    if (parts.size() == 1) return parts[0];
    NodeList factors;
    for (const Factor& part : parts) factors.push_back(part.factor);
    return {open(build_.add(factors)), Message::step_added_up};
  }

  // The function with the letters after `letter` put back.
  NodeId function_of(NodeId letter) {
    NodeId id = root_;
    for (std::size_t at = trace_.letters.size(); at-- > 0 && trace_.letters[at].symbol != letter;) {
      id = substitute(build_, id, trace_.letters[at].symbol, trace_.letters[at].value);
    }
    return id;
  }

  Result<void> letter_stage(const Letter& letter) {
    if (parts_[letter.symbol].empty()) return {};
    const Factor part = total(letter.symbol);
    const NodeId upstream =
        r_.derivative_by(trace_.function, function_of(letter.symbol), letter.symbol, Arrangement::gradient);
    r_.derivative(upstream)->value = part.factor;
    r_.equation(words(part.rule), citation(source_of(part.rule)), upstream, part.factor);
    const NodeId change = r_.differential_of(letter.symbol);
    const auto stated = differentiate(r_, change, letter.value, letter.symbol);
    if (!stated) return tl::make_unexpected(stated.error());
    const bool affine = is_affine(letter, *stated);
    r_.equation(words(Message::step_insert_differential), citation(sources::above), r_.inner(upstream, change),
                r_.inner(upstream, *stated), false);
    return occurrences(letter.value, upstream, *stated, affine);
  }

  Build& build_;
  Trace& trace_;
  Recorder& r_;
  NodeId root_ = no_node;                        // the function in letters
  std::map<NodeId, std::vector<Factor>> parts_;  // by leaf
};

}  // namespace

const char* source_of(Message rule) {
  if (rule == Message::step_identify) return sources::identification;
  return rule == Message::step_added_up ? sources::above : sources::chain_rule;
}

Result<Factor> gradient_by_letters(Recorder& recorder, NodeId expression) {
  return Backwards(recorder).run(expression);
}

}  // namespace matgrad
