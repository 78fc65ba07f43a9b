// SPDX-License-Identifier: MIT
#include "syntax/infer.hpp"

#include <unordered_map>

#include "ops/selections.hpp"
#include "syntax/infer_call.hpp"

namespace matgrad {
namespace {

constexpr std::size_t most_problems = 20;
// Node visits over all passes: what a large expression may cost before its guesses are taken as they are.
constexpr std::size_t most_visits = 4'000'000;
constexpr std::int64_t largest_size = std::int64_t{1} << 31;

}  // namespace

Inference::Inference(Scope& scope, const Forest& forest, Names& names, std::span<const Sides> equations)
    : scope_(scope),
      dims_(scope.store().dims),
      forest_(forest),
      names_(names),
      equations_(equations.begin(), equations.end()),
      unifier_(dims_) {}

Dim Inference::fresh() {
  if (pool_used_ == pool_.size()) pool_.push_back(dims_.unknown());
  return pool_[pool_used_++];
}

void Inference::run() {
  const std::size_t most_passes = 2 * names_.entries.size() + 4;
  std::size_t visits = 0;
  for (std::size_t passes = 1;; ++passes) {
    visits += forest_.order().size();
    may_change_ = passes < most_passes && visits < most_visits;
    pass();
    if (!changed_ || !may_change_) return;
  }
}

void Inference::pass() {
  unifier_ = Unifier(dims_);
  pool_used_ = 0;
  changed_ = false;
  problems_.clear();
  indexed_.clear();
  choices_.clear();
  shapes_.assign(forest_.size(), Shape{});
  poisoned_.assign(forest_.size(), false);
  chosen_.assign(forest_.size(), no_operator);
  sizes_.assign(forest_.size(), no_dim);
  entry_shapes_.assign(names_.entries.size(), Shape{});
  for (std::uint32_t i = 0; i < names_.entries.size(); ++i) start_entry(i);
  for (std::uint32_t at : forest_.order()) {
    if (problems_.size() >= most_problems) return;
    infer(at);
  }
  finish_pass();
}

void Inference::start_entry(std::uint32_t index) {
  const NameEntry& entry = names_.entries[index];
  Shape& shape = entry_shapes_[index];
  if (entry.known != nullptr) {
    shape = {entry.known->rows, entry.known->cols};
  } else if (entry.kind == Kind::vector) {
    shape = {fresh(), dim_one};
  } else if (entry.kind != Kind::scalar) {
    shape.rows = fresh();
    shape.cols = fresh();
  }
  // A vector is not a scalar, and a matrix no row by accident; as a column it becomes a vector.
  const bool is_row = entry.known == nullptr && entry.raised_to_row;
  if (shape.rows != dim_one && !is_row) unifier_.forbid_one(shape.rows);
  if (entry.known != nullptr && shape.cols != dim_one) unifier_.forbid_one(shape.cols);
}

// What only the whole expression can tell.
void Inference::finish_pass() {
  std::pair<Dim, Dim> clash;
  const auto& roots = forest_.roots();
  for (const auto& [first, second] : equations_) {
    const std::uint32_t left = roots[first];
    const std::uint32_t right = roots[second];
    if (is_scalar(left) != is_scalar(right)) {
      raise_terms(left, right, true);
      raise_terms(right, left, true);
      if (!changed_) is_scalar(left) ? lower_name(right, left) : lower_name(left, right);
    }
    if (!changed_ && !unify_shapes(left, right, right, clash)) {
      fail({Message::shapes_differ, right, {"="}, {left, right}, clash});
    }
  }
  size_by_indices();
  if (!changed_) lower_columns();
  report_failures();
  if (!changed_ && problems_.empty()) settle_waiting();
  for (std::uint32_t at : forest_.order()) shape(at);
  if (unifier_.overflowed()) fail({Message::dimension_too_large, roots[0], {}, {}, std::nullopt});
}

// A matrix by convention whose use makes it one column wide is a vector.
void Inference::lower_columns() {
  for (std::uint32_t i = 0; i < names_.entries.size(); ++i) {
    const NameEntry& entry = names_.entries[i];
    if (entry.known != nullptr || entry.kind != Kind::matrix || (entry.uses & used_as_matrix)) continue;
    if (entry_shape(i).cols == dim_one) raise(i, Kind::vector, entry.first);
  }
}

// A vector by convention that is to equal a number, as in x'*y = r, is one.
void Inference::lower_name(std::uint32_t at, std::uint32_t number) {
  if (names_.meaning[at] != Meaning::variable) return;
  const NameEntry& entry = names_.entries[names_.id[at]];
  const bool is_by_convention = entry.known == nullptr && !entry.raised && entry.uses == 0;
  if (is_by_convention && entry.kind == Kind::vector) raise(names_.id[at], Kind::scalar, number);
}

// Equations that waited and came out false.
void Inference::report_failures() {
  for (const Unifier::Equation& equation : unifier_.take_failures()) {
    fail({Message::sizes_differ,
          equation.reason,
          {forest_.text(equation.reason)},
          {},
          std::pair(equation.left, equation.right)});
  }
}

// Whether K(m,n) is what the product applies to its last factor: then m and n go with rows and columns as they stand.
bool Inference::is_commutation(std::uint32_t at) const {
  if (forest_[at].kind != Syntax::multiply) return false;
  for (at = forest_.child(at, 0); forest_[at].kind == Syntax::multiply;) at = forest_.child(at, 1);
  return names_.meaning[at] == Meaning::selection && find_selection(forest_[at].text)->op == op::commutation;
}

// Equal sizes must read the same when the expression is built. Where open ones leave a choice it is made here.
void Inference::settle_waiting() {
  // Rows and columns of one name: those of vec(X), which goes with kron(B',A) as X goes between A and B.
  std::unordered_map<Atom, Atom> cols_of;
  for (std::uint32_t i = 0; i < names_.entries.size(); ++i) {
    const Shape shape = entry_shape(i);
    const auto rows = dims_.as_atom(shape.rows);
    const auto cols = dims_.as_atom(shape.cols);
    if (rows && cols) cols_of.emplace(*rows, *cols);
  }
  auto is_one_name = [&](const Polynomial& terms) {
    if (terms.size() != 1 || terms[0].atoms.size() != 2) return false;
    const auto at = cols_of.find(terms[0].atoms[0]);
    return at != cols_of.end() && at->second == terms[0].atoms[1];
  };
  for (const Unifier::Equation& equation : unifier_.waiting()) {
    const Dim left = unifier_.resolve(equation.left);
    const Dim right = unifier_.resolve(equation.right);
    if (left == right) continue;
    const bool forward = is_commutation(equation.reason);
    const bool reversed = !forward && (is_one_name(dims_.polynomial(left)) || is_one_name(dims_.polynomial(right)));
    if (unifier_.choose(equation, reversed)) {
      if (!forward) choices_.push_back(equation.reason);
    } else {
      fail({Message::sizes_not_known,
            equation.reason,
            {forest_.text(equation.reason)},
            {},
            std::pair(equation.left, equation.right)});
    }
  }
  report_failures();
}

void Inference::fail(Problem problem) {
  poisoned_[problem.node] = true;
  shapes_[problem.node] = {fresh(), fresh()};
  if (problems_.size() < most_problems) problems_.push_back(std::move(problem));
}

bool Inference::is_scalar(std::uint32_t at) {
  const Shape now = shape(at);
  return now.rows == dim_one && now.cols == dim_one;
}

bool Inference::is_open(Dim dim) {
  const auto atom = dims_.as_atom(dim);
  return atom && dims_.is_unknown(*atom);
}

bool Inference::unify(Dim a, Dim b, std::uint32_t reason, std::pair<Dim, Dim>& clash) {
  if (unifier_.unify(a, b, reason) != Unifier::Outcome::mismatch) return true;
  clash = {a, b};
  return false;
}

bool Inference::unify_shapes(std::uint32_t a, std::uint32_t b, std::uint32_t reason, std::pair<Dim, Dim>& clash) {
  const Shape left = shapes_[a];
  const Shape right = shapes_[b];
  return unify(left.rows, right.rows, reason, clash) && unify(left.cols, right.cols, reason, clash);
}

// ---------------------------------------------------------------- kinds that change

bool Inference::raise(std::uint32_t index, Kind kind, std::uint32_t because) {
  NameEntry& entry = names_.entries[index];
  if (!may_change_ || entry.known != nullptr || entry.kind == kind) return false;
  entry.kind = kind;
  entry.may_rise = false;
  entry.raised = true;
  entry.raised_by = because;
  changed_ = true;
  start_entry(index);
  return true;
}

// Bare names of a scalar term take the shape of what the term is added to: A*x - b makes b a vector.
void Inference::raise_terms(std::uint32_t at, std::uint32_t other, bool through_sums) {
  std::vector<std::uint32_t> pending{at};
  while (!pending.empty()) {
    const std::uint32_t term = pending.back();
    pending.pop_back();
    const Syntax kind = forest_[term].kind;
    if (kind == Syntax::negate) pending.push_back(forest_.child(term, 0));
    if (through_sums && (kind == Syntax::add || kind == Syntax::subtract)) {
      pending.push_back(forest_.child(term, 0));
      pending.push_back(forest_.child(term, 1));
    }
    if (names_.meaning[term] != Meaning::variable || !names_.entries[names_.id[term]].may_rise) continue;
    names_.entries[names_.id[term]].raised_to_row = shape(other).rows == dim_one;
    raise(names_.id[term], shape(other).cols == dim_one ? Kind::vector : Kind::matrix, other);
  }
}

// The expression must be a column and is not known to be one. In X*b that is b's doing rather than X's.
void Inference::narrow(std::uint32_t at) {
  for (;;) {
    const SyntaxNode& node = forest_[at];
    if (names_.meaning[at] == Meaning::variable) {
      if (names_.entries[names_.id[at]].may_rise) raise(names_.id[at], Kind::vector, at);
      return;
    }
    if (node.kind == Syntax::multiply) {
      at = forest_.child(at, 1);
    } else if (node.kind == Syntax::negate || node.kind == Syntax::divide) {
      at = forest_.child(at, 0);
    } else if (node.kind == Syntax::call && node.children.size() == 1 && chosen_[at] != no_operator) {
      const Signature& signature = OperatorTable::get().signature(chosen_[at]);
      if (signature.result.cols.letter() == '\0' ||
          signature.result.cols.letter() != signature.arguments[0].cols.letter()) {
        return;
      }
      at = forest_.child(at, 0);
    } else {
      return;
    }
  }
}

// ---------------------------------------------------------------- nodes

void Inference::infer(std::uint32_t at) {
  if (names_.in_dimension[at]) return infer_in_dimension(at);
  switch (forest_[at].kind) {
    case Syntax::number:
    case Syntax::colon: return;
    case Syntax::name: return infer_name(at);
    case Syntax::call: return CallInference(*this, at).run();
    case Syntax::negate: return set(at, shapes_[forest_.child(at, 0)]);
    case Syntax::add: return sum(at, "+");
    case Syntax::subtract: return sum(at, "-");
    case Syntax::multiply: return product(at);
    case Syntax::divide: return quotient(at);
    case Syntax::hadamard: return entrywise(at, ".*");
    case Syntax::hadamard_divide: return entrywise(at, "./");
    case Syntax::hadamard_power: return entrywise(at, ".^");
    case Syntax::kronecker: return CallInference(*this, at).operation("⊗");
    case Syntax::power: return power(at);
    case Syntax::index: return index(at);
    case Syntax::block_matrix: return block(at);
    case Syntax::transpose: {
      const Shape inside = shapes_[forest_.child(at, 0)];
      return set(at, {inside.cols, inside.rows});
    }
  }
}

void Inference::infer_name(std::uint32_t at) {
  const std::string& text = forest_[at].text;
  switch (names_.meaning[at]) {
    case Meaning::variable: return set(at, entry_shapes_[names_.id[at]]);
    case Meaning::identity_bare: {
      const Dim n = fresh();
      unifier_.forbid_one(n);
      return set(at, {n, n});
    }
    case Meaning::function_name: return fail({Message::function_without_arguments, at, {text}, {}, std::nullopt});
    default: return;
  }
}

// Dimensions, bounds and indices: whole numbers made of literals, sizes and indices.
void Inference::infer_in_dimension(std::uint32_t at) {
  const SyntaxNode& node = forest_[at];
  auto refuse = [&] { fail({Message::not_a_size, at, {forest_.text(at)}, {}, std::nullopt}); };
  if (node.kind == Syntax::colon) return;
  if (node.kind == Syntax::number) {
    const auto value = node.value.as_int64();
    if (!value || *value > largest_size) return refuse();
    sizes_[at] = dims_.constant(*value);
    return;
  }
  if (names_.meaning[at] == Meaning::dimension) {
    sizes_[at] = Dim{names_.id[at]};
    return;
  }
  if (names_.meaning[at] == Meaning::bound_index || names_.meaning[at] == Meaning::count) return;
  if (names_.meaning[at] == Meaning::unbound_index) {
    return fail({Message::index_not_bound, at, {node.text}, {}, std::nullopt});
  }
  const bool by_number = node.kind == Syntax::divide || node.kind == Syntax::power;
  const bool sum = node.kind == Syntax::add || node.kind == Syntax::subtract;
  if (by_number && forest_[forest_.child(at, 1)].kind != Syntax::number) return refuse();
  const bool negative = node.kind == Syntax::negate;
  if (!sum && !by_number && !negative && node.kind != Syntax::multiply) return refuse();
  const std::uint32_t a = forest_.child(at, 0);
  const std::uint32_t b = negative ? a : forest_.child(at, 1);
  if (poisoned_[a] || poisoned_[b]) {
    poisoned_[at] = true;
    return;
  }
  if (sizes_[a] == no_dim || sizes_[b] == no_dim) return;  // of a count or an index, which is no size
  if (negative) return refuse();
  const std::optional<Dim> value = size_of(node.kind, sizes_[a], sizes_[b]);
  if (value) return void(sizes_[at] = *value);
  const Message message = node.kind == Syntax::divide ? Message::size_not_whole : Message::dimension_too_large;
  fail({message, at, {forest_.text(at)}, {}, std::nullopt});
}

std::optional<Dim> Inference::size_of(Syntax kind, Dim a, Dim b) {
  if (kind == Syntax::multiply) return bounded_multiply(dims_, a, b);
  if (kind == Syntax::divide) return dims_.divide(a, *dims_.as_constant(b));
  if (kind == Syntax::power) return bounded_power(dims_, a, *dims_.as_constant(b));
  const auto sum = bounded_add(dims_, a, b);
  return sum && kind == Syntax::subtract ? dims_.subtract(a, b) : sum;
}

}  // namespace matgrad
