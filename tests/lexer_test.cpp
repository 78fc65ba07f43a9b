// SPDX-License-Identifier: MIT
#include "syntax/lexer.hpp"

#include <gtest/gtest.h>

#include "syntax/characters.hpp"

namespace matgrad {
namespace {

const char* kind_name(TokenKind kind) {
  constexpr const char* names[] = {"end", "number", "name", "+", "-", "*",     "/",       "^",   ".*",   "./",
                                   ".^",  "kron",   "\\",   "=", "t", "power", "root",    "sum", "norm", "(",
                                   ")",   "[",      "]",    ",", ";", ":",     "newline", "?"};
  return names[static_cast<std::size_t>(kind)];
}

// "name:x t:' * name:A": kinds with their texts, a leading _ where a space came before; the end left out.
std::string tokens(std::string_view source) {
  Problems problems;
  std::string result;
  for (const Token& token : lex(source, problems)) {
    if (token.kind == TokenKind::end) continue;
    if (!result.empty()) result += ' ';
    if (token.space_before && token.kind != TokenKind::newline) result += '_';
    result += kind_name(token.kind);
    if (!token.text.empty()) result += ":" + token.text;
  }
  return result;
}

struct Case {
  const char* input;
  const char* expected;
};

TEST(Lexer, Tokens) {
  const Case cases[] = {{"", ""},
                        {"x'*A*x", "name:x t:' * name:A * name:x"},
                        {"a + b", "name:a _+ _name:b"},
                        {"a\n b", "name:a newline _name:b"},
                        {"X.T", "name:X t:T"},
                        {"X.T*y", "name:X t:T * name:y"},
                        {"X.'", "name:X t:'"},
                        {"Xᵀ", "name:X t:T"},
                        {"X⊤", "name:X t:T"},
                        {"X^T", "name:X ^ name:T"},
                        {"x′ x’", "name:x t:' _name:x t:'"},
                        {"a⊙b∘c", "name:a .* name:b .* name:c"},
                        {"a⊘b⊗c", "name:a ./ name:b kron name:c"},
                        {"a·b×c∗d", "name:a * name:b * name:c * name:d"},
                        {"a−b–c", "name:a - name:b - name:c"},
                        {"√x", "root name:x"},
                        {"‖x‖₂", "norm name:x norm:2"},
                        {"‖X‖_F²", "norm name:X norm:F power:2"},
                        {"||x||_1", "norm name:x norm:1"},
                        {"x⁻¹", "name:x power:-1"},
                        {"x¹⁰", "name:x power:10"},
                        {"x⁺²", "name:x power:+2"},
                        {"X⁻ᵀ", "name:X power:- t:T"},
                        {"[a; b, c]", "[ name:a ; _name:b , _name:c ]"},
                        {"（a，b）＋１", "( name:a , name:b ) + ?"},
                        {"a\u00a0b", "name:a _name:b"},
                        {"A\\b", "name:A \\ name:b"},
                        {"a==b=c", "name:a = name:b = name:c"}};
  for (const Case& c : cases) EXPECT_EQ(tokens(c.input), c.expected) << c.input;
}

TEST(Lexer, Names) {
  const Case cases[] = {{"λ", "name:lambda"},
                        {"lambda", "name:lambda"},
                        {"λ1", "name:lambda1"},
                        {"λ_max", "name:lambda_max"},
                        {"xλ", "name:xlambda"},
                        {"αβ", "name:alphabeta"},
                        {"ϕφ", "name:phiphi"},
                        {"ϵ ε", "name:epsilon _name:epsilon"},
                        {"ϑ ς σ", "name:theta _name:sigma _name:sigma"},
                        {"Γ Σ Ω Λ", "name:Gamma _name:Sigma _name:Omega _name:Lambda"},
                        {"Σ'", "name:Sigma t:'"},
                        {"µ Ω ∆", "name:mu _name:Omega _name:Delta"},
                        {"权重", "name:权重"},
                        {"x_1 x₁ x₁₂", "name:x_1 _name:x_1 _name:x_12"},
                        {"x̂", "name:x\u0302"},
                        {"é1", "name:é1"},
                        {"a_b_", "name:a_b_"}};
  for (const Case& c : cases) EXPECT_EQ(tokens(c.input), c.expected) << c.input;
  EXPECT_EQ(greek_name(U'ω'), "omega");
  EXPECT_EQ(greek_name(U'Ψ'), "Psi");
  EXPECT_EQ(greek_name(U'τ'), "tau");
  EXPECT_EQ(greek_name(U'Τ'), "Tau");
  EXPECT_EQ(greek_name(U'x'), "");
}

TEST(Lexer, Numbers) {
  const Case cases[] = {{"2", "number:2"},
                        {"0.5", "number:0.5"},
                        {".5", "number:.5"},
                        {"2.", "number:2."},
                        {"1e-3", "number:1e-3"},
                        {"1E+3", "number:1E+3"},
                        {"2.e3", "number:2.e3"},
                        {"1e", "number:1 name:e"},
                        {"1e+", "number:1 name:e +"},
                        {"2.*x", "number:2 .* name:x"},
                        {"1./x", "number:1 ./ name:x"},
                        {"2.^x", "number:2 .^ name:x"},
                        {"2.'", "number:2 t:'"},
                        {"2.T", "number:2 t:T"},
                        {"2.Tx", "number:2. name:Tx"},
                        {"2.+x", "number:2. + name:x"},
                        {"2..*x", "number:2. .* name:x"},
                        {"1.2.3", "number:1.2 number:.3"},
                        {"2x", "number:2 name:x"}};
  for (const Case& c : cases) EXPECT_EQ(tokens(c.input), c.expected) << c.input;
}

TEST(Lexer, SpansAreBytes) {
  Problems problems;
  const std::string source = "λ₁ · x⁻¹";
  const auto list = lex(source, problems);
  ASSERT_EQ(list.size(), 5U);
  EXPECT_EQ(under(source, list[0].span), "λ₁");
  EXPECT_EQ(under(source, list[1].span), "·");
  EXPECT_EQ(under(source, list[2].span), "x");
  EXPECT_EQ(under(source, list[3].span), "⁻¹");
  EXPECT_EQ(list[4].span.begin, source.size());
  EXPECT_TRUE(problems.empty());
}

TEST(Lexer, UnknownCharactersStayInTheList) {
  EXPECT_EQ(tokens("a $ b"), "name:a _? _name:b");
  EXPECT_EQ(tokens("a\xff\xfe\x80"), "name:a ?");
  EXPECT_EQ(tokens("∂x"), "? name:x");
  Problems problems;
  EXPECT_EQ(lex(std::string(1000, '$'), problems).size(), Problems::max_errors + 1);
  EXPECT_TRUE(problems.full());
}

TEST(Mend, MakesEditsInOrder) {
  EXPECT_EQ(mend("2x", {{{1, 1}, "*"}}), "2*x");
  EXPECT_EQ(mend("((a", {{{3, 3}, "]"}, {{3, 3}, ")"}}), "((a])");
  EXPECT_EQ(mend("abc", {{{1, 2}, ""}, {{0, 1}, "x"}}), "xc");
  EXPECT_EQ(mend("abc", {{{0, 2}, "x"}, {{1, 3}, "y"}}), std::nullopt);
  EXPECT_EQ(mend("  x  ", {}), "x");
  EXPECT_EQ(mend(" ) ", {{{1, 2}, ""}}), std::nullopt);
}

}  // namespace
}  // namespace matgrad
