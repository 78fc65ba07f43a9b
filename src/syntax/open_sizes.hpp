// SPDX-License-Identifier: MIT
// Names for the sizes that stayed open: m, n, k, p … in the order in which they are asked for, none that is taken.
#pragma once

#include <string>
#include <unordered_set>

#include "syntax/elaborate.hpp"

namespace matgrad {

class OpenSizes {
 public:
  explicit OpenSizes(const Scope& scope);
  // A name that is not to be used, such as that of a variable.
  void take(const std::string& name) { taken_.insert(name); }
  // Every open size in this dimension gets its name.
  void name(Dim dim);
  // Whether the size was open and has its name from here.
  bool has_named(Atom atom) const { return named_.count(atom) != 0; }
  // All names are taken back: they were for a message only.
  void forget();

 private:
  std::string next();

  Dims& dims_;
  std::unordered_set<std::string> taken_;
  std::unordered_set<Atom> named_;
  std::size_t used_ = 0;
};

}  // namespace matgrad
