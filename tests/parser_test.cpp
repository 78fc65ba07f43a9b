// SPDX-License-Identifier: MIT
#include "syntax/parser.hpp"

#include <gtest/gtest.h>

namespace matgrad {
namespace {

struct Case {
  const char* input;
  const char* expected;
};

std::string read(std::string_view text) {
  const auto tree = parse(text);
  return tree ? to_s_expression(*tree) : render(tree.error(), text, Language::english);
}

template <std::size_t N>
void check(const Case (&cases)[N]) {
  for (const Case& c : cases) EXPECT_EQ(read(c.input), c.expected) << c.input;
}

TEST(Parser, Precedence) {
  check({{"x", "x"},
         {"x'*A*x", "(* (* (' x) A) x)"},
         {"a+b*c-d", "(- (+ a (* b c)) d)"},
         {"a*b/c.*d./e⊗f", "(kron (./ (.* (/ (* a b) c) d) e) f)"},
         {"X^2'", "(' (^ X 2))"},
         {"X'^2", "(^ (' X) 2)"},
         {"a^b^c", "(^ (^ a b) c)"},
         {"a.^b^c'", "(' (^ (.^ a b) c))"},
         {"-x^2", "(neg (^ x 2))"},
         {"-x'", "(neg (' x))"},
         {"-a*b", "(* (neg a) b)"},
         {"a*-b", "(* a (neg b))"},
         {"a - -b", "(- a (neg b))"},
         {"--a", "(neg (neg a))"},
         {"+a - +b", "(- a b)"},
         {"x^-1", "(^ x (neg 1))"},
         {"2^-x", "(^ 2 (neg x))"},
         {"2^-x'", "(' (^ 2 (neg x)))"},
         {"2^-x^3", "(^ (^ 2 (neg x)) 3)"},
         {"x.^-0.5", "(.^ x (neg 1/2))"},
         {"x^+2", "(^ x 2)"},
         {"1/3", "(/ 1 3)"},
         {"(a+b)*c", "(* (+ a b) c)"},
         {"((a))", "a"},
         {"a/(b*c)", "(/ a (* b c))"}});
}

TEST(Parser, Transpose) {
  check({{"X^T", "(' X)"},
         {"X^T*y", "(* (' X) y)"},
         {"X^T'", "(' (' X))"},
         {"X^T[1,2]", "(index (' X) 1 2)"},
         {"X^Tx", "(^ X Tx)"},
         {"X^T(2)", "(^ X (T 2))"},
         {"X^(T)", "(^ X T)"},
         {"x.^T", "(.^ x T)"},
         {"X.T*X", "(* (' X) X)"},
         {"Xᵀ*X⊤", "(* (' X) (' X))"},
         {"X^⊤*X^ᵀ", "(* (' X) (' X))"},
         {"X^-T", "(' (^ X (neg 1)))"},
         {"X⁻ᵀ", "(' (^ X (neg 1)))"},
         {"x''", "(' (' x))"},
         {"2.'", "(' 2)"},
         {"T'*T", "(* (' T) T)"}});
}

TEST(Parser, UnicodeForms) {
  check({{"x⁻¹", "(^ x (neg 1))"},
         {"x⁻²", "(^ x (neg 2))"},
         {"x¹⁰", "(^ x 10)"},
         {"x²'", "(' (^ x 2))"},
         {"-x²", "(neg (^ x 2))"},
         {"a⊙b⊘c", "(./ (.* a b) c)"},
         {"A⊗B", "(kron A B)"},
         {"2·x×y∗z", "(* (* (* 2 x) y) z)"},
         {"a−b–c", "(- (- a b) c)"},
         {"√x", "(sqrt x)"},
         {"√2*x", "(* (sqrt 2) x)"},
         {"√(x+1)*y", "(* (sqrt (+ x 1)) y)"},
         {"√x²", "(sqrt (^ x 2))"},
         {"2^√x", "(^ 2 (sqrt x))"},
         {"√√x", "(sqrt (sqrt x))"},
         {"Σ(i,1,m,A[i,i])", "(sum i 1 m (index A i i))"},
         {"∑(i,1,m,x[i])", "(sum i 1 m (index x i))"},
         {"Σ⁻¹*x", "(* (^ Sigma (neg 1)) x)"},
         {"x'*Σ*x", "(* (* (' x) Sigma) x)"},
         {"Sigma(x)", "(Sigma x)"},
         {"λ*lambda", "(* lambda lambda)"},
         {"‖x‖", "(norm2 x)"},
         {"‖A*x−b‖²", "(^ (norm2 (- (* A x) b)) 2)"},
         {"‖x‖₁+‖x‖₂+‖X‖_F", "(+ (+ (norm1 x) (norm2 x)) (norm2 X))"},
         {"‖a*‖b‖*c‖", "(norm2 (* (* a (norm2 b)) c))"},
         {"[‖a -b‖ ‖c‖]", "(block (row (norm2 (- a b)) (norm2 c)))"},
         {"（a＋b）′", "(' (+ a b))"}});
}

TEST(Parser, Numbers) {
  check({{"0.5", "1/2"},
         {".5", "1/2"},
         {"1e-3", "1/1000"},
         {"2.", "2"},
         {"2.*x", "(.* 2 x)"},
         {"1./x", "(./ 1 x)"},
         {"2.^x", "(.^ 2 x)"},
         {"2.T", "(' 2)"},
         {"12345678901234567890", "12345678901234567890"}});
}

TEST(Parser, CallsAndIndices) {
  check({{"f(x)", "(f x)"},
         {"f (x)", "(f x)"},
         {"f(a,b+c)", "(f a (+ b c))"},
         {"f()", "(f)"},
         {"inv(X)'", "(' (inv X))"},
         {"a[i]", "(index a i)"},
         {"a[i,j]", "(index a i j)"},
         {"a[i,:]", "(index a i :)"},
         {"a[:,j+1]", "(index a : (+ j 1))"},
         {"x[:]", "(index x :)"},
         {"X'[1,2]", "(index (' X) 1 2)"},
         {"(A*B)[1,2]", "(index (* A B) 1 2)"},
         {"inv(A)[1,2]", "(index (inv A) 1 2)"},
         {"x^a[1]", "(^ x (index a 1))"},
         {"X^2[1,2]", "(index (^ X 2) 1 2)"},
         {"a[b[1]]", "(index a (index b 1))"}});
}

TEST(Parser, Blocks) {
  check({{"[A B; C D]", "(block (row A B) (row C D))"},
         {"[1, 2; 3, 4]", "(block (row 1 2) (row 3 4))"},
         {"[a]", "(block (row a))"},
         {"[a b\nc d]", "(block (row a b) (row c d))"},
         {"[\n a b;\n c\n]", "(block (row a b) (row c))"},
         {"[1,2,;3,4;]", "(block (row 1 2) (row 3 4))"},
         {"[a -b]", "(block (row a (neg b)))"},
         {"[a - b]", "(block (row (- a b)))"},
         {"[a-b]", "(block (row (- a b)))"},
         {"[a- b]", "(block (row (- a b)))"},
         {"[a +b -c]", "(block (row a b (neg c)))"},
         {"[a - -b]", "(block (row (- a (neg b))))"},
         {"[-a -b]", "(block (row (neg a) (neg b)))"},
         {"[a * b]", "(block (row (* a b)))"},
         {"[a *b]", "(block (row (* a b)))"},
         {"[a' b']", "(block (row (' a) (' b)))"},
         {"[a.' b.T Cᵀ]", "(block (row (' a) (' b) (' C)))"},
         {"[f(x) y]", "(block (row (f x) y))"},
         {"[f (x)]", "(block (row f x))"},
         {"[a[1] b]", "(block (row (index a 1) b))"},
         {"[a [1 2]]", "(block (row a (block (row 1 2))))"},
         {"[(a -b) c]", "(block (row (- a b) c))"},
         {"[f(a -b)]", "(block (row (f (- a b))))"},
         {"[a[i -1] b]", "(block (row (index a (- i 1)) b))"},
         {"[1 2.5 .5]", "(block (row 1 5/2 1/2))"},
         {"[X^T (b)]", "(block (row (' X) b))"},
         {"[a +\nb]", "(block (row (+ a b)))"},
         {"[a √b]", "(block (row a (sqrt b)))"},
         {"[1 2]*[3;4]", "(* (block (row 1 2)) (block (row 3) (row 4)))"},
         {"kron([1;2],[3;4]')", "(kron (block (row 1) (row 2)) (' (block (row 3) (row 4))))"},
         {"(a\n+ b)", "(+ a b)"}});
}

TEST(Parser, LongRunsArePlain) {
  std::string sum = "x";
  for (int i = 0; i < 20'000; ++i) sum += i % 2 == 0 ? "+x" : "-x";
  const auto tree = parse(sum);
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->nodes.size(), 40'001U);
  EXPECT_EQ(to_s_expression(*tree).size(), 20'000 * 6 + 1U);
}

// "kind:text" of every node in order.
std::string spans(std::string_view text) {
  const auto tree = parse(text);
  if (!tree) return render(tree.error(), text, Language::english);
  std::string result;
  for (const SyntaxNode& node : tree->nodes) {
    if (!result.empty()) result += " | ";
    result += under(text, node.span);
  }
  return result;
}

TEST(Parser, Spans) {
  const Case cases[] = {{"x'*A*x", "x | x' | A | x'*A | x | x'*A*x"},
                        {"(a+b)*c", "a | b | (a+b) | c | (a+b)*c"},
                        {" c * ( a + b ) ", "c | a | b | ( a + b ) | c * ( a + b )"},
                        {"-(x)^-2", "(x) | 2 | -2 | (x)^-2 | -(x)^-2"},
                        {"√(λ)·x⁻²", "(λ) | √(λ) | x | ⁻² | ⁻² | x⁻² | √(λ)·x⁻²"},
                        {"f( a , b )'", "a | b | f( a , b ) | f( a , b )'"},
                        {"A[i, :]", "A | i | : | A[i, :]"},
                        {"[a -b; c]+d", "a | b | -b | c | [a -b; c] | d | [a -b; c]+d"},
                        {"‖x‖₁²", "x | ‖x‖₁ | ² | ‖x‖₁²"},
                        {"Σ(i,1,m,x[i])", "i | 1 | m | x | i | x[i] | Σ(i,1,m,x[i])"},
                        {"X^T*Y^-T", "X | X^T | Y | - | - | Y^- | Y^-T | X^T*Y^-T"}};
  for (const Case& c : cases) {
    EXPECT_EQ(spans(c.input), c.expected) << c.input;
    const auto tree = parse(c.input);
    ASSERT_TRUE(tree.has_value());
    EXPECT_EQ(tree->source, c.input);
    for (std::size_t i = 0; i < tree->nodes.size(); ++i) {
      for (const std::uint32_t child : tree->nodes[i].children) {
        EXPECT_LT(child, i);
        EXPECT_EQ(join(tree->nodes[child].span, tree->nodes[i].span), tree->nodes[i].span);
      }
    }
  }
}

std::string declared(std::string_view text) {
  const auto declaration = parse_declaration(text);
  if (!declaration) return render(declaration.error(), "", Language::english);
  std::string result = declaration->name + " is " + declaration->kind;
  for (const SyntaxTree& dimension : declaration->dimensions) {
    result += " " + to_s_expression(dimension) + "@" + std::string(under(text, dimension[dimension.root].span));
  }
  if (declaration->positive) result += " positive";
  EXPECT_EQ(under(text, declaration->kind_span), declaration->kind);
  return result;
}

TEST(Declaration, Accepted) {
  const Case cases[] = {{"X: matrix(m, n)", "X is matrix m@m n@n"},
                        {"x:vector", "x is vector"},
                        {" w : vector(n) positive ", "w is vector n@n positive"},
                        {"s: scalar positive", "s is scalar positive"},
                        {"X: matrix(2*m+1, 3)", "X is matrix (+ (* 2 m) 1)@2*m+1 3@3"},
                        {"λ: scalar", "lambda is scalar"},
                        {"Σ: spd(n)", "Sigma is spd n@n"},
                        {"权重：vector（n）", "权重 is vector n@n"},
                        {"A: anything(n)", "A is anything n@n"}};
  for (const Case& c : cases) EXPECT_EQ(declared(c.input), c.expected) << c.input;
}

TEST(Declaration, Refused) {
  const Case cases[] = {
      {"X matrix(m,n)",
       "error: a declaration is written NAME: KIND, for example X: matrix(m,n) or w: vector(n) positive\n"
       "  X matrix(m,n)\n"
       "  ^\n"
       "  try: X: matrix(m,n)\n"},
      {"X:",
       "error: the kind of X is missing: scalar, vector(n), matrix(m,n), symmetric(n), spd(n) …\n"
       "  X:\n"
       "   ^\n"},
      {"X: matrix(m,n",
       "error: `(` is never closed; a `)` is missing\n"
       "  X: matrix(m,n\n"
       "           ^\n"
       "  try: X: matrix(m,n)\n"},
      {"X: matrix(m/k,n)",
       "error: m/k is no dimension; use names and positive integers with +, - and *, as in matrix(m+1,2*n), or over a "
       "number, vector(n*(n+1)/2)\n"
       "  X: matrix(m/k,n)\n"
       "            ^~~\n"},
      {"x: vector(0)",
       "error: 0 is no dimension; use names and positive integers with +, - and *, as in matrix(m+1,2*n), or over a "
       "number, vector(n*(n+1)/2)\n"
       "  x: vector(0)\n"
       "            ^\n"},
      {"x: vector(2n)",
       "error: juxtaposition is not a product: write 2*n\n"
       "  x: vector(2n)\n"
       "            ^~\n"
       "  try: x: vector(2*n)\n"},
      {"x: vector() tall",
       "error: there is nothing between `(` and `)`\n"
       "  x: vector() tall\n"
       "           ^~\n"
       "error: tall is no property of a variable; only positive may follow its kind\n"
       "  x: vector() tall\n"
       "              ^~~~\n"},
      {"", "error: a declaration is written NAME: KIND, for example X: matrix(m,n) or w: vector(n) positive\n"}};
  for (const Case& c : cases) EXPECT_EQ(declared(c.input), c.expected) << c.input;
  EXPECT_FALSE(parse_declaration("3: scalar").has_value());
  EXPECT_FALSE(parse_declaration("x, y: scalar").has_value());
  EXPECT_FALSE(parse_declaration("x: 3").has_value());
  EXPECT_FALSE(parse_declaration("x: vector(n))").has_value());
  EXPECT_FALSE(parse_declaration(std::string(200'000, 'x')).has_value());
}

// Also where nothing else looks at the bytes: they would be shown again.
TEST(Parser, LatexThatIsNotUtf8) {
  for (const std::string_view text : {"A X % \xab\nB", "\\operatorname{t\xffr}(X)", "\xc3", "X \\text{\xe2\x82}"}) {
    const auto tree = parse(text, InputNotation::latex, {});
    ASSERT_FALSE(tree.has_value()) << text;
    EXPECT_EQ(tree.error()[0].message, Message::not_utf8) << text;
  }
  EXPECT_TRUE(parse("A X % «»", InputNotation::latex, {}).has_value());
}

}  // namespace
}  // namespace matgrad
