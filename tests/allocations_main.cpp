// SPDX-License-Identifier: MIT
// matgrad_allocations: a compiled function allocates nothing after its first call. Every allocation of this program
// goes through the counters here (the linker wraps malloc and its kin).
#include <cstdio>
#include <cstdlib>
#include <new>
#include <random>

#include "matgrad/function.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

extern "C" {
void* __real_malloc(std::size_t size);                     // NOLINT: the linker's names
void* __real_calloc(std::size_t count, std::size_t size);  // NOLINT
void* __real_realloc(void* old, std::size_t size);         // NOLINT
void* __wrap_malloc(std::size_t size) {                    // NOLINT
  ++allocations;
  return __real_malloc(size);
}
void* __wrap_calloc(std::size_t count, std::size_t size) {  // NOLINT
  ++allocations;
  return __real_calloc(count, size);
}
void* __wrap_realloc(void* old, std::size_t size) {  // NOLINT
  ++allocations;
  return __real_realloc(old, size);
}
}

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = __real_malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace {

struct Case {
  const char* expression;
  const char* wrt;
  std::vector<std::string> variables;
};

int check(const Case& c) {
  matgrad::Options options;
  options.variables = c.variables;
  auto f = matgrad::compile(c.expression, {c.wrt, {"value", "grad"}, {{"m", 30}, {"n", 20}, {"k", 4}}}, options);
  if (!f) {
    std::printf("%s: %s", c.expression, f.error().message.c_str());
    return 1;
  }
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  std::vector<std::vector<double>> data;
  std::vector<const double*> pointers;
  for (std::size_t i = 0; i < f->arguments().size(); ++i) {
    const auto [rows, cols] = f->shape(i);
    std::vector<double> values(static_cast<std::size_t>(rows * cols));
    for (double& value : values) value = 0.1 * normal(random);
    for (std::int64_t k = 0; rows == cols && k < rows; ++k) values[static_cast<std::size_t>(k * (rows + 1))] = 3;
    // Symmetric, so that it will do for definite ones.
    for (std::int64_t r = 0; rows == cols && r < rows; ++r) {
      for (std::int64_t s = 0; s < r; ++s)
        values[static_cast<std::size_t>(s + r * rows)] = values[static_cast<std::size_t>(r + s * rows)];
    }
    data.push_back(std::move(values));
    pointers.push_back(data.back().data());
  }
  if (auto error = (*f)(pointers.data())) {
    std::printf("%s: %s", c.expression, error->message.c_str());
    return 1;
  }
  const std::size_t before = allocations;
  (*f)(pointers.data());
  const std::size_t count = allocations - before;
  std::printf("%4zu allocations  %s\n", count, c.expression);
  return count == 0 ? 0 : 1;
}

}  // namespace

int main() {
  const Case cases[] = {
      {"norm2(X*w - y)^2", "w", {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)"}},
      {"sum(log(exp(-y .* (X*w)) + ones(m)))", "w", {"X: matrix(m,n)", "w: vector(n)", "y: vector(m)"}},
      {"norm2(T - U*V')^2", "U", {"T: matrix(m,n)", "U: matrix(m,k)", "V: matrix(n,k)"}},
      {"logdet(S) + x'*inv(S)*x", "S", {"S: spd(n)", "x: vector(n)"}},
      {"tr(inv(X)*A)", "X", {"X: matrix(n,n)", "A: matrix(n,n)"}},
      {"tr(A*X'*B*X*C)", "X", {"A: matrix(n,n)", "B: matrix(n,n)", "C: matrix(n,n)", "X: matrix(n,n)"}},
      {"a'*exp(-rowsum((Y - ones(m)*x').^2)/(2*s^2))", "x", {"Y: matrix(m,n)", "a: vector(m)", "s: scalar positive"}},
      {"sum(square([A, zeros(n,k); zeros(k,n), C]*X))",
       "X",
       {"A: matrix(n,n)", "C: matrix(k,k)", "X: matrix(n + k,m)"}},
      {"sum(log(rowsum(exp(X*W)))) - tr(Y'*X*W)", "W", {"X: matrix(m,n)", "Y: matrix(m,k)", "W: matrix(n,k)"}},
      {"y'*softmax(W*x)", "x", {"W: matrix(m,n)", "x: vector(n)", "y: vector(m)"}},
      {"sum(tanh(W*X))", "W", {"W: matrix(k,n)", "X: matrix(n,m)"}},
  };
  int failed = 0;
  for (const Case& c : cases) failed += check(c);
  return failed == 0 ? 0 : 1;
}
