// SPDX-License-Identifier: MIT
#include <iostream>
#include <matgrad/matgrad.hpp>

int main() {
  const auto gradient = matgrad::derive("norm2(X*w - y)^2", "w", {});
  const std::string expected = "2*X'*(X*w - y)";
  if (!gradient || gradient.value().text != expected) {
    std::cerr << "consumer: expected " << expected << ", got " << (gradient ? gradient.value().text : "a refusal")
              << '\n';
    return 1;
  }
  std::cout << "consumer: " << gradient.value().text << '\n';
}
