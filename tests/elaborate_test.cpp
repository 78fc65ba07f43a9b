// SPDX-License-Identifier: MIT
// What elaboration makes of expressions that are right: kinds, sizes, notes, and the expression built.
#include "syntax/elaborate.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "print/text.hpp"

namespace matgrad {
namespace {

struct Outcome {
  std::string text;   // the expression, printed
  std::string shape;  // "m×1"
  std::string kinds;  // the note of kinds
  std::string other;  // the other notes
  std::string error;
};

Outcome run(const std::vector<std::string>& declarations, const std::string& expression) {
  Store store;
  Scope scope(store);
  for (const std::string& declaration : declarations) {
    const auto declared = scope.declare(declaration);
    if (!declared) return {"", "", "", "", render(declared.error(), declaration, Language::english)};
  }
  const auto tree = parse(expression);
  if (!tree) return {"", "", "", "", render(tree.error(), expression, Language::english)};
  const auto result = elaborate(scope, *tree);
  if (!result) return {"", "", "", "", render(result.error(), expression, Language::english)};
  Outcome outcome;
  outcome.text = to_text(store, result->root);
  const Type& type = store.type(result->root);
  outcome.shape = store.dims.text(type.rows, true).append("×").append(store.dims.text(type.cols, true));
  for (const Diagnostic& note : result->notes) {
    const std::string said = sentence(note.message, note.arguments, Language::english);
    if (note.message == Message::kinds_inferred) outcome.kinds = said.substr(said.find(": ") + 2);
    if (note.message != Message::kinds_inferred) outcome.other.append(outcome.other.empty() ? "" : "; ").append(said);
  }
  return outcome;
}

struct Case {
  std::vector<std::string> declarations;
  const char* expression;
  const char* text;
  const char* shape;
  const char* kinds;
  const char* other = "";
};

void expect_all(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    const Outcome outcome = run(c.declarations, c.expression);
    EXPECT_EQ(outcome.error, "") << c.expression;
    EXPECT_EQ(outcome.text, c.text) << c.expression;
    EXPECT_EQ(outcome.shape, c.shape) << c.expression;
    EXPECT_EQ(outcome.kinds, c.kinds) << c.expression;
    EXPECT_EQ(outcome.other, c.other) << c.expression;
  }
}

TEST(Elaborate, KindsByConvention) {
  expect_all({
      {{}, "x'*A*x", "x'*A*x", "1×1", "x is vector(m), A is matrix(m, m)"},
      {{}, "norm2(X*w - y)^2", "norm2(X*w - y)^2", "1×1", "X is matrix(m, n), w is vector(n), y is vector(m)"},
      {{}, "c*x", "c*x", "m×1", "c is scalar, x is vector(m)"},
      {{}, "λ*Σ", "lambda*Sigma", "m×n", "lambda is scalar, Sigma is matrix(m, n)"},
      {{},
       "lambda_1*Loss + eps*Loss",
       "eps*Loss + lambda_1*Loss",
       "m×n",
       "lambda_1 is scalar, Loss is matrix(m, n), eps is scalar"},
  });
}

TEST(Elaborate, KindsByUse) {
  expect_all({
      {{}, "b'*x", "b'*x", "1×1", "b is vector(m), x is vector(m)"},
      {{}, "(a - b)'*(a - b)", "(a - b)'*(a - b)", "1×1", "a is vector(m), b is vector(m)"},
      {{}, "b[2]", "b[2]", "1×1", "b is vector(m)"},
      {{}, "x[1,2]", "x[1, 2]", "1×1", "x is matrix(m, n)"},
      {{}, "A[1]", "A[1]", "1×1", "A is vector(m)"},
      {{}, "tr(x)", "tr(x)", "1×1", "x is matrix(m, m)"},
      {{}, "softmax(b)", "softmax(b)", "m×1", "b is vector(m)"},
      {{}, "logsumexp(W*x)", "logsumexp(W*x)", "1×1", "W is matrix(m, n), x is vector(n)"},
      {{}, "softmax(X)", "softmax(X)", "m×1", "X is vector(m)"},
      {{}, "softmax(A*b)", "softmax(A*b)", "m×1", "A is matrix(m, n), b is vector(n)"},
      {{}, "x'*diag(d)*x", "x'*diag(d)*x", "1×1", "x is vector(m), d is vector(m)"},
      {{}, "diag(X)", "diag(X)", "m×1", "X is matrix(m, m)"},
      {{}, "X^2", "X^2", "m×m", "X is matrix(m, m)"},
      {{}, "x^2", "x^2", "1×1", "x is scalar"},
      {{}, "A/N", "A/N", "m×n", "A is matrix(m, n), N is scalar"},
      {{}, "X^k", "X^k", "m×m", "X is matrix(m, m), k is scalar"},
      {{}, "2^x", "2^x", "1×1", "x is scalar"},
      {{},
       "A*x - b",
       "A*x - b",
       "m×1",
       "A is matrix(m, n), x is vector(n), b is vector(m)",
       "b takes the shape of A*x"},
      {{}, "X*b - y", "X*b - y", "m×1", "X is matrix(m, n), b is vector(n), y is vector(m)"},
      {{},
       "a + b + x",
       "a + b + x",
       "m×1",
       "a is vector(m), b is vector(m), x is vector(m)",
       "a takes the shape of x; b takes the shape of x"},
      {{}, "A + c", "A + c", "m×n", "A is matrix(m, n), c is matrix(m, n)", "c takes the shape of A"},
      {{}, "x' + b", "b + x'", "1×m", "x is vector(m), b is matrix(1, m)", "b takes the shape of x'"},
      {{}, "dot(a, x)", "a'*x", "1×1", "a is vector(m), x is vector(m)", "a takes the shape of x"},
      {{},
       "(x - mu)'*inv(Sigma)*(x - mu)",
       "(mu - x)'*inv(Sigma)*(mu - x)",
       "1×1",
       "x is vector(m), mu is vector(m), Sigma is matrix(m, m)"},
      {{}, "sum(i, 1, 3, a[i]^2)", "sum(i, 1, 3, a[i]^2)", "1×1", "a is vector(3)"},
  });
}

TEST(Elaborate, SizesAreSolved) {
  expect_all({
      {{},
       "vec(A*X*B) + kron(B',A)*vec(X)",
       "kron(B', A)*vec(X) + vec(A*X*B)",
       "m*p×1",
       "A is matrix(m, n), X is matrix(n, k), B is matrix(k, p)"},
      {{},
       "kron(B',A)*vec(X)",
       "kron(B', A)*vec(X)",
       "n*k×1",
       "B is matrix(m, n), A is matrix(k, p), X is matrix(p, m)",
       "other sizes would fit kron(B',A)*vec(X) too; those inferred are one choice"},
      {{}, "K(m,n)*vec(A)", "K(m, n)*vec(A)", "m*n×1", "A is matrix(m, n)"},
      {{}, "X*X' - I", "X*X' - I(m)", "m×m", "X is matrix(m, n)"},
      {{}, "logdet(I + A*X*A')", "logdet(I(m) + A*X*A')", "1×1", "A is matrix(m, n), X is matrix(n, n)"},
      {{}, "A*I + I*B", "A + B", "m×n", "A is matrix(m, n), B is matrix(m, n)"},
      {{"x: vector(n)"}, "I(n)*x + ones(n)", "1 + x", "n×1", ""},
      {{"x: vector(n)"}, "n*x", "n*x", "n×1", "", "n is taken to be the size of that name, a number"},
      {{"A: matrix(k, m)"}, "A*x", "A*x", "k×1", "x is vector(m)"},
      {{"m: vector(n)"}, "m'*x + y'*y", "m'*x + y'*y", "1×1", "x is vector(n), y is vector(k)"},
      {{"x: vector", "A: symmetric"}, "A*x", "A*x", "m×1", "A is symmetric(m), x is vector(m)"},
      {{"x: vector(m + 1)"}, "A*x", "A*x", "n×1", "A is matrix(n, m + 1)"},
      {{}, "diag(x)*A*diag(B)", "diag(x)*A*diag(B)", "m×1", "x is vector(m), A is matrix(m, n), B is matrix(n, n)"},
      {{}, "sum(i, 1, m, (A[i,:]*x)^2)", "sum(i, 1, m, (A[i, :]*x)^2)", "1×1", "A is matrix(m, n), x is vector(n)"},
      {{}, "sum(i, 2, m, x[i])", "sum(i, 2, m, x[i])", "1×1", "x is vector(m)"},
      {{}, "sum(i, 1, n-1, x[i+1] - x[i])", "sum(i, 1, n - 1, x[1 + i] - x[i])", "1×1", "x is vector(n)"},
      {{}, "sum(i, 1, 3, sum(j, i, n, A[i,j]))", "sum(i, 1, 3, sum(j, i, n, A[i, j]))", "1×1", "A is matrix(3, m)"},
      {{}, "unvec(x, m, n)*y", "unvec(x, m, n)*y", "m×1", "x is vector(m*n), y is vector(n)"},
      {{"K: matrix(n,n)", "I: vector(n)"},
       "K*I + e(1,6)'*K(2,3)*e(2,6)*I",
       "K*I + (e(1, 6)'*K(2, 3)*e(2, 6))*I",
       "n×1",
       ""},
  });
}

TEST(Elaborate, WhatIsBuilt) {
  expect_all({
      {{"x: vector(n)"}, "1 - tanh(x).^2", "1 - tanh(x).^2", "n×1", ""},
      {{"x: vector(n)"}, "x/norm(x)", "x/norm2(x)", "n×1", ""},
      {{"x: vector(n)"}, "1./x", "1./x", "n×1", ""},
      {{"A: matrix(n,n)"}, "A^-1 + A^-2", "inv(A)^2 + inv(A)", "n×n", ""},
      {{"x: vector(n)", "A: matrix(n,n)"}, "x'*x*A*x*x'", "(x'*x)*A*x*x'", "n×n", ""},
      {{"x: vector(n)"}, "x'[2] + x[2]", "2*x[2]", "1×1", ""},
      {{"A: matrix(3,4)", "B: matrix(4,3)"}, "A[2,:]*B[:,1]", "A[2, :]*B[:, 1]", "1×1", ""},
      {{"A: matrix(m,n)"}, "rowsum(A) + A*ones(n)", "2*A*ones(n)", "m×1", ""},
      {{"A: matrix(m,n)"}, "norm1(A)", "sum(abs(A))", "1×1", ""},
      {{"x: vector(n)"}, "x - x", "zeros(n)", "n×1", ""},
      {{}, "pi + 1", "1 + pi", "1×1", ""},
      {{}, "[5]", "5", "1×1", ""},
      {{}, "[1 2; 0 4]*[1; 0]", "[1; 0]", "2×1", ""},
      {{}, "tr(hadamard(2))", "tr([1, 1; 1, -1])", "1×1", ""},
      {{"A: matrix(m,n)", "B: matrix(p,q)"}, "A ⊗ B", "kron(A, B)", "m*p×n*q", ""},
  });
}

TEST(Elaborate, TypesOfVariables) {
  Store store;
  Scope scope(store);
  for (const char* text : {"S: spd(n)", "D: diagonal", "x: vector(3) positive", "t: scalar positive"}) {
    ASSERT_TRUE(scope.declare(text)) << text;
  }
  EXPECT_TRUE(store.type(scope.find("S")->node).has(positive_definite | symmetric));
  EXPECT_TRUE(store.symbol_at(scope.find("S")->symbol).spd_declared);
  EXPECT_TRUE(store.type(scope.find("x")->node).has(positive));
  EXPECT_TRUE(store.type(scope.find("t")->node).is_scalar());
  EXPECT_EQ(scope.find("D")->node, no_node);  // open until used
  EXPECT_EQ(scope.kind_text(scope.find_or_infer("D")), "diagonal(m)");
  EXPECT_TRUE(store.type(scope.find("D")->node).has(lower | upper | symmetric));
  EXPECT_EQ(scope.kind_text(scope.find_or_infer("Y")), "matrix(k, p)");
  EXPECT_EQ(scope.kind_text(*scope.find("x")), "vector(3) positive");
  EXPECT_EQ(scope.find("nothing"), nullptr);
}

TEST(Elaborate, ExpressionsShareTheirNames) {
  Store store;
  Scope scope(store);
  const auto first = elaborate(scope, *parse("A*x"));
  const auto second = elaborate(scope, *parse("x'*A'*A*x + sum(i, 1, 2, x[i])"));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(scope.variables().size(), 2U);
  EXPECT_TRUE(second->notes.empty());
  EXPECT_EQ(elaborate(scope, *parse("A*x"))->root, first->root);
}

TEST(Elaborate, SidesOfAClaimAreSolvedTogether) {
  struct Claim {
    const char* left;
    const char* right;
    const char* kinds;
  };
  const Claim claims[] = {
      {"inv(A*B)", "inv(B)*inv(A)", "A is matrix(m, m), B is matrix(m, m)"},
      {"kron(A,B)*kron(C,D)", "kron(A*C,B*D)",
       "A is matrix(m, n), B is matrix(k, p), C is matrix(n, q), D is matrix(p, r)"},
      {"vec(A')", "K(m,n)*vec(A)", "A is matrix(m, n)"},
      {"A*x", "b", "A is matrix(m, n), x is vector(n), b is vector(m)"},
      {"X*X'", "I", "X is matrix(m, n)"},
      {"x'*y", "r", "x is vector(m), y is vector(m), r is scalar"},
      {"r", "tr(A)", "r is scalar, A is matrix(m, m)"},
  };
  for (const Claim& claim : claims) {
    Store store;
    Scope scope(store);
    const auto left = parse(claim.left);
    const auto right = parse(claim.right);
    const SyntaxTree* trees[] = {&*left, &*right};
    const auto result = elaborate_together(scope, trees, two_sides);
    ASSERT_TRUE(result.has_value()) << claim.left << " = " << claim.right;
    EXPECT_TRUE(store.type(result->roots[0]).same_shape(store.type(result->roots[1])));
    EXPECT_EQ(result->notes[0].arguments[0], claim.kinds);
  }
}

TEST(Elaborate, LongInputs) {
  std::string sum = "x";
  std::string product = "A0";
  for (int i = 0; i < 3000; ++i) {
    sum += "+b" + std::to_string(i);
    product += "*A" + std::to_string(i);
  }
  EXPECT_EQ(run({}, sum).shape, "m×1");
  EXPECT_EQ(run({}, product).error, "");
  EXPECT_EQ(run({}, std::string(300, '(') + "x" + std::string(300, ')')).shape, "m×1");
}

// Random expressions of a known shape, with every name declared: elaboration finds that shape, and finds some shape
// for the same text with nothing declared.
class RandomText {
 public:
  explicit RandomText(unsigned seed) : random_(seed) {}

  std::string of(char rows, char cols, int depth) {
    if (depth == 0) return leaf(rows, cols);
    const int choice = static_cast<int>(random_() % 8);
    const char inner = "mnk"[random_() % 3];
    if (choice == 0) return "(" + of(rows, cols, depth - 1) + " - " + of(rows, cols, depth - 1) + ")";
    if (choice == 1) return of(rows, inner, depth - 1) + "*" + of(inner, cols, depth - 1);
    if (choice == 2) return "(" + of(cols, rows, depth - 1) + ")'";
    if (choice == 3) return "((" + of(rows, cols, depth - 1) + ").*" + leaf(rows, cols) + ")";
    if (choice == 4) return "tanh(" + of(rows, cols, depth - 1) + ")";
    if (choice == 5) return "tr(" + of(inner, inner, depth - 1) + ")*" + leaf(rows, cols);
    if (choice == 6 && rows != '1') return "inv(" + of(rows, rows, depth - 1) + ")*" + of(rows, cols, depth - 1);
    return "(" + of(rows, cols, depth - 1) + ")/(1 + lambda)";
  }

 private:
  static std::string leaf(char rows, char cols) {
    if (rows == '1' && cols == '1') return "lambda";
    if (cols == '1') return std::string("x_") + rows;
    if (rows == '1') return std::string("x_") + cols + "'";
    return std::string("A_") + rows + cols;
  }
  std::mt19937 random_;
};

TEST(Elaborate, RandomExpressions) {
  std::vector<std::string> declarations{"lambda: scalar"};
  for (const char r : {'m', 'n', 'k'}) {
    declarations.push_back(std::string("x_") + r + ": vector(" + r + ")");
    for (const char c : {'m', 'n', 'k'}) {
      declarations.push_back(std::string("A_") + r + c + ": matrix(" + r + ", " + c + ")");
    }
  }
  for (unsigned seed = 0; seed < 400; ++seed) {
    RandomText random(seed);
    const char cols = seed % 2 == 0 ? '1' : 'n';
    const std::string text = random.of('m', cols, 1 + static_cast<int>(seed % 5));
    const Outcome declared = run(declarations, text);
    EXPECT_EQ(declared.error, "") << text;
    EXPECT_EQ(declared.shape, std::string("m×") + cols) << text;
    EXPECT_EQ(run({}, text).error, "") << text;
  }
}

}  // namespace
}  // namespace matgrad
