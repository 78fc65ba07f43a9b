// SPDX-License-Identifier: MIT
#include "codegen/target.hpp"
namespace matgrad {
std::unique_ptr<Target> eigen_target(Store& store, const Values& values, const CodeRequest& request) {
  return numpy_target(store, values, request);
}
std::unique_ptr<Target> matlab_target(Store& store, const Values& values, const CodeRequest& request) {
  return numpy_target(store, values, request);
}
}  // namespace matgrad
