// SPDX-License-Identifier: MIT
// What parse says about texts that are no expressions, and that it says it for any bytes at all, in linear time.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "syntax/parser.hpp"

namespace matgrad {
namespace {

std::string complaint(std::string_view text, Language language = Language::english) {
  const auto tree = parse(text);
  return tree ? "accepted: " + to_s_expression(*tree) : render(tree.error(), text, language);
}

TEST(ParserErrors, WholeText) {
  struct Case {
    const char* input;
    const char* expected;
  };
  const Case cases[] = {
      {"2x",
       "error: juxtaposition is not a product: write 2*x\n"
       "  2x\n"
       "  ^~\n"
       "  try: 2*x\n"},
      {"2 x",
       "error: juxtaposition is not a product: write 2*x\n"
       "  2 x\n"
       "  ^~~\n"
       "  try: 2*x\n"},
      {"3x + 4y",
       "error: juxtaposition is not a product: write 3*x\n"
       "  3x + 4y\n"
       "  ^~\n"
       "error: juxtaposition is not a product: write 4*y\n"
       "  3x + 4y\n"
       "       ^~\n"
       "  try: 3*x + 4*y\n"},
      {"(a+b)(c+d)",
       "error: juxtaposition is not a product: write (a+b)*(c+d)\n"
       "  (a+b)(c+d)\n"
       "  ^~~~~~~~~~\n"
       "  try: (a+b)*(c+d)\n"},
      {"x'y",
       "error: juxtaposition is not a product: write x'*y\n"
       "  x'y\n"
       "  ^~~\n"
       "  try: x'*y\n"},
      {"a\nb",
       "error: juxtaposition is not a product: write a*b\n"
       "  a\n"
       "  ^\n"
       "  try: a*b\n"},
      {"sin x",
       "error: the argument of sin goes in parentheses: write sin(x)\n"
       "  sin x\n"
       "  ^~~~~\n"
       "  try: sin(x)\n"},
      {"log(x) tr(A) + tr A",
       "error: juxtaposition is not a product: write log(x)*tr(A)\n"
       "  log(x) tr(A) + tr A\n"
       "  ^~~~~~~~~~~~\n"
       "error: the argument of tr goes in parentheses: write tr(A)\n"
       "  log(x) tr(A) + tr A\n"
       "                 ^~~~\n"
       "  try: log(x)*tr(A) + tr(A)\n"},
      {"log det X * y",
       "error: the argument of log goes in parentheses: write log(det X)\n"
       "  log det X * y\n"
       "  ^~~~~~~~~\n"
       "error: the argument of det goes in parentheses: write det(X)\n"
       "  log det X * y\n"
       "      ^~~~~\n"
       "  try: log(det(X)) * y\n"},
      {"1.2.3",
       "error: 1.2.3 is not one number; a number has at most one decimal point\n"
       "  1.2.3\n"
       "  ^~~~~\n"},
      {"x**2",
       "error: a power is written ^, not **\n"
       "  x**2\n"
       "   ^~\n"
       "  try: x^2\n"},
      {"A@B",
       "error: the matrix product is written *, not @\n"
       "  A@B\n"
       "   ^\n"
       "  try: A*B\n"},
      {"x .+ y",
       "error: write + instead of .+: sums are elementwise as they are\n"
       "  x .+ y\n"
       "    ^~\n"
       "  try: x + y\n"},
      {"y = x'*x",
       "error: `=` does not belong in an expression; give one side of it, or use check for a claim\n"
       "  y = x'*x\n"
       "    ^\n"
       "  try: x'*x\n"},
      {"a == b",
       "error: `==` does not belong in an expression; give one side of it, or use check for a claim\n"
       "  a == b\n"
       "    ^~\n"},
      {"A*x = b",
       "error: `=` does not belong in an expression; give one side of it, or use check for a claim\n"
       "  A*x = b\n"
       "      ^\n"},
      {"(a + b",
       "error: `(` is never closed; a `)` is missing\n"
       "  (a + b\n"
       "  ^\n"
       "  try: (a + b)\n"},
      {"a + b)",
       "error: `)` closes nothing; no bracket is open here\n"
       "  a + b)\n"
       "       ^\n"
       "  try: a + b\n"},
      {"(a + b]",
       "error: `(` is closed by `]`; a `)` should stand here\n"
       "  (a + b]\n"
       "        ^\n"
       "  try: (a + b)\n"},
      {"[a b)",
       "error: `[` is closed by `)`; a `]` should stand here\n"
       "  [a b)\n"
       "      ^\n"
       "  try: [a b]\n"},
      {"f(a, [b c)",
       "error: `[` is never closed; a `]` is missing\n"
       "  f(a, [b c)\n"
       "       ^\n"
       "  try: f(a, [b c])\n"},
      {"(a*(b+c",
       "error: `(` is never closed; a `)` is missing\n"
       "  (a*(b+c\n"
       "     ^\n"
       "  try: (a*(b+c))\n"},
      {"‖x",
       "error: `‖` is never closed; a `‖` is missing\n"
       "  ‖x\n"
       "  ^\n"
       "  try: ‖x‖\n"},
      {"A\\b",
       "error: there is no left division; write inv(A)*b\n"
       "  A\\b\n"
       "   ^\n"
       "  try: inv(A)*b\n"},
      {"x % note",
       "error: % begins no comment here; leave the comment out\n"
       "  x % note\n"
       "    ^\n"
       "  try: x\n"},
      {"X^{-1}",
       "error: { does not group terms here; use parentheses\n"
       "  X^{-1}\n"
       "    ^\n"
       "error: } does not group terms here; use parentheses\n"
       "  X^{-1}\n"
       "       ^\n"
       "  try: X^(-1)\n"},
      {"", "error: there is nothing to read; write an expression such as x'*A*x\n"},
      {"()",
       "error: there is nothing between `(` and `)`\n"
       "  ()\n"
       "  ^~\n"},
      {"a +",
       "error: `+` has no operand on its right\n"
       "  a +\n"
       "    ^\n"},
      {"* a",
       "error: `*` has no operand on its left\n"
       "  * a\n"
       "  ^\n"},
      {"a * / b",
       "error: an operand is missing between `*` and `/`\n"
       "  a * / b\n"
       "    ^~~\n"},
      {"a + , b",
       "error: `+` has no operand on its right\n"
       "  a + , b\n"
       "    ^\n"
       "error: `,` cannot stand here; an operator or the end was expected\n"
       "  a + , b\n"
       "      ^\n"},
      {"f(a,)",
       "error: nothing stands after this comma; write another entry or leave the comma out\n"
       "  f(a,)\n"
       "     ^\n"},
      {"f(,a)",
       "error: an operand is missing before `,`\n"
       "  f(,a)\n"
       "    ^\n"},
      {"[]",
       "error: [] is a matrix without entries; write at least one, as in [1 2; 3 4]\n"
       "  []\n"
       "  ^~\n"},
      {"[1,,2]",
       "error: nothing stands after this comma; write another entry or leave the comma out\n"
       "  [1,,2]\n"
       "    ^\n"},
      {"[a 'b]",
       "error: `'` has no operand on its left\n"
       "  [a 'b]\n"
       "     ^\n"},
      {"A(:,1)",
       "error: entries are taken with square brackets: A[…] instead of A(…)\n"
       "  A(:,1)\n"
       "  ^~~~~~\n"
       "  try: A[:,1]\n"},
      {"A[1 2]",
       "error: index entries are separated by a comma: write 1,2\n"
       "  A[1 2]\n"
       "    ^~~\n"
       "  try: A[1,2]\n"},
      {"A[1,2,3]",
       "error: an index has one entry or two, as in a[i] and A[i,j]\n"
       "  A[1,2,3]\n"
       "   ^~~~~~~\n"},
      {"A[1:3]",
       "error: `:` alone stands for a whole row or column in an index, as in A[i,:]; ranges such as 1:3 are not "
       "supported\n"
       "  A[1:3]\n"
       "     ^\n"},
      {"x:",
       "error: `:` alone stands for a whole row or column in an index, as in A[i,:]; ranges such as 1:3 are not "
       "supported\n"
       "  x:\n"
       "   ^\n"},
      {"x;",
       "error: `;` cannot stand here; an operator or the end was expected\n"
       "  x;\n"
       "   ^\n"
       "  try: x\n"},
      {"a + $ b",
       "error: the character $ (U+0024) has no meaning in an expression\n"
       "  a + $ b\n"
       "      ^\n"},
      {"a ≤ b",
       "error: the character ≤ (U+2264) has no meaning in an expression\n"
       "  a ≤ b\n"
       "    ^\n"},
      {"x.y",
       "error: the character . (U+002E) has no meaning in an expression\n"
       "  x.y\n"
       "   ^\n"},
      {"|x|",
       "error: | is not used here: write abs(x) for an absolute value, norm2(x) for a norm, det(X) for a determinant\n"
       "  |x|\n"
       "  ^\n"
       "error: | is not used here: write abs(x) for an absolute value, norm2(x) for a norm, det(X) for a determinant\n"
       "  |x|\n"
       "    ^\n"},
      {"∂f",
       "error: ∂ belongs in a claim, not in an expression: use check for “∂f/∂x = …”, or diff f --wrt x\n"
       "  ∂f\n"
       "  ^\n"},
      {"_x",
       "error: a name begins with a letter, and _x does not\n"
       "  _x\n"
       "  ^~\n"
       "  try: x\n"},
      {"x⁻",
       "error: ⁻ needs a superscript digit after it, as in x⁻¹\n"
       "  x⁻\n"
       "   ^\n"},
      {"1e999",
       "error: the number 1e999 is too large or too small; exponents go to ±400, numbers to 1000 digits\n"
       "  1e999\n"
       "  ^~~~~\n"},
      {"∑ x",
       "error: ∑ needs its index and bounds: write Σ(i,1,m,a[i]), or sum(x) for the sum of all entries\n"
       "  ∑ x\n"
       "  ^\n"},
      {"‖x‖₃",
       "error: there is no norm with the index 3; write ‖x‖, ‖x‖₁, ‖x‖₂ or ‖X‖_F\n"
       "  ‖x‖₃\n"
       "    ^~\n"},
      {"2x + $ * / b)",
       "error: juxtaposition is not a product: write 2*x\n"
       "  2x + $ * / b)\n"
       "  ^~\n"
       "error: the character $ (U+0024) has no meaning in an expression\n"
       "  2x + $ * / b)\n"
       "       ^\n"
       "error: an operand is missing between `*` and `/`\n"
       "  2x + $ * / b)\n"
       "         ^~~\n"
       "error: `)` closes nothing; no bracket is open here\n"
       "  2x + $ * / b)\n"
       "              ^\n"}};
  for (const Case& c : cases) EXPECT_EQ(complaint(c.input), c.expected) << c.input;
}

TEST(ParserErrors, Chinese) {
  EXPECT_EQ(complaint("2x", Language::chinese), "错误：并列不表示乘法：请写成 2*x\n  2x\n  ^~\n  试试：2*x\n");
}

TEST(ParserErrors, Limits) {
  EXPECT_EQ(complaint(std::string(max_input_bytes + 1, 'x')),
            "error: the input has 100001 bytes, and at most 100000 are read; split it into smaller expressions\n");
  EXPECT_EQ(parse(std::string(10'000, '$')).error().size(), 20U);
  // Half the limit, as parentheses, signs and transposes, is fine.
  EXPECT_TRUE(parse(std::string(250, '(') + "x" + std::string(250, ')')).has_value());
  EXPECT_TRUE(parse(std::string(250, '-') + "x" + std::string(200, '\'')).has_value());
}

std::string repeat(std::string_view piece, std::size_t bytes) {
  std::string result;
  while (result.size() + piece.size() <= bytes) result += piece;
  return result;
}

TEST(ParserErrors, AdversarialInputsAreFast) {
  std::vector<std::string> inputs;
  for (const char* piece :
       {"(",    ")",     "[", "]",  "-",    "+",    "'",  "*",  ".",   ",",   ";",    ":",  "=",   "%",
        "^",    "√",     "‖", "\n", "x ",   "x+",   "x*", "x^", "x.*", "x'",  "x(",   "x[", "[x ", "[x;",
        "f(x,", "[[x] ", "2", "2x", "x=",   "x\\",  "(]", "[)", "([",  "-(",  "√(",   "‖(", "x^-", "x²",
        "⁻",    "\xff",  "λ", "Σ(", "a[:,", "x%\n", "_",  "1e", "1.",  "x^T", "sin ", "$x"}) {
    inputs.push_back(repeat(piece, max_input_bytes));
    inputs.push_back("x" + repeat(piece, max_input_bytes / 2));
    inputs.push_back(repeat(piece, max_input_bytes / 2) + "x");
    inputs.push_back("[" + repeat(piece, max_input_bytes / 2) + "]");
  }
  inputs.push_back("x" + std::string(50'000, '\''));
  inputs.push_back(repeat("(", 50'000) + repeat(")", 50'000));
  for (const std::string& input : inputs) {
    const auto start = std::chrono::steady_clock::now();
    const auto tree = parse(input);
    if (tree) {
      to_s_expression(*tree);
    } else {
      render(tree.error(), input, Language::english);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_LT(seconds, 2.0) << input.substr(0, 10) << " of " << input.size() << " bytes";
  }
}

// What must hold for any text: a tree that is well formed, or errors with places inside the text and fixes that parse.
void check_any(const std::string& text) {
  const auto tree = parse(text);
  if (tree) {
    ASSERT_LT(tree->root, tree->nodes.size());
    for (std::size_t i = 0; i < tree->nodes.size(); ++i) {
      ASSERT_LE(tree->nodes[i].span.begin, tree->nodes[i].span.end);
      ASSERT_LE(tree->nodes[i].span.end, text.size());
      for (const std::uint32_t child : tree->nodes[i].children) {
        ASSERT_LT(child, i);
        ASSERT_EQ(join(tree->nodes[child].span, tree->nodes[i].span), tree->nodes[i].span) << text;
      }
    }
    return;
  }
  ASSERT_FALSE(tree.error().empty()) << text;
  ASSERT_LE(tree.error().size(), 20U);
  for (const Diagnostic& error : tree.error()) {
    ASSERT_LE(error.span.begin, error.span.end) << text;
    ASSERT_LE(error.span.end, text.size()) << text;
    ASSERT_TRUE(error.span.begin < error.span.end || error.message == Message::empty_input) << text;
    if (!error.fix.empty()) {
      ASSERT_TRUE(parse(error.fix).has_value()) << text << " fixed as " << error.fix;
    }
  }
  ASSERT_FALSE(render(tree.error(), text, Language::chinese).empty());
}

TEST(ParserErrors, AnyBytes) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random() % (round % 2 == 0 ? 256 : 128));
    check_any(text);
    parse_declaration(text);
  }
}

TEST(ParserErrors, AnyTokens) {
  const char* const pieces[] = {"x",   "A",    "f(", "2",  "0.5", "(",  ")",  "[",  "]",        ",",     ";",  ":",
                                "\n",  " ",    " ",  "+",  "-",   "*",  "/",  "^",  "'",        ".*",    "./", ".^",
                                ".T",  "^T",   "²",  "⁻¹", "ᵀ",   "⊗",  "⊙",  "√",  "Σ",        "∑(",    "‖",  "‖₁",
                                "=",   "**",   "@",  "{",  "}",   "\\", "λ",  "|",  "∂",        "%",     "_",  "[x]",
                                "[i,", "sin ", "T",  "1.", ".5",  "x'", "(a", "b)", "positive", "matrix"};
  std::mt19937_64 random(11);
  int accepted = 0;
  for (int round = 0; round < 60'000; ++round) {
    std::string text = round % 3 == 0 ? "X: " : "";
    for (std::size_t left = random() % 14 + 1; left > 0; --left) text += pieces[random() % std::size(pieces)];
    check_any(text);
    parse_declaration(text);
    accepted += parse(text).has_value() ? 1 : 0;
  }
  EXPECT_GT(accepted, 500);
}

}  // namespace
}  // namespace matgrad
