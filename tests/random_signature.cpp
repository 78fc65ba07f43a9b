// SPDX-License-Identifier: MIT
#include "random_signature.hpp"

#include <algorithm>

namespace matgrad {
namespace {

class Solver {
 public:
  Solver(Dims& dims, std::mt19937_64& random) : dims_(dims), random_(random) {}
  Letters letters;

  bool equate(const SignatureDim& wanted, Dim given) {
    if (const char letter = wanted.letter()) return bind(letter, given);
    if (wanted.divisor != 1) return find_name(wanted, given);
    if (wanted.terms.size() == 1) return split_product(wanted.terms[0], given);
    return split_sum(wanted, given);
  }

 private:
  bool bind(char letter, Dim dim) {
    if (letters.bound(letter)) return letters[letter] == dim;
    letters.bind(letter, dim);
    return true;
  }

  // n*(n+1)/2 = given: the name or the small number for which it is.
  bool find_name(const SignatureDim& wanted, Dim given) {
    const char letter = wanted.terms[0].letters[0];
    std::vector<Dim> candidates{dims_.constant(2), dims_.constant(3)};
    for (Atom atom = 0; atom < dims_.atom_count(); ++atom) candidates.push_back(dims_.name(dims_.atom_name(atom)));
    for (Dim candidate : candidates) {
      Letters trial = letters;
      trial.bind(letter, candidate);
      if (evaluate(dims_, wanted, trial) == given) return bind(letter, candidate);
    }
    return false;
  }

  // m*p = 3*a*b: the factors are dealt to the letters at random.
  bool split_product(const SignatureDim::Term& term, Dim given) {
    const Polynomial polynomial = dims_.polynomial(given);
    if (polynomial.size() != 1) return false;
    std::vector<Atom> atoms = polynomial[0].atoms;
    std::int64_t rest = polynomial[0].coefficient;
    if (rest % term.coefficient != 0) return false;
    rest /= term.coefficient;
    std::vector<char> open;
    for (char letter : term.letters) {
      if (!letters.bound(letter)) {
        if (std::find(open.begin(), open.end(), letter) != open.end()) return false;
        open.push_back(letter);
      } else if (!divide_out(letters[letter], atoms, rest)) {
        return false;
      }
    }
    if (open.empty()) return atoms.empty() && rest == 1;
    std::vector<Dim> shares(open.size(), dim_one);
    for (Atom atom : atoms) deal(shares, dims_.intern({DimTerm{{atom}, 1}}));
    if (rest != 1) deal(shares, dims_.constant(rest));
    for (std::size_t i = 0; i < open.size(); ++i) letters.bind(open[i], shares[i]);
    return true;
  }

  void deal(std::vector<Dim>& shares, Dim factor) {
    Dim& share = shares[random_() % shares.size()];
    share = dims_.multiply(share, factor);
  }

  bool divide_out(Dim divisor, std::vector<Atom>& atoms, std::int64_t& rest) {
    const Polynomial polynomial = dims_.polynomial(divisor);
    if (polynomial.size() != 1 || rest % polynomial[0].coefficient != 0) return false;
    rest /= polynomial[0].coefficient;
    for (Atom atom : polynomial[0].atoms) {
      const auto at = std::find(atoms.begin(), atoms.end(), atom);
      if (at == atoms.end()) return false;
      atoms.erase(at);
    }
    return true;
  }

  // m+p = a+b: one term to each letter; only bare letters, as many as there are terms.
  bool split_sum(const SignatureDim& wanted, Dim given) {
    const Polynomial polynomial = dims_.polynomial(given);
    if (polynomial.size() != wanted.terms.size() || dims_.denominator(given) != 1) return false;
    for (std::size_t i = 0; i < polynomial.size(); ++i) {
      const SignatureDim::Term& term = wanted.terms[i];
      if (term.letters.size() != 1 || term.coefficient != 1) return false;
      if (!bind(term.letters[0], dims_.intern({polynomial[i]}))) return false;
    }
    return true;
  }

  Dims& dims_;
  std::mt19937_64& random_;
};

}  // namespace

std::optional<std::vector<SignatureArgument>> arguments_for(Dims& dims, const Signature& signature, Dim rows, Dim cols,
                                                            const std::function<Dim()>& any_size,
                                                            std::mt19937_64& random) {
  Solver solver(dims, random);
  if (!solver.equate(signature.result.rows, rows) || !solver.equate(signature.result.cols, cols)) return std::nullopt;
  auto value = [&](const SignatureDim& dim) {
    for (const SignatureDim::Term& term : dim.terms) {
      for (char letter : term.letters) {
        if (!solver.letters.bound(letter)) solver.letters.bind(letter, any_size());
      }
    }
    return evaluate(dims, dim, solver.letters);
  };
  std::vector<SignatureArgument> result;
  for (const SignatureShape& shape : signature.arguments) {
    SignatureArgument argument;
    argument.rows = value(shape.rows);
    argument.cols = value(shape.cols);
    result.push_back(argument);
  }
  return result;
}

OpId first_that_fits(Dims& dims, std::string_view name, const std::vector<SignatureArgument>& shapes) {
  auto fits = [&dims](const SignatureDim& wanted, Dim dim, Letters& letters) {
    const char letter = wanted.letter();
    if (letter == '\0') return dim == evaluate(dims, wanted, letters);
    if (!letters.bound(letter)) letters.bind(letter, dim);
    return letters[letter] == dim;
  };
  for (OpId op : OperatorTable::get().named(name)) {
    const Signature& signature = OperatorTable::get().signature(op);
    if (entry_of(op).type[0] == '\0' || signature.arguments.size() != shapes.size()) continue;
    Letters letters;
    bool all = true;
    for (std::size_t i = 0; i < shapes.size() && all; ++i) {
      all = fits(signature.arguments[i].rows, shapes[i].rows, letters) &&
            fits(signature.arguments[i].cols, shapes[i].cols, letters);
    }
    if (all) return op;
  }
  return OpId{0};
}

}  // namespace matgrad
