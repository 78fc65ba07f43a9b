// SPDX-License-Identifier: MIT
// One term of a sum, taken apart for factoring: 2*s*A'*B*x is 2, s and A', B, x; and the other ways to read it.
#pragma once

#include <vector>

#include "ops/build.hpp"

namespace matgrad {

// A term as coefficient * scalars * (ordered factors | Hadamard factors).
struct Term {
  Rational coefficient = 1;
  NodeList scalars;       // in their order, which is that of readings too
  NodeId body = no_node;  // what the scalars multiply; none where they are all
  NodeList factors;       // of the matrix product, or the one body
  bool entrywise = false;
  NodeId whole = no_node;
};

Term take_apart(Build& build, NodeId id);
// The term with other factors, of this shape; an identity or ones where there are none.
NodeId product_of(Build& build, const Term& term, const NodeList& factors, Dim rows, Dim cols);

// A term as scalars and a product of these factors. A 1×1 term can be read in many ways: from either end, with any of
// its 1×1 products as the product, and x'*(y.*z) with any of its vectors in front.
struct TermReading {
  NodeList factors;
  NodeList scalars;
};

// Of a term of a sum of this shape.
std::vector<TermReading> readings(Build& build, const Term& term, const Type& shape);

}  // namespace matgrad
