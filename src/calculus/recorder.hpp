// SPDX-License-Identifier: MIT
// What the steps of a trace are made of: the symbols for letters, differentials and derivatives, inner products left as
// they are written, and the steps themselves. Inner products and vecs are plain nodes, without canonical form: a step
// that moves a factor must not be undone by the constructor.
#pragma once

#include <initializer_list>

#include "calculus/trace.hpp"
#include "ops/operator.hpp"

namespace matgrad {

// A sentence of the catalogue in both languages; arguments are words in both, too.
Bilingual words(Message message, std::initializer_list<Bilingual> arguments = {});
Bilingual words(const Title& title);
Bilingual citation(const char* source);                           // of an entry
Bilingual then(const Bilingual& first, const Bilingual& second);  // "first; second"
Bilingual name_of(const Store& store, NodeId node);               // of its operator
Bilingual rule_name(const Store& store, NodeId node);
Bilingual rule_source(const Store& store, NodeId node);

class Recorder {
 public:
  Recorder(Build& builder, Trace& recorded, NodeId by, NodeId change)
      : build(builder), store(builder.store()), trace(recorded), variable(by), hole(change) {}

  // Adds an equation; nothing is added where both sides are the same or the last step said so already.
  void equation(Bilingual rule, Bilingual source, NodeId left, NodeId right, bool main = true);
  void define(NodeId letter, NodeId value);

  // A name that nothing has yet: the first of these letters, else the first with a number.
  std::string free_name(const char* letters) const;
  NodeId add_letter(const char* letters, NodeId value);

  // dX for the variable, dr for a letter, d(A*X) for anything else.
  NodeId differential_of(NodeId id);
  // df/dr.
  NodeId derivative_by(NodeId function, NodeId of, NodeId letter, Arrangement arrangement);
  DerivativeSymbol* derivative(NodeId symbol);

  // tr(U'*Z), or U'*Z for columns, or U*Z for scalars.
  NodeId inner(NodeId u, NodeId z);
  NodeId vec(NodeId a);
  bool is_trace(NodeId id) const;
  NodeId plain_product(NodeId a, NodeId b);
  // With the differential at the end of products and traces, as the rules are written: y'*dx for dx'*y, y.*dx.
  NodeId oriented(NodeId id);
  // The terms of an expression that is linear in differentials, multiplied out.
  NodeList spread(NodeId id);
  NodeId multiplied(Dim rows, Dim cols, const NodeList& factors);
  // The letters and the variable that `id` varies with, in order of definition; the variable last.
  std::vector<NodeId> leaves_of(NodeId id) const;
  // The parts of the differential of `id`, one a leaf.
  Result<NodeId> differential_by_leaves(NodeId id);

  Build& build;
  Store& store;
  Trace& trace;
  NodeId variable;
  NodeId hole;

 private:
  NodeId mark(const char* prefix, std::size_t number, NodeId shape, NodeId of, NodeId by);
  NodeId turned_around(NodeId id);
  NodeId turned(NodeId a);
  bool has_differential(NodeId id) const;
};

namespace sources {
inline constexpr const char* identification =
    "Magnus & Neudecker (2019), theorem 5.11 and chapter 9 | Magnus & Neudecker (2019)，定理 5.11 与第 9 章";
inline constexpr const char* chain_rule = "Magnus & Neudecker (2019), chapter 5 | Magnus & Neudecker (2019)，第 5 章";
inline constexpr const char* second_order =
    "Magnus & Neudecker (2019), chapter 10 | Magnus & Neudecker (2019)，第 10 章";
inline constexpr const char* definition = "definition | 定义";
inline constexpr const char* above = "from the steps above | 由以上各步";
inline constexpr const char* vecs = "Magnus & Neudecker (2019), 2.4; Matrix Cookbook (522)";
inline constexpr const char* free_entries = "Matrix Cookbook (138)";
inline constexpr const char* transposes = "Matrix Cookbook (5)";
inline constexpr const char* traces = "Magnus & Neudecker (2019), 1.10; Matrix Cookbook (16)";
inline constexpr const char* trace_transposes = "Magnus & Neudecker (2019), 1.10; Matrix Cookbook (13)";
inline constexpr const char* trace_sums = "Magnus & Neudecker (2019), 1.10; Matrix Cookbook (15)";
inline constexpr const char* duplication = "Magnus & Neudecker (2019), 3.8";
inline constexpr const char* elimination = "Magnus & Neudecker (1980)";
}  // namespace sources

// letters.cpp: the norms in `root` as inner products, then letters for what is long or occurs again. Adds the steps.
NodeId with_products(Recorder& recorder, NodeId function, NodeId root);
// Squared norms as inner products again, which simplifying made norms of.
NodeId with_open_norms(Recorder& recorder, NodeId root);
NodeId with_letters(Recorder& recorder, NodeId function, NodeId root);

// statements.cpp: d(root), rule by rule, for `left` = d(root); returns it as an expression in the leaves'
// differentials. Where `root` has a name of its own, it stands under that: dh = (1 - h.^2).*dz.
Result<NodeId> differentiate(Recorder& recorder, NodeId left, NodeId root, NodeId name = no_node);

// moves.cpp: shown = inner(upstream, term), linear in `change`, as inner(result, change).
Result<NodeId> move_to_end(Recorder& recorder, NodeId shown, NodeId upstream, NodeId term, NodeId change);
// vec(term) = result*vec(change).
Result<NodeId> matrix_of(Recorder& recorder, NodeId term, NodeId change);
// The terms of an expression that is linear in `change`, sums opened.
NodeList terms_with(Build& build, NodeId id, NodeId change);

// backwards.cpp: the factor G in df = tr(G'*dX), with derivatives by letters in it, and the rule that gives it.
struct Factor {
  NodeId factor = no_node;
  Message rule = Message::step_identify;
};
Result<Factor> gradient_by_letters(Recorder& recorder, NodeId expression);
const char* source_of(Message rule);

}  // namespace matgrad
