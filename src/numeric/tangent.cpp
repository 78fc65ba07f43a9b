// SPDX-License-Identifier: MIT
#include "numeric/tangent.hpp"

#include "base/factorisations.hpp"
#include "numeric/sample.hpp"

namespace matgrad {

Array<double> tangent(Properties structure, const Array<double>& x, const Array<double>& unit) {
  if (structure & orthogonal) return x * projected(skew, unit);
  return projected(structure, unit);
}

Array<double> tangent_coordinates(Properties structure, const Array<double>& x, const Array<double>& gradient) {
  if (structure & orthogonal) return x.transpose() * gradient;
  if (!(structure & positive_definite)) return gradient;
  const Array<double> inverse = x.partialPivLu().inverse();
  return inverse * gradient * inverse;
}

}  // namespace matgrad
