// SPDX-License-Identifier: MIT
#include "syntax/infer_call.hpp"

#include <algorithm>

#include "ops/selections.hpp"
#include "syntax/spelling.hpp"

namespace matgrad {
namespace {

constexpr std::int64_t largest_hadamard = 1024;

std::string text_of(const SignatureDim& dim) {
  std::string result;
  for (const SignatureDim::Term& term : dim.terms) {
    if (!result.empty()) result += "+";
    if (term.letters.empty() || term.coefficient != 1) result += std::to_string(term.coefficient);
    for (std::size_t i = 0; i < term.letters.size(); ++i) {
      if (i > 0 || term.coefficient != 1) result += "*";
      result += term.letters[i];
    }
  }
  return result;
}

std::string text_of(const SignatureShape& shape) {
  return std::string(text_of(shape.rows)).append("×").append(text_of(shape.cols));
}

bool is_literal(const SignatureDim& dim) {
  return dim.terms.size() == 1 && dim.terms[0].letters.empty();
}
bool is_one(const SignatureDim& dim) {
  return is_literal(dim) && dim.terms[0].coefficient == 1;
}

bool alike(const SignatureShape& a, const SignatureShape& b) {
  return a.rows.letter() != '\0' && a.rows.letter() == b.rows.letter() && a.cols.letter() != '\0' &&
         a.cols.letter() == b.cols.letter();
}

// What a user may call.
const std::vector<std::string_view>& callable_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> result{"eye", "ones", "zeros", "unvec"};
    for (std::string_view name : OperatorTable::get().names()) {
      const auto operators = OperatorTable::get().named(name);
      const bool callable = std::any_of(operators.begin(), operators.end(), [](OpId op) {
        return !entry_of(op).structural && entry_of(op).type[0] != '\0';
      });
      if (callable) result.push_back(name);
    }
    return result;
  }();
  return names;
}

std::size_t letter_index(char letter) {
  return static_cast<std::size_t>(letter - 'a');
}

}  // namespace

std::string signature_text(const Signature& signature) {
  std::string result;
  for (const SignatureShape& shape : signature.arguments) {
    if (!result.empty()) result += ", ";
    result += text_of(shape);
  }
  return result;
}

void CallInference::run() {
  const SyntaxNode& node = in_.forest_[at_];
  switch (const Meaning meaning = in_.names_.meaning[at_]) {
    case Meaning::operation: return operation(node.text);
    case Meaning::indexed_sum: return indexed_sum();
    case Meaning::selection: return selection();
    case Meaning::hadamard_matrix: return hadamard_matrix();
    case Meaning::variable_called: return in_.fail({Message::variable_called, at_, {node.text}, {}, std::nullopt});
    case Meaning::unknown_function: {
      const std::string nearest = nearest_name(node.text, callable_names());
      if (nearest.empty()) return in_.fail({Message::unknown_function, at_, {node.text}, {}, std::nullopt});
      return in_.fail({Message::unknown_function_near, at_, {node.text, nearest}, {}, std::nullopt});
    }
    default: return constant(meaning);
  }
}

// ---------------------------------------------------------------- operators

void CallInference::operation(const std::string& name) {
  std::vector<OpId> fitting;
  std::string counts;
  for (OpId op : OperatorTable::get().named(name)) {
    if (entry_of(op).structural || entry_of(op).type[0] == '\0') continue;
    const std::string takes = std::to_string(OperatorTable::get().signature(op).arguments.size());
    if (OperatorTable::get().signature(op).arguments.size() == count()) fitting.push_back(op);
    if (counts.find(takes) == std::string::npos) counts.append(counts.empty() ? "" : "/").append(takes);
  }
  if (special_call(name, 4) == Meaning::indexed_sum) counts.append("/4");
  if (fitting.empty()) return wrong_count(name, counts);
  if (fitting.size() == 1) return apply(fitting[0], name);
  std::optional<OpId> best;
  int least = 0;
  std::string forms;
  for (OpId op : fitting) {
    const auto own = cost(OperatorTable::get().signature(op));
    if (own && (!best || *own < least)) {
      best = op;
      least = *own;
    }
    forms.append(forms.empty() ? "" : " / ").append(signature_text(OperatorTable::get().signature(op)));
  }
  if (best) return apply(*best, name);
  std::vector<std::uint32_t> operands;
  for (std::size_t i = 0; i < count(); ++i) operands.push_back(argument(i));
  in_.fail({Message::no_form_fits, at_, {name, forms}, operands, std::nullopt});
}

void CallInference::wrong_count(const std::string& name, const std::string& wanted) {
  in_.fail({Message::wrong_argument_count, at_, {name, wanted, std::to_string(count())}, {}, std::nullopt});
}

// How many unknown sizes would have to be literal for the signature to fit; nothing where it cannot.
std::optional<int> CallInference::cost(const Signature& signature) {
  Letters letters;
  int total = 0;
  for (std::size_t i = 0; i < count(); ++i) {
    if (in_.poisoned_[argument(i)]) continue;
    const Shape shape = in_.shape(argument(i));
    const auto rows = cost_of(signature.arguments[i].rows, shape.rows, letters);
    const auto cols = cost_of(signature.arguments[i].cols, shape.cols, letters);
    if (!rows || !cols) return std::nullopt;
    total += *rows + *cols;
  }
  return total;
}

std::optional<int> CallInference::cost_of(const SignatureDim& wanted, Dim given, Letters& letters) {
  Dim expected = given;
  if (const char letter = wanted.letter()) {
    if (!letters.bound(letter)) letters.bind(letter, given);
    expected = letters[letter];
  } else {
    expected = in_.dims_.constant(wanted.terms[0].coefficient);
  }
  if (expected == given) return 0;
  const bool literal = in_.dims_.as_constant(expected) || in_.dims_.as_constant(given);
  if (in_.is_open(expected) || in_.is_open(given)) return literal ? 1 : 0;
  const bool compound = !literal && (!in_.dims_.as_atom(expected) || !in_.dims_.as_atom(given));
  if (compound) return 0;
  return std::nullopt;
}

void CallInference::apply(OpId op, const std::string& name) {
  const Signature& signature = OperatorTable::get().signature(op);
  raise_alike(signature);
  for (std::size_t i = 0; i < count(); ++i) {
    if (!apply_argument(signature, i)) return argument_problem(signature, i, name);
  }
  in_.chosen_[at_] = op;
  const auto rows = value(signature.result.rows);
  const auto cols = value(signature.result.cols);
  if (!rows || !cols) return in_.fail({Message::dimension_too_large, at_, {}, {}, std::nullopt});
  set(*rows, *cols);
}

// In dot(a, x) the bare a is what x is.
void CallInference::raise_alike(const Signature& signature) {
  for (std::size_t i = 1; i < count(); ++i) {
    if (!alike(signature.arguments[0], signature.arguments[i])) continue;
    const bool first = in_.is_scalar(argument(0));
    if (first == in_.is_scalar(argument(i))) continue;
    if (first) in_.raise_terms(argument(0), argument(i), false);
    if (!first) in_.raise_terms(argument(i), argument(0), false);
  }
}

bool CallInference::apply_argument(const Signature& signature, std::size_t i) {
  const SignatureShape& wanted = signature.arguments[i];
  if (in_.poisoned_[argument(i)] && in_.is_scalar(argument(i))) return true;
  if (is_one(wanted.cols) && in_.is_open(in_.shape(argument(i)).cols)) in_.narrow(argument(i));
  const Shape shape = in_.shape(argument(i));
  return apply_dim(wanted.rows, shape.rows, i) && apply_dim(wanted.cols, shape.cols, i);
}

bool CallInference::apply_dim(const SignatureDim& wanted, Dim given, std::size_t i) {
  const char letter = wanted.letter();
  if (letter != '\0' && !letters_.bound(letter)) {
    letters_.bind(letter, given);
    bound_by_[letter_index(letter)] = i;
    return true;
  }
  const Dim expected = letter != '\0' ? letters_[letter] : in_.dims_.constant(wanted.terms[0].coefficient);
  clashes_with_ = letter != '\0' ? bound_by_[letter_index(letter)] : i;
  return in_.unify(expected, given, at_, clash_);
}

void CallInference::argument_problem(const Signature& signature, std::size_t i, const std::string& name) {
  const SignatureShape& wanted = signature.arguments[i];
  const std::uint32_t given = argument(i);
  if (clashes_with_ != i) {
    return in_.fail(
        {Message::arguments_differ, at_, {name, signature_text(signature)}, {argument(clashes_with_), given}, clash_});
  }
  const bool square = wanted.rows.letter() != '\0' && wanted.rows.letter() == wanted.cols.letter();
  const bool column = wanted.rows.letter() != '\0' && is_one(wanted.cols);
  const bool row = is_one(wanted.rows) && wanted.cols.letter() != '\0';
  const bool scalar = is_one(wanted.rows) && is_one(wanted.cols);
  if (square) return in_.fail({Message::needs_square, at_, {name}, {given}, clash_});
  if (column) return in_.fail({Message::needs_column, at_, {name}, {given}, std::nullopt});
  if (row) return in_.fail({Message::needs_row, at_, {name}, {given}, std::nullopt});
  if (scalar) return in_.fail({Message::needs_scalar, at_, {name}, {given}, std::nullopt});
  in_.fail({Message::needs_shape, at_, {name, text_of(wanted)}, {given}, std::nullopt});
}

std::optional<Dim> CallInference::value(const SignatureDim& dim) {
  Dim total = dim_zero;
  for (const SignatureDim::Term& term : dim.terms) {
    std::optional<Dim> product = in_.dims_.constant(term.coefficient);
    for (char letter : term.letters) {
      if (!letters_.bound(letter)) letters_.bind(letter, in_.fresh());
      if (product) product = bounded_multiply(in_.dims_, *product, in_.unifier_.resolve(letters_[letter]));
    }
    if (!product) return std::nullopt;
    const auto sum = bounded_add(in_.dims_, total, *product);
    if (!sum) return std::nullopt;
    total = *sum;
  }
  return bounded_quotient(in_.dims_, total, dim.divisor);
}

// ---------------------------------------------------------------- constants

// A size that a constant is given.
Dim CallInference::size_argument(std::size_t i) {
  const std::uint32_t at = argument(i);
  const Dim size = in_.sizes_[at];
  if (size != no_dim) {
    const auto value = in_.dims_.as_constant(size);
    if (!value || *value >= 1) return size;
    in_.fail({Message::size_below_one, at, {std::to_string(*value)}, {}, std::nullopt});
  } else if (!in_.poisoned_[at]) {
    in_.fail({Message::not_a_size, at, {in_.forest_.text(at)}, {}, std::nullopt});
  }
  return in_.fresh();
}

void CallInference::constant(Meaning meaning) {
  const std::string& name = in_.forest_[at_].text;
  const std::size_t given = count();
  if (meaning == Meaning::identity) {
    if (given != 1) return wrong_count(name, "1");
    const Dim n = size_argument(0);
    return set(n, n);
  }
  if (meaning == Meaning::ones || meaning == Meaning::zeros) {
    if (given != 1 && given != 2) return wrong_count(name, "1/2");
    const Dim rows = size_argument(0);
    return set(rows, given == 2 ? size_argument(1) : dim_one);
  }
  if (meaning == Meaning::unvec) {
    if (given != 3) return wrong_count(name, "3");
  } else if (given != 2) {
    return wrong_count(name, "2");
  }
  const std::size_t last = given - 1;
  if (meaning == Meaning::unit) return set(size_argument(1), dim_one);
  const Dim rows = size_argument(last - 1);
  const Dim cols = size_argument(last);
  const auto length = bounded_multiply(in_.dims_, rows, cols);
  if (!length) return in_.fail({Message::dimension_too_large, at_, {}, {}, std::nullopt});
  const Shape vector = in_.shape(argument(0));
  if (!in_.unify(vector.rows, *length, at_, clash_) || !in_.unify(vector.cols, dim_one, at_, clash_)) {
    return in_.fail({Message::unvec_length, at_, {}, {argument(0)}, std::pair(*length, dim_one)});
  }
  set(rows, cols);
}

void CallInference::selection() {
  const Selection& one = *find_selection(in_.forest_[at_].text);
  if (count() != one.sizes) return wrong_count(in_.forest_[at_].text, std::to_string(one.sizes));
  const Dim m = size_argument(0);
  const Dim n = one.sizes == 2 ? size_argument(1) : m;
  const auto length = bounded_multiply(in_.dims_, m, n);
  const auto sum = length ? bounded_add(in_.dims_, *length, n) : std::nullopt;
  const auto entries = sum && one.sizes == 1 ? bounded_quotient(in_.dims_, *sum, 2) : sum;
  if (!entries) return in_.fail({Message::dimension_too_large, at_, {}, {}, std::nullopt});
  set(one.op == op::elimination ? *entries : *length, one.op == op::duplication ? *entries : *length);
}

void CallInference::hadamard_matrix() {
  const auto size = in_.sizes_[argument(0)] == no_dim ? std::nullopt : in_.dims_.as_constant(in_.sizes_[argument(0)]);
  if (!size || *size < 1 || *size > largest_hadamard || (*size & (*size - 1)) != 0) {
    if (in_.poisoned_[argument(0)]) in_.poisoned_[at_] = true;
    return in_.fail({Message::no_hadamard_matrix, at_, {in_.forest_.text(argument(0))}, {}, std::nullopt});
  }
  set(in_.dims_.constant(*size), in_.dims_.constant(*size));
}

void CallInference::indexed_sum() {
  const std::uint32_t name = argument(0);
  if (in_.forest_[name].kind != Syntax::name) {
    return in_.fail({Message::sum_index_not_a_name, name, {in_.forest_.text(name)}, {}, std::nullopt});
  }
  Index& index = in_.names_.indices[in_.names_.id[at_]];
  const Dim first = in_.sizes_[argument(1)];
  const Dim last = in_.sizes_[argument(2)];
  // Positions begin at 1, so the last one says how many there are, also where the first ones are left out.
  const auto begin = first == no_dim ? std::nullopt : in_.dims_.as_constant(first);
  index.whole = begin && *begin >= 1 && last != no_dim;
  if (index.whole) index.length = last;
  in_.set(at_, in_.shapes_[argument(3)]);
}

}  // namespace matgrad
