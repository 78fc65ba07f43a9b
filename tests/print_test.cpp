// SPDX-License-Identifier: MIT
#include "print/text.hpp"

#include <gtest/gtest.h>

#include "ops/build.hpp"
#include "print/names.hpp"
#include "print/writer.hpp"
#include "syntax/elaborate.hpp"

namespace matgrad {
namespace {

class Print : public testing::Test {
 protected:
  Print() {
    for (const char* text :
         {"a: scalar",      "c: scalar",       "s: scalar",      "k: scalar",      "T: scalar",      "lambda: scalar",
          "lam: scalar",    "x: vector(n)",    "y: vector(n)",   "z: vector(n)",   "b: vector(m)",   "w_ab: vector(n)",
          "x_1: vector(n)", "A: matrix(m,n)",  "B: matrix(n,p)", "D: matrix(m,n)", "C: matrix(n,n)", "X: matrix(n,n)",
          "r: matrix(1,n)", "S: symmetric(n)", "W: skew(n)",     "V: skew(n)"}) {
      EXPECT_TRUE(scope.declare(text)) << text;
    }
    const Dim n = store.dims.name("n");
    scope.add("dX", store.add_symbol({"dX", Type{n, n}, Symbol::Role::differential}));
  }

  NodeId read(const std::string& text) {
    const auto tree = parse(text);
    if (!tree) ADD_FAILURE() << render(tree.error(), text, Language::english);
    if (!tree) return build.number(0);
    const auto elaborated = elaborate(scope, *tree);
    if (!elaborated) ADD_FAILURE() << render(elaborated.error(), text, Language::english);
    return elaborated ? elaborated->root : build.number(0);
  }

  void expect_round_trip(NodeId id) {
    const std::string text = to_text(store, id);
    EXPECT_EQ(to_text(store, read(text)), text);
    EXPECT_EQ(read(text), id) << text;
    EXPECT_EQ(read(to_unicode(store, id)), id) << to_unicode(store, id);
    EXPECT_EQ(written_size(store, id), text.size()) << text;
  }

  // The canonical node of `input` is written as `text`; both spellings read back as that node.
  void expect_text(const std::string& input, const std::string& text) {
    const NodeId id = read(input);
    EXPECT_EQ(to_text(store, id), text) << input;
    expect_round_trip(id);
  }
  void expect_same(const std::string& text) { expect_text(text, text); }
  void expect_unicode(const std::string& input, const std::string& unicode) {
    const NodeId id = read(input);
    EXPECT_EQ(to_unicode(store, id), unicode) << input;
    expect_round_trip(id);
  }
  void expect_latex(const std::string& input, const std::string& latex) {
    EXPECT_EQ(to_latex(store, read(input)), latex) << input;
  }

  Store store;
  Build build{store};
  Scope scope{store};
};

TEST_F(Print, Sums) {
  for (const char* text : {"A*x + b", "b - A*x", "C*y - x", "x - (C - X)*y", "-(A*x + b)", "-(C + X)", "2*(C - X)",
                           "-2*(C + X)", "(C + C')/2", "W - V", "3*n + C"}) {
    expect_same(text);
  }
  expect_text("-b - A*x", "-(A*x + b)");
  expect_text("-2*(C - X)", "2*(X - C)");
  expect_text("n*n*x", "n^2*x");
}

TEST_F(Print, ScalarsSpreadOverTheShapeOfASum) {
  for (const char* text : {"1 - tanh(x).^2", "1 + x + a", "a*c + x", "x'*y + x", "1 - x - a", "2*ones(n)", "ones(n)/2",
                           "ones(n) + a*ones(n)", "(1 + x)'", "s*(a + c) + x"}) {
    expect_same(text);
  }
  expect_text("x - (a + c)", "x - a - c");
}

TEST_F(Print, CoefficientsAndFractions) {
  for (const char* text : {"2*C*x",
                           "C*x/2",
                           "3*C*x/2",
                           "-C*x",
                           "x/norm2(x)",
                           "2*C*x/(x'*S*x)",
                           "a/(c*lambda)",
                           "1/norm2(x)",
                           "1/2",
                           "-3/7",
                           "x*x'/norm2(x)^3",
                           "1/sqrt(s)",
                           "1/s^(3/2)",
                           "1/(2*s)",
                           "2*a/3",
                           "(a + c)*X",
                           "a*(x'*C*x)*exp(c)",
                           "2*x'*C*x",
                           "a*x'*C*x",
                           "(x'*y)*z",
                           "s*(x'*y)*z",
                           "(x'*y)*(y'*z)",
                           "(x'*y)^2",
                           "1/(1 + exp(-s))",
                           "I(n) - 2*x*x'/(x'*x)",
                           "a*sqrt(2)",
                           "3*2^k",
                           "123456789012345678901234567890",
                           "1/1000"}) {
    expect_same(text);
  }
}

TEST_F(Print, AMinusGoesIntoADifference) {
  const NodeId difference = read("x - y");
  const NodeId row = read("r");
  const NodeId product = build.negate(build.multiply(NodeList{difference, row}));
  EXPECT_EQ(to_text(store, product), "(y - x)*r");
  expect_round_trip(product);
  const NodeId fraction = build.negate(build.times(NodeList{read("a - c"), read("1/s")}));
  EXPECT_EQ(to_text(store, fraction), "(c - a)/s");
  expect_round_trip(fraction);
  const NodeId doubled = build.scaled(-2, build.multiply(NodeList{difference, row}));
  EXPECT_EQ(to_text(store, doubled), "2*(y - x)*r");
  expect_round_trip(doubled);
  expect_same("-(C + X)*x");
}

TEST_F(Print, Products) {
  for (const char* text : {"C'*X*S", "(C + X)'*S", "(A + D)'*b", "diag(x)*C", "diag(C)", "C'*(x.*y)", "y.*(C*x)",
                           "(C*x).*(S*x)", "2*x.*y", "x.*y/2", "2*(X'*(X*w_ab - y) + lam*w_ab)", "kron(A, B)",
                           "kron(A', B')", "kron(A, C + X)*kron(C, I(n))", "r*x", "W*x"}) {
    expect_same(text);
  }
  expect_text("kron(A,B)'", "kron(A', B')");
}

TEST_F(Print, EntrywiseQuotients) {
  for (const char* text :
       {"1./x", "2./x", "a./(2*x)", "y./x", "x.*y./z", "x./(y.*z)", "x./(2*z)", "(C*x)./z", "2*(C*x)./z", "(a*c)./x",
        "(x'*y)./z", "(a + c)./x", "1./x.^2", "1./sqrt(x)", "(x./y)'", "exp(-x)./(1 + exp(-x)).^2", "log(x)./x"}) {
    expect_same(text);
  }
}

TEST_F(Print, Powers) {
  for (const char* text : {"s^2",       "s^(2/3)",    "s^(-k)",     "s^(T)",     "(-2)^k",
                           "2^k",       "sqrt(s)",    "sqrt(x)",    "sqrt(2)",   "sqrt(1/2)",
                           "sqrt(x)'",  "sqrt(s)^k",  "(a*c)^k",    "(a + c)^2", "1/(a + c)^2",
                           "x.^2",      "x.^y",       "x.^(-y)",    "2.^x",      "(1/2).^x",
                           "(-2).^x",   "(a + c).^x", "(x + y).^2", "(X.^2)'",   "(a*ones(n)).^(1/3)",
                           "X^2",       "X'^2",       "X^k",        "(C + X)^3", "(X*C)^6",
                           "inv(X)",    "inv(X)'",    "inv(X)^2",   "inv(X)'^2", "exp(X)'",
                           "X.*(1./C)'"}) {
    expect_same(text);
  }
}

TEST_F(Print, Entries) {
  for (const char* text : {"A[1, :]", "A[:, 2]", "A[1, 2]", "x[1]", "x_1[2]^2", "A[1, :]*x", "b*A[1, :]", "A[:, 1]'",
                           "C[1, :]*X[:, 2]", "e(1, n)'*(C + X)", "e(1, n)", "x[n - 1]", "r*e(2, n)",
                           "sum(i, 1, m, A[i, :]*x)", "sum(i, 1, m, b[i]*A[i, :]')", "sum(i, 1, m, i*x)"}) {
    expect_same(text);
  }
  expect_text("A'[1, 2]", "A[2, 1]");
  expect_text("A'[1, :]", "A[:, 1]'");
  expect_text("x'*e(3, n)", "x[3]");
}

TEST_F(Print, Constants) {
  for (const char* text : {"zeros(m, n)", "zeros(n)", "zeros(1, n)", "ones(1, n)*x", "ones(m*n)", "I(m + n)",
                           "I(2*n - 1)", "K(m, n)", "unvec(exp(kron(x, y)), n, n)", "n", "n*x", "pi", "2*n"}) {
    expect_same(text);
  }
}

TEST_F(Print, ASizeWhoseNameIsTakenByAVariable) {
  const NodeId size = build.dimension(store.dims.name("s"));
  EXPECT_EQ(to_text(store, size), "ones(1, s)*ones(s)");
  EXPECT_EQ(to_text(store, build.identity(store.dims.name("s"))), "I(s)");
}

TEST_F(Print, Unicode) {
  expect_unicode("x*x'/norm2(x)^3", "x·xᵀ/norm2(x)³");
  expect_unicode("C'*(x.*y)./z", "(Cᵀ·(x⊙y))⊘z");
  expect_unicode("kron(A, C + X)", "A⊗(C + X)");
  expect_unicode("kron(A, C)*kron(C, X)", "(A⊗C)·(C⊗X)");
  expect_unicode("inv(X)", "X⁻¹");
  expect_unicode("inv(X)'*inv(C + X)", "X⁻ᵀ·(C + X)⁻¹");
  expect_unicode("inv(X)^2", "(X⁻¹)²");
  expect_unicode("X'^2*X^12", "(Xᵀ)²·X¹²");
  expect_unicode("x.^2", "x.^2");
  expect_unicode("sqrt(s)^3*sqrt(x)", "s^(3/2)·√(x)");
  expect_unicode("sqrt(x)'", "(√(x))ᵀ");
  expect_unicode("lambda*x_1 + lam*w_ab", "lam·w_ab + λ·x₁");
  expect_unicode("pi*s", "s·π");
}

TEST_F(Print, Names) {
  EXPECT_EQ(unicode_name("lambda_12"), "λ₁₂");
  EXPECT_EQ(unicode_name("Sigma_max"), "Σ_max");
  EXPECT_EQ(unicode_name("sigma2"), "σ2");
  EXPECT_EQ(unicode_name("alphabet"), "alphabet");
  EXPECT_EQ(unicode_name("Alpha"), "Alpha");
  EXPECT_EQ(unicode_name("x_"), "x_");
  EXPECT_EQ(unicode_name("x_1_2"), "x_1_2");
  EXPECT_EQ(latex_name("x"), "x");
  EXPECT_EQ(latex_name("lam"), "\\mathrm{lam}");
  EXPECT_EQ(latex_name("lambda"), "\\lambda");
  EXPECT_EQ(latex_name("x_1"), "x_{1}");
  EXPECT_EQ(latex_name("w_ab"), "w_{ab}");
  EXPECT_EQ(latex_name("mu_sigma"), "\\mu_{\\sigma}");
  EXPECT_EQ(latex_name("w_a_b"), "w_{a\\_b}");
  EXPECT_EQ(superscript("-1234567890"), "⁻¹²³⁴⁵⁶⁷⁸⁹⁰");
}

TEST_F(Print, Latex) {
  expect_latex("2*C*x/(x'*S*x)", "\\frac{2 C x}{x^{\\top} S x}");
  expect_latex("(C + C')/2", "\\frac{C + C^{\\top}}{2}");
  expect_latex("x*x'/norm2(x)^3", "\\frac{x x^{\\top}}{\\left\\lVert x \\right\\rVert^{3}}");
  expect_latex("-inv(X)*dX*inv(X)", "-X^{-1} \\mathrm{d}X\\, X^{-1}");
  expect_latex("inv(X)'", "\\left(X^{-1}\\right)^{\\top}");
  expect_latex("kron(A, C + X)", "A \\otimes \\left(C + X\\right)");
  expect_latex("kron(A, C)*kron(C, X)", "\\left(A \\otimes C\\right) \\left(C \\otimes X\\right)");
  expect_latex("C'*(x.*y)", "C^{\\top} \\left(x \\odot y\\right)");
  expect_latex("1 - tanh(x).^2", "1 - \\tanh\\left(x\\right)^{\\circ 2}");
  expect_latex("1./x", "\\mathbf{1} \\oslash x");
  expect_latex("2*(C*x)./z", "2 \\left(C x\\right) \\oslash z");
  expect_latex("sqrt(s)*sqrt(x)", "\\sqrt{s} x^{\\circ \\frac{1}{2}}");
  expect_latex("3*a*2^k", "3 a \\cdot 2^{k}");
  expect_latex("lam*w_ab + lambda*x_1", "\\mathrm{lam} w_{ab} + \\lambda x_{1}");
  expect_latex("A[1, :]*x + x_1[2]", "A_{1,:} x + {x_{1}}_{2}");
  expect_latex("sum(i, 1, m, b[i]*A[i, :]')", "\\sum_{i=1}^{m} b_{i} A_{i,:}^{\\top}");
  expect_latex("sum(i, 1, m, b[i])^2", "\\left(\\sum_{i=1}^{m} b_{i}\\right)^{2}");
  expect_latex("ones(1, n)*x", "\\mathbf{1}_{n}^{\\top} x");
  expect_latex("ones(m, n)", "\\mathbf{1}_{m \\times n}");
  expect_latex("I(n) - K(n, n)[1, 1]*X",
               "I_{n} - \\left(\\left(e_{1}^{(n n)}\\right)^{\\top} K_{n,n} e_{1}^{(n n)}\\right) X");
  expect_latex("zeros(m, n)", "0");
  expect_latex("softmax_rows(A)", "\\operatorname{softmax\\_rows}\\left(A\\right)");
  expect_latex("abs(s)^3", "\\operatorname{abs}\\left(s\\right)^{3}");
  expect_latex("logdet(X)", "\\log\\det\\left(X\\right)");
  expect_latex("diag(x)'*diag(C)", "\\operatorname{diag}\\left(x\\right) \\operatorname{diag}\\left(C\\right)");
}

TEST_F(Print, SharedPartsAreMeasuredWithoutBeingWritten) {
  NodeId id = read("X");
  for (int i = 0; i < 60; ++i) id = build.call("exp", {build.multiply(NodeList{id, read("C"), id})});
  EXPECT_GT(written_size(store, id), std::size_t{1} << 60);
  const std::string text = to_text(store, id);
  EXPECT_GT(text.size(), maximum_written);
  EXPECT_LT(text.size(), maximum_written + 100);
  EXPECT_EQ(text.substr(text.size() - 3), "…");
}

TEST_F(Print, DepthIsNoLimit) {
  NodeId id = read("s");
  for (int i = 0; i < 100'000; ++i) id = build.call("exp", {build.plus(id, build.number(1))});
  EXPECT_EQ(to_text(store, id).size(), written_size(store, id));
  EXPECT_FALSE(to_latex(store, id).empty());
}

TEST_F(Print, Shapes) {
  const Dim m = store.dims.name("m");
  const Dim n = store.dims.name("n");
  EXPECT_EQ(shape_text(store, Type{}), "scalar");
  EXPECT_EQ(shape_text(store, Type{m, n}), "m×n");
  EXPECT_EQ(shape_text(store, Type{n, dim_one}), "n×1");
  EXPECT_EQ(shape_text(store, Type{store.dims.add(m, dim_one), n}), "(m + 1)×n");
}

}  // namespace
}  // namespace matgrad
