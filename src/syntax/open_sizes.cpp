// SPDX-License-Identifier: MIT
#include "syntax/open_sizes.hpp"

#include <iterator>
#include <string_view>

namespace matgrad {
namespace {

constexpr std::string_view letters = "mnkpqrstuvw";

}  // namespace

OpenSizes::OpenSizes(const Scope& scope) : dims_(scope.store().dims) {
  for (Atom atom = 0; atom < dims_.atom_count(); ++atom) {
    if (!dims_.is_unknown(atom)) taken_.insert(dims_.atom_name(atom));
  }
  for (const Variable& variable : scope.variables()) taken_.insert(variable.name);
}

std::string OpenSizes::next() {
  for (;;) {
    const std::size_t round = used_ / letters.size();
    std::string name(1, letters[used_ % letters.size()]);
    if (round > 0) name += std::to_string(round);
    ++used_;
    if (taken_.insert(name).second) return name;
  }
}

void OpenSizes::name(Dim dim) {
  for (const DimTerm& term : dims_.polynomial(dim)) {
    for (Atom atom : term.atoms) {
      if (!dims_.is_unknown(atom)) continue;
      dims_.give_name(atom, next());
      named_.insert(atom);
    }
  }
}

void OpenSizes::forget() {
  for (Atom atom : named_) dims_.give_name(atom, "");
  named_.clear();
}

}  // namespace matgrad
